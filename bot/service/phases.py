"""How long each phase of the service may last before somebody has to look: one table, in seconds."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config.settings import Run

SENT = "sent"
"""A request may have left: nobody touches the process before the quiet wait is over (reliability.md 6)."""

TIMES_OVER = 3
"""A phase is stuck when it lasts so many times its limit."""

UNKNOWN_S = 7200.0
"""A phase that the table does not know: a whole sweep of a large queue fits."""

_FIXED: Mapping[str, float | None] = {
    "idle": None,
    "paused": None,
    "starting": 120,
    "stopping": 300,
    "recovering": 300,
    "signing_in": 120,
    "listing": 900,
    "reading": 180,
    "deciding": 60,
    "gathering": 180,
    "arming": 60,
    "checking": 120,
    "firing": 120,
    "verifying": 180,
    "settling": 120,
}
"""None: without a limit, the service waits there for its next job."""


def limit_of(phase: str, run: Run) -> float | None:
    """Seconds; None where the phase may last for ever.

    Args:
        phase: as the heartbeat names it.
        run: the waits that a person set; the two phases that wait by them follow them.
    """
    waits = {SENT: run.quiet_wait_s + run.verify_timeout_s, "challenge": run.challenge_wait_s + 60}
    if phase in waits:
        return float(waits[phase])
    return _FIXED.get(phase, UNKNOWN_S)
