"""Strategies that apply and still never do anything: a text, a proof, a ladder or a limit that no case of theirs can meet."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.domain.case import CaseState
from bot.domain.courier import ParcelStatus
from bot.domain.decision import ProofKind, Reason
from bot.domain.money import ZERO, Money
from bot.engine.asking import Scored
from bot.engine.check.axes import ABSENT, Box
from bot.engine.check.finding import Finding, Kind
from bot.engine.check.problem import Problem
from bot.engine.check.solve import Clause, Region
from bot.engine.check.world import RETURNS
from bot.engine.messages import LONGEST_REFUSAL, LONGEST_REMARK, OFFER, places_of
from bot.engine.offers import GOES_ON, Rung
from bot.engine.parameters import Parameters
from bot.engine.strategies import InterceptStrategy, NegotiateStrategy

_VAST = Money(99_999_999_999)
"""More than any claim that a page can print."""

_NOWHERE: Clause = ()
"""Any of nothing: holds in no case."""

_TEXTS = {"message": LONGEST_REFUSAL, "remark": LONGEST_REMARK}


@dataclass(frozen=True, slots=True)
class Need:
    """What a case must have for the strategy to act; `key` is where the policy asks for it, `reason` says it in words."""

    key: str
    reason: Reason
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class _Any:
    """A case has one of these: facts with the values that do."""

    ways: Mapping[str, Callable[[Parameters, Any], bool]]

    def clause(self, problem: Problem) -> Clause:
        axes = ((problem.axes[name], partial(holds, problem.policy.parameters)) for name, holds in self.ways.items())
        return tuple((axis.name, axis.mask(holds)) for axis, holds in axes)


def _is(*values: object) -> Callable[[Parameters, Any], bool]:
    return lambda _, value: value in values


_RETURN_CLAIM = _Any({"type": _is(*RETURNS, ABSENT)})
_SENT_BACK = _Any({"state": lambda _, value: value is not CaseState.WAIT_SELLER})
_CAME_BACK = {"parcel_status": _is(ParcelStatus.RETURNED_SIGNED)}
_RETURN = (_RETURN_CLAIM, _SENT_BACK)
"""Cases with a parcel of the buyer's own; weights are those of it."""
_BACK_AT_ALL = tuple(_Any({**one.ways, **_CAME_BACK}) for one in _RETURN)

FILLED_BY: Mapping[str, tuple[_Any, ...]] = {
    "signed_at": (_Any({"parcel_status": _is(ParcelStatus.SIGNED)}),),
    "signer": (_Any({"signer": lambda parameters, value: value in parameters.signer_words}),),
    "city": (_Any({"parcel_status": _is(ParcelStatus.SIGNED, ParcelStatus.RETURNED_SIGNED)}),),
    "return_waybill": _RETURN,
    "return_signed_at": (*_RETURN, _Any({"return_status": _is(ParcelStatus.SIGNED)})),
    "counted": _BACK_AT_ALL,
    "weight": _BACK_AT_ALL,
}
"""Cases in which something can fill a place of a text; a place that is not here has something in any case."""


def idle(problem: Problem, box: Box, region: Region, clauses: list[Clause]) -> Iterator[Finding]:
    """At most one finding; `region` and `clauses` are the cases in which the strategy has the last word."""
    for need in needs(problem, box):
        if not problem.possible(region, [*clauses, *need.clauses]):
            yield Finding(Kind.IDLE, (box.id,), (need.key,), (need.reason,))
            return


def needs(problem: Problem, box: Box) -> Iterator[Need]:
    """All that has to be so for the strategy to act."""
    yield from _score(problem, box)
    yield from _texts(problem, box)
    if ProofKind.WEIGHTS in getattr(box.strategy, "proofs", ()):
        yield Need("proofs", Reason(code="idle.no_return"), _clauses(problem, _RETURN))
    most = _largest(problem, box)
    if isinstance(box.strategy, InterceptStrategy) and box.strategy.takes(most) <= ZERO:
        yield Need("max_fee_percent", Reason(code="idle.fee"), (_NOWHERE,))
    if isinstance(box.strategy, NegotiateStrategy):
        yield from _ladder(problem, box.strategy, most)


def _clauses(problem: Problem, wanted: tuple[_Any, ...]) -> tuple[Clause, ...]:
    return tuple(one.clause(problem) for one in wanted)


def _score(problem: Problem, box: Box) -> Iterator[Need]:
    most = sum(problem.policy.parameters.weights.values())
    for condition in box.strategy.conditions:
        if isinstance(condition, Scored) and condition.wanted > most:
            yield Need(condition.name, Reason(code="idle.score", params={"most": str(most)}), (_NOWHERE,))


def _texts(problem: Problem, box: Box) -> Iterator[Need]:
    for key, longest in _TEXTS.items():
        text = getattr(box.strategy, key, "")
        for place in places_of(text, (OFFER,)):
            yield Need(
                key, Reason(code="idle.place", params={"place": place}), _clauses(problem, FILLED_BY.get(place, ()))
            )
        if _shortest(text) > longest:
            yield Need(key, Reason(code="idle.long", params={"most": str(longest)}), (_NOWHERE,))


def _shortest(text: str) -> int:
    """Characters at least, once filled: every place takes one or more."""
    return sum(len(plain) + (place is not None) for plain, place, _, _ in string.Formatter().parse(text))


def _largest(problem: Problem, box: Box) -> Money:
    """The largest claim that the strategy takes."""
    axis = problem.axes["amount"]
    mask = box.yes.get("amount", axis.whole) & axis.whole & ~axis.absent
    known = [value for value in axis.values if value is not ABSENT]
    after = mask.bit_length()
    return known[after] - Money(1) if after < len(known) else _VAST


def _ladder(problem: Problem, strategy: NegotiateStrategy, most: Money) -> Iterator[Need]:
    """An offer is more than nothing and less than the claim; it follows no other, or one that was declined."""
    offers = (min(rung.of(most), strategy.bounds.of(most)) for rung in strategy.offers)
    if not any(ZERO < offer < most for offer in offers):
        yield Need("offers", Reason(code="idle.offer"), (_NOWHERE,))
    negotiation, made = problem.axes["negotiation"], problem.axes["offers_made"]
    goes_on = (negotiation.name, negotiation.mask(lambda state: state in GOES_ON))
    yield Need("negotiation", Reason(code="idle.open"), ((goes_on,),))
    left = (made.name, made.mask(lambda count: count is not ABSENT and count < len(strategy.offers)))
    params = {"rungs": str(len(strategy.offers))}
    yield Need("offers_made_over", Reason(code="idle.climbed", params=params), ((left,),))


def cut_down(box: Box) -> Iterator[Finding]:
    """Rungs of a ladder that its own limits never let pass as they are written."""
    strategy = box.strategy
    if isinstance(strategy, NegotiateStrategy) and any(_over(rung, strategy) for rung in strategy.offers):
        yield Finding(Kind.CUT_DOWN, (box.id,), ("offers",))


def _over(rung: Rung, strategy: NegotiateStrategy) -> bool:
    if rung.amount is not None:
        return rung.amount > strategy.max_offer
    return (rung.percent or 0) > strategy.max_offer_percent
