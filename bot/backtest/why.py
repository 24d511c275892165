"""Why two policies part on a case: the strategy that decided then and the one that would now, and their deciding conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.decision import Decision, Reason, StrategyTrace, Verdict
from bot.engine.facts import Facts
from bot.engine.reasons import explain, trace
from bot.engine.ruling import Ruling
from bot.engine.standing import Standing

_MOST = 4
"""Reasons that a flip is told with."""


def why(before: Decision, ruling: Ruling, standings: Sequence[Standing], facts: Facts) -> tuple[Reason, ...]:
    """The shortest whole answer; the candidate's own headline where the strategies say nothing."""
    found = [*_lost(before, standings, facts), *_won(before, ruling, facts)]
    return tuple((found or explain(ruling, facts))[:_MOST])


def _lost(before: Decision, standings: Sequence[Standing], facts: Facts) -> Iterator[Reason]:
    """The strategy that decided then: gone, or not hit any more, and by which condition."""
    decided = _decided_by(before)
    if not decided:
        return
    now = next((one for one in standings if one.strategy.id == decided), None)
    if now is None:
        yield Reason(code="rehearsal.gone", params={"strategy": decided})
    elif now.verdict is not Verdict.MATCHED:
        yield Reason(code=f"rehearsal.{now.verdict.value}", params={"strategy": now.strategy.name})
        yield from trace(now, facts).because


def _decided_by(decision: Decision) -> str:
    if decision.plan is not None:
        return decision.plan.strategy
    return next((one.strategy for one in decision.traces if one.verdict is Verdict.MATCHED), "")


def _won(before: Decision, ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    """The strategy that decides now: new, hit for the first time (and what had stood against it), or only further ahead."""
    if not ruling.standings:
        return
    winner = ruling.standings[0].strategy
    then: Mapping[str, StrategyTrace] = {one.strategy: one for one in before.traces}
    was = then.get(winner.id)
    if was is None:
        yield Reason(code="rehearsal.new", params={"strategy": winner.name})
    elif was.verdict is not Verdict.MATCHED:
        yield Reason(code="rehearsal.hit", params={"strategy": winner.name})
        yield from _turned(was.because, trace(ruling.standings[0], facts).because)
    elif winner.id != _decided_by(before):
        yield Reason(code="rehearsal.first", params={"strategy": winner.name})


def _turned(stood_against: Sequence[Reason], now: Sequence[Reason]) -> Sequence[Reason]:
    """What the same conditions say now; where none of them is asked any more, what they said then."""
    stems = {_stem(reason) for reason in stood_against}
    return [reason for reason in now if _stem(reason) in stems] or stood_against


def _stem(reason: Reason) -> str:
    """A reason's code without its answer; what is missing is named by its fact."""
    if fact := reason.params.get("fact"):
        return f"fact.{fact}"
    return reason.code.removesuffix(".yes").removesuffix(".no").removesuffix(".unknown")
