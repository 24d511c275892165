"""Which facts go together: a table of rules, so that every example that the checker tells of is a case that can come.

Two kinds of rules. `made`: by the way facts are made (bot/engine: claim, parcel, returns) no case can break them. `trade`:
platforms and couriers do not show it otherwise (domain.md, docs/simulator.md); a page that breaks one all the same is
judged like any other, and held where no strategy fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.case import AftersaleType, CaseState, GoodsStatus, InterceptState, OfferState, ShipStatus
from bot.domain.courier import ParcelStatus
from bot.domain.facts import Known
from bot.domain.money import ZERO
from bot.engine.check.axes import ABSENT, Axis
from bot.engine.check.solve import Clause, Region
from bot.engine.claim import CONTROLS, DIFFERENCES, ClaimGround
from bot.engine.facts import Facts
from bot.engine.parameters import Parameters
from bot.engine.ruling import LOOKED_AT, OFFERED

T, S, P, I = AftersaleType, CaseState, ParcelStatus, InterceptState  # noqa: E741 - the table below reads better short

ALWAYS_KNOWN = frozenset({
    "amount",
    "within_refundable",
    "full",
    "no_reason_excluded",
    "platform_marked",
    "unknown_labels",
    "other_goods",
    "serial_buyer",
    "clean_buyer",
    "applied_minute",
    "waited_s",
    "today",
    "keeps_goods",
})  # fmt: skip
"""Facts that are made from what every page has; any other can be missing."""


@dataclass(frozen=True, slots=True)
class Is:
    """A fact's value is one of these; with ABSENT among them also where nobody knows it."""

    fact: str
    holds: Callable[[Any], bool]


def known(fact: str) -> Is:
    return Is(fact, lambda value: value is not ABSENT)


def absent(fact: str) -> Is:
    return Is(fact, lambda value: value is ABSENT)


def is_(fact: str, *values: object) -> Is:
    return Is(fact, lambda value: value in values)


def if_known(fact: str, *values: object) -> Is:
    return is_(fact, *values, ABSENT)


def never(fact: str, *values: object) -> Is:
    return Is(fact, lambda value: value not in values)


@dataclass(frozen=True, slots=True)
class Rule:
    """Where all of `given` hold, one of `then` holds too; `code` is its sentence in the catalogue."""

    code: str
    given: tuple[Is, ...]
    then: tuple[Is, ...]

    def clause(self, axes: Mapping[str, Axis]) -> Clause:
        """As the solver takes it."""
        others = ((one.fact, axes[one.fact].whole & ~axes[one.fact].mask(one.holds)) for one in self.given)
        return (*others, *((one.fact, axes[one.fact].mask(one.holds)) for one in self.then))

    def kept_by(self, facts: Facts) -> bool:
        """The facts of a real case keep to it."""
        return not all(_so(one, facts) for one in self.given) or any(_so(one, facts) for one in self.then)


def _so(asked: Is, facts: Facts) -> bool:
    fact = getattr(facts, asked.fact)
    return asked.holds(fact.value if isinstance(fact, Known) else ABSENT)


RETURNS = (T.RETURN_REFUND, T.EXCHANGE, T.REPAIR)
"""Claims in which goods come back from the buyer."""
_RETURN_FACTS = (
    "return_status",
    "return_waybill_new",
    "return_origin_matches",
    "return_city_matches",
    "return_trail_sound",
)
YES = (True,)
_HANDED_OVER = if_known("parcel_status", P.SIGNED, P.RETURNED_SIGNED)
LABELS = ("type", "state", "goods_status", "ship_status")
"""Facts that are words of the page; where one is not understood the page has an unknown word."""


def _labels() -> Iterator[Rule]:
    for fact in LABELS:
        yield Rule("world.label", (absent(fact),), (is_("unknown_labels", True),))


def _controls() -> Iterator[Rule]:
    """claim.offered: what the page offers is known where the state is, and never more than the state allows."""
    for verb, fact in OFFERED.items():
        offering = tuple(state for state, one in CONTROLS if one is verb)
        yield Rule("world.offer_unknown", (absent("state"),), (absent(fact),))
        yield Rule("world.offer_known", (known("state"),), (known(fact),))
        yield Rule("world.not_offered", (is_(fact, True),), (if_known("state", *offering),))


MADE = (
    *_labels(),
    *_controls(),
    Rule("world.nothing_claimed", (is_("amount", ZERO),), (is_("within_refundable", False),)),
    Rule("world.unshipped_barred", (is_("type", T.REFUND_UNSHIPPED),), (is_("refusal_barred", True),)),
    Rule("world.signed_at", (known("signed_before_claim"),), (is_("parcel_status", P.SIGNED),)),
    Rule("world.no_offers", (absent("offers_made"),), (absent("negotiation"),)),
    Rule("world.no_offers", (is_("offers_made", 0),), (if_known("negotiation", OfferState.NONE),)),
    Rule("world.taken_over", (is_("taken_over", True),), (is_("ship_status", ShipStatus.UNSHIPPED),)),
    Rule("world.taken_over", (is_("taken_over", True),), (is_("takeover_near", True),)),
    Rule("world.counted_first", (known("return_empty"),), (known("counted_fits"),)),
    Rule("world.weighed_first", (known("return_empty"),), (known("return_weight_fits"),)),
)  # fmt: skip
"""True of all facts that bot/engine/facts.py can gather."""

TRADE = (
    Rule(
        "world.nothing_to_receive",
        (is_("type", T.REFUND_UNSHIPPED, T.REFUND_SHIPPED, T.RESEND, *DIFFERENCES),),
        (never("state", S.WAIT_SELLER_RECEIVE),),
    ),
    Rule("world.unshipped_goods", (is_("type", T.REFUND_UNSHIPPED),), (if_known("goods_status", GoodsStatus.NOT_RECEIVED),)),
    Rule(
        "world.was_shipped",
        (is_("type", T.REFUND_SHIPPED, T.RESEND, *RETURNS),),
        (never("ship_status", ShipStatus.UNSHIPPED),),
    ),
    Rule("world.difference", (known("difference_matches"),), (if_known("type", *DIFFERENCES),)),
    *(Rule("world.return_type", (known(fact),), (if_known("type", *RETURNS),)) for fact in _RETURN_FACTS),
    *(Rule("world.return_state", (known(fact),), (never("state", S.WAIT_SELLER),)) for fact in _RETURN_FACTS),
    *(
        Rule("world.nothing_came_back", (known(fact),), (if_known("type", *RETURNS), is_("parcel_status", P.RETURNED_SIGNED)))
        for fact in ("counted_fits", "return_weight_fits")
    ),
    *(
        Rule("world.nothing_came_back", (is_(fact, True),), (never("state", S.WAIT_SELLER), is_("parcel_status", P.RETURNED_SIGNED)))
        for fact in ("stocked", "counted_fits", "return_weight_fits", "return_empty")
    ),
    Rule("world.counted_once_stocked", (known("counted_fits"),), (if_known("stocked", *YES),)),
    Rule("world.return_arrived", (known("return_city_matches"),), (if_known("return_status", P.SIGNED),)),
    Rule("world.no_scans_no_pickup", (is_("return_status", P.NO_SCAN),), (never("return_trail_sound", *YES),)),
    Rule("world.signed_for", (known("signer"),), (_HANDED_OVER,)),
    Rule("world.signed_for", (known("sign_city_matches"),), (_HANDED_OVER,)),
    Rule("world.back_on_a_scale", (known("came_back_fits"),), (_HANDED_OVER, is_("stocked", True))),
    Rule("world.empty_is_short", (is_("return_empty", True),), (is_("counted_fits", False),)),
    Rule("world.empty_is_light", (is_("return_empty", True),), (is_("return_weight_fits", False),)),
    Rule(
        "world.intercepted_back",
        (is_("intercept_state", I.RETURNED_SIGNED),),
        (if_known("parcel_status", P.RETURNING, P.RETURNED_SIGNED),),
    ),
    Rule("world.not_both_ways", (is_("intercept_state", I.RETURNING),), (never("parcel_status", P.NO_SCAN, P.SIGNED),)),
    Rule("world.offer_shows", (is_("negotiation", OfferState.NONE),), (if_known("offers_made", 0),)),
    Rule("world.return_button", (is_("return_offered", True),), (if_known("type", T.RETURN_REFUND),)),
    Rule(
        "world.refund_button",
        (is_("refund_offered", True), is_("state", S.WAIT_SELLER)),
        (if_known("type", T.REFUND_UNSHIPPED, T.REFUND_SHIPPED, T.RETURN_REFUND, *DIFFERENCES),),
    ),
    Rule(
        "world.receipt_button",
        (is_("refund_offered", True), is_("state", S.WAIT_SELLER_RECEIVE)),
        (if_known("type", T.RETURN_REFUND),),
    ),
    Rule(
        "world.intercept_button",
        (is_("intercept_offered", True),),
        (if_known("type", T.REFUND_UNSHIPPED, T.REFUND_SHIPPED),),
    ),
)  # fmt: skip
"""True of the pages that platforms show; docs/simulator.md has them, tests hold every scenario's cases against them."""


def by_parameters(parameters: Parameters) -> Iterator[Rule]:
    """What can be known at all with this policy's word lists and limits."""
    yield Rule("world.no_threat_words", (), (known("threat") if parameters.threat_words else absent("threat"),))
    grounds = {ClaimGround.NO_REASON: parameters.no_reason_words, ClaimGround.QUALITY: parameters.quality_words}
    named = [ground for ground, words in grounds.items() if words]
    if len(named) < len(grounds):
        yield Rule("world.no_ground_words", (), (if_known("ground", *named),))
    if not parameters.pickup_words:
        yield Rule("world.no_pickup_words", (), (absent("return_trail_sound"),))
    if (
        parameters.serial_aftersales > parameters.clean_aftersales
        or parameters.serial_refusals > parameters.clean_refusals
    ):
        yield Rule("world.serial_or_clean", (is_("serial_buyer", True),), (is_("clean_buyer", False),))


def rules_of(parameters: Parameters) -> tuple[Rule, ...]:
    """The whole table."""
    return (*MADE, *by_parameters(parameters), *TRADE)


def facts_named(rules: tuple[Rule, ...]) -> Iterator[str]:
    """Every fact that a rule speaks of."""
    return (one.fact for rule in rules for one in (*rule.given, *rule.then))


def looked_at(axes: Mapping[str, Axis], today: date | None) -> Region:
    """All cases that strategies are asked about, from today on: those that wait for the seller, or lie with the platform."""
    region = {name: axis.whole for name, axis in axes.items()}
    region["state"] = axes["state"].mask(lambda value: value is ABSENT or value in LOOKED_AT)
    if today and "today" in axes:
        region["today"] = axes["today"].mask(lambda day: day >= today)
    return region
