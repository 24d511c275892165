"""Facts about the claim itself: amounts, earlier payments, its ground, the buyer's words and record."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, CaseState, Control, ServiceTag, Snapshot
from bot.domain.courier import Trail
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.money import ZERO, Money
from bot.engine.combine import both, derive, follow, known_or
from bot.engine.parameters import Parameters, Words

DIFFERENCES = frozenset({AftersaleType.PRICE_PROTECTION, AftersaleType.PRICE_DIFFERENCE})
"""Claims that give back a part of the price and take no goods back."""

CONTROLS = {
    (CaseState.WAIT_SELLER, Verb.AGREE_REFUND): Control.AGREE_REFUND,
    (CaseState.WAIT_SELLER_RECEIVE, Verb.AGREE_REFUND): Control.CONFIRM_RECEIPT,
    (CaseState.WAIT_SELLER, Verb.AGREE_RETURN): Control.AGREE_RETURN,
    (CaseState.WAIT_SELLER, Verb.REFUSE): Control.REFUSE,
    (CaseState.WAIT_SELLER_RECEIVE, Verb.REFUSE): Control.REFUSE_RECEIPT,
    (CaseState.WAIT_SELLER, Verb.INTERCEPT): Control.INTERCEPT,
    (CaseState.WAIT_SELLER, Verb.REMARK): Control.REMARK,
    (CaseState.WAIT_SELLER_RECEIVE, Verb.REMARK): Control.REMARK,
    (CaseState.WAIT_SELLER, Verb.NEGOTIATE): Control.NEGOTIATE,
    (CaseState.WAIT_SELLER_RECEIVE, Verb.NEGOTIATE): Control.NEGOTIATE,
    (CaseState.WAIT_SELLER, Verb.COMPLAIN): Control.COMPLAIN,
    (CaseState.WAIT_SELLER_RECEIVE, Verb.COMPLAIN): Control.COMPLAIN,
}
"""Which control of the page does a verb in a state; a pair that is not here is never offered (domain.md 2.3)."""

_MARKUP = re.compile(r"<[^<>]{0,200}>")
_DIGITS = re.compile(r"\d+")
_HOUR_S = 3600


class ClaimGround(StrEnum):
    """What the buyer's reason amounts to, by the policy's word lists."""

    NO_REASON = "no_reason"
    QUALITY = "quality"


def shop(snapshot: Snapshot, *, value: bool) -> Fact[bool]:
    """A yes or no that the shop's page shows."""
    return Known(value=value, source=Source.SHOP, seen_at=snapshot.seen_at)


def amount(snapshot: Snapshot) -> Fact[Money]:
    """What the buyer claims."""
    return Known(value=snapshot.amount, source=Source.SHOP, seen_at=snapshot.seen_at)


def within_refundable(snapshot: Snapshot) -> Fact[bool]:
    """More than nothing and no more than paid minus already refunded, nor than the claimed pieces cost (I6, domain.md 5 "amount drift")."""
    return shop(snapshot, value=ZERO < snapshot.amount <= min(snapshot.refundable, worth_of_pieces(snapshot)))


def worth_of_pieces(snapshot: Snapshot) -> Money:
    """The most that the claimed pieces can have cost: of a part of the order its dearest ones, of all of it what was paid."""
    prices = sorted((line.unit_price for line in snapshot.goods for _ in range(line.quantity)), reverse=True)
    if snapshot.quantity_applied >= len(prices):
        return snapshot.paid
    return sum(prices[: max(snapshot.quantity_applied, 0)], ZERO)


def full(snapshot: Snapshot) -> Fact[bool]:
    """All that can still be refunded is claimed (domain.md 18: 全额)."""
    return shop(snapshot, value=snapshot.amount == snapshot.refundable)


def earlier_paid(snapshot: Snapshot) -> Money:
    """What went back before, by the table of payments or the printed sum, whichever is more."""
    return max(sum((payment.amount for payment in snapshot.payments), ZERO), snapshot.refunded)


def duplicate(snapshot: Snapshot) -> Fact[bool]:
    """Paid before: on a difference claim more than the difference in all, on any other claim anything (domain.md 5).

    A row of the payments counts even when its amount is zero: somebody did something by hand.
    """
    earlier = earlier_paid(snapshot)
    if not snapshot.payments and earlier == ZERO:
        return shop(snapshot, value=False)
    return follow(snapshot.type, lambda kind: _paid_twice(snapshot, kind, earlier))


def _paid_twice(snapshot: Snapshot, kind: AftersaleType, earlier: Money) -> Fact[bool]:
    if kind not in DIFFERENCES:
        return shop(snapshot, value=True)
    return derive(difference_due(snapshot), lambda due: earlier + snapshot.amount > due, Source.DERIVED)


def difference_due(snapshot: Snapshot) -> Fact[Money]:
    """The price difference that the page says is owed."""
    return known_or(snapshot.difference_due, "unknown.difference_due", Source.SHOP, snapshot.seen_at)


def difference_matches(snapshot: Snapshot) -> Fact[bool]:
    """The claim is exactly the difference owed (domain.md 18 c)."""
    return derive(difference_due(snapshot), lambda due: due == snapshot.amount, Source.DERIVED)


def plain(text: str) -> str:
    """Letters and digits only, NFKC, lower case, markup gone: spaces, marks and markup between characters hide no word."""
    bare = unicodedata.normalize("NFKC", _MARKUP.sub("", unicodedata.normalize("NFKC", text)))
    return "".join(char for char in bare.casefold() if char.isalnum())


def _holds_any(text: str, words: Words) -> bool:
    bare = plain(text)
    return any(word in bare and (not word.isdigit() or word in _numbers(text, bare)) for word in _plain_words(words))


def _numbers(text: str, bare: str) -> list[str]:
    """Whole numbers, as written and with what stands between their digits gone: a waybill with 12315 in it is no threat."""
    return [*_DIGITS.findall(unicodedata.normalize("NFKC", text)), *_DIGITS.findall(bare)]


@lru_cache(maxsize=64)
def _plain_words(words: Words) -> Words:
    """A policy has a handful of lists, and every case is held against them."""
    return tuple(map(plain, words))


def threat(snapshot: Snapshot, parameters: Parameters) -> Fact[bool]:
    """The buyer's own words hold a threat (domain.md 5: 要挟); the word list is the policy's."""
    return _said(snapshot, parameters.threat_words, parameters)


def rival_words(snapshot: Snapshot, parameters: Parameters) -> Fact[bool]:
    """The buyer's words, or a mark of the platform, are those of a competitor or professional claimant (the policy's list)."""
    marked = any(_holds_any(tag, parameters.rival_words) for tag in snapshot.platform_tags)
    return shop(snapshot, value=True) if marked else _said(snapshot, parameters.rival_words, parameters)


def _said(snapshot: Snapshot, words: Words, parameters: Parameters) -> Fact[bool]:
    if not words:
        return Unknown(why="unknown.no_word_list", source=Source.SHOP)
    heard = [line.text for line in snapshot.negotiation if line.role not in parameters.quiet_roles]
    texts = [snapshot.buyer_text, snapshot.reason, *heard]
    return shop(snapshot, value=any(_holds_any(text, words) for text in texts))


def ground(snapshot: Snapshot, parameters: Parameters) -> Fact[ClaimGround]:
    """Quality or no reason, by the reason chosen from the platform's list, never by free text.

    A reason with words of both lists, or of none, is unknown.
    """
    grounds = {ClaimGround.NO_REASON: parameters.no_reason_words, ClaimGround.QUALITY: parameters.quality_words}
    found = [kind for kind, words in grounds.items() if _holds_any(snapshot.reason, words)]
    one = found[0] if len(found) == 1 else None
    fact = known_or(one, "unknown.ground", Source.SHOP, snapshot.seen_at)
    return fact.model_copy(update={"raw": snapshot.reason}) if isinstance(fact, Unknown) else fact


def no_reason_excluded(snapshot: Snapshot) -> Fact[bool]:
    """The order carries 不支持7天无理由."""
    return shop(snapshot, value=ServiceTag.NO_REASON_EXCLUDED in snapshot.service_tags)


def refusal_barred(snapshot: Snapshot, reason: Fact[ClaimGround]) -> Fact[bool]:
    """Taobao lets nobody refuse an unshipped, a 7-day no-reason or an online-game claim (domain.md 2.3).

    What has come back may be refused for what is in it, whatever the claim's ground was.
    """
    if ServiceTag.ONLINE_GAME in snapshot.service_tags:
        return shop(snapshot, value=True)
    return follow(snapshot.type, lambda kind: _barred_for(snapshot, kind, reason))


def _barred_for(snapshot: Snapshot, kind: AftersaleType, reason: Fact[ClaimGround]) -> Fact[bool]:
    if kind is not AftersaleType.RETURN_REFUND or ServiceTag.NO_REASON_7D not in snapshot.service_tags:
        return shop(snapshot, value=kind is AftersaleType.REFUND_UNSHIPPED)
    return both(
        snapshot.state,
        reason,
        lambda state, why: state is CaseState.WAIT_SELLER and why is ClaimGround.NO_REASON,
    )


class Titles(tuple[str, ...]):
    """Title and specification of each line of the order, as the page prints them."""

    __slots__ = ()

    def __str__(self) -> str:
        return "; ".join(self)


def goods_titles(snapshot: Snapshot) -> Fact[Titles]:
    """What was bought, line by line (domain.md 42: 商品限定条件)."""
    titles = Titles(f"{line.name} {line.spec}".strip() for line in snapshot.goods)
    return known_or(titles or None, "unknown.goods", Source.SHOP, snapshot.seen_at)


def keeps_goods(snapshot: Snapshot) -> Fact[bool]:
    """The order carries 退款不退货: the buyer is paid back and keeps the goods (domain.md 42, scene 5)."""
    return shop(snapshot, value=ServiceTag.KEEPS_GOODS in snapshot.service_tags)


def serial_buyer(snapshot: Snapshot, parameters: Parameters) -> Fact[bool]:
    """Many after-sales and several refusals in 90 days, as the page counts them: a bar for automation, never a ground of refusal (domain.md 5)."""
    record = snapshot.buyer
    many = record.aftersales_90d >= parameters.serial_aftersales and record.refusals_90d >= parameters.serial_refusals
    return Known(value=many, source=Source.SHOP, seen_at=snapshot.seen_at)


def clean_buyer(snapshot: Snapshot, parameters: Parameters) -> Fact[bool]:
    """Few after-sales and hardly a refusal in 90 days."""
    record = snapshot.buyer
    few = record.aftersales_90d <= parameters.clean_aftersales and record.refusals_90d <= parameters.clean_refusals
    return Known(value=few, source=Source.SHOP, seen_at=snapshot.seen_at)


def unknown_labels(snapshot: Snapshot, *trails: Fact[Trail]) -> Fact[bool]:
    """The shop's page, or the courier's of one of its parcels, shows words that nobody has seen before."""
    for trail in trails:
        if isinstance(trail, Known) and _odd_words(trail.value):
            return Known(value=True, source=Source.COURIER, seen_at=trail.seen_at)
    read = (snapshot.type, snapshot.state, snapshot.goods_status, snapshot.ship_status)
    return shop(snapshot, value=bool(snapshot.unknown_labels) or any(isinstance(fact, Unknown) for fact in read))


def _odd_words(trail: Trail) -> bool:
    said = (trail.status, trail.signer, trail.intercept)
    return any(isinstance(fact, Unknown) and fact.why == "unknown.label" for fact in said)


def hours_left(snapshot: Snapshot, now: datetime) -> Fact[int]:
    """Whole hours until the printed countdown ends; negative once it has (domain.md 2.8: the printed one is the truth)."""
    left = None if snapshot.deadline is None else int((snapshot.deadline.at - now).total_seconds() // _HOUR_S)
    return known_or(left, "unknown.deadline", Source.SHOP, snapshot.seen_at)


def offered(snapshot: Snapshot, verb: Verb) -> Fact[bool]:
    """The page offers the control that does this verb in this state; read, never assumed."""
    return derive(snapshot.state, lambda state: CONTROLS.get((state, verb)) in snapshot.controls)
