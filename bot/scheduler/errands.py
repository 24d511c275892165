"""The queue of errands: what people ask for comes first, in their order; then the shop with the nearest deadline."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.workplan import LAST_CALL_S
from bot.ports.results import SweepResult
from bot.ports.wanted import Wanted
from bot.scheduler.duties import Duty, Job

"""I22: nothing may wait silently closer than two hours to its deadline."""

HEAD_START_S = 600
"""What a shop with such a case gains on the others."""


@dataclass(eq=False)
class Errand:
    """One sweep to be done: for a duty of the schedule, or by hand, where somebody waits for `answer`.

    `swallowed` counts the times that the duty came round again while it was already waiting here.
    """

    asked_at: datetime
    duty: Duty | None = None
    wanted: Wanted | None = None
    answer: asyncio.Future[SweepResult] | None = None
    swallowed: int = 0
    braked: bool = False
    """Whether the kill switch held it up meanwhile."""


@dataclass
class Errands:
    """Errands that wait; `in_hand` is the one being done. A duty waits here once at the most, however often it comes round."""

    waiting: list[Errand] = field(default_factory=list)
    in_hand: Errand | None = None

    def add(self, duty: Duty, at: datetime, times: int = 1) -> Errand | None:
        """Queue the duty; what is there already swallows it. None for a part of a sweep that comes anyway."""
        if duty.job is not Job.SWEEP and self._sweeps(duty):
            return None
        queued = next((errand for errand in self.waiting if errand.duty == duty), None)
        if queued is not None:
            queued.swallowed += times
            return queued
        errand = Errand(at, duty)
        self.waiting.append(errand)
        return errand

    def ask(self, wanted: Wanted, at: datetime) -> asyncio.Future[SweepResult]:
        """Queue what a person wants; its result comes when it is done."""
        answer: asyncio.Future[SweepResult] = asyncio.get_running_loop().create_future()
        self.waiting.append(Errand(at, wanted=wanted, answer=answer))
        return answer

    def take(self, urgency: Callable[[Duty], datetime | None], *, by_hand_only: bool = False) -> Errand | None:
        """The next one, which is in hand from now on; None where nothing waits.

        Args:
            urgency: the nearest deadline of a duty's shop; None where there is none.
            by_hand_only: leave what the schedule wants.
        """
        found = next(iter(self._in_order(urgency, by_hand_only)), None)
        if found is not None:
            self.waiting.remove(found)
            self.in_hand = found
        return found

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is in hand."""
        return not self.waiting and self.in_hand is None

    def forget_others(self, duties: frozenset[Duty]) -> None:
        """Of the schedule only these stay: a shop may have left the settings."""
        self.waiting = [errand for errand in self.waiting if errand.duty is None or errand.duty in duties]

    def refuse(self, error: Exception) -> None:
        """Whoever still waits for an answer gets this one."""
        for errand in self.waiting:
            if errand.answer is not None and not errand.answer.done():
                errand.answer.set_exception(error)
        self.waiting.clear()

    def done(self) -> None:
        """Nothing is in hand any more."""
        self.in_hand = None

    def _in_order(self, urgency: Callable[[Duty], datetime | None], by_hand_only: bool) -> Iterable[Errand]:  # noqa: FBT001 - `take` hands it through
        yield from (errand for errand in self.waiting if errand.duty is None)
        if not by_hand_only:
            planned = [(_rank(errand, errand.duty, urgency), errand) for errand in self.waiting if errand.duty]
            yield from (errand for _, errand in sorted(planned, key=lambda one: one[0]))

    def _sweeps(self, duty: Duty) -> bool:
        """Whether a whole sweep of the same shop waits or goes on."""
        here = [*self.waiting, *([self.in_hand] if self.in_hand else [])]
        return any(errand.duty == Duty(Job.SWEEP, duty.shop) for errand in here)


def _rank(errand: Errand, duty: Duty, urgency: Callable[[Duty], datetime | None]) -> tuple[bool, float, float, str]:
    """Open intents before all else; then who has waited longest, where a last call counts as waiting for so much longer.

    So a shop with a near deadline goes first, and no shop waits for ever behind one that always has a near deadline.
    """
    deadline = urgency(duty)
    left = (deadline - errand.asked_at).total_seconds() if deadline else math.inf
    since = errand.asked_at.timestamp() - (HEAD_START_S if left < LAST_CALL_S else 0)
    return duty.job is not Job.RECONCILE, since, left, duty.key
