"""Where the answer of a free condition changes as one of its facts moves and the others stand still: for the nearest flip.

Each comparison of an expression is a comparison of two fractions of polynomials in that one fact, reckoned exactly; their
crossings and poles are the places. `//` and `%` are steps, not polynomials: there the neighbourhood is looked at value by
value, and what is farther away is found by halving (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise, product
from math import floor
from typing import Any

from bot.engine.measures import EPOCH, Line

_MOST = 64
"""Forms of one side of a comparison (each `? :` doubles them); beyond, the expression is looked at like one with steps."""

_DEGREE = 8
"""Powers of the fact that are resolved; beyond, as above."""

NEAR = 500
"""Values to each side that are looked at one by one where there are steps."""

Poly = tuple[Fraction, ...]
"""Factors of a polynomial, the constant first; no trailing zero."""


class _TooMuch(Exception):
    """More forms or powers than are resolved."""


@dataclass(frozen=True, slots=True)
class _Ratio:
    top: Poly
    bottom: Poly = (Fraction(1),)


@dataclass(frozen=True, slots=True)
class Moving:
    """The fact that moves along its line; `here` is where it is, `others` what the expression sees of the other facts.

    `answer`: what the whole expression says at a number.
    """

    name: str
    line: Line
    here: int | None
    others: Mapping[str, Any]
    answer: Callable[[int], object]


def crossings(nodes: Sequence[Any], moving: Moving) -> tuple[int, ...]:
    """Whole numbers of the fact around every place at which the answer may change; `nodes`: all of the expression."""
    finder = _Finder(moving)
    cuts, steps = set[int](), any(_steps(node) for node in nodes)
    for node in nodes:
        try:
            cuts |= {near for cut in finder.of(node) for near in (cut - 1, cut, cut + 1, cut + 2)}
        except _TooMuch:
            steps = True
    if steps:
        cuts |= _looked_at(cuts, moving)
    return tuple(sorted(cut for cut in cuts if moving.line.low <= cut <= moving.line.high))


def _steps(node: Any) -> bool:
    return getattr(node, "type", "") in {"fdiv", "mod"}


def _looked_at(cuts: set[int], moving: Moving) -> set[int]:
    """The changes near where the fact is, and one between any two known places with different answers."""
    low, high, here, answer = moving.line.low, moving.line.high, moving.here, moving.answer
    places = {low, high, *cuts, *(() if here is None else range(here - NEAR, here + NEAR + 1))}
    said = [(place, answer(place)) for place in sorted(places) if low <= place <= high]
    found = set[int]()
    for (left, before), (right, after) in pairwise(said):
        if before != after:
            last = _last(answer, left, right)
            found |= {last, last + 1}
    return found


def _last(say: Callable[[int], object], left: int, right: int) -> int:
    """By halving: a number that says what `left` says, while the next one says something else, as `right` does."""
    before = say(left)
    while right - left > 1:
        middle = (left + right) // 2
        left, right = (middle, right) if say(middle) == before else (left, middle)
    return left


class _Finder:
    def __init__(self, moving: Moving) -> None:
        self._moving = moving

    def of(self, node: Any) -> Iterator[int]:
        """The places of one node; nothing for anything but a comparison."""
        match type(node).__name__:
            case "ComparisonExpression" | "ArithmeticComparisonExpression":
                yield from self._between(node.left, node.right)
            case "ContainsExpression" if type(node.container).__name__ == "ArrayExpression":
                for member in node.container.value:
                    yield from self._between(node.member, member)

    def _between(self, left: Any, right: Any) -> Iterator[int]:
        for one, other in product(self._forms(left), self._forms(right)):
            difference = _less(_times(one.top, other.bottom), _times(other.top, one.bottom))
            for poly in (difference, one.bottom, other.bottom):
                yield from cuts_of(poly, self._moving.line.low, self._moving.line.high)

    def _forms(self, node: Any) -> list[_Ratio]:
        """What the node may come to; nothing for what is no number and no time."""
        match type(node).__name__:
            case "FloatExpression" | "DatetimeExpression" | "TimedeltaExpression":
                return _constant(node.value)
            case "SymbolExpression":
                return self._symbol(node.name)
            case "UnaryExpression":
                return [_Ratio(_less((), one.top), one.bottom) for one in self._forms(node.right)]
            case "TernaryExpression":
                return _few([*self._forms(node.case_true), *self._forms(node.case_false)])
            case "AddExpression" | "SubtractExpression" | "ArithmeticExpression":
                sides = product(self._forms(node.left), self._forms(node.right))
                return _few([form for left, right in sides for form in _reckoned(node, left, right)])
            case _:
                return []

    def _symbol(self, name: str) -> list[_Ratio]:
        if name == self._moving.name:
            return [_Ratio(_trimmed((self._moving.line.shift, self._moving.line.scale)))]
        return _constant(self._moving.others.get(name))


def _few(forms: list[_Ratio]) -> list[_Ratio]:
    once = list(dict.fromkeys(forms))
    if len(once) > _MOST or any(len(poly) > _DEGREE + 1 for one in once for poly in (one.top, one.bottom)):
        raise _TooMuch
    return once


def _constant(value: object) -> list[_Ratio]:
    match value:
        case bool():
            return []
        case int() | Decimal():
            return [_Ratio(_trimmed((Fraction(value),)))]
        case datetime():
            return [_Ratio(_trimmed((seconds(value),)))]
        case timedelta():
            return [_Ratio(_trimmed((Fraction(value // timedelta(microseconds=1), 10**6),)))]
        case _:
            return []


def seconds(moment: datetime) -> Fraction:
    """A moment as a number: seconds since 1970."""
    return Fraction((moment - EPOCH) // timedelta(microseconds=1), 10**6)


def _reckoned(node: Any, left: _Ratio, right: _Ratio) -> Iterator[_Ratio]:
    kind = {"AddExpression": "add", "SubtractExpression": "sub"}.get(type(node).__name__, node.type)
    match kind:
        case "add" | "sub":
            mine, its = _times(left.top, right.bottom), _times(right.top, left.bottom)
            top = _less(mine, its) if kind == "sub" else _less(mine, _less((), its))
            yield _Ratio(top, _times(left.bottom, right.bottom))
        case "mul":
            yield _Ratio(_times(left.top, right.top), _times(left.bottom, right.bottom))
        case "tdiv" | "fdiv":
            top, bottom = _times(left.top, right.bottom), _times(left.bottom, right.top)
            yield _Ratio(top, bottom)
            if kind == "fdiv":
                yield _Ratio(_less(top, bottom), bottom)
        case _:
            yield from (left, right)


def _trimmed(poly: Poly) -> Poly:
    while poly and poly[-1] == 0:
        poly = poly[:-1]
    return poly


def _times(one: Poly, other: Poly) -> Poly:
    found = [Fraction(0)] * max(len(one) + len(other) - 1, 0)
    for n, factor in enumerate(one):
        for m, by in enumerate(other):
            found[n + m] += factor * by
    return _trimmed(tuple(found))


def _less(one: Poly, other: Poly) -> Poly:
    size = max(len(one), len(other))
    padded = ([*poly, *[Fraction(0)] * (size - len(poly))] for poly in (one, other))
    return _trimmed(tuple(a - b for a, b in zip(*padded, strict=True)))


def cuts_of(poly: Poly, low: int, high: int) -> list[int]:
    """Whole numbers in reach of which the polynomial changes its sign: at one of them or before the next.

    Two changes between a number and the next one are not seen from there, but a derivative tells of them: it turns between
    the two. So all are resolved, the highest first, and what each tells parts the reach for those below it.
    """
    levels = [poly]
    while len(levels[-1]) > 2:
        levels.append(tuple(factor * power for power, factor in enumerate(levels[-1]) if power))
    cuts, ends = list[int](), {low, high}
    for level in reversed(levels):
        cuts = _changes(level, sorted(ends))
        ends |= {near for cut in cuts for near in (cut, cut + 1) if low < near < high}
    return cuts


def _changes(poly: Poly, ends: Sequence[int]) -> list[int]:
    """Between two ends that follow one another the polynomial only rises, or only falls."""
    if len(poly) <= 1:
        return []
    if len(poly) == 2:
        return [floor(-poly[0] / poly[1])]
    sign = partial(_sign, poly)
    zeros = [end for end in ends if sign(end) == 0]
    return zeros + [_last(sign, left, right) for left, right in pairwise(ends) if sign(left) != sign(right)]


def _sign(poly: Poly, at: int) -> int:
    value = Fraction(0)
    for factor in reversed(poly):
        value = value * at + factor
    return (value > 0) - (value < 0)
