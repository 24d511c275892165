"""A policy as a zen-engine decision table: one row a strategy, one column a fact, first hit wins; amounts as whole fen.

zen-engine reads every number as a float and refuses `Decimal`, so sums go in as integers; a missing fact is null, which meets
no cell: the table is two-valued, and says nothing about why.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from bot.domain.facts import Fact, Known
from bot.domain.money import Money
from bot.engine.asking import CapDay, Condition
from bot.engine.conditions import among, at_most, over, same, was_scanned
from bot.engine.facts import Facts
from bot.engine.policy import Policy

CELLS: Mapping[Callable[..., bool], Callable[[Any], str]] = {
    among: lambda wanted: ", ".join(f'"{one.value}"' for one in wanted),
    same: lambda wanted: "true" if wanted else "false",
    at_most: lambda wanted: f"<= {_number(wanted)}",
    over: lambda wanted: f"> {_number(wanted)}",
    was_scanned: lambda wanted: '!= "no_scan"' if wanted else '"no_scan"',
}


def _number(wanted: Money | int) -> int:
    return wanted.fen if isinstance(wanted, Money) else wanted


def columns(policy: Policy) -> tuple[str, ...]:
    """The facts that the policy asks, each once."""
    asked = (condition for one in policy.ranked for condition in _single(one.strategy.conditions))
    return tuple(dict.fromkeys(condition.test.fact for condition in asked))


def _single(conditions: tuple[Any, ...]) -> list[Condition]:
    """Without the caps of the day, which rest on two facts: nothing is spent in this race."""
    return [condition for condition in conditions if not isinstance(condition, CapDay)]


def table(policy: Policy) -> str:
    """The decision model as JSON. Raises KeyError for a condition that no cell can say."""
    names = columns(policy)
    inputs = [{"id": name, "name": name, "field": name} for name in names]
    content = {
        "hitPolicy": "first",
        "inputs": inputs,
        "outputs": [{"id": "strategy", "name": "strategy", "field": "strategy"}],
        "rules": [_row(one.strategy.id, _single(one.strategy.conditions)) for one in policy.ranked],
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "t", "type": "decisionTableNode", "name": "t", "content": content, "position": {"x": 1, "y": 0}},
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "t"},
        {"id": "b", "type": "edge", "sourceId": "t", "targetId": "out"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


def _row(strategy: str, conditions: list[Condition]) -> dict[str, str]:
    cells: dict[str, list[str]] = defaultdict(list)
    for condition in conditions:
        cells[condition.test.fact].append(CELLS[condition.test.holds](condition.wanted))
    joined = {name: " and ".join(asked) for name, asked in cells.items()}
    return {"_id": strategy, **joined, "strategy": f'"{strategy}"'}


def context(facts: Facts, names: tuple[str, ...]) -> dict[str, Any]:
    """The facts as plain values: enums as text, sums as whole fen, what is missing as None."""
    return {name: _plain(getattr(facts, name)) for name in names}


def _plain(fact: Fact[Any]) -> Any:
    if not isinstance(fact, Known):
        return None
    value = fact.value
    if isinstance(value, Money):
        return value.fen
    return value.value if isinstance(value, StrEnum) else value
