"""The same back-test by others, chunk by chunk beside ours: zen-engine on the same two tables, and two if-chains by hand.

Each case is decided twice, as before and as the candidate would, and counted where the two name different strategies. The
others start from plain values that are ready made, keep no caps of the day and explain nothing; ours does all of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from benchmarks import if_chain, zen_table
from bot.engine.facts import Facts
from bot.engine.policy import Policy

T = TypeVar("T")

CHUNK = 1_000
"""Cases that one contestant decides before the next one has its turn."""

SAMPLE = 20_000
"""Cases at most: zen-engine alone would take minutes for a million. Times are scaled by count, and that is said."""

Values = Mapping[str, Any]
Named = Callable[[Values], str]
"""The strategy that takes a case."""

Ours = Callable[[Facts], None]


def rivals(live: Policy, candidate: Policy, large: int) -> dict[str, tuple[Named, Named]]:
    """Both policies by name of the contestant; zen-engine only where it is installed. `large`: the candidate's limit in fen."""
    found: dict[str, tuple[Named, Named]] = {
        "if-chain by hand": (if_chain.decide, partial(if_chain.decide, large=large)),
    }
    try:
        import zen  # type: ignore[import-not-found]  # noqa: PLC0415 - a guest of this race, installed or not
    except ImportError:
        return found
    engine = zen.ZenEngine()
    tables = [engine.create_decision(zen.ZenDecisionContent(zen_table.table(policy))) for policy in (live, candidate)]
    before, after = (partial(_by_table, table) for table in tables)
    return found | {"zen-engine, same tables": (before, after)}


def _by_table(decision: Any, values: Values) -> str:
    return str(decision.evaluate(dict(values))["result"].get("strategy", ""))


def race(cases: Iterator[Facts], policies: tuple[Policy, Policy], large: int, ours: Ours) -> Iterator[str]:
    """A line a contestant: CPU per case of this process, and what a million would take on one core at that."""
    live, candidate = policies
    names = tuple(dict.fromkeys((*zen_table.columns(live), *zen_table.columns(candidate))))
    spent: Counter[str] = Counter()
    parted: Counter[str] = Counter()
    racing, done = rivals(live, candidate, large), 0
    while chunk := _timed(spent, "generating the cases", lambda: list(islice(cases, CHUNK))):
        done += len(chunk)
        _timed(spent, "Rehearsal: both policies, caps, flips", lambda chunk=chunk: [ours(facts) for facts in chunk])
        plain = [zen_table.context(facts, names) for facts in chunk]
        for name, pair in racing.items():
            parted[name] += _timed(spent, name, partial(_flips, pair, plain))
    for name, ns in spent.items():
        each = ns / done / 1_000
        told = f"; {parted[name]} name another strategy" if name in parted else ""
        yield f"{each:9.1f} µs a case, {each:6.0f} s of CPU a million by count  {name}{told}"


def _flips(pair: tuple[Named, Named], plain: Sequence[Values]) -> int:
    before, after = pair
    return sum(before(values) != after(values) for values in plain)


def _timed(spent: Counter[str], name: str, work: Callable[[], T]) -> T:
    began = time.process_time_ns()
    try:
        return work()
    finally:
        spent[name] += time.process_time_ns() - began
