"""Facts as whole numbers: fen, hours, days and seconds on one line each, with the bounds within which they can lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from bot.domain.base import SHANGHAI
from bot.domain.money import Money
from bot.engine.facts import VALUE_TYPES

EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)
_DAY_S = 86_400
_MOST_FEN = 10**11
"""What a page can print has nine digits before the point."""

_MOST = 10**9
_NEGATIVE = frozenset({"hours_left", "hours_after_payment", "hours_after_shipping"})
"""Spans that can lie in the past; no other count is below nothing."""

_TOPS: Mapping[str, int] = MappingProxyType({"applied_minute": 1_439, "good_review_bp": 10_000})


@dataclass(frozen=True, slots=True)
class Line:
    """The whole numbers behind a fact, `low` to `high`; an expression sees number × `scale` + `shift` (yuan, or seconds)."""

    kind: type
    low: int
    high: int
    scale: Fraction = Fraction(1)
    shift: Fraction = Fraction(0)

    def value(self, number: int) -> Any:
        """The fact's value at a number."""
        if self.kind is Money:
            return Money(number)
        if self.kind is date:
            return date.fromordinal(number)
        return EPOCH + timedelta(seconds=number) if self.kind is datetime else number

    def number(self, value: Any) -> int:
        """The number behind a value; of a moment the whole second."""
        if isinstance(value, Money):
            return value.fen
        if isinstance(value, datetime):
            return (value - EPOCH) // timedelta(seconds=1)
        return value.toordinal() if isinstance(value, date) else int(value)

    def has(self, value: Any) -> bool:
        return self.low <= self.number(value) <= self.high


def _line(name: str, kind: type) -> Line | None:
    if kind is Money:
        return Line(kind, 0, _MOST_FEN, Fraction(1, 100))
    if kind is int:
        return Line(kind, -_MOST if name in _NEGATIVE else 0, _TOPS.get(name, _MOST))
    if kind is date:
        return Line(kind, 1, date.max.toordinal(), Fraction(_DAY_S), Fraction(-EPOCH.toordinal() * _DAY_S))
    return Line(kind, 0, 10 * _MOST) if kind is datetime else None


LINES: Mapping[str, Line] = MappingProxyType(
    {name: line for name, kind in VALUE_TYPES.items() if (line := _line(name, kind)) is not None}
)
"""By fact; yes, no and words have none."""


def possible(name: str, value: Any) -> bool:
    """The fact can have this value: nobody claims less than nothing."""
    line = LINES.get(name)
    return line is None or line.has(value)
