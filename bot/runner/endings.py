"""How a case ends in a sweep: one status with its reasons, written down, shown to who watches, told to whom it concerns (I8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus, Hold
from bot.engine.workplan import LAST_CALL_S
from bot.errors import RefundPilotError
from bot.ports.notifier import Alarm, Urgency
from bot.runner import calls
from bot.runner.consequences import Consequence, consequence
from bot.runner.orders import Kit, Orders
from bot.runner.witness import Witness

URGENCY = {
    Consequence.HOLD_AND_ALARM: Urgency.WARN,
    Consequence.CALL_PERSON: Urgency.CALL,
    Consequence.FREEZE_SCREEN: Urgency.CALL,
}
"""Holds that somebody is told of at once; the others stand in the report."""


@dataclass(frozen=True, slots=True)
class End:
    """How a case ended in this sweep; `verbs` are the proven actions, `refunded` what they moved, in fen."""

    status: CaseStatus
    verbs: tuple[Verb, ...] = ()
    refunded: Money = ZERO
    would: Verb | None = None
    unknown: bool = False


class Endings:
    """One sweep's pen: whoever ends a case ends it here."""

    def __init__(self, kit: Kit, orders: Orders, witness: Witness) -> None:
        self._kit = kit
        self._orders = orders
        self._witness = witness

    def hold_for(self, case: CaseKey, error: RefundPilotError, snapshot: Snapshot | None = None) -> End:
        """A hold because of an error."""
        return self.hold(case, (self.tell(case, error, snapshot),), snapshot)

    def tell(self, case: CaseKey, error: RefundPilotError, snapshot: Snapshot | None = None) -> Reason:
        """Keep what stood there, call whom it concerns, and say why."""
        reason = Reason(code=error.reason_code, params=error.params)
        self._witness.keep(error, case)
        urgency = URGENCY.get(consequence(error))
        if urgency is not None:
            bare = Alarm(urgency=urgency, shop=case.shop, reason=reason, case_id=case.aftersale_id)
            self._kit.notifier.notify(calls.of_case(snapshot, urgency, reason) if snapshot else bare)
        return reason

    def hold(
        self, case: CaseKey, reasons: Sequence[Reason], snapshot: Snapshot | None = None, *, owner: str = ""
    ) -> End:
        """Leave it to a person, who is called at once where its deadline is near; `owner`: who, if not the shop's."""
        deadline = snapshot.deadline.at if snapshot and snapshot.deadline else None
        hold = Hold(case=case, reasons=tuple(reasons), owner=owner or self._orders.owner, deadline=deadline)
        self._kit.ledger.hold(self._orders.run, hold)
        if snapshot and deadline and (deadline - self._kit.floor.now()).total_seconds() < LAST_CALL_S:
            self._kit.notifier.notify(calls.near_hold(case, snapshot.amount, deadline))
        self._kit.progress.done(case, CaseStatus.HELD, Verb.HOLD)
        return End(CaseStatus.HELD)

    def end(self, case: CaseKey, status: CaseStatus, reasons: Sequence[Reason]) -> End:
        """Over for this sweep without an action of ours."""
        self._kit.ledger.conclude(self._orders.run, case, status, reasons)
        self._kit.progress.done(case, status, Verb.HOLD)
        return End(status)
