"""The state machine as tables: which verbs a state and type allow, which deadlines follow, what may be refused and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from simulator.world import wording
from simulator.world.model import (
    DIFFERENCES,
    FOR_SELLER,
    REFUND_ONLY,
    SERVICES,
    Button,
    Case,
    CaseState,
    CaseType,
    DeadlineAction,
    GoodsStatus,
    Parcel,
    ParcelState,
    ShipStatus,
    Shop,
    Verb,
)

# domain.md 2.8, Taobao column: how long a state may last, and what then happens.
SELLER_LIMITS: dict[CaseType, tuple[timedelta, DeadlineAction]] = {
    CaseType.REFUND_UNSHIPPED: (timedelta(days=2), DeadlineAction.REFUND),
    CaseType.REFUND_SHIPPED: (timedelta(days=5), DeadlineAction.REFUND),
    CaseType.RETURN_REFUND: (timedelta(days=5), DeadlineAction.AGREE_RETURN),
    CaseType.EXCHANGE: (timedelta(days=5), DeadlineAction.AGREE_SERVICE),
    CaseType.RESEND: (timedelta(days=5), DeadlineAction.AGREE_SERVICE),
    CaseType.REPAIR: (timedelta(days=5), DeadlineAction.AGREE_SERVICE),
    CaseType.PRICE_PROTECTION: (timedelta(days=2), DeadlineAction.REFUND),
    CaseType.PRICE_DIFFERENCE: (timedelta(days=2), DeadlineAction.REFUND),
}
STATE_LIMITS: dict[CaseState, tuple[timedelta, DeadlineAction]] = {
    CaseState.WAIT_BUYER_RETURN: (timedelta(days=7), DeadlineAction.CLOSE),
    CaseState.WAIT_SELLER_RECEIVE: (timedelta(days=10), DeadlineAction.REFUND),
    CaseState.SELLER_REFUSED: (timedelta(days=7), DeadlineAction.CLOSE),
    CaseState.WAIT_BUYER_ANSWER: (timedelta(hours=24), DeadlineAction.LAPSE_OFFER),
}
RETURN_SIGNED_LIMIT = timedelta(hours=48)
"""Tmall cuts the remaining time to this once the return shows 签收 (domain.md 2.8)."""

MOST_OFFERS, MOST_PERCENT = 3, 80
"""How often a shop may offer a part, and how much of the claim at most: guesses, the seeds give no figures."""

INTERCEPTABLE = frozenset({ParcelState.PICKED_UP, ParcelState.IN_TRANSIT})


def allowed(case: Case) -> frozenset[Verb]:
    """The verbs that state and type allow a seller; a remark is always allowed."""
    verbs = {Verb.REMARK}
    if case.state is CaseState.WAIT_SELLER:
        verbs |= {_agreement(case.type), Verb.REFUSE}
        verbs |= {Verb.INTERCEPT} if case.type in REFUND_ONLY else set()
    if case.state is CaseState.WAIT_SELLER_RECEIVE:
        verbs |= {Verb.AGREE_REFUND, Verb.REFUSE}
    verbs |= {Verb.NEGOTIATE} if negotiable(case) else set()
    verbs |= {Verb.COMPLAIN} if complainable(case) else set()
    return frozenset(verbs)


def _agreement(kind: CaseType) -> Verb:
    if kind in REFUND_ONLY | DIFFERENCES:
        return Verb.AGREE_REFUND
    return Verb.AGREE_RETURN if kind is CaseType.RETURN_REFUND else Verb.AGREE_SERVICE


def negotiable(case: Case) -> bool:
    """A part may be offered for goods that left the shop, while the seller has to act, a few times (reconstruction)."""
    kinds = {CaseType.REFUND_SHIPPED, CaseType.RETURN_REFUND}
    return case.type in kinds and case.state in FOR_SELLER and rounds_left(case) > 0 and most_fen(case) > 0


def rounds_left(case: Case) -> int:
    """How often the shop may still make an offer."""
    return max(0, MOST_OFFERS - len(case.offers))


def most_fen(case: Case) -> int:
    """The largest sum that the tool takes."""
    return min(case.amount_fen * MOST_PERCENT // 100, case.order.paid_fen - case.order.refunded_fen)


def plans(case: Case) -> tuple[tuple[str, str], ...]:
    """The tool's plans for the scene that the case is in, (id, words): domain.md 28, several plans by scene."""
    if case.state is CaseState.WAIT_SELLER_RECEIVE:
        return wording.PLANS_RETURNED
    if case.type is CaseType.RETURN_REFUND or case.goods_status is GoodsStatus.RECEIVED:
        return wording.PLANS_KEPT
    return wording.PLANS_ON_THE_WAY


def complainable(case: Case) -> bool:
    """Once a case, while it is not over (domain.md 4)."""
    return case.complaint is None and case.state in FOR_SELLER | {CaseState.SELLER_REFUSED, CaseState.PLATFORM}


def buttons(case: Case, parcel: Parcel | None, shop: Shop) -> tuple[Button, ...]:
    """The buttons of the detail page, in the order of docs/simulator.md."""
    more = (Button.NEGOTIATE,) if negotiable(case) and shop.negotiates else ()
    return (*_buttons_of_state(case, parcel, shop), *more, *((Button.COMPLAIN,) if complainable(case) else ()))


def _buttons_of_state(case: Case, parcel: Parcel | None, shop: Shop) -> tuple[Button, ...]:
    if case.state is CaseState.WAIT_SELLER_RECEIVE:
        return Button.CONFIRM_RECEIPT, Button.REFUSE, Button.REMARK
    if case.state is not CaseState.WAIT_SELLER:
        return (Button.REMARK,)
    if case.type is CaseType.RETURN_REFUND:
        return Button.AGREE_RETURN, Button.REFUSE, Button.REMARK
    if case.type in SERVICES:
        return Button.AGREE_SERVICE, Button.REFUSE, Button.REMARK
    first = (Button.AGREE_REFUND, Button.BATCH_AGREE, Button.REFUSE, Button.REMARK)
    return (*first, Button.INTERCEPT) if _intercept_offered(case, parcel, shop) else first


def _intercept_offered(case: Case, parcel: Parcel | None, shop: Shop) -> bool:
    """Shown when a parcel left whose courier the shop's contract covers; whether it is feasible says the quote."""
    if case.type not in REFUND_ONLY or parcel is None or parcel.courier not in shop.contract_couriers:
        return False
    return parcel.state is not ParcelState.NO_TRACE or case.order.ship_status is not ShipStatus.UNSHIPPED


@dataclass(frozen=True, slots=True)
class RefusalForm:
    """What the refusal page offers: reasons are (id, words); `key_facts` are what 查看示例 says a proof must show."""

    barred: bool
    reasons: tuple[tuple[str, str], ...]
    proof_demanded: bool
    key_facts: tuple[str, ...]


def refusal_form(case: Case, parcel: Parcel | None) -> RefusalForm:
    """The form for this case (docs/simulator.md, refusal page)."""
    reasons, facts = _refusal_words(case, parcel)
    return RefusalForm(refusal_barred(case), reasons, case.proof_demanded, facts)


def refusal_barred(case: Case) -> bool:
    """Barred for unshipped, 7-day no-reason and game orders (domain.md 2.3, taobao.refund.refuse).

    A parcel that came back may always be refused: that is another call (taobao.rp.returngoods.refuse).
    """
    if case.state is CaseState.WAIT_SELLER_RECEIVE:
        return False
    return (
        case.type is CaseType.REFUND_UNSHIPPED
        or wording.GAME_TAG in case.order.service_tags
        or (case.type is CaseType.RETURN_REFUND and _no_reason(case))
    )


def _no_reason(case: Case) -> bool:
    supported = wording.NO_SEVEN_DAYS_TAG not in case.order.service_tags
    return supported and case.reason == wording.NO_REASON_REASON


def _refusal_words(case: Case, parcel: Parcel | None) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    if case.state is CaseState.WAIT_SELLER_RECEIVE or case.goods_status is GoodsStatus.RETURNED:
        return wording.REASONS_RECEIPT, wording.FACTS_RECEIPT
    if case.type not in REFUND_ONLY:
        return wording.REASONS_GENERAL, wording.FACTS_GENERAL
    signed = case.order.ship_status is ShipStatus.SIGNED or (parcel and parcel.state is ParcelState.SIGNED)
    if signed:
        return wording.REASONS_SIGNED, wording.FACTS_SIGNED
    return wording.REASONS_TRANSIT, wording.FACTS_TRANSIT
