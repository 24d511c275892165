"""Money: integer fen, never float, and the strict grammar for amounts that a page prints (F55)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from bot.domain.text import half_width

_GRAMMAR = re.compile(r"(?P<yuan>0|[1-9]\d{0,8}|[1-9]\d{0,2}(?:,\d{3}){1,2})(?:\.(?P<fen>\d{1,2}))?", re.ASCII)
_MARKS = ("¥", "元")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in fen; may be negative only as the result of a subtraction."""

    fen: int

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __mul__(self, count: int) -> Money:
        return Money(self.fen * count)

    def __str__(self) -> str:
        sign, fen = ("-", -self.fen) if self.fen < 0 else ("", self.fen)
        return f"{sign}¥{fen // 100:,}.{fen % 100:02d}"

    @property
    def yuan(self) -> str:
        """Plain decimal text without mark or separators, as spreadsheets like it."""
        return str(self).replace("¥", "").replace(",", "")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a page printed: full-width forms folded, one currency mark before (¥) or behind (元), strict ASCII digits.

        Raises:
            ValueError: with the raw text in it, for anything else: signs, exponents, three decimals, words (F55, M18).
        """
        plain = half_width(text).strip()
        if plain.startswith(_MARKS[0]):
            plain = plain.removeprefix(_MARKS[0]).strip()
        elif plain.endswith(_MARKS[1]):
            plain = plain.removesuffix(_MARKS[1]).strip()
        found = _GRAMMAR.fullmatch(plain)
        if found is None:
            raise ValueError(f"not an amount of money: {text!r}")
        return cls(int(found["yuan"].replace(",", "")) * 100 + int((found["fen"] or "0").ljust(2, "0")))


ZERO = Money(0)
