"""How long each phase of the service may last before somebody has to look, in seconds."""

from __future__ import annotations

from bot.config.settings import Run

SENT = "sent"
"""A request may have left: nobody touches the process before the quiet wait is over (reliability.md 6)."""

STOPPED = "stopped"
"""It ended in good order."""

TIMES_OVER = 3
"""A phase is stuck when it lasts so many times its limit."""

LULL_S = 600.0
"""Between two words of a sweep: each case and each page of the list begins the phase anew. So long may settings make it wait between two actions."""


def limit_of(phase: str, run: Run) -> float | None:
    """Seconds; None where the phase may last for ever. A phase that nobody told us of has the time of a sweep.

    Args:
        phase: as the heartbeat names it.
        run: the waits that a person set: for a page, the quiet wait, and for a person in the midst of a sweep.
    """
    proof_s = run.quiet_wait_s + run.read_limit_s
    limits = {
        "sleeping": None,
        STOPPED: None,
        SENT: proof_s,
    }
    return limits.get(phase, max(LULL_S, run.work_limit_s, 2 * proof_s, float(run.challenge_wait_s)))
