"""Kinds that few shops see often (domain.md 2.3 and 5): game orders, two claims on one order, one line of several, returns never sent.

Drawn by `abuse` and `patterns` alone, in the places of a few of their other cases (rows 31 to 34).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from simulator.scenarios import returns, texts
from simulator.scenarios.maker import Maker
from simulator.scenarios.roads import will_arrive
from simulator.world.buyers import PlannedAct
from simulator.world.model import (
    BuyerRecord,
    Case,
    CaseState,
    CaseType,
    Goods,
    GoodsStatus,
    NegotiationEntry,
    Order,
    ParcelState,
    Role,
    ShipStatus,
    Verb,
)
from simulator.world.rules import STATE_LIMITS
from simulator.world.wording import GAME_TAG, NO_SEVEN_DAYS_TAG, SAID_RETURN

# ---- row 31: online games, whose claims no shop may refuse ---------------------------------------------------------


def _game(m: Maker, ship: ShipStatus, paid_ago: float, ware: texts.Ware) -> Order:
    order = m.order(ware, ship=ship, paid_ago=paid_ago)
    order.service_tags = (NO_SEVEN_DAYS_TAG, GAME_TAG)
    return order


def _claims_nothing_came(m: Maker, order: Order, goods_at: str, owed_fen: int) -> Case:
    truth = m.truth("game_order", order, goods_at, intent="honest" if owed_fen else "fraud", owed_fen=owed_fen)
    reason, words = m.pick(texts.CLAIMS_NOT_RECEIVED_REASONS), m.pick(texts.WORDS_GAME)
    return m.case(order, CaseType.REFUND_SHIPPED, truth, reason=reason, words=words)


def game_order(m: Maker, i: int) -> Case:
    """Row 31: not charged up yet (agree); charged up by machine, without a parcel (hold); a boxed card, signed for (hold)."""
    match i % 3:
        case 0:
            order = _game(m, ShipStatus.UNSHIPPED, 22, m.pick(texts.GAME_WARES))
            truth, reason = m.truth("game_order", order, "warehouse"), m.pick(texts.UNSHIPPED_REASONS)
            return m.case(order, CaseType.REFUND_UNSHIPPED, truth, reason=reason, words=m.pick(texts.WORDS_UNSHIPPED))
        case 1:
            order = _game(m, ShipStatus.SHIPPED, 60, m.pick(texts.GAME_WARES))
            return _claims_nothing_came(m, order, "none", order.paid_fen if m.chance(40) else 0)
        case _:
            order = _game(m, ShipStatus.SIGNED, 100, texts.GAME_CARD)
            m.send(order, ParcelState.SIGNED, last_ago=20, signer=texts.SIGNERS_SURE[i % len(texts.SIGNERS_SURE)])
            return _claims_nothing_came(m, order, "buyer", 0)


# ---- row 32: two claims on one order -------------------------------------------------------------------------------


def second_claim(m: Maker, i: int) -> Case:
    """Row 32: half of the order was paid back already, or is being returned; now the buyer claims the whole of it."""
    order = returns.delivered(m, quantity=2, paid_ago=260)
    returns.make_older(m, order)
    reason = m.pick(texts.QUALITY_REASONS)
    first = returns.wants_return(m, "history", order, reason)
    first.quantity, first.amount_fen = 1, order.goods[0].price_fen
    if i % 2 == 0:
        first.type = CaseType.REFUND_SHIPPED
    first.negotiation[:] = [m.applied(first)]
    m.past.append((first, CaseState.WAIT_BUYER_RETURN if i % 2 else CaseState.SUCCESS))
    case = returns.wants_return(m, "second_claim", order, reason)
    case.truth = replace(
        case.truth, intent="mistake", owed_fen=order.paid_fen - first.amount_fen, sent_back="all", sends_back=True
    )
    return case


# ---- row 33: several lines, one of them claimed --------------------------------------------------------------------


def _basket(m: Maker, ship: ShipStatus, paid_ago: float) -> Order:
    """Two or three different goods in one parcel; the first line is the one that will be claimed."""
    wares = m.rng.sample(texts.BASKET_WARES, m.rng.randint(2, 3))
    order = m.order(wares[0], ship=ship, paid_ago=paid_ago)
    more = tuple(Goods(ware.title, m.pick(ware.specs), m.price(ware), 1, ware.weight_g) for ware in wares[1:])
    extra = sum(line.price_fen for line in more)
    order.goods = (*order.goods, *more)
    order.paid_fen, order.list_price_fen = order.paid_fen + extra, order.list_price_fen + extra
    return order


def _one_line(m: Maker, order: Order, kind: CaseType, goods_at: str) -> Case:
    """The first line's price and no more."""
    line = order.goods[0]
    truth = m.truth("one_line_of_many", order, goods_at, owed_fen=line.price_fen)
    share = truth.goods_fen * line.price_fen // order.paid_fen
    return m.case(order, kind, replace(truth, goods_fen=share, sent_back="all"), amount_fen=line.price_fen, words="")


def _of_unshipped(m: Maker) -> Case:
    case = _one_line(m, _basket(m, ShipStatus.UNSHIPPED, 22), CaseType.REFUND_UNSHIPPED, "warehouse")
    case.reason, case.words = m.pick(texts.UNSHIPPED_REASONS), m.pick(texts.WORDS_UNSHIPPED)
    return case


def _of_moving(m: Maker) -> Case:
    order = _basket(m, ShipStatus.SHIPPED, 40)
    will_arrive(m.send(order, ParcelState.IN_TRANSIT), m.ahead(20, 40))
    case = _one_line(m, order, CaseType.REFUND_SHIPPED, "on_the_way")
    case.reason, case.words = m.pick(texts.NOT_RECEIVED_REASONS), m.pick(texts.WORDS_TRANSIT)
    return case


def _of_delivered(m: Maker, kind: CaseType, goods_at: str) -> Case:
    order = _basket(m, ShipStatus.SIGNED, 120)
    m.send(order, ParcelState.SIGNED, last_ago=40)
    case = _one_line(m, order, kind, goods_at)
    case.goods_status = GoodsStatus.RECEIVED
    case.reason, case.words = m.pick(texts.QUALITY_REASONS), m.pick(texts.WORDS_QUALITY)
    m.show(case, m.rng.randint(1, 3))
    return case


_BASKETS: tuple[Callable[[Maker], Case], ...] = (
    lambda m: _of_delivered(m, CaseType.RETURN_REFUND, "buyer"),
    _of_moving,
    lambda m: _of_delivered(m, CaseType.REFUND_SHIPPED, "none"),
    _of_unshipped,
)


def one_line_of_many(m: Maker, i: int) -> Case:
    """Row 33: to be returned (agree; what it should weigh, no page says), on the way, faulty, or not shipped (hold)."""
    case = _BASKETS[i % len(_BASKETS)](m)
    if case.order.forward:
        case.order.other_goods = tuple(line.title for line in case.order.goods[1:])
    case.negotiation[:] = [m.applied(case)]
    return case


# ---- row 34: agreed to, and never sent -----------------------------------------------------------------------------


def never_sent(m: Maker, i: int) -> Case:
    """Row 34: the return was agreed to a week ago, its deadline is in sight, nothing was sent; every third buyer still does."""
    order = returns.delivered(m, paid_ago=260)
    returns.make_older(m, order)
    case = returns.wants_return(m, "never_sent", order, m.pick(texts.QUALITY_REASONS))
    case.state, case.urged = CaseState.WAIT_BUYER_RETURN, False
    limit, case.deadline_action = STATE_LIMITS[case.state]
    case.deadline_at = m.ahead(3, 20)
    agreed_at = case.deadline_at - limit
    case.applied_at = agreed_at - m.hours(1, 12)
    case.version = int(agreed_at.timestamp() * 1000)
    address = m.shop.return_addresses[0]
    case.return_city = address.city
    said = SAID_RETURN.format(address=address.text, message="")
    case.negotiation[:] = [m.applied(case), NegotiationEntry(agreed_at, Role.SELLER, said)]
    if i % 3 == 2:
        case.truth = replace(case.truth, sent_back="all")
        m.acts.append(PlannedAct(case.deadline_at - m.hours(0.2, 2), case.aftersale_id, Verb.SHIP_RETURN))
        return case
    order.buyer_record = BuyerRecord(m.rng.randint(2, 4), 1)
    case.truth = replace(case.truth, intent="fraud", owed_fen=0, sends_back=False)
    first_the_money = NegotiationEntry(agreed_at + timedelta(hours=20), Role.BUYER, m.pick(texts.WORDS_NEVER_SENT))
    case.negotiation.append(first_the_money)
    return case
