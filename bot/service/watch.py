"""The dead-man's judgement: from the last heartbeat and the last look to what is to be said now; pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from bot.domain.base import SHANGHAI, Frozen
from bot.service.heartbeat import Heartbeat
from bot.service.phases import SENT, STOPPED, TIMES_OVER

SILENT_AFTER = timedelta(minutes=5)
"""A heartbeat older than this is a silence (reliability.md 6)."""

SLEPT_AFTER = timedelta(minutes=3)
"""The watch looks every minute: a gap this wide means that the PC slept, or was off."""

NEVER = datetime(1970, 1, 1, tzinfo=SHANGHAI)

LimitOf = Callable[[str], float | None]


class Trouble(StrEnum):
    """What is wrong with the service."""

    NEVER = "never"
    SILENT = "silent"
    GONE = "gone"
    STOPPED = "stopped"
    STUCK = "stuck"


class Mark(Frozen):
    """A moment that the service told, and from when the watch counts its age.

    The time that the PC slept does not count, once: were it forgiven at every look, a watch that is itself too seldom
    would never say anything.
    """

    told: AwareDatetime
    since: AwareDatetime
    forgiven: bool = False


class Incident(Frozen):
    """A silence, and what has to change before it is over; `reached`: the call went out, so that it is not made again."""

    trouble: Trouble
    since: AwareDatetime
    told: AwareDatetime
    reached: bool = True


class Memory(Frozen):
    """What the watch knows from its last look; kept in the home between two runs."""

    looked_at: AwareDatetime
    beat: Mark
    phase: Mark
    incident: Incident | None = None


class Look(Frozen):
    """What is seen now. `alive`: whether the process that wrote the heartbeat is still there."""

    now: AwareDatetime
    beat: Heartbeat | None
    alive: bool = False


class Verdict(Frozen):
    """`begins`: tell it now; `again`: that failed so far, try once more; `ended`: the incident whose end is to be told now; `may_kill`: what hangs may be ended."""

    trouble: Trouble | None
    since: AwareDatetime
    begins: bool
    again: bool
    ended: Incident | None
    may_kill: bool
    memory: Memory


def judge(look: Look, memory: Memory | None, limit_of: LimitOf) -> Verdict:
    """What there is to say: each incident once, and its end once.

    Args:
        look: what is seen now.
        memory: of the last look; None at the first.
        limit_of: seconds that a phase may last, None for ever (`phases.limit_of`).
    """
    slept = memory is not None and not timedelta(0) <= look.now - memory.looked_at <= SLEPT_AFTER
    beat = _follow(memory.beat if memory else None, look.beat.at if look.beat else NEVER, look.now, slept=slept)
    phase = _follow(
        memory.phase if memory else None, look.beat.phase_since if look.beat else NEVER, look.now, slept=slept
    )
    over = _over(look.beat, limit_of)
    trouble = _trouble(look, beat, phase, over)
    before = memory.incident if memory else None
    mark = phase if trouble is Trouble.STUCK else beat
    incident, begins, ended = before, False, None
    if trouble and before is None:
        incident, begins = Incident(trouble=trouble, since=mark.since, told=mark.told), True
    elif before and trouble is None and _moved(before, beat, phase):
        incident, ended = None, before
    return Verdict(
        trouble=trouble,
        since=mark.since,
        begins=begins,
        again=trouble is not None and before is not None and not before.reached,
        ended=ended,
        may_kill=_may_kill(look, trouble, phase, over),
        memory=Memory(looked_at=look.now, beat=beat, phase=phase, incident=incident),
    )


def _follow(old: Mark | None, told: datetime, now: datetime, *, slept: bool) -> Mark:
    """The mark of what is told now; a moment in the future (the clock was set back) counts from when it was first seen."""
    mark = old if old and old.told == told else Mark(told=told, since=now if told == NEVER else min(told, now))
    if slept and not mark.forgiven:
        return Mark(told=told, since=now, forgiven=True)
    return mark if mark.since <= now else mark.model_copy(update={"since": now})


def _over(beat: Heartbeat | None, limit_of: LimitOf) -> timedelta | None:
    """From what age on the phase is stuck; None: never."""
    limit = limit_of(beat.phase) if beat else None
    return None if limit is None else TIMES_OVER * timedelta(seconds=limit)


def _trouble(look: Look, beat: Mark, phase: Mark, over: timedelta | None) -> Trouble | None:
    if look.now - beat.since > SILENT_AFTER:
        if look.beat is None:
            return Trouble.NEVER
        if look.alive:
            return Trouble.SILENT
        return Trouble.STOPPED if look.beat.phase == STOPPED else Trouble.GONE
    stuck = look.alive and over is not None and look.now - phase.since > over
    return Trouble.STUCK if stuck else None


def _may_kill(look: Look, trouble: Trouble | None, phase: Mark, over: timedelta | None) -> bool:
    """Only what is there and hangs; after a request may have left, only once its outcome can be read back."""
    if look.beat is None or trouble not in {Trouble.SILENT, Trouble.STUCK}:
        return False
    return look.beat.phase != SENT or (over is not None and look.now - phase.since > over)


def _moved(incident: Incident, beat: Mark, phase: Mark) -> bool:
    """Whether the service has said something new since; time that was forgiven is no sign of life."""
    return incident.told != (phase if incident.trouble is Trouble.STUCK else beat).told
