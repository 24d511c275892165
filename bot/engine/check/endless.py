"""Waits that nothing ends: with one of them a deadline would pass and nobody had been called (I22)."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.check.axes import ABSENT
from bot.engine.check.example import example, ruled
from bot.engine.check.finding import Finding, Kind
from bot.engine.check.patterns import pattern_of
from bot.engine.check.problem import Problem, before
from bot.engine.check.solve import meet
from bot.engine.ruling import Cause


def endless(problem: Problem) -> Iterator[Finding]:
    """Waits that still have the last word when no hour is left; the engine calls a person then, and the merchant shall know."""
    hours = problem.axes["hours_left"]
    over = {hours.name: hours.mask(lambda left: left is not ABSENT and left <= 0)}
    for box in (box for box in problem.sound if box.waits):
        region = meet(box.yes, over)
        point = example(problem, region, [clause for _, clause in before(box, problem.sound)])
        if point is not None:
            proven = ruled(problem, point).cause is Cause.LATE
            yield Finding(Kind.ENDLESS, (box.id,), patterns=(pattern_of(problem, region, point),), proven=proven)
