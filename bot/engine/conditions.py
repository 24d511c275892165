"""What a strategy may ask: a table of conditions, each naming its fact and its test, answered yes, no or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, Strict
from pydantic_core import PydanticCustomError

from bot.domain.base import Frozen
from bot.domain.case import (
    AftersaleType,
    CaseState,
    ComplaintState,
    GoodsStatus,
    InterceptState,
    OfferState,
    ShipStatus,
    TimeoutAction,
)
from bot.domain.courier import ParcelStatus, SignerKind
from bot.domain.decision import Detector
from bot.domain.figures import Share
from bot.domain.money import ZERO, Money
from bot.engine.asking import Condition, Detected, Scored, Test
from bot.engine.claim import ClaimGround, Titles, plain
from bot.engine.moments import (
    Day,
    PartOfDay,
    first_edges,
    in_window,
    last_edges,
    since,
    until,
    window_edges,
)
from bot.engine.profiles import Lean

E = TypeVar("E", bound=StrEnum)


def among(value: StrEnum, wanted: tuple[StrEnum, ...]) -> bool:
    return value in wanted


def same(value: bool, wanted: bool) -> bool:  # noqa: FBT001 - a test's two values are positional by nature
    return value is wanted


def at_most(value: Money | int, wanted: Money | int) -> bool:
    return value <= wanted  # type: ignore[operator]  # the table below pairs Money with Money, int with int


def over(value: Money | int, wanted: Money | int) -> bool:
    return value > wanted  # type: ignore[operator]  # as above


def at_least(value: int, wanted: int) -> bool:
    return value >= wanted


def below(value: int, wanted: int) -> bool:
    return value < wanted


def below_and_at(wanted: int) -> tuple[int, int]:
    """Where the answers of `at_least` and `below` change."""
    return wanted - 1, wanted


def all_named(titles: Titles, wanted: tuple[str, ...]) -> bool:
    """Every line of the order has one of the words in its title or specification: one strange line, and it is not hit."""
    return all(any(plain(word) in plain(title) for word in wanted) for title in titles)


def was_scanned(value: ParcelStatus, wanted: bool) -> bool:  # noqa: FBT001 - as above
    """The courier has touched the parcel: then it is out, whatever the shop's page says (domain.md 47)."""
    return (value is not ParcelStatus.NO_SCAN) is wanted


_WHOLE_YUAN = range(1_000_000_000)
"""What an amount in quotes can say: nine digits before the point."""


def read_yuan(value: object) -> object:
    """「"2000.00"」 or a whole number of yuan; a float has no exact value and is refused (F55)."""
    if isinstance(value, int) and not isinstance(value, bool) and value in _WHOLE_YUAN:
        return Money(value * 100)
    try:
        return Money.parse(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("yuan", 'an amount is written in quotes, such as "20.00"') from None


def _in_order(values: tuple[E, ...]) -> tuple[E, ...]:
    return tuple(sorted(set(values)))


def _word(text: str) -> str:
    if not plain(text):
        raise PydanticCustomError("word", "a word has letters or digits: an empty one would be found in every title")
    return text


def _positive(amount: Money) -> Money:
    if amount <= ZERO:
        raise PydanticCustomError("more_than_nothing", "must be more than ¥0.00")
    return amount


Yuan = Annotated[Money, BeforeValidator(read_yuan)]
Sum = Annotated[Yuan, AfterValidator(_positive)]
Several = Annotated[tuple[E, ...], Field(min_length=1), AfterValidator(_in_order)]
Flag = Annotated[bool, Strict()]
Hours = Annotated[int, Strict(), Field(ge=0, le=10_000)]
Count = Annotated[int, Strict(), Field(ge=0, le=1_000)]
Score = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Seconds = Annotated[int, Strict(), Field(ge=0, le=86_400)]
Title = Annotated[str, AfterValidator(_word)]
Words = Annotated[tuple[Title, ...], Field(min_length=1)]


class When(Frozen):
    """Conditions of one strategy, all of which must hold; one that is not written is not asked.

    Lists mean "one of these". Which fact a condition asks and how stands beside it.
    """

    # the claim
    type: Annotated[Several[AftersaleType] | None, Test("type", among)] = None
    state: Annotated[Several[CaseState] | None, Test("state", among)] = None
    goods: Annotated[Several[GoodsStatus] | None, Test("goods_status", among)] = None
    shop_says: Annotated[Several[ShipStatus] | None, Test("ship_status", among)] = None
    ground: Annotated[Several[ClaimGround] | None, Test("ground", among)] = None
    amount_at_most: Annotated[Yuan | None, Test("amount", at_most, edge=True)] = None
    amount_over: Annotated[Yuan | None, Test("amount", over, edge=True)] = None
    within_refundable: Annotated[Flag | None, Test("within_refundable", same)] = None
    full: Annotated[Flag | None, Test("full", same)] = None
    difference_matches: Annotated[Flag | None, Test("difference_matches", same)] = None
    duplicate: Annotated[Flag | None, Test("duplicate", same)] = None
    overclaimed: Annotated[Flag | None, Test("order_overclaimed", same)] = None
    no_reason_excluded: Annotated[Flag | None, Test("no_reason_excluded", same)] = None
    refusal_barred: Annotated[Flag | None, Test("refusal_barred", same)] = None
    platform_marked: Annotated[Flag | None, Test("platform_marked", same)] = None
    threat: Annotated[Flag | None, Test("threat", same)] = None
    unknown_labels: Annotated[Flag | None, Test("unknown_labels", same)] = None
    hours_left_at_most: Annotated[Hours | None, Test("hours_left", at_most, edge=True)] = None
    hours_left_over: Annotated[Hours | None, Test("hours_left", over, edge=True)] = None
    # when, and for which goods
    applied_between: Annotated[PartOfDay | None, Test("applied_minute", in_window, edge=True, points=window_edges)] = (
        None
    )
    waited_at_least_s: Annotated[Seconds | None, Test("waited_s", at_least, edge=True, points=below_and_at)] = None
    waited_at_most_s: Annotated[Seconds | None, Test("waited_s", at_most, edge=True)] = None
    valid_from: Annotated[Day | None, Test("today", since, edge=True, points=first_edges)] = None
    valid_to: Annotated[Day | None, Test("today", until, edge=True, points=last_edges)] = None
    hours_after_payment_at_most: Annotated[Hours | None, Test("hours_after_payment", at_most, edge=True)] = None
    hours_after_shipping_at_most: Annotated[Hours | None, Test("hours_after_shipping", at_most, edge=True)] = None
    goods_named: Annotated[Words | None, Test("goods_titles", all_named)] = None
    keeps_goods: Annotated[Flag | None, Test("keeps_goods", same)] = None
    # the platform's own rules
    platform_leans: Annotated[Several[Lean] | None, Test("platform_leans", among)] = None
    limit_shortened: Annotated[Flag | None, Test("limit_shortened", same)] = None
    good_review_below: Annotated[Share | None, Test("good_review_bp", below, edge=True, points=below_and_at)] = None
    at_timeout: Annotated[Several[TimeoutAction] | None, Test("timeout_action", among)] = None
    both_must_agree: Annotated[Flag | None, Test("both_must_agree", same)] = None
    takeover_near: Annotated[Flag | None, Test("takeover_near", same)] = None
    taken_over: Annotated[Flag | None, Test("taken_over", same)] = None
    # the buyer
    serial_buyer: Annotated[Flag | None, Test("serial_buyer", same)] = None
    clean_buyer: Annotated[Flag | None, Test("clean_buyer", same)] = None
    # the parcel to the buyer
    parcel: Annotated[Several[ParcelStatus] | None, Test("parcel_status", among)] = None
    scanned: Annotated[Flag | None, Test("parcel_status", was_scanned)] = None
    left_warehouse: Annotated[Flag | None, Test("left_warehouse", same)] = None
    intercept: Annotated[Several[InterceptState] | None, Test("intercept_state", among)] = None
    other_goods: Annotated[Flag | None, Test("other_goods", same)] = None
    signer: Annotated[Several[SignerKind] | None, Test("signer", among)] = None
    sign_city_matches: Annotated[Flag | None, Test("sign_city_matches", same)] = None
    signed_before_claim: Annotated[Flag | None, Test("signed_before_claim", same)] = None
    came_back_fits: Annotated[Flag | None, Test("came_back_fits", same)] = None
    # what the buyer sent back
    return_parcel: Annotated[Several[ParcelStatus] | None, Test("return_status", among)] = None
    return_waybill_new: Annotated[Flag | None, Test("return_waybill_new", same)] = None
    return_origin_matches: Annotated[Flag | None, Test("return_origin_matches", same)] = None
    return_city_matches: Annotated[Flag | None, Test("return_city_matches", same)] = None
    return_trail_sound: Annotated[Flag | None, Test("return_trail_sound", same)] = None
    stocked: Annotated[Flag | None, Test("stocked", same)] = None
    counted_fits: Annotated[Flag | None, Test("counted_fits", same)] = None
    return_weight_fits: Annotated[Flag | None, Test("return_weight_fits", same)] = None
    return_empty: Annotated[Flag | None, Test("return_empty", same)] = None
    # what the shop tried beside yes and no
    negotiation: Annotated[Several[OfferState] | None, Test("negotiation", among)] = None
    offers_made_at_most: Annotated[Count | None, Test("offers_made", at_most, edge=True)] = None
    offers_made_over: Annotated[Count | None, Test("offers_made", over, edge=True)] = None
    complaint: Annotated[Several[ComplaintState] | None, Test("complaint", among)] = None
    # signs of abuse: one of these is yes; all of these are no; the weights of those that are yes, added up
    detected: Several[Detector] | None = None
    not_detected: Several[Detector] | None = None
    score_at_least: Score | None = None
    # what the page offers
    refund_offered: Annotated[Flag | None, Test("refund_offered", same)] = None
    return_offered: Annotated[Flag | None, Test("return_offered", same)] = None
    refusal_offered: Annotated[Flag | None, Test("refusal_offered", same)] = None
    intercept_offered: Annotated[Flag | None, Test("intercept_offered", same)] = None
    negotiation_offered: Annotated[Flag | None, Test("negotiation_offered", same)] = None
    complaint_offered: Annotated[Flag | None, Test("complaint_offered", same)] = None


TESTS: Mapping[str, Test] = {
    name: mark for name, field in When.model_fields.items() for mark in field.metadata if isinstance(mark, Test)
}
"""The test of every condition that asks one fact, by the condition's name."""


def _as_a_whole(_value: object, _wanted: object) -> bool:
    raise AssertionError("detectors are asked as a whole")


_ASKED_WHOLE = Test("weights", _as_a_whole)
_WHOLE: Mapping[str, type[Condition]] = {"detected": Detected, "not_detected": Detected, "score_at_least": Scored}
"""Conditions that ask detectors, which rest on many facts."""


def conditions_of(when: When) -> tuple[Condition, ...]:
    """What is written, in the order of the table above."""
    written = ((name, value) for name in When.model_fields if (value := getattr(when, name)) is not None)
    return tuple(
        Condition(name, TESTS[name], value) if name in TESTS else _WHOLE[name](name, _ASKED_WHOLE, value)
        for name, value in written
    )
