"""Strategies that want different things of the same case: of equal rank (nobody wins), or of opposite meaning (worth a look)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from bot.domain.action import Verb
from bot.engine.check.axes import Box
from bot.engine.check.example import example, ruled
from bot.engine.check.finding import Finding, Kind
from bot.engine.check.patterns import pattern_of
from bot.engine.check.problem import Problem, before
from bot.engine.check.solve import Clause, Region, disjoint, meet
from bot.engine.ruling import Cause

PAYING = frozenset({Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.NEGOTIATE})
DENYING = frozenset({Verb.REFUSE, Verb.COMPLAIN})
"""Verbs that give, and verbs that say no: a policy that wants both of one case contradicts itself in meaning."""


def conflicts(problem: Problem) -> Iterator[Finding]:
    """Pairs of one rank and different verbs with a case that really ends as a conflict."""
    for first, second in combinations(problem.sound, 2):
        if first.rank == second.rank and first.strategy.verb is not second.strategy.verb and not first.calls:
            both = meet(first.yes, second.yes)
            point = None if disjoint(first.yes, second.yes) else _clash(problem, (first, second), both)
            if point is not None:
                yield _finding(problem, Kind.CONFLICT, (first, second), both, point, Cause.CONFLICT)


def _clash(problem: Problem, pair: Sequence[Box], both: Region) -> dict[str, Any] | None:
    """A case of both that nothing before them takes; others of their rank either take it too or do not, but know."""
    first = pair[0]
    above = [box.lost for box in problem.sound if box.rank < first.rank]
    level = [box for box in problem.sound if box.rank == first.rank and box not in pair]
    return _settled(problem, both, above, level)


def _settled(problem: Problem, region: Region, clauses: list[Clause], level: Sequence[Box]) -> dict[str, Any] | None:
    if not problem.possible(region, clauses):
        return None
    if not level:
        return example(problem, region, clauses)
    one, *rest = level
    lost = _settled(problem, region, [*clauses, one.lost], rest)
    return lost or (None if one.calls else _settled(problem, meet(region, one.yes), clauses, rest))


def opposed(problem: Problem) -> Iterator[Finding]:
    """An act that goes first and gives, before one that would have said no, or the other way round."""
    for first, second in combinations(problem.sound, 2):
        verbs = {first.strategy.verb, second.strategy.verb}
        if first.rank < second.rank and verbs & PAYING and verbs & DENYING:
            both, clauses = meet(first.yes, second.yes), [clause for _, clause in before(first, problem.sound)]
            point = None if disjoint(first.yes, second.yes) else example(problem, both, clauses)
            if point is not None:
                yield _finding(problem, Kind.OPPOSED, (first, second), both, point, Cause.DECIDED)


def _finding(
    problem: Problem, kind: Kind, pair: tuple[Box, Box], region: Region, point: dict[str, Any], cause: Cause
) -> Finding:
    proven = ruled(problem, point).cause is cause
    return Finding(kind, (pair[0].id, pair[1].id), patterns=(pattern_of(problem, region, point),), proven=proven)
