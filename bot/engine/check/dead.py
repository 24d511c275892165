"""Strategies that never have the last word: switched off, contradictory, asking what nobody knows, covered, or hollow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.domain.decision import Reason
from bot.engine.asking import Condition
from bot.engine.check.axes import ABSENT, Box, asked_by, axis_name, holding
from bot.engine.check.example import example, ruled
from bot.engine.check.finding import Finding, Kind
from bot.engine.check.idle import cut_down, idle
from bot.engine.check.patterns import pattern_of
from bot.engine.check.problem import Problem, before
from bot.engine.check.solve import Clause, Region, meet, needed, solve
from bot.engine.check.world import Rule
from bot.engine.ruling import OFFERED, PROMISES_MONEY, Cause


def resting(problem: Problem) -> Iterator[Finding]:
    """Strategies that are not switched on; what contradicts itself is told of them too."""
    for box in problem.off:
        yield from impossible(problem, box)
        yield Finding(Kind.OFF, (box.id,))


def dead(problem: Problem, box: Box) -> Iterator[Finding]:
    """At most one finding: what keeps the strategy from ever deciding a case, the deepest reason first.

    A hold that gets its turn only once a cap of the day is reached is there for that; of an act it is told. Strategies that
    can never be decided are left out of the way: they are told of themselves, and the others shall be
    right once they are mended.
    """
    found = [*impossible(problem, box)]
    if found:
        yield from found
    elif not problem.possible(box.yes, _clauses(problem, box)):
        yield _covered(problem, box, box.yes)
    elif box.acts and not problem.possible(meet(box.yes, problem.unspent), _clauses(problem, box)):
        yield replace(_covered(problem, box, meet(box.yes, problem.unspent)), kind=Kind.BEHIND_CAP)
    elif box.acts and not problem.possible(_allowed(problem, box), _clauses(problem, box)):
        yield _hollow(problem, box)
    else:
        yield from idle(problem, box, _allowed(problem, box) if box.acts else box.yes, _clauses(problem, box))
        yield from cut_down(box)


def _clauses(problem: Problem, box: Box) -> list[Clause]:
    return [clause for _, clause in before(box, problem.sound)]


def impossible(problem: Problem, box: Box) -> Iterator[Finding]:
    """Its own conditions never hold together: in no real case, or only in cases in which one of them is never known."""
    if problem.possible(box.yes):
        return
    conditions, rules = _quarrel(problem, box)
    over = [Reason(code="world.over")] if any(condition.name == "valid_to" for condition in conditions) else []
    because = (*(Reason(code=rule.code) for rule in rules), *over)
    names = tuple(dict.fromkeys(condition.name for condition in conditions))
    point = example(problem, meet(box.not_lost, problem.understood))
    if point is None or _could_be_known(problem, box, point):
        yield Finding(Kind.CONTRADICTION, (box.id,), names, because)
    else:
        pattern = pattern_of(problem, box.not_lost, point)
        yield Finding(Kind.NEVER_KNOWN, (box.id,), names, because, (pattern,))


def _could_be_known(problem: Problem, box: Box, point: Mapping[str, object]) -> bool:
    """In cases for which the rest of the conditions holds, what is missing here is known elsewhere; only never as wanted."""
    unknown = {name: problem.axes[name] for name in box.yes if point[name] is ABSENT}
    known = {name: axis.whole & ~axis.absent for name, axis in unknown.items()}
    return problem.possible({**box.yes, **known})


def _quarrel(problem: Problem, box: Box) -> tuple[list[Condition], list[Rule]]:
    """The smallest choice of conditions, then of rules, that cannot be had together."""

    def barred(conditions: Sequence[Condition], rules: Sequence[Rule]) -> bool:
        region = dict(problem.base)
        for condition in conditions:
            axis = problem.axes[axis_name(condition)]
            region = meet(region, {axis.name: holding(axis, condition)})
        return solve(region, [rule.clause(problem.axes) for rule in rules]) is None

    conditions = needed([*asked_by(box.strategy)], lambda some: barred(some, problem.rules))
    return conditions, needed(problem.rules, lambda some: barred(conditions, some))


def _covered(problem: Problem, box: Box, region: Region) -> Finding:
    """By whom: the fewest strategies that leave it nothing. Behind holds alone, a hold still adds its name to theirs."""
    rivals = needed([*before(box, problem.sound)], lambda some: not problem.possible(region, [one[1] for one in some]))
    others = [other for other, _ in rivals]
    point = example(problem, region)
    patterns = (pattern_of(problem, box.yes, point),) if point else ()
    kind = Kind.UNHEARD if box.calls and all(other.calls for other in others) else Kind.COVERED
    return Finding(kind, (box.id, *(one.id for one in others)), patterns=patterns)


def _allowed(problem: Problem, box: Box) -> dict[str, int]:
    """Where the last checks of ruling.py let the act through."""
    verb = box.strategy.verb
    facts = {OFFERED[verb]: True, "unknown_labels": False}
    if verb in PROMISES_MONEY:
        facts["within_refundable"] = True
    return meet(box.yes, {fact: problem.axes[fact].bit(value=value) for fact, value in facts.items()})


def _hollow(problem: Problem, box: Box) -> Finding:
    point = example(problem, box.yes, _clauses(problem, box)) or {}
    cause = ruled(problem, point).cause
    proven = cause in {Cause.UNKNOWN_LABELS, Cause.NOT_OFFERED, Cause.OVER_REFUNDABLE}
    return Finding(Kind.HOLLOW, (box.id,), patterns=(pattern_of(problem, box.yes, point),), proven=proven)
