"""The ledger with an ear at its marks: whoever must know that a click is on its way learns it in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.domain.action import Mark
from bot.domain.decision import Reason
from bot.domain.ids import IntentId
from bot.domain.outcome import CaseStatus, Hold, Receipt
from bot.ledger import SqlLedger
from bot.ports.clock import Clock, Ids
from bot.ports.ledger import Lease

Heard = Callable[[Mark], None]


class Marks:
    """Opens a ledger whose marks are told to `listener`, once somebody set one."""

    def __init__(self) -> None:
        self.listener: Heard = lambda _: None

    def open_ledger(self, where: Path, clock: Clock, ids: Ids) -> SqlLedger:
        """As SqlLedger."""
        return _Heard(where, clock, ids, self)

    def heard(self, mark: Mark) -> None:
        """As soon as the mark is durable."""
        self.listener(mark)


class _Heard(SqlLedger):
    def __init__(self, where: Path, clock: Clock, ids: Ids, marks: Marks) -> None:
        super().__init__(where, clock, ids)
        self._marks = marks

    def fire(self, intent: IntentId, lease: Lease) -> None:
        super().fire(intent, lease)
        self._marks.heard(Mark.FIRED)

    def sent(self, intent: IntentId, lease: Lease) -> None:
        super().sent(intent, lease)
        self._marks.heard(Mark.SENT)

    def settle(self, intent: IntentId, receipt: Receipt, follow: CaseStatus, lease: Lease) -> None:
        super().settle(intent, receipt, follow, lease)
        self._marks.heard(Mark.SETTLED)

    def void(self, intent: IntentId, reason: Reason, lease: Lease) -> None:
        super().void(intent, reason, lease)
        self._marks.heard(Mark.VOID)

    def leave_unknown(self, intent: IntentId, hold: Hold, lease: Lease) -> None:
        super().leave_unknown(intent, hold, lease)
        self._marks.heard(Mark.UNKNOWN)
