"""Signs of abuse (domain.md 4.3 and 5): a table of detectors, each a three-valued function of the facts it names.

A detector says yes, no or unknown, and which facts made it say so; what is missing is never a no. It decides nothing by
itself: strategies ask for it (`detected`, `not_detected`, `score_at_least`), people see it beside every decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.domain.case import AftersaleType, GoodsStatus, ShipStatus
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Answer, Detector, Finding
from bot.domain.facts import Fact, Unknown
from bot.engine.facts import Facts

Said = tuple[Answer, tuple[str, ...]]
"""An answer and the facts that made it so."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One fact, and the values of it that mean yes; of a number also those between which the answer changes."""

    fact: str
    holds: Callable[[Any], bool]
    edges: tuple[Any, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        return (self.fact,)

    def edges_of(self, fact: str) -> tuple[Any, ...]:
        return self.edges if fact == self.fact else ()

    def said(self, facts: Facts) -> Said:
        fact: Fact[Any] = getattr(facts, self.fact)
        if isinstance(fact, Unknown):
            return Answer.UNKNOWN, self.facts
        return Answer.YES if self.holds(fact.value) else Answer.NO, self.facts


@dataclass(frozen=True, slots=True)
class Several:
    """Signs together: `settles` is the answer of one that settles it for all (yes for "any of", no for "all of")."""

    settles: Answer
    parts: tuple[Sign | Several, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        return _once(name for part in self.parts for name in part.facts)

    def edges_of(self, fact: str) -> tuple[Any, ...]:
        return tuple(edge for part in self.parts for edge in part.edges_of(fact))

    def said(self, facts: Facts) -> Said:
        """Three-valued: one part settles it; without one, an unknown leaves it open; else the parts agree."""
        heard = [part.said(facts) for part in self.parts]
        for answer in (self.settles, Answer.UNKNOWN):
            if names := _once(name for said, named in heard if said is answer for name in named):
                return answer, names
        return (Answer.NO if self.settles is Answer.YES else Answer.YES), self.facts


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def any_of(*parts: Sign | Several) -> Several:
    return Several(Answer.YES, parts)


def all_of(*parts: Sign | Several) -> Several:
    return Several(Answer.NO, parts)


def so(fact: str) -> Sign:
    return Sign(fact, lambda value: value is True)


def not_so(fact: str) -> Sign:
    return Sign(fact, lambda value: value is False)


def among(fact: str, *values: StrEnum) -> Sign:
    return Sign(fact, lambda value: value in values)


def nothing(fact: str) -> Sign:
    return Sign(fact, lambda value: value == 0, (0, 1))


_SCANNED = tuple(status for status in ParcelStatus if status is not ParcelStatus.NO_SCAN)

DETECTORS: Mapping[Detector, Sign | Several] = MappingProxyType(
    {
        Detector.WEIGHT_ANOMALY: any_of(
            all_of(so("return_named"), not_so("return_weight_fits")),
            all_of(among("parcel_status", ParcelStatus.RETURNED_SIGNED), not_so("came_back_fits")),
        ),
        Detector.TRAIL_ANOMALY: all_of(
            so("return_named"),
            any_of(
                not_so("return_trail_sound"),
                so("return_unbrought"),
                so("return_loops"),
                so("return_too_fast"),
                so("return_signed_away"),
                so("return_stale"),
            ),
        ),
        Detector.EMPTY_PARCEL: all_of(
            so("return_named"), so("return_light"), any_of(nothing("counted"), not_so("stocked"))
        ),
        Detector.SHORT_COUNT: all_of(
            so("return_named"), any_of(so("counted_short"), all_of(not_so("stocked"), so("return_weight_short")))
        ),
        Detector.SWAPPED: all_of(
            so("return_named"),
            not_so("return_light"),
            any_of(all_of(not_so("return_weight_fits"), so("counted_fits")), nothing("counted")),
        ),
        Detector.BORROWED_WAYBILL: all_of(
            so("return_named"),
            any_of(
                not_so("return_waybill_new"),
                so("waybill_elsewhere"),
                not_so("return_courier_matches"),
                not_so("return_origin_matches"),
            ),
        ),
        Detector.SHIPPED_AFTER_ALL: all_of(
            any_of(among("type", AftersaleType.REFUND_UNSHIPPED), among("ship_status", ShipStatus.UNSHIPPED)),
            any_of(among("parcel_status", *_SCANNED), so("left_warehouse")),
        ),
        Detector.RECEIVED_AFTER_ALL: all_of(
            among("goods_status", GoodsStatus.NOT_RECEIVED),
            among("parcel_status", ParcelStatus.SIGNED),
            so("in_buyers_hands"),
            so("sign_city_matches"),
        ),
        Detector.REUSED_PICTURE: so("picture_elsewhere"),
        Detector.DUPLICATE_REFUND: any_of(so("duplicate"), so("order_overclaimed")),
        Detector.SERIAL_CLAIMANT: so("serial_buyer"),
        Detector.EXTORTION: so("threat"),
        Detector.ORDER_BURST: so("claims_burst"),
        Detector.RIVAL: so("rival_words"),
        Detector.FREIGHT_INSURANCE: all_of(
            so("freight_insured"), so("insured_often"), any_of(so("cheap_claim"), so("return_light"))
        ),
    }
)
"""What each of them looks at; a claim without a return parcel has nothing wrong with its return, and that is known."""

OF_THE_BUYER = frozenset(
    {
        Detector.SERIAL_CLAIMANT,
        Detector.EXTORTION,
        Detector.ORDER_BURST,
        Detector.RIVAL,
        Detector.FREIGHT_INSURANCE,
    }
)
"""Detectors that tell who somebody is, not what happened: never the sole ground of a refusal (domain.md 5)."""


def find(detector: Detector, facts: Facts) -> Finding:
    """What one detector says, and the facts that made it say so."""
    answer, names = DETECTORS[detector].said(facts)
    return Finding(name=detector, answer=answer, facts=names)


def findings(facts: Facts) -> tuple[Finding, ...]:
    """What every detector says, in the order of the table."""
    return tuple(find(detector, facts) for detector in DETECTORS)


def rests_on(detectors: Sequence[Detector]) -> tuple[str, ...]:
    """The facts that these look at."""
    return _once(name for detector in detectors for name in DETECTORS[detector].facts)


def edges_of(detectors: Sequence[Detector], fact: str) -> tuple[Any, ...]:
    """Values of a number between which what these say may change."""
    return tuple(edge for detector in detectors for edge in DETECTORS[detector].edges_of(fact))
