"""One policy ready to be searched: its axes, its strategies as boxes, the rules of the world, and what a case is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from bot.engine.asking import CapDay
from bot.engine.check.axes import Axis, Box, asked_by, axes_of, box_of
from bot.engine.check.solve import Clause, Region, disjoint, lies, meet, solve
from bot.engine.check.world import ALWAYS_KNOWN, LABELS, Rule, facts_named, looked_at, rules_of
from bot.engine.policy import Policy, Ranked
from bot.engine.ruling import OFFERED

_SHOWN = (
    "type",
    "state",
    "amount",
    "within_refundable",
    "full",
    "goods_status",
    "ship_status",
    "parcel_status",
    *OFFERED.values(),
)
"""Facts that every example names, asked or not."""


_KEPT = 40
"""Cases that are kept to answer the next question with."""


@dataclass(frozen=True)
class Problem:
    """`boxes` are the strategies that are on, first things first; `off` those that are not."""

    policy: Policy
    axes: Mapping[str, Axis]
    base: Region
    rules: tuple[Rule, ...]
    boxes: tuple[Box, ...]
    off: tuple[Box, ...]
    world: tuple[Clause, ...] = field(repr=False)

    met: list[Region] = field(default_factory=list, compare=False, repr=False)
    """Real cases that were found on the way: many a question is answered by one of them."""

    def find(self, region: Region, clauses: Iterable[Clause] = (), *, roomy: bool = True) -> dict[str, int] | None:
        """A part of the region in which all cases are real ones and keep to the clauses; None where there is none."""
        found = solve(meet(self.base, region), tuple(clauses), self.world, roomy=roomy)
        if found is not None:
            self.met.append({axis: mask & -mask for axis, mask in found.items()})
            del self.met[:-_KEPT]
        return found

    @cached_property
    def sound(self) -> tuple[Box, ...]:
        """Strategies whose own conditions can hold together."""
        return tuple(box for box in self.boxes if self.possible(box.yes))

    @cached_property
    def understood(self) -> Region:
        """Pages without a word that nobody knows."""
        axes = (self.axes[name] for name in LABELS)
        return {axis.name: axis.whole & ~axis.absent for axis in axes}

    @cached_property
    def unspent(self) -> Region:
        """No cap of a day has been reached."""
        caps = (axis for axis in self.axes.values() if isinstance(axis.opaque, CapDay))
        return {axis.name: axis.bit(value=True) for axis in caps}

    def possible(self, region: Region, clauses: Iterable[Clause] = ()) -> bool:
        """There is a real case in the region that keeps to the clauses."""
        asked = tuple(clauses)
        return any(lies(point, region, asked) for point in reversed(self.met)) or self._found(region, asked)

    def _found(self, region: Region, clauses: Sequence[Clause]) -> bool:
        return self.find(region, clauses, roomy=False) is not None

    def apart(self, region: Region, other: Region) -> bool:
        """No real case lies in both."""
        return disjoint(region, other) or not self.possible(meet(region, other))


def problem_of(policy: Policy, today: date | None = None) -> Problem:
    """`today` in Asia/Shanghai: what is over by then is over for good; without it no day is left out."""
    rules = rules_of(policy.parameters)
    ranked = [*policy.ranked]
    resting = [Ranked(0, one) for one in policy.strategies if not one.on]
    conditions = [condition for one in (*ranked, *resting) for condition in asked_by(one.strategy)]
    axes = axes_of(conditions, {*_SHOWN, "hours_left", *facts_named(rules)}, ALWAYS_KNOWN, today)
    boxes = tuple(box_of(one, place, axes) for place, one in enumerate(ranked))
    off = tuple(box_of(one, place, axes) for place, one in enumerate(resting))
    world = tuple(rule.clause(axes) for rule in rules)
    return Problem(policy, axes, looked_at(axes, today), rules, boxes, off, world)


def before(box: Box, boxes: Sequence[Box]) -> Iterator[tuple[Box, Clause]]:
    """What must not be so for the box to have the last word, by the order of ruling.py.

    A call for a person wins over whatever is merely undecided; anything else waits for it. Between equal ranks the
    first of the file is heard first, and another verb is a conflict.
    """
    for other in boxes:
        if other is box or other.rank > box.rank:
            continue
        if box.calls:
            if other.rank < box.rank or (other.place < box.place and (other.acts or other.calls)):
                yield other, other.unmatched
        elif other.rank < box.rank or other.place < box.place or way(other) != way(box):
            yield other, other.lost


def way(box: Box) -> tuple[str, bool]:
    """What comes of it: its verb, and for a hold whether a person is called."""
    return box.strategy.verb.value, box.calls
