"""Progress: what a sweep tells the person in front of it while it works; never decides anything and never fails a case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus


class Stage(StrEnum):
    """Where a case is on its way (design.md 4): keys `stage.*` of the message catalogue."""

    READING = "reading"
    DECIDING = "deciding"
    GATHERING = "gathering"
    ARMING = "arming"
    CHECKING = "checking"
    FIRING = "firing"
    VERIFYING = "verifying"
    SETTLING = "settling"
    RECOVERING = "recovering"


class Progress(Protocol):
    """Told in order, from one task, cheaply: every call returns at once and raises nothing."""

    def shop(self, shop: ShopKey, name: str) -> None:
        """Work in a shop begins; counts start again from zero."""

    def listed(self, read: int, total: int) -> None:
        """Rows read so far, and the count that the list prints."""

    def planned(self, cases: int, resting: int = 0) -> None:
        """How many cases of this shop the sweep will look at, and how many it leaves to rest; told again when it grows."""

    def case(self, case: CaseKey, stage: Stage) -> None:
        """This case is in hand, at this stage."""

    def done(self, case: CaseKey, status: CaseStatus, verb: Verb) -> None:
        """The case has its end in this sweep; `verb` is HOLD where nothing was done."""

    def waiting(self, until: datetime, shop: ShopKey | None) -> None:
        """Nothing is in hand until then, when this shop is next; told by a service alone."""

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        """A person is waited for in this shop for so many seconds more, told once a second; None: not any longer.

        `window`: the page that waits stands in front of the screen; otherwise nobody can get at it.
        """

    def note(self, reason: Reason) -> None:
        """Something a person should know now: a challenge, a recovered intent, an open breaker."""


class NullProgress:
    """Tells nobody."""

    def shop(self, shop: ShopKey, name: str) -> None: ...

    def listed(self, read: int, total: int) -> None: ...

    def planned(self, cases: int, resting: int = 0) -> None: ...

    def case(self, case: CaseKey, stage: Stage) -> None: ...

    def done(self, case: CaseKey, status: CaseStatus, verb: Verb) -> None: ...

    def waiting(self, until: datetime, shop: ShopKey | None) -> None: ...

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None: ...

    def note(self, reason: Reason) -> None: ...


class StopSignal(Protocol):
    """Asked between two cases, pages of the list and looks for a person: once set, nothing further is begun.

    An `asyncio.Event` is one.
    """

    def is_set(self) -> bool: ...
