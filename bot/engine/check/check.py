"""The whole check of one policy: every finding, errors first; pure, and the same for the same policy and day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby

from bot.engine.check.axes import Box
from bot.engine.check.dead import dead, resting
from bot.engine.check.example import example, ruled
from bot.engine.check.finding import Finding, Kind, Pattern, Severity, Trait
from bot.engine.check.holes import Hole, catch_alls, holes
from bot.engine.check.overlaps import conflicts, opposed
from bot.engine.check.patterns import pattern_of
from bot.engine.check.problem import Problem, problem_of
from bot.engine.check.solve import Region, meet
from bot.engine.policy import Policy
from bot.engine.ruling import Cause

Progress = Callable[[int, int], None]
"""Told how many steps of how many are done."""


def check_policy(
    policy: Policy, today: date | None = None, progress: Progress = lambda _done, _all: None
) -> tuple[Finding, ...]:
    """What is wrong with a policy that loads. `today` in Asia/Shanghai: what is over by then never applies again."""
    problem = problem_of(policy, today)
    steps: list[Callable[[], Iterable[Finding]]] = [
        *(lambda box=box: dead(problem, box) for box in problem.boxes),
        lambda: resting(problem),
        lambda: conflicts(problem),
        lambda: opposed(problem),
        lambda: uncovered(problem),
        lambda: over_caps(problem),
        lambda: caught_all(problem),
    ]
    found: list[Finding] = []
    for done, step in enumerate(steps):
        progress(done, len(steps))
        found.extend(step())
    return tuple(sorted(found, key=lambda one: one.severity is Severity.WARNING))


def uncovered(problem: Problem) -> Iterator[Finding]:
    """A finding for each type and state of claims of which no strategy covers some kinds."""
    found = [
        (pattern_of(problem, hole.region, hole.point), hole) for hole in holes(problem, problem.boxes, problem.unspent)
    ]
    for _, family in groupby(sorted(found, key=_claim), key=_claim):
        members = [*family]
        proven = all(ruled(problem, hole.point).cause is Cause.NO_MATCH for _, hole in members)
        yield Finding(Kind.HOLE, patterns=tuple(pattern for pattern, _ in members), proven=proven)


def _claim(found: tuple[Pattern, Hole]) -> tuple[Trait, ...]:
    return tuple(trait for trait in found[0].traits if trait.fact in {"type", "state"})


def over_caps(problem: Problem) -> Iterator[Finding]:
    """Acts whose cases match nothing once the cap of the day is reached: a person gets them without a word why."""
    lost = [box.lost for box in problem.boxes]
    found: dict[str, Pattern] = {}
    for box in problem.boxes:
        region = _over_cap(problem, box)
        point = example(problem, region, lost) if region else None
        if point is not None:
            found[box.id] = pattern_of(problem, {name: mask for name, mask in region.items() if name in box.yes}, point)
    if found:
        yield Finding(Kind.CAP_SPENT, tuple(found), patterns=tuple(found.values()))


def _over_cap(problem: Problem, box: Box) -> Region:
    """The cases of an act of which only the sum of the day has been reached; empty for an act without one."""
    caps = {name: problem.axes[name].bit(value=False) for name in box.yes if name in problem.unspent}
    return {**box.yes, **problem.unspent, **caps} if caps else {}


def caught_all(problem: Problem) -> Iterator[Finding]:
    """A catch-all names nothing: the kinds that only it takes are told, as a warning."""
    catching = catch_alls(problem)
    named = [box for box in problem.boxes if box not in catching]
    for box in catching:
        found = [*holes(problem, named, meet(box.yes, problem.unspent))]
        if found:
            patterns = tuple(pattern_of(problem, one.region, one.point) for one in found)
            yield Finding(Kind.CATCH_ALL, (box.id,), patterns=patterns)
