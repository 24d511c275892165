"""Holes put together for a reader: by type and state of claim, and claims with the very same holes as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.engine.check.axes import ABSENT, Box
from bot.engine.check.finding import Pattern, Trait
from bot.engine.check.holes import Hole, holes
from bot.engine.check.patterns import pattern_of, trait_of
from bot.engine.check.problem import Problem
from bot.engine.check.solve import Region, meet

_CLAIM = ("type", "state")


@dataclass(frozen=True)
class Family:
    """Kinds of cases of the same types and states that no strategy covers, the largest first."""

    holes: tuple[Hole, ...]
    patterns: tuple[Pattern, ...]


def families(problem: Problem, boxes: Sequence[Box], within: Region) -> list[Family]:
    """All holes of `boxes` inside the region."""
    found = [(cell, family) for cell in _cells(problem, within) if (family := _of(problem, boxes, cell, within)).holes]
    merged: dict[tuple[tuple[Trait, ...], ...], list[tuple[Region, Family]]] = {}
    for cell, family in found:
        merged.setdefault(tuple(_details(pattern) for pattern in family.patterns), []).append((cell, family))
    return [one for alike in merged.values() for one in _joined(problem, alike)]


def _cells(problem: Problem, within: Region) -> Iterator[Region]:
    """Each state with each type that can be in it."""
    types, states = (problem.axes[name] for name in _CLAIM)
    for state in states.values:
        for kind in types.values:
            cell = {"type": types.bit(kind), "state": states.bit(state)}
            if ABSENT not in {state, kind} and problem.possible(meet(cell, within)):
                yield cell


def _of(problem: Problem, boxes: Sequence[Box], cell: Region, within: Region) -> Family:
    found = sorted(holes(problem, boxes, meet(cell, within)), key=lambda hole: len(hole.region))
    return Family(tuple(found), tuple(pattern_of(problem, {**hole.region, **cell}, hole.point) for hole in found))


def _details(pattern: Pattern) -> tuple[Trait, ...]:
    """What the kind has beside type and state."""
    return tuple(trait for trait in pattern.traits if trait.fact not in _CLAIM)


def _joined(problem: Problem, alike: Sequence[tuple[Region, Family]]) -> Iterator[Family]:
    """Types of one state as one, then states with the same types as one."""
    types: dict[int, int] = {}
    for cell, _ in alike:
        types[cell["state"]] = types.get(cell["state"], 0) | cell["type"]
    for kinds in dict.fromkeys(types.values()):
        states = sum(state for state, mask in types.items() if mask == kinds)
        members = [family for cell, family in alike if cell["state"] & states and cell["type"] & kinds]
        claim = (trait_of(problem.axes["type"], kinds), trait_of(problem.axes["state"], states))
        patterns = (replace(one, traits=(*claim, *_details(one))) for one in _widest(members[0].patterns))
        yield Family(tuple(hole for family in members for hole in family.holes), tuple(patterns))


def _widest(patterns: Sequence[Pattern]) -> list[Pattern]:
    """Without those that read like a part of another; those of fewest words first."""
    kept: list[Pattern] = []
    for one in sorted(patterns, key=_size):
        if not any(_part_of(one, other) for other in kept):
            kept.append(one)
    return kept


def _size(pattern: Pattern) -> tuple[int, int]:
    return len(pattern.traits), -sum(len(trait.values) for trait in pattern.traits)


def _part_of(one: Pattern, other: Pattern) -> bool:
    mine = {trait.fact: trait for trait in one.traits}
    return all(
        (own := mine.get(trait.fact)) and {*own.values} <= {*trait.values} and own.spans == trait.spans
        for trait in other.traits
    )
