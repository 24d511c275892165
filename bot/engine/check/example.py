"""Example cases: from a region to one ordinary-looking point in it, from the point to the facts of the real engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.base import SHANGHAI
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
from bot.domain.decision import Answer
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.engine.asking import CapDay, Condition
from bot.engine.check.axes import ABSENT, ORDINARY, Axis
from bot.engine.check.problem import Problem
from bot.engine.check.solve import Clause, Region, forced, meet
from bot.engine.claim import ClaimGround, Titles
from bot.engine.conditions import all_named
from bot.engine.facts import VALUE_TYPES, Facts
from bot.engine.past import Spent
from bot.engine.ruling import OFFERED, Ruling, rule, stand_all

T, S = AftersaleType, CaseState
Profile = Mapping[str, Any]

_MOMENT = datetime(2026, 1, 1, 10, 0, tzinfo=SHANGHAI)
"""When the facts of an example were seen: any moment, the same in every check."""

_QUIET: Profile = {
    "state": S.WAIT_SELLER,
    "type": T.REFUND_SHIPPED,
    "within_refundable": True,
    "full": True,
    "intercept_state": InterceptState.NONE,
    "negotiation": OfferState.NONE,
    "complaint": ComplaintState.NONE,
    "parcel_status": ParcelStatus.SIGNED,
    "signer": SignerKind.BUYER,
    "timeout_action": TimeoutAction.AGREE_REFUND,
    "in_buyers_hands": True,
    "ground": ClaimGround.NO_REASON,
    "clean_buyer": True,
    "left_warehouse": True,
    "sign_city_matches": True,
    "signed_before_claim": True,
    "came_back_fits": True,
    "difference_matches": True,
    "return_waybill_new": True,
    "return_origin_matches": True,
    "return_city_matches": True,
    "return_trail_sound": True,
    "counted_fits": True,
    "return_weight_fits": True,
    "return_status": ParcelStatus.SIGNED,
    **dict.fromkeys(OFFERED.values(), True),
    **{name: values[0] for name, values in ORDINARY.items()},
}
"""What is ordinary where nothing says otherwise; a yes-or-no that is not here is ordinarily a no."""

_RECEIVED: Profile = {"goods_status": GoodsStatus.RECEIVED, "ship_status": ShipStatus.SIGNED}

_BY_TYPE: Mapping[AftersaleType, Profile] = {
    T.REFUND_UNSHIPPED: {
        "goods_status": GoodsStatus.NOT_RECEIVED,
        "ship_status": ShipStatus.UNSHIPPED,
        "parcel_status": ParcelStatus.NO_SCAN,
        "left_warehouse": False,
    },
    T.REFUND_SHIPPED: {
        "goods_status": GoodsStatus.NOT_RECEIVED,
        "ship_status": ShipStatus.SHIPPED,
        "parcel_status": ParcelStatus.IN_TRANSIT,
    },
}
_KIND_OF_CASE = ("state", "type", "amount", "full", "within_refundable", "ship_status", "goods_status")
"""Picked first: the ordinary values of the rest depend on them."""

_ATTEMPTS = 20
_ANSWERS = {Answer.YES: True, Answer.NO: False, Answer.UNKNOWN: ABSENT}

_SENT_BACK: Profile = {"goods_status": GoodsStatus.RETURNED, "stocked": True}


def example(problem: Problem, region: Region, clauses: Iterable[Clause] = ()) -> dict[str, Any] | None:
    """One point of the region that keeps to the clauses, as ordinary as it can be; None where there is none.

    Conditions of several facts answer as the real engine does, where such a point is found in a few attempts.
    """
    kept, point = [*clauses], None
    for _ in range(_ATTEMPTS):
        again = _point(problem, region, kept)
        point, lie = again or point, _lie(problem, again) if again else None
        if lie is None:
            break
        kept.append(lie)
    return point


def _lie(problem: Problem, point: Mapping[str, Any]) -> Clause | None:
    """What the point says of a condition, and the engine would not: either these facts are others, or so is the answer."""
    closed = [axis for axis in problem.axes.values() if axis.opaque]
    facts = facts_of(problem, point) if closed else None
    for axis in closed:
        truth = _ANSWERS[axis.opaque.answer(facts)] if axis.opaque and facts else ABSENT
        if truth is not point[axis.name]:
            asked = [problem.axes[name] for name in axis.opaque.asked if name in problem.axes] if axis.opaque else []
            return (axis.name, axis.bit(truth)), *((one.name, one.whole & ~one.bit(point[one.name])) for one in asked)
    return None


def _point(problem: Problem, region: Region, kept: Sequence[Clause]) -> dict[str, Any] | None:
    narrowed = problem.find(region, kept)
    if narrowed is None:
        return None
    point: dict[str, Any] = {}
    first = {name: problem.axes[name] for name in _KIND_OF_CASE}
    fixed = _picked(problem, meet(problem.base, region), narrowed, kept, first, point)
    rest = {name: axis for name, axis in problem.axes.items() if name not in first}
    fixed = forced(fixed, (*problem.world, *kept))
    _picked(problem, fixed, problem.find(fixed, kept) or fixed, kept, rest, point)
    return point


def _picked(
    problem: Problem,
    fixed: dict[str, int],
    narrowed: dict[str, int],
    kept: Sequence[Clause],
    axes: Mapping[str, Axis],
    point: dict[str, Any],
) -> dict[str, int]:
    """Gives the point its usual value on each axis where it can have it; `narrowed` holds what can be picked freely."""
    for name, axis in axes.items():
        usual = ordinary(name, point)
        wish = axis.bit(usual) & fixed[name]
        if wish and not narrowed[name] & wish:
            narrowed = problem.find({**fixed, name: wish}, kept) or narrowed
        point[name] = _nearest(axis.among(narrowed[name]), usual)
        narrowed[name] = fixed[name] = axis.bit(point[name])
    return fixed


def _nearest(values: Sequence[Any], usual: Any) -> Any:
    """The usual value, else of numbers the largest below it, else the first."""
    if usual in values or isinstance(usual, bool | StrEnum):
        return usual if usual in values else values[0]
    return max((value for value in values if value is not ABSENT and value < usual), default=values[0])


def ordinary(name: str, point: Mapping[str, Any]) -> object:
    """The value that a fact has in an ordinary case of this state and type."""
    kind = _BY_TYPE.get(point.get("type", ABSENT), _RECEIVED)
    back = _SENT_BACK if point.get("state") is S.WAIT_SELLER_RECEIVE else {}
    return {**_QUIET, **kind, **back}.get(name, False)


def facts_of(problem: Problem, point: Mapping[str, Any]) -> Facts:
    """The point as the engine knows a case; what no axis speaks of is there, so that texts can be filled."""
    closed = [(axis.opaque, point[axis.name]) for axis in problem.axes.values() if axis.opaque]
    values = {**_FILLED, "goods_titles": _titles(closed), "spent": _spent(closed), **point}
    return Facts(**{name: fact_of(values.get(name, ABSENT)) for name in VALUE_TYPES})


def _titles(closed: Iterable[tuple[Condition, object]]) -> Titles:
    """One line of goods with a word of each list that the case is to be on."""
    words = [one.wanted[0] for one, answer in closed if one.test.holds is all_named and answer is True]
    return Titles((" ".join(words) or "—",))


def _spent(closed: Iterable[tuple[Condition, object]]) -> Spent:
    """Caps that the case is to be over are used up."""
    return Spent({one.strategy: one.wanted for one, answer in closed if isinstance(one, CapDay) and answer is False})


_FILLED: Mapping[str, Any] = {
    "waybill": "0000000000",
    "signed_at": _MOMENT,
    "sign_city": "—",
    "return_waybill": "0000000001",
    "return_signed_at": _MOMENT,
    "counted": 0,
    "return_weight": 0,
    "expected_weight": 0,
}


def fact_of(value: Any) -> Fact[Any]:
    """A value of an axis as the engine's facts hold it."""
    if value is ABSENT:
        return Unknown(why="unknown.not_there", source=Source.DERIVED)
    return Known(value=value, source=Source.DERIVED, seen_at=_MOMENT)


def ruled(problem: Problem, point: Mapping[str, Any]) -> Ruling:
    """What the real engine says of the point, so that no claim rests on the checker alone.

    Strategies that can never be decided are left out: what is told of the others shall be true once they are mended.
    """
    facts, sound = facts_of(problem, point), {box.id for box in problem.sound}
    standings = tuple(one for one in stand_all(facts, problem.policy) if one.strategy.id in sound)
    return rule(standings, facts, problem.policy.parameters)
