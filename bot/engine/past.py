"""Facts from the shop's own ledger; where nobody asked it, or where it is too young to know, they are unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.case import CaseState, OtherClaim, ServiceTag, Snapshot
from bot.domain.decision import Detector
from bot.domain.facts import Fact, Known, Source, Unknown, value_or_none
from bot.domain.history import History, PastCase
from bot.domain.money import ZERO, Money
from bot.engine.parameters import Parameters

UNASKED = Unknown(why="unknown.history_not_asked", source=Source.HISTORY)


@dataclass(frozen=True, slots=True)
class Spent:
    """Posted and pending of each strategy on the business day."""

    strategies: Mapping[str, Money]

    def by(self, strategy: str) -> Money:
        """Of one strategy; nothing for one that never acted that day."""
        return self.strategies.get(strategy, ZERO)

    def __str__(self) -> str:
        return str(sum(self.strategies.values(), ZERO))


def spent(history: History, now: datetime) -> Fact[Spent]:
    """What each strategy has posted and pending today (domain.md 45)."""
    if not history.asked:
        return UNASKED
    return Known(value=Spent(history.spent), source=Source.HISTORY, seen_at=now)


class Weights(dict[Detector, int]):
    """Points of each detector, as the policy gives them."""

    def __str__(self) -> str:
        return ", ".join(f"{detector.value} {points}" for detector, points in self.items())


def weights(parameters: Parameters, now: datetime) -> Fact[Weights]:
    """What the policy makes of each detector's yes; a fact, so that a score is made of facts alone."""
    return Known(value=Weights(parameters.weights), source=Source.DERIVED, seen_at=now)


def _ever(history: History, now: datetime, *, value: bool, days: int) -> Fact[bool]:
    """Yes for what the ledger knows of; no only if it has looked for long enough."""
    if not history.asked:
        return UNASKED
    old_enough = history.since is not None and now - history.since >= timedelta(days=days)
    if not value and not old_enough:
        return Unknown(why="unknown.history_too_young", source=Source.HISTORY)
    return Known(value=value, source=Source.HISTORY, seen_at=now)


def waybill_elsewhere(history: History, now: datetime, parameters: Parameters) -> Fact[bool]:
    """The number of the return was named in another after-sale: by another buyer, or where the money went back (借单号).

    One buyer may send two orders back in one parcel: then nobody knows.
    """
    others = history.of_waybill
    used = any(case.same_buyer is False or case.refunded > ZERO or case.state is CaseState.SUCCESS for case in others)
    if others and not used:
        return Unknown(why="unknown.one_parcel_for_two", source=Source.HISTORY)
    return _ever(history, now, value=used, days=parameters.history_days)


def number_taken(history: History, now: datetime) -> Fact[bool]:
    """Another buyer's after-sale named the number of the return; of the same buyer's, one parcel may hold both: nobody knows.

    What the ledger never met proves nothing: there the courier's dates alone tell.
    """
    others = history.of_waybill
    theirs = any(case.same_buyer is False for case in others)
    if others and not theirs:
        return Unknown(why="unknown.one_parcel_for_two", source=Source.HISTORY)
    return Known(value=theirs, source=Source.HISTORY, seen_at=now)


def _earlier(other: PastCase, snapshot: Snapshot) -> bool:
    return other.order_id != snapshot.order_id and other.applied_at < snapshot.applied_at


def picture_elsewhere(snapshot: Snapshot, history: History, now: datetime, parameters: Parameters) -> Fact[bool]:
    """A picture of the buyer looks like one of an earlier claim on another order (domain.md 5: 虚假凭证).

    Who claimed first took the picture: of two that look alike the later claim is the one in doubt.
    """
    hashes = snapshot.picture_hashes
    if any(_earlier(like.case, snapshot) for like in history.of_pictures):
        return Known(value=True, source=Source.HISTORY, seen_at=now)
    if not snapshot.buyer_pictures:
        return Known(value=False, source=Source.SHOP, seen_at=snapshot.seen_at)
    if isinstance(hashes, Unknown):
        return hashes
    if not all(hashes.value) or len(hashes.value) < len(snapshot.buyer_pictures):
        return Unknown(why="unknown.picture_unreadable", source=Source.SHOP)
    return _ever(history, now, value=False, days=parameters.history_days)


_PAID_OUT = frozenset({CaseState.SUCCESS, CaseState.REFUNDING})
"""States in which the whole of another claim went back, or was agreed to and is on its way."""

_ENDED = _PAID_OUT | {CaseState.CLOSED, CaseState.SELLER_REFUSED}
"""States in which another claim takes no more of the order than that."""

_TOUCHED = frozenset(
    {CaseState.WAIT_BUYER_RETURN, CaseState.WAIT_SELLER_RECEIVE, CaseState.WAIT_BUYER_ANSWER, CaseState.PLATFORM}
)
"""Open states in which shop or platform have taken a step already: such a claim may take its sum, whoever applied first."""


def order_overclaimed(snapshot: Snapshot, history: History, now: datetime) -> Fact[bool]:
    """With the order's other after-sales more is claimed than was paid (重复退款): with what went back on them, surely.

    A claim that is too high by itself, with nothing beside it, is no second one: `within_refundable` tells of it.
    Where an open claim that has the first right would make it too much, nobody knows: an earlier one, or one that somebody
    has taken a step in already. So of two that nobody has touched the later is in doubt.
    The page's list of them is newer than what the ledger saw, and whole; without it the ledger has to do.
    """
    listed = snapshot.other_claims is not None
    if not listed and not history.asked:
        return UNASKED
    source = Source.SHOP if listed else Source.HISTORY
    others = _others(snapshot, history)
    if not others and snapshot.refunded == ZERO:
        return Known(value=False, source=source, seen_at=now)
    sure = max(sum((_paid_out(one) for one in others), ZERO), snapshot.refunded) + snapshot.amount
    first = (one for one in others if one.state not in _ENDED and _has_first_right(one, snapshot))
    possible = sure + sum((one.amount - one.refunded for one in first), ZERO)
    if sure <= snapshot.paid < possible:
        return Unknown(why="unknown.other_claim_open", source=source)
    return Known(value=sure > snapshot.paid, source=source, seen_at=now)


def _paid_out(other: PastCase) -> Money:
    return other.amount if other.state in _PAID_OUT else other.refunded


def _has_first_right(other: PastCase, snapshot: Snapshot) -> bool:
    """Pages print minutes: of two claims of one minute the smaller number is the earlier, so that never both are."""
    mine = _turn(snapshot.applied_at, snapshot.key.aftersale_id)
    return other.state in _TOUCHED or _turn(other.applied_at, other.aftersale_id) < mine


def _turn(applied_at: datetime, aftersale_id: str) -> tuple[datetime, int, str]:
    return applied_at.replace(second=0, microsecond=0), len(aftersale_id), aftersale_id


def _others(snapshot: Snapshot, history: History) -> tuple[PastCase, ...]:
    """Each other after-sale of the order once: as the page lists it now, with what the ledger knows to be paid."""
    known = {one.aftersale_id: one for one in history.of_order}
    now_listed = {one.aftersale_id: _listed(one, snapshot, known) for one in snapshot.other_claims or ()}
    return tuple((known | now_listed).values())


def _listed(other: OtherClaim, snapshot: Snapshot, known: Mapping[str, PastCase]) -> PastCase:
    before = known.get(other.aftersale_id)
    return PastCase(
        aftersale_id=other.aftersale_id,
        order_id=snapshot.order_id,
        same_buyer=True,
        type=value_or_none(other.type),
        state=value_or_none(other.state),
        amount=other.amount,
        applied_at=other.applied_at,
        seen_at=snapshot.seen_at,
        refunded=before.refunded if before else ZERO,
    )


def claims_burst(snapshot: Snapshot, history: History, now: datetime, parameters: Parameters) -> Fact[bool]:
    """Claims on many orders of one buyer within hours (domain.md 5: revenge, extortion, competitors)."""
    first = snapshot.applied_at - timedelta(hours=parameters.burst_hours)
    last = snapshot.applied_at + timedelta(hours=parameters.burst_hours)
    orders = {case.order_id for case in history.of_buyer if first <= case.applied_at <= last} | {snapshot.order_id}
    days = -(-parameters.burst_hours // 24)
    return _ever(history, now, value=len(orders) >= parameters.burst_orders, days=days)


def insured_often(snapshot: Snapshot, parameters: Parameters) -> Fact[bool]:
    """The buyer's after-sales in 90 days reach what looks like a harvest of freight insurance (骗运费险)."""
    often = snapshot.buyer.aftersales_90d >= parameters.insured_claims
    return Known(value=often, source=Source.SHOP, seen_at=snapshot.seen_at)


def freight_insured(snapshot: Snapshot) -> Fact[bool]:
    """The order carries freight insurance."""
    value = ServiceTag.FREIGHT_INSURANCE in snapshot.service_tags
    return Known(value=value, source=Source.SHOP, seen_at=snapshot.seen_at)


def cheap_claim(snapshot: Snapshot, parameters: Parameters) -> Fact[bool]:
    """Small enough for the premium to be worth more than the goods."""
    value = snapshot.amount <= Money(parameters.insured_yuan * 100)
    return Known(value=value, source=Source.SHOP, seen_at=snapshot.seen_at)
