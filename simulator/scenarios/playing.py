"""Plays a world to its end, half an hour at a time, with one hand on it: until no case is to come, or waits for anybody."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import Protocol

from simulator.scenarios.build import Built
from simulator.world.model import FINISHED, FOR_SELLER, Case

ROUND = timedelta(minutes=30)
WHILE_CASES_COME = timedelta(minutes=2)
"""Rounds are short while there are cases to come: parcels that are nearly there do not wait half an hour."""
LONGEST = timedelta(days=60)
"""Deadlines end every case sooner: 5 days for the seller, 7 for a return, 10 for its receipt, 7 after a refusal (domain.md 2.8)."""


class Hand(Protocol):
    """Somebody who looks at the cases that wait for the seller, every half hour."""

    def look(self, case: Case) -> None:
        """Do something about a case, or leave it."""
        ...


def cases_of(built: Built) -> list[Case]:
    """The cases of the scenario, without the rows that only fill the list."""
    return [case for case in built.world.store.cases.values() if not case.background]


def _most_urgent_first(cases: list[Case]) -> list[Case]:
    waiting = [(case.deadline_at, case) for case in cases if case.state in FOR_SELLER and case.deadline_at is not None]
    return [case for _, case in sorted(waiting, key=itemgetter(0))]


def play(built: Built, hand: Hand) -> None:
    """Let the hand look and the clock run until all is over. The clock of the world must stand still otherwise."""
    world = built.world
    over = world.now() + LONGEST
    open_cases = cases_of(built)
    while (open_cases or world.arrivals.left) and world.now() < over:
        for case in _most_urgent_first(open_cases):
            hand.look(case)
        coming = world.arrivals.left > 0
        world.store.clock.advance((WHILE_CASES_COME if coming else ROUND).total_seconds())
        open_cases = [case for case in (cases_of(built) if coming else open_cases) if case.state not in FINISHED]
