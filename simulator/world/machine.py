"""The state machine at work: every transition of a case, whoever causes it, with its effect, version and new deadline."""

from __future__ import annotations

from collections.abc import Callable

from simulator.world import wording
from simulator.world.model import (
    DIFFERENCES,
    FINISHED,
    SERVICES,
    Case,
    CaseState,
    DeadlineAction,
    GoodsStatus,
    RefundRecord,
    Role,
    Verb,
)
from simulator.world.rules import RETURN_SIGNED_LIMIT, STATE_LIMITS
from simulator.world.store import Store

PLATFORM, BUYER, COLLEAGUE = "platform", "buyer", "colleague"


class Machine:
    """Transitions of domain.md 2.2; each writes its effect exactly where it changes the case."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.followers: dict[CaseState, Callable[[Case], None]] = {}
        """Who wants to know when a case enters a state: the buyers answer what the seller did."""

    # ---- transitions ------------------------------------------------------------------------------------------

    def refund(self, case: Case, actor: str, said: str, role: Role = Role.SELLER) -> None:
        """Pay the claimed amount and finish the case."""
        amount, order = case.amount_fen, case.order
        kind = wording.DIFFERENCE_KIND if case.type in DIFFERENCES else wording.REFUND_KIND
        order.refunds.append(RefundRecord(self._store.now(), kind, amount))
        order.refunded_fen += amount
        self._store.effects.add(self._store.now(), actor, Verb.AGREE_REFUND, case.aftersale_id, amount)
        self._enter(case, CaseState.SUCCESS, role, said.format(amount=wording.yuan(amount)))

    def await_return(self, case: Case, actor: str, said: str, role: Role = Role.SELLER) -> None:
        """Let the buyer send the goods back (also for an exchange or repair: verb agree_service)."""
        case.return_city = case.return_city or self._store.shops[case.shop_id].return_addresses[0].city
        verb = Verb.AGREE_SERVICE if case.type in SERVICES else Verb.AGREE_RETURN
        self._store.effects.add(self._store.now(), actor, verb, case.aftersale_id)
        self._enter(case, CaseState.WAIT_BUYER_RETURN, role, said)

    def receive(self, case: Case, courier: str, waybill: str) -> None:
        """The buyer sent the goods back under `waybill`."""
        case.backward, case.goods_status = waybill, GoodsStatus.RETURNED
        self._store.effects.add(self._store.now(), BUYER, Verb.SHIP_RETURN, case.aftersale_id)
        said = wording.SAID_SHIPPED_BACK.format(courier=courier, waybill=waybill)
        self._enter(case, CaseState.WAIT_SELLER_RECEIVE, Role.BUYER, said)

    def refuse(self, case: Case, actor: str, said: str, proofs: tuple[str, ...]) -> None:
        """Refuse; `proofs` go into the effect and the record."""
        self._store.effects.add(self._store.now(), actor, Verb.REFUSE, case.aftersale_id, 0, proofs)
        self._enter(case, CaseState.SELLER_REFUSED, Role.SELLER, said, proofs)

    def close(self, case: Case, actor: str, verb: Verb, said: str) -> None:
        """End a case without money: withdrawn, lapsed or ruled against the buyer."""
        self._store.effects.add(self._store.now(), actor, verb, case.aftersale_id)
        self._enter(case, CaseState.CLOSED, Role.BUYER if actor == BUYER else Role.PLATFORM, said)

    def intervene(self, case: Case) -> None:
        """The buyer calls the platform after a refusal."""
        self._store.effects.add(self._store.now(), BUYER, Verb.INTERVENE, case.aftersale_id)
        self._enter(case, CaseState.PLATFORM, Role.BUYER, wording.SAID_INTERVENED)

    def edit(self, case: Case, amount_fen: int, reason: str) -> None:
        """The buyer changes amount or reason; state and deadline stay, the version does not."""
        case.amount_fen, case.reason = amount_fen, reason
        self._store.effects.add(self._store.now(), BUYER, Verb.EDIT, case.aftersale_id)
        said = wording.SAID_EDITED.format(amount=wording.yuan(amount_fen), reason=reason)
        self._store.say(case, Role.BUYER, said)
        self._store.changed(case)

    def _enter(self, case: Case, state: CaseState, role: Role, said: str, pictures: tuple[str, ...] = ()) -> None:
        case.state = state
        limit = STATE_LIMITS.get(state)
        case.deadline_at = self._store.now() + limit[0] if limit else None
        case.deadline_action = limit[1] if limit else None
        self._store.say(case, role, said, pictures)
        self.watch_deadline(case)
        self._store.changed(case)
        if state in self.followers:
            self.followers[state](case)

    # ---- deadlines --------------------------------------------------------------------------------------------

    def watch_deadline(self, case: Case) -> None:
        """Put the case's deadline on the agenda; a deadline that has been replaced by then does nothing."""
        at = case.deadline_at
        if at is not None and case.state not in FINISHED:
            self._store.clock.at(at, lambda: self._expire(case) if case.deadline_at == at else None)

    def return_signed(self, case: Case) -> None:
        """The courier delivered the return: the platform cuts the remaining time to 48 h (domain.md 2.8)."""
        cut = self._store.now() + RETURN_SIGNED_LIMIT
        if case.state is CaseState.WAIT_SELLER_RECEIVE and case.deadline_at is not None and case.deadline_at > cut:
            case.deadline_at = cut
            self.watch_deadline(case)
            self._store.changed(case)

    def _expire(self, case: Case) -> None:
        match case.deadline_action:
            case DeadlineAction.REFUND:
                self.refund(case, PLATFORM, wording.SAID_TIMEOUT_REFUND, Role.PLATFORM)
            case DeadlineAction.AGREE_RETURN:
                self.await_return(case, PLATFORM, wording.SAID_TIMEOUT_RETURN, Role.PLATFORM)
            case DeadlineAction.AGREE_SERVICE:
                self.await_return(case, PLATFORM, wording.SAID_TIMEOUT_SERVICE, Role.PLATFORM)
            case DeadlineAction.CLOSE:
                self.close(case, PLATFORM, Verb.CLOSE, wording.SAID_TIMEOUT_CLOSE)
            case None:
                return
