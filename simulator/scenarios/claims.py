"""Price differences, services, and the abuse patterns of domain.md section 5 in the form in which pages show them (rows 12, 13, 20-23)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.scenarios import refunds, returns, texts
from simulator.scenarios.maker import Maker
from simulator.world.model import (
    BuyerRecord,
    Case,
    CaseType,
    GoodsStatus,
    ParcelState,
    PriceProtection,
    RefundRecord,
    ShipStatus,
)
from simulator.world.wording import DIFFERENCE_KIND, REFUND_KIND, SMALL_PAYMENT_KIND

# ---- differences and services ---------------------------------------------------------------------------------


def _difference(m: Maker, name: str, i: int) -> Case:
    order = m.order(ship=ShipStatus.SIGNED, paid_ago=80)
    m.send(order, ParcelState.SIGNED, last_ago=30)
    ordered = order.goods[0].price_fen
    owed = max(100, ordered * m.rng.randint(4, 25) // 100 // 10 * 10)
    order.price_protection = PriceProtection(ordered, ordered - owed, owed)
    kind = (CaseType.PRICE_PROTECTION, CaseType.PRICE_DIFFERENCE)[i % 2]
    return m.case(
        order,
        kind,
        m.truth(name, order, "none", owed_fen=owed),
        goods=GoodsStatus.RECEIVED,
        amount_fen=owed,
        reason=m.pick(texts.DIFFERENCE_REASONS),
        words=m.pick(texts.WORDS_DIFFERENCE),
    )


def difference_due(m: Maker, i: int) -> Case:
    """Row 12: exactly what the page says is owed."""
    return _difference(m, "difference_due", i)


def difference_wrong(m: Maker, i: int) -> Case:
    """Row 13: more than owed, or nobody can say what is owed."""
    case = _difference(m, "difference_wrong", i)
    if i % 3 == 2:
        case.order.price_protection = PriceProtection(case.order.price_protection.ordered_fen)
    else:
        case.amount_fen += m.pick((50, 100, 500, 1000))
        case.negotiation[0] = m.applied(case)
    return case


def service(m: Maker, i: int) -> Case:
    """Rule 1: exchange, resend, repair are a person's work."""
    kind = (CaseType.EXCHANGE, CaseType.RESEND, CaseType.REPAIR)[i % 3]
    order = m.order(ship=ShipStatus.SIGNED, paid_ago=100)
    m.send(order, ParcelState.SIGNED, last_ago=30)
    reason = "少件/漏发" if kind is CaseType.RESEND else m.pick(texts.QUALITY_REASONS)
    truth = m.truth("service", order, "buyer", owed_fen=0)
    words = texts.WORDS_SERVICE[i % 3]
    return m.case(order, kind, truth, goods=GoodsStatus.RECEIVED, amount_fen=0, reason=reason, words=words)


# ---- abuse: an honest-looking case with one visible mark --------------------------------------------------------

_PLAIN: tuple[Callable[[Maker, int], Case], ...] = (
    refunds.unshipped_full,
    refunds.signed_for,
    returns.return_wanted,
    refunds.in_transit,
    returns.return_whole,
)


def _plain(m: Maker, i: int, name: str, *, intent: str = "fraud") -> Case:
    case = _PLAIN[i % len(_PLAIN)](m, i)
    case.truth = replace(case.truth, archetype=name, intent=intent)
    return case


def threat(m: Maker, i: int) -> Case:
    """Extortion in the buyer's words."""
    case = _plain(m, i, "threat")
    case.words = f"{m.pick(('', case.words + '。'))}{texts.THREATS[i % len(texts.THREATS)]}"
    case.negotiation[0] = m.applied(case)
    return case


def serial_claimant(m: Maker, i: int) -> Case:
    """Many after-sales and several refusals within 90 days."""
    case = _plain(m, i, "serial_claimant")
    case.order.buyer_record = BuyerRecord(m.rng.randint(5, 19), m.rng.randint(2, 6))
    return case


def duplicate_payment(m: Maker, i: int) -> Case:
    """Money went back on this order before; a difference is paid once only."""
    case = difference_due(m, i) if i % 2 == 0 else _plain(m, i, "duplicate_payment")
    order, kind = case.order, m.pick((DIFFERENCE_KIND, SMALL_PAYMENT_KIND))
    earlier = case.amount_fen if i % 2 == 0 else max(100, order.paid_fen // 10)
    order.refunds.append(RefundRecord(max(order.paid_at, m.ago(30, 60)), kind, earlier))
    order.refunded_fen += earlier
    if i % 2:
        case.amount_fen = order.paid_fen - order.refunded_fen
        case.negotiation[0] = m.applied(case)
    case.truth = replace(case.truth, archetype="duplicate_payment", intent="fraud", owed_fen=0)
    return case


def amount_drift(m: Maker, i: int) -> Case:
    """The claim is higher than what is left of the payment."""
    case = _plain(m, i, "amount_drift", intent="mistake")
    if i % 2:
        part = case.order.paid_fen // 3
        case.order.refunds.append(RefundRecord(max(case.order.paid_at, m.ago(30, 60)), REFUND_KIND, part))
        case.order.refunded_fen += part
        case.truth = replace(case.truth, owed_fen=min(case.truth.owed_fen, case.order.paid_fen - part))
    else:
        case.amount_fen += m.pick((500, 800, 1200))
        case.negotiation[0] = m.applied(case)
    return case


def false_proof(m: Maker, i: int) -> Case:
    """Pictures that the platform marks as borrowed."""
    case = refunds.small_received(m, i, "false_proof") if i % 2 else refunds.quality_pictures(m, i, "false_proof")
    m.show(case, 2)
    case.flags = (texts.FLAG_FALSE_PROOF,)
    case.truth = replace(case.truth, intent="fraud", owed_fen=0)
    return case


def insurance_fraud(m: Maker, i: int) -> Case:
    """Cheap orders returned again and again for the freight insurance."""
    case = returns.return_wanted(m, i * 2, "insurance_fraud")
    case.order.service_tags = (*case.order.service_tags, texts.INSURANCE_TAG)
    case.order.buyer_record = BuyerRecord(m.rng.randint(6, 15), m.rng.randint(0, 1))
    case.flags = (texts.FLAG_INSURANCE,)
    case.truth = replace(case.truth, intent="fraud", sent_back="nothing")
    return case


def competitor_ring(m: Maker, i: int) -> Case:
    """Orders of a competitor, marked by the platform."""
    case = _plain(m, i, "competitor_ring")
    case.flags = (m.pick((texts.FLAG_RING, texts.FLAG_RISK)),)
    case.order.receiver_city = texts.CITIES[0] if not case.order.forward else case.order.receiver_city
    return case


def platform_mark(m: Maker, i: int) -> Case:
    """A warning of the platform about the return, or its staff already at work (items 7, 8)."""
    if i % 3 == 0:
        case = _plain(m, i, "platform_mark", intent="honest")
        case.flags = (texts.FLAG_STAFF,)
        return case
    case = returns.return_whole(m, i, "platform_mark")
    case.flags = ((texts.FLAG_WEIGHT, texts.FLAG_TRAIL)[i % 2],)
    return case


def large_sum(m: Maker, _i: int) -> Case:
    """Rule 1: above ¥2,000 a person decides; above ¥3,000 the platform asks for a code."""
    order = m.order(m.pick(texts.LARGE_WARES), ship=ShipStatus.UNSHIPPED, paid_ago=20)
    truth = m.truth("large_sum", order, "warehouse")
    reason = m.pick(texts.UNSHIPPED_REASONS)
    return m.case(order, CaseType.REFUND_UNSHIPPED, truth, reason=reason, words=m.pick(texts.WORDS_UNSHIPPED))


# ---- what nobody can see, what nobody should believe, what nobody knows -----------------------------------------


def invisible(m: Maker, i: int) -> Case:
    """Row 21: looks like an honest case (or like a false one) and is not."""
    match i % 4:
        case 0:
            case = returns.return_whole(m, 0, "invisible")
            hidden = replace(case.truth, intent="fraud", owed_fen=0, goods_at="buyer", sent_back="other")
        case 1:
            case = refunds.signed_for(m, i, "invisible")
            hidden = replace(case.truth, intent="honest", owed_fen=case.order.paid_fen, goods_at="lost")
        case 2:
            case = returns.return_wanted(m, i, "invisible")
            hidden = replace(case.truth, intent="fraud", owed_fen=0, sent_back="other", sends_back=True)
        case _:
            case = refunds.small_received(m, i, "invisible")
            hidden = replace(case.truth, intent="fraud", owed_fen=0)
    case.truth = replace(hidden, archetype="invisible", invisible=True)
    return case


_UNDER_HOSTILE: tuple[Callable[[Maker, int], Case], ...] = (
    refunds.unshipped_full,
    returns.return_wanted,
    refunds.small_received,
    difference_due,
    refunds.signed_for,
    refunds.quality_pictures,
    refunds.in_transit,
)


def hostile_text(m: Maker, i: int) -> Case:
    """Row 22: markup, formulas, emoji, very long lines in words, names and goods; the row below keeps its label."""
    case = _UNDER_HOSTILE[i % len(_UNDER_HOSTILE)](m, i)
    case.words = texts.HOSTILE_WORDS[i % len(texts.HOSTILE_WORDS)]
    if m.chance(60):
        case.order.buyer = texts.HOSTILE_BUYERS[i % len(texts.HOSTILE_BUYERS)]
    if m.chance(40):
        line = case.order.goods[0]
        case.order.goods = (replace(line, title=line.title + texts.HOSTILE_TITLE_TAIL), *case.order.goods[1:])
    case.truth = replace(case.truth, archetype="hostile_text")
    case.negotiation[0] = m.applied(case)
    return case


def unknown_label(m: Maker, i: int) -> Case:
    """Row 23: a word that no page had before."""
    case = _PLAIN[i % len(_PLAIN)](m, i)
    where, word = texts.ODD_WORDS[i % len(texts.ODD_WORDS)]
    case.odd_words = {where: word}
    case.truth = replace(case.truth, archetype="unknown_label")
    return case
