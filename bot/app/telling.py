"""What a sweep tells the person in front of it, each thing once: an alarm that was just said is no news to the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ports.progress import Progress, Stage


@dataclass(frozen=True, slots=True)
class Unrepeated:
    """A Progress that passes everything on but notes which `known` says were read already."""

    progress: Progress
    known: Callable[[Reason], bool]

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

    def note(self, reason: Reason) -> None:
        if not self.known(reason):
            self.progress.note(reason)
