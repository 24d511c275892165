"""How long each phase of the service may last before somebody has to look, in seconds."""

from __future__ import annotations

from bot.config.settings import Run

SENT = "sent"
"""A request may have left: nobody touches the process before the quiet wait is over (reliability.md 6)."""

STOPPED = "stopped"
"""It ended in good order."""

TIMES_OVER = 3
"""A phase is stuck when it lasts so many times its limit."""

SWEEP_S = 7200.0
"""Without a click: every click begins the phase anew, so only reading is measured; a queue of some thousands fits."""


def limit_of(phase: str, run: Run) -> float | None:
    """Seconds; None where the phase may last for ever. A phase that nobody told us of has the time of a sweep.

    Args:
        phase: as the heartbeat names it.
        run: the waits that a person set; the quiet wait, and the wait for a person in the midst of a sweep.
    """
    limits = {
        "sleeping": None,
        STOPPED: None,
        SENT: float(run.quiet_wait_s + run.verify_timeout_s),
    }
    return limits.get(phase, max(SWEEP_S, float(run.challenge_wait_s)))
