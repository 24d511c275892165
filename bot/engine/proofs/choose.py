"""Which pictures go out: the fewest that together show all that is demanded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from bot.domain.proofs import Demand


def choose(
    demands: Sequence[Demand], given: frozenset[Demand], shows: Sequence[frozenset[Demand]], least: int, room: int
) -> tuple[int, ...] | None:
    """Places in `shows` of the pictures to add; None where they do not suffice.

    Args:
        demands: all that has to be seen.
        given: what the pictures show that go out in any case.
        shows: what each further picture shows, in the order in which they were given; of equals the first is taken.
        least: how many have to be added at the least.
        room: how many may be added at the most.
    """
    lacking = frozenset(demands) - given
    for count in range(least, min(room, len(shows)) + 1):
        for places in combinations(range(len(shows)), count):
            if lacking <= frozenset().union(*(shows[place] for place in places)):
                return places
    return None
