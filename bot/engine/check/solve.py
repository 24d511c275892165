"""An exact search over finite axes: is there a point on which every clause holds?

A region gives each axis a bit mask of values that are still possible. A clause is "the value of one of these axes lies in
this mask". That is all that strategies and the table of the world need, and small enough for branch and bound by hand:
docs/adr/0010 says why no SAT library is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

Region = Mapping[str, int]
"""Axis to the values that are possible there, one bit each; an axis that is not named is free."""

Clause = tuple[tuple[str, int], ...]
"""Any of: the axis's value is one of the mask's."""


def solve(region: Region, clauses: Sequence[Clause]) -> dict[str, int] | None:
    """The region narrowed until every clause holds for whatever is picked from it; None where nothing can be.

    `region` names every axis that a clause names.
    """
    if not all(region.values()):
        return None
    narrowed = dict(region)
    pending = _narrow(narrowed, clauses)
    if pending is None:
        return None
    return _first(solve(part, pending) for part in _halves(narrowed, pending)) if pending else narrowed


def _first(found: Iterator[dict[str, int] | None]) -> dict[str, int] | None:
    return next((one for one in found if one is not None), None)


def _narrow(region: dict[str, int], clauses: Sequence[Clause]) -> list[Clause] | None:
    """Follow what is forced, in place: the clauses that are still open, None where one of them cannot hold any more."""
    pending, forced = list(clauses), True
    while forced:
        forced, todo, pending = False, pending, []
        for clause in todo:
            ways = _ways(region, clause)
            if ways is None:
                continue
            if not ways:
                return None
            if len(ways) == 1:
                region.update(ways)
                forced = True
            else:
                pending.append(clause)
    return pending


def _ways(region: Region, clause: Clause) -> list[tuple[str, int]] | None:
    """How the clause can still come to hold; None where it holds already."""
    ways = []
    for axis, mask in clause:
        possible = region[axis]
        meeting = possible & mask
        if meeting == possible:
            return None
        if meeting:
            ways.append((axis, meeting))
    return ways


def _halves(region: dict[str, int], pending: Sequence[Clause]) -> Iterator[dict[str, int]]:
    """Split at the clause with the fewest ways: first the way, then all but it."""
    tightest = min((_ways(region, clause) or [] for clause in pending), key=len)
    axis, mask = tightest[0]
    yield region | {axis: mask}
    yield region | {axis: region[axis] & ~mask}


def meet(left: Region, right: Region) -> dict[str, int]:
    """What lies in both."""
    return {axis: left.get(axis, -1) & right.get(axis, -1) for axis in {**left, **right}}


def disjoint(left: Region, right: Region) -> bool:
    """No value of some axis is in both."""
    return any(axis in right and not mask & right[axis] for axis, mask in left.items())


def needed(parts: Sequence[T], impossible: Callable[[Sequence[T]], bool]) -> list[T]:
    """A smallest choice of `parts` that is still impossible: leave out one after the other (none can be spared at the end)."""
    kept = list(parts)
    for part in parts:
        fewer = [one for one in kept if one is not part]
        kept = fewer if impossible(fewer) else kept
    return kept
