"""Generated cases as facts: seeded, streamed, each made of entries that are built once; for benchmarks and property tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count as count_from
from itertools import cycle, islice, repeat
from operator import call
from random import Random
from typing import Any

from bot.domain.base import SHANGHAI
from bot.domain.case import CaseState
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.money import Money
from bot.engine.claim import Titles
from bot.engine.facts import VALUE_TYPES, Facts
from bot.engine.past import Spent, Weights
from bot.engine.policy import Policy

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
MISSING = Unknown(why="unknown.absent", source=Source.SHOP)
SIZE = 100
"""Entries of a fact's pool: one is 1 %."""

TROUBLE = frozenset(
    {"unknown_labels", "threat", "platform_marked", "duplicate", "order_overclaimed", "other_goods", "serial_buyer"}
)
"""Rare: else nearly every case would be a person's."""
USUAL = frozenset({"within_refundable", "full", "clean_buyer", "signed_before_claim"})

ORDINARY: Mapping[type, Sequence[Any]] = {
    bool: (False, True),
    int: tuple(range(0, 200, 7)),
    Money: tuple(Money(fen) for fen in (100, 990, 4_900, 12_900, 19_900, 59_900, 199_900, 200_000, 200_001, 450_000)),
    str: ("780001112223",),
    date: tuple(NOW.date() + timedelta(days=days) for days in (-40, -1, 0, 1, 40)),
    datetime: (NOW - timedelta(hours=30),),
    Titles: (Titles(("晴雨伞 藏蓝",)), Titles(("保温杯 白",)), Titles(("晴雨伞", "赠品"))),
    Spent: (Spent({}),),
    Weights: (Weights({}),),
}


def known(value: Any) -> Fact[Any]:
    """A value that somebody told."""
    return Known(value=value, source=Source.SHOP, seen_at=NOW)


def pools(policy: Policy, *, missing: int = 3) -> dict[str, list[Fact[Any]]]:
    """For every fact a hundred entries to draw from: `missing` of them unknown, numbers also at the policy's own edges."""
    return {name: _pool(name, kind, policy.edges.get(name, ()), missing) for name, kind in VALUE_TYPES.items()}


def _pool(name: str, kind: type, edges: Sequence[Any], missing: int) -> list[Fact[Any]]:
    if name in TROUBLE:
        return [known(value=False)] * (SIZE - 2) + [known(value=True), MISSING]
    if name in USUAL or name.endswith("_offered"):
        return [known(value=True)] * (SIZE - 5) + [known(value=False)] * 4 + [MISSING]
    if name == "state":
        return (
            [known(CaseState.WAIT_SELLER)] * 70
            + [known(CaseState.WAIT_SELLER_RECEIVE)] * 22
            + [
                known(state)
                for state in CaseState
                if state not in {CaseState.WAIT_SELLER, CaseState.WAIT_SELLER_RECEIVE}
            ]
            + [MISSING]
        )
    if issubclass(kind, StrEnum):
        values: Sequence[Any] = tuple(kind)
    else:
        values = (*ORDINARY[kind], *edges)
    entries = [known(value) for value in values]
    return [entries[n % len(entries)] for n in range(max(SIZE, len(entries)))] + [MISSING] * missing


def stream(
    policy: Policy, random: Random, count: int, *, missing: int = 3, spent: Callable[[], Fact[Any]] | None = None
) -> Iterator[Facts]:
    """`count` cases, one at a time; `spent` is asked for each.

    Each fact has a column of its own, drawn from its pool and as long as a prime of its own: read in circles side by side
    they do not come together again, and drawing costs next to nothing beside what is measured.
    """
    drawn = [
        random.choices(pool, k=size)
        for pool, size in zip(pools(policy, missing=missing).values(), primes(), strict=False)
    ]
    columns: list[Iterator[Fact[Any]]] = [cycle(column) for column in drawn]
    if spent is not None:
        columns[tuple(VALUE_TYPES).index("spent")] = iter(spent, None)
    return map(_facts, islice(zip(*columns, strict=False), count))


_SLOTS = [getattr(Facts, field.name).__set__ for field in fields(Facts)]


def _facts(values: tuple[Fact[Any], ...]) -> Facts:
    """`Facts(*values)` by its slots: the check of a frozen class at each of eighty fields would take longer than a verdict."""
    made = object.__new__(Facts)
    deque(map(call, _SLOTS, repeat(made), values), maxlen=0)
    return made


def primes(first: int = 211) -> Iterator[int]:
    """All of them from `first` on."""
    return (n for n in count_from(first) if all(n % by for by in range(2, int(n**0.5) + 1)))
