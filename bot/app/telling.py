"""What a sweep tells the person in front of it: passed on, each thing once, and what a service has to remember of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ports.progress import Progress, Stage


@dataclass(frozen=True)
class _PassedOn:
    """A Progress that tells another one everything."""

    progress: Progress

    def shop(self, shop: ShopKey, name: str) -> None:
        self.progress.shop(shop, name)

    def listed(self, read: int, total: int) -> None:
        self.progress.listed(read, total)

    def planned(self, cases: int, resting: int = 0) -> None:
        self.progress.planned(cases, resting)

    def case(self, case: CaseKey, stage: Stage) -> None:
        self.progress.case(case, stage)

    def done(self, case: CaseKey, status: CaseStatus, verb: Verb) -> None:
        self.progress.done(case, status, verb)

    def waiting(self, until: datetime, shop: ShopKey | None) -> None:
        self.progress.waiting(until, shop)

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        self.progress.person(shop, left_s, window=window)

    def note(self, reason: Reason) -> None:
        self.progress.note(reason)


@dataclass(frozen=True)
class Unrepeated(_PassedOn):
    """Notes which `known` says were read already are not told again: an alarm that was just said is no news to the terminal."""

    known: Callable[[Reason], bool]

    def note(self, reason: Reason) -> None:
        if not self.known(reason):
            self.progress.note(reason)


@dataclass(frozen=True)
class Attended(_PassedOn):
    """Remembers in which shops a person is waited for right now, the seconds left, and whether there is a window: for the console."""

    waits: dict[ShopKey, tuple[int, bool]] = field(default_factory=dict)

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        if left_s is None:
            self.waits.pop(shop, None)
        else:
            self.waits[shop] = left_s, window
        self.progress.person(shop, left_s, window=window)


class Bordered(Protocol):
    """Whoever may end a sweep between two cases, and not before its list is read."""

    def at_list(self) -> None: ...

    def at_cases(self) -> None: ...


@dataclass(frozen=True)
class AtCases(_PassedOn):
    """Says to `bordered` from when to when a sweep works on cases."""

    bordered: Bordered

    def shop(self, shop: ShopKey, name: str) -> None:
        self.bordered.at_list()
        self.progress.shop(shop, name)

    def planned(self, cases: int, resting: int = 0) -> None:
        self.bordered.at_cases()
        self.progress.planned(cases, resting)


@dataclass(frozen=True)
class Stirring(_PassedOn):
    """Whatever is told of the work shows that it gets on: `stirs` is called with each word of it."""

    stirs: Callable[[], None]

    def shop(self, shop: ShopKey, name: str) -> None:
        self.stirs()
        self.progress.shop(shop, name)

    def listed(self, read: int, total: int) -> None:
        self.stirs()
        self.progress.listed(read, total)

    def planned(self, cases: int, resting: int = 0) -> None:
        self.stirs()
        self.progress.planned(cases, resting)

    def case(self, case: CaseKey, stage: Stage) -> None:
        self.stirs()
        self.progress.case(case, stage)

    def done(self, case: CaseKey, status: CaseStatus, verb: Verb) -> None:
        self.stirs()
        self.progress.done(case, status, verb)

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        self.stirs()
        self.progress.person(shop, left_s, window=window)
