"""The queue of errands: what people decided and then what else they ask for comes first, in their order; then the shop where the least is lost by beginning there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.domain.hand import HandVerdict
from bot.domain.ids import ShopKey
from bot.ports.results import SweepResult
from bot.ports.wanted import Wanted
from bot.scheduler.duties import Duty, Job

PATIENCE = 2
"""Whoever's turn came round so often while it waited goes first: no shop waits for ever behind dearer ones."""

First: TypeAlias = "Callable[[Collection[ShopKey]], ShopKey | None]"
"""Of shops that are due, the one to begin with; None where it makes no difference."""


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
    handed: int = 0
    """The number of the verdict in the ledger that it carries out; 0 where it is no accepted verdict's."""

    @property
    def lost_a_turn(self) -> bool:
        """Whether a shop's next sweep came round while this one still waited: it is to be looked at more often than it is."""
        return self.duty is not None and self.duty.job is Job.SWEEP and self.swallowed > 0


@dataclass
class Errands:
    """Errands that wait; `in_hand` is the one being done. A duty waits here once at the most, however often it comes round."""

    waiting: list[Errand] = field(default_factory=list)
    in_hand: Errand | None = None
    aside: dict[Errand, ShopKey] = field(default_factory=dict)
    """Errands that wait for a person, and in which shop: nothing else is begun there."""
    promised: Errand | None = None
    """To whom a sweep of the schedule gave way."""

    def add(self, duty: Duty, at: datetime, times: int = 1) -> Errand | None:
        """Queue the duty; what is there already swallows it. None for a part of a sweep that comes anyway."""
        if duty.job is not Job.SWEEP and self._sweeps(duty):
            return None
        queued = next((errand for errand in self.waiting if errand.duty == duty), None)
        if queued is not None:
            # where a person is waited for, nobody says that a sweep took too long
            queued.swallowed += 0 if duty.shop in self.aside.values() else times
            return queued
        errand = Errand(at, duty)
        self.waiting.append(errand)
        return errand

    def ask(self, wanted: Wanted, at: datetime) -> asyncio.Future[SweepResult]:
        """Queue what a person wants; its result comes when it is done."""
        answer: asyncio.Future[SweepResult] = asyncio.get_running_loop().create_future()
        self.waiting.append(Errand(at, wanted=wanted, answer=answer))
        return answer

    def hand(self, number: int, verdict: HandVerdict, at: datetime) -> None:
        """Queue a verdict that was accepted under this number, once; what becomes of it stands in the ledger."""
        if not any(errand.handed == number for errand in self._here()):
            self.waiting.append(Errand(at, wanted=Wanted(verdicts=(verdict,)), handed=number))

    def again(self, errand: Errand, at: datetime, to: Errand | None = None) -> None:
        """Queue once more what gave way, `to` whom, if not to a verdict; who waits for its answer goes on waiting."""
        self.promised = to
        if errand.duty is not None:
            self.add(errand.duty, at, times=0)
        else:
            self.waiting.append(errand)

    @property
    def handed_since(self) -> datetime | None:
        """How long the oldest verdict has waited that can be carried out; None where none does."""
        return min((errand.asked_at for errand in self._free() if errand.handed), default=None)

    def behind(self) -> Mapping[ShopKey, Errand]:
        """What the schedule wants in other shops than the one in hand, by shop, what has waited longest."""
        own = self.in_hand.duty.shop if self.in_hand and self.in_hand.duty else None
        found: dict[ShopKey, Errand] = {}
        for errand, duty in sorted(self._of_schedule(), key=lambda one: one[0].asked_at):
            if duty.shop is not None and duty.shop != own:
                found.setdefault(duty.shop, errand)
        return found

    def set_aside(self, errand: Errand, shop: ShopKey) -> None:
        """A person is waited for there; what is to be done elsewhere goes on."""
        self.aside[errand] = shop

    def take_back(self, errand: Errand) -> None:
        """The one that was set aside is in hand again."""
        self.aside.pop(errand, None)
        self.in_hand = errand

    def take(self, first: First, *, by_hand_only: bool = False) -> Errand | None:
        """The next one, which is in hand from now on; None where nothing waits.

        Args:
            first: asked only where errands of several shops wait and none has waited for too long.
            by_hand_only: leave what the schedule wants.
        """
        of_people = [errand for errand in self._free() if errand.duty is None]
        by_hand = next((errand for errand in of_people if errand.handed), None) or next(iter(of_people), None)
        found = by_hand if by_hand or by_hand_only else self._promised() or self._planned(first)
        if found is not None:
            self.waiting.remove(found)
            self.in_hand = found
        if found is self.promised:
            self.promised = None
        return found

    @property
    def idle(self) -> bool:
        """Whether nothing waits, is in hand, or was set aside."""
        return not self._here()

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

    def _planned(self, first: First) -> Errand | None:
        """Open intents before all else, then who has waited too long, then the shop that the plan names, then who has waited longest."""
        waiting = sorted(self._of_schedule(), key=lambda one: (one[0].asked_at, one[1].key))
        if not waiting:
            return None
        for goes_before in (_reads_back, _starves):
            if before := [errand for errand, duty in waiting if goes_before(errand, duty)]:
                return before[0]
        shops = {duty.shop for _, duty in waiting if duty.shop}
        shop = first(shops) if len(shops) > 1 else None
        return next((errand for errand, duty in waiting if duty.shop == shop), waiting[0][0])

    def _of_schedule(self) -> Iterator[tuple[Errand, Duty]]:
        return ((errand, errand.duty) for errand in self._free() if errand.duty is not None)

    def _free(self) -> Iterator[Errand]:
        """What may be begun: nothing in a shop where a person is waited for, by whomever it is asked for."""
        closed = frozenset(self.aside.values())
        return (errand for errand in self.waiting if closed.isdisjoint(_named(errand)))

    def _promised(self) -> Errand | None:
        return next((errand for errand in self._free() if errand is self.promised), None)

    def _sweeps(self, duty: Duty) -> bool:
        """Whether a whole sweep of the same shop waits or goes on."""
        return any(errand.duty == Duty(Job.SWEEP, duty.shop) for errand in self._here())

    def _here(self) -> list[Errand]:
        return [*self.waiting, *self.aside, *([self.in_hand] if self.in_hand else [])]


def _named(errand: Errand) -> frozenset[ShopKey]:
    """Shops that it goes into by their name; one for all shops leaves out where a person is needed."""
    if errand.wanted is not None:
        return errand.wanted.named
    return frozenset({errand.duty.shop} if errand.duty and errand.duty.shop else ())


def _reads_back(_: Errand, duty: Duty) -> bool:
    return duty.job is Job.RECONCILE


def _starves(errand: Errand, _: Duty) -> bool:
    return errand.swallowed >= PATIENCE
