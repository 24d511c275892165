"""Making facts from facts: the result is known only where everything it rests on is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from bot.domain.facts import Fact, Known, Source, Unknown

A = TypeVar("A")
B = TypeVar("B")
R = TypeVar("R")


def known_or(value: A | None, why: str, source: Source, seen_at: datetime) -> Fact[A]:
    """`Known(value)`, or `Unknown(why)` for a None: a missing entry is never turned into a default."""
    if value is None:
        return Unknown(why=why, source=source)
    return Known(value=value, source=source, seen_at=seen_at)


def derive(fact: Fact[A], function: Callable[[A], R], source: Source | None = None) -> Fact[R]:
    """`function` of a known value, under the same source unless another is named; an Unknown stays as it is."""
    if isinstance(fact, Unknown):
        return fact
    return Known(value=function(fact.value), source=source or fact.source, seen_at=fact.seen_at)


def follow(fact: Fact[A], function: Callable[[A], Fact[R]]) -> Fact[R]:
    """As `derive`, for a function that may itself find nothing to rest on."""
    return fact if isinstance(fact, Unknown) else function(fact.value)


def both(left: Fact[A], right: Fact[B], function: Callable[[A, B], R]) -> Fact[R]:
    """`function` of two known values, as old as the older one; the first Unknown otherwise."""
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    return Known(
        value=function(left.value, right.value), source=Source.DERIVED, seen_at=min(left.seen_at, right.seen_at)
    )
