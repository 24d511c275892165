"""The state machine at work: every transition of a case, whoever causes it, with its effect, version and new deadline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from simulator.world import wording
from simulator.world.model import (
    DIFFERENCES,
    FINISHED,
    SERVICES,
    Case,
    CaseState,
    CaseType,
    Complaint,
    ComplaintState,
    DeadlineAction,
    GoodsStatus,
    Offer,
    OfferState,
    Pause,
    RefundRecord,
    Role,
    Verb,
)
from simulator.world.rules import RETURN_SIGNED_LIMIT, SELLER_LIMITS, STATE_LIMITS
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
        self._pay(case, actor, Verb.AGREE_REFUND, case.amount_fen)
        self._enter(case, CaseState.SUCCESS, role, said.format(amount=wording.yuan(case.amount_fen)))

    def _pay(self, case: Case, actor: str, verb: Verb, amount: int) -> None:
        order = case.order
        kind = wording.DIFFERENCE_KIND if case.type in DIFFERENCES else wording.REFUND_KIND
        order.refunds.append(RefundRecord(self._store.now(), kind, amount))
        order.refunded_fen += amount
        self._store.effects.add(self._store.now(), actor, verb, case.aftersale_id, amount)

    def await_return(self, case: Case, actor: str, said: str, role: Role = Role.SELLER) -> None:
        """Let the buyer send the goods back."""
        case.return_city = case.return_city or self._store.shops[case.shop_id].return_addresses[0].city
        verb = Verb.AGREE_SERVICE if case.type in SERVICES else Verb.AGREE_RETURN
        self._store.effects.add(self._store.now(), actor, verb, case.aftersale_id)
        self._enter(case, CaseState.WAIT_BUYER_RETURN, role, said)

    def agree_service(self, case: Case, actor: str, said: str, role: Role = Role.SELLER) -> None:
        """Exchanges and repairs wait for the goods; a resend asks nothing of the buyer, so that it is over."""
        if case.type is CaseType.RESEND:
            self._store.effects.add(self._store.now(), actor, Verb.AGREE_SERVICE, case.aftersale_id)
            self._enter(case, CaseState.SUCCESS, role, said)
        else:
            self.await_return(case, actor, said, role)

    def receive(self, case: Case, courier: str, waybill: str) -> None:
        """The buyer sent the goods back under `waybill`."""
        case.backward, case.goods_status = waybill, GoodsStatus.RETURNED
        self._store.effects.add(self._store.now(), BUYER, Verb.SHIP_RETURN, case.aftersale_id)
        said = wording.SAID_SHIPPED_BACK.format(courier=courier, waybill=waybill)
        self._enter(case, CaseState.WAIT_SELLER_RECEIVE, Role.BUYER, said)

    def refuse(self, case: Case, actor: str, said: str, proofs: tuple[str, ...]) -> None:
        """Refuse; `proofs` go into the effect and the record."""
        self._store.effects.add(self._store.now(), actor, Verb.REFUSE, case.aftersale_id, 0, proofs)
        case.refused_in = case.state
        self._enter(case, CaseState.SELLER_REFUSED, Role.SELLER, said, proofs)

    def close(self, case: Case, actor: str, verb: Verb, said: str) -> None:
        """End a case without money: withdrawn, lapsed or ruled against the buyer."""
        self._store.effects.add(self._store.now(), actor, verb, case.aftersale_id)
        self._enter(case, CaseState.CLOSED, Role.BUYER if actor == BUYER else Role.PLATFORM, said)

    def intervene(self, case: Case) -> None:
        """The buyer calls the platform after a refusal."""
        self._store.effects.add(self._store.now(), BUYER, Verb.INTERVENE, case.aftersale_id)
        self._enter(case, CaseState.PLATFORM, Role.BUYER, wording.SAID_INTERVENED)

    def edit(self, case: Case, amount_fen: int, reason: str, kind: CaseType | None = None) -> None:
        """The buyer changes amount, reason or type; state and deadline stay, the version does not."""
        case.amount_fen, case.reason, said = amount_fen, reason, wording.SAID_EDITED
        if kind is not None:
            case.type, said = kind, wording.SAID_RETYPED
            case.deadline_action = SELLER_LIMITS[kind][1]
        self._store.effects.add(self._store.now(), BUYER, Verb.EDIT, case.aftersale_id)
        told = {"amount": wording.yuan(amount_fen), "reason": reason, "type": wording.TYPE_NAMES[case.type]}
        self._store.say(case, Role.BUYER, said.format(**told))
        self._store.changed(case)

    def apply_again(self, case: Case, amount_fen: int, words: str) -> None:
        """A refused buyer has edited the claim: it waits for the seller anew, where it was refused, with the whole time."""
        case.amount_fen, case.words = amount_fen, words
        case.applications += 1
        self._store.effects.add(self._store.now(), BUYER, Verb.REAPPLY, case.aftersale_id)
        said = wording.SAID_REAPPLIED.format(amount=wording.yuan(amount_fen), reason=case.reason, words=words)
        self._enter(case, case.refused_in or CaseState.WAIT_SELLER, Role.BUYER, said)

    # ---- offers and complaints ----------------------------------------------------------------------------------

    def offer(self, case: Case, actor: str, offer: Offer, said: str) -> None:
        """The shop offers a part; its own time stands still until the buyer has answered. The effect states the promise."""
        left = case.deadline_at - self._store.now() if case.deadline_at else None
        case.paused = Pause(case.state, left, case.deadline_action)
        case.offers.append(offer)
        self._store.effects.add(self._store.now(), actor, Verb.NEGOTIATE, case.aftersale_id, offer.amount_fen)
        self._enter(case, CaseState.WAIT_BUYER_ANSWER, Role.SELLER, said)

    def accept(self, case: Case) -> None:
        """The buyer takes the offer: it is paid at once, and the case is over."""
        offer = case.offers[-1]
        offer.state = OfferState.ACCEPTED
        self._pay(case, BUYER, Verb.ACCEPT_OFFER, offer.amount_fen)
        said = wording.SAID_OFFER_ACCEPTED.format(amount=wording.yuan(offer.amount_fen))
        self._enter(case, CaseState.SUCCESS, Role.BUYER, said)

    def decline(self, case: Case) -> None:
        """The buyer wants no part of it."""
        self._store.effects.add(self._store.now(), BUYER, Verb.DECLINE_OFFER, case.aftersale_id)
        self._go_on(case, OfferState.DECLINED, Role.BUYER, wording.SAID_OFFER_DECLINED)

    def _lapse(self, case: Case) -> None:
        self._store.effects.add(self._store.now(), PLATFORM, Verb.LAPSE_OFFER, case.aftersale_id)
        self._go_on(case, OfferState.LAPSED, Role.PLATFORM, wording.SAID_OFFER_LAPSED)

    def _go_on(self, case: Case, became: OfferState, role: Role, said: str) -> None:
        """Back to where the offer came in between, with the time that was left then."""
        paused, case.offers[-1].state = case.paused, became
        if paused is not None:
            deadline = self._store.now() + paused.left if paused.left is not None else None
            self._enter(case, paused.state, role, said, limit=(deadline, paused.action))

    def complain(self, case: Case, actor: str, complaint: Complaint, said: str) -> None:
        """The shop complains to the platform; state and deadline of the case stay as they are."""
        case.complaint = complaint
        self._store.effects.add(self._store.now(), actor, Verb.COMPLAIN, case.aftersale_id, 0, complaint.proofs)
        self._store.say(case, Role.SELLER, said, complaint.proofs)
        self._store.changed(case)

    def rule_complaint(self, case: Case, became: ComplaintState) -> None:
        """The platform has looked at the complaint (domain.md 5)."""
        if case.complaint is not None:
            case.complaint.state = became
            self._store.effects.add(self._store.now(), PLATFORM, Verb.RULE_COMPLAINT, case.aftersale_id)
            self._store.say(case, Role.PLATFORM, wording.SAID_COMPLAINT_RULED[became])
            self._store.changed(case)

    def _enter(
        self,
        case: Case,
        state: CaseState,
        role: Role,
        said: str,
        pictures: tuple[str, ...] = (),
        *,
        limit: tuple[datetime | None, DeadlineAction | None] | None = None,
    ) -> None:
        """`limit`: another deadline, and what happens then, than a state has that begins anew."""
        if case.offers and case.offers[-1].state is OfferState.OPEN and state is not CaseState.WAIT_BUYER_ANSWER:
            case.offers[-1].state = OfferState.LAPSED
        case.state = state
        case.deadline_at, case.deadline_action = limit or self._usual_limit(case.type, state)
        self._store.say(case, role, said, pictures)
        self.watch_deadline(case)
        self._store.changed(case)
        if state in self.followers:
            self.followers[state](case)

    def _usual_limit(self, kind: CaseType, state: CaseState) -> tuple[datetime | None, DeadlineAction | None]:
        usual = SELLER_LIMITS[kind] if state is CaseState.WAIT_SELLER else STATE_LIMITS.get(state)
        return (self._store.now() + usual[0], usual[1]) if usual else (None, None)

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
                self.agree_service(case, PLATFORM, wording.SAID_TIMEOUT_SERVICE, Role.PLATFORM)
            case DeadlineAction.LAPSE_OFFER:
                self._lapse(case)
            case DeadlineAction.CLOSE:
                self.close(case, PLATFORM, Verb.CLOSE, wording.SAID_TIMEOUT_CLOSE)
            case None:
                return
