"""The whole check of one policy: every finding, errors first; pure, and the same for the same policy and day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.engine.check.axes import Box
from bot.engine.check.dead import dead, resting
from bot.engine.check.endless import endless
from bot.engine.check.example import example, ruled
from bot.engine.check.families import families
from bot.engine.check.finding import Finding, Kind, Pattern, Severity
from bot.engine.check.holes import catch_alls
from bot.engine.check.overlaps import conflicts, opposed
from bot.engine.check.patterns import pattern_of
from bot.engine.check.problem import Problem, problem_of
from bot.engine.check.solve import Region, meet
from bot.engine.policy import Policy
from bot.engine.ruling import Cause
from bot.engine.scenes import WAITS

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
        lambda: endless(problem),
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
    return tuple(sorted(_once(found), key=lambda one: one.severity is Severity.WARNING))


def _once(found: Sequence[Finding]) -> Iterator[Finding]:
    """A scene's wait is told with its act, not once more."""
    told = {(one.kind, one.strategies[0]) for one in found if one.strategies}
    for one in found:
        first = one.strategies[0] if one.strategies else ""
        if not first.endswith(WAITS) or (one.kind, first.removesuffix(WAITS)) not in told:
            yield one


def uncovered(problem: Problem) -> Iterator[Finding]:
    """A finding for each family of cases of which no strategy covers some kinds."""
    for family in families(problem, problem.sound, problem.unspent):
        proven = all(ruled(problem, hole.point).cause is Cause.NO_MATCH for hole in family.holes)
        yield Finding(Kind.HOLE, patterns=family.patterns, proven=proven)


def over_caps(problem: Problem) -> Iterator[Finding]:
    """Acts whose cases match nothing once the cap of the day is reached: a person gets them without a word why."""
    lost = [box.lost for box in problem.sound]
    found: dict[str, Pattern] = {}
    for box in problem.sound:
        region = _over_cap(problem, box)
        point = example(problem, region, lost) if region else None
        if point is not None:
            mine = {name: mask for name, mask in region.items() if name in box.yes}
            found[box.id] = replace(pattern_of(problem, mine, point), whose=box.id)
    if found:
        yield Finding(Kind.CAP_SPENT, tuple(found), patterns=tuple(found.values()))


def _over_cap(problem: Problem, box: Box) -> Region:
    """The cases of an act of which only the sum of the day has been reached; empty for an act without one."""
    caps = {name: problem.axes[name].bit(value=False) for name in box.yes if name in problem.unspent}
    return {**box.yes, **problem.unspent, **caps} if caps else {}


def caught_all(problem: Problem) -> Iterator[Finding]:
    """A catch-all names nothing: the kinds that only it takes are told, as a warning."""
    catching = catch_alls(problem)
    named = [box for box in problem.sound if box not in catching]
    for box in catching:
        found = families(problem, named, meet(box.yes, problem.unspent))
        if found:
            yield Finding(Kind.CATCH_ALL, (box.id,), patterns=tuple(one for family in found for one in family.patterns))
