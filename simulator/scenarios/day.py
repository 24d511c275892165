"""A promotion day: when buyers apply, and their cases written for that moment (618 from a few minutes before midnight on)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from simulator.scenarios.catalogue import Archetype
from simulator.scenarios.maker import Maker
from simulator.world.arrivals import Arrival, Rewound, rewind
from simulator.world.buyers import PlannedAct
from simulator.world.model import SHANGHAI, Case, CaseState, Verb

DAY = datetime(2026, 6, 18, tzinfo=SHANGHAI)
BEFORE = timedelta(minutes=10)
"""The world begins this long before the day, so that whoever watches is up."""

# How many of a thousand applications fall into each hour: the rush of the first, a quiet night, late morning, the evening.
CURVE = (80, 38, 14, 7, 5, 5, 7, 14, 27, 45, 70, 70, 45, 40, 44, 44, 44, 40, 36, 48, 75, 82, 72, 48)
HOUR = timedelta(hours=1)
REGRETS_OF = 40
"""One buyer in so many edits the claim or takes it back, within hours."""


def moments(count: int, rng: random.Random) -> list[datetime]:
    """So many applications over the day by the curve, in order, in whole seconds."""
    total, upto = sum(CURVE), [0, *accumulate(CURVE)]
    drawn = sorted((place + rng.random()) / count * total for place in range(count))
    found, hour = [], 0
    for place in drawn:
        while hour < len(CURVE) - 1 and place >= upto[hour + 1]:
            hour += 1
        part = (place - upto[hour]) / CURVE[hour]
        found.append(DAY + hour * HOUR + timedelta(seconds=int(part * HOUR.total_seconds())))
    return found


class Day:
    """Writes the cases of one day; those that were applied for before it stand in the list already, put back to its start."""

    def __init__(self, makers: Sequence[Maker], start: datetime, rng: random.Random) -> None:
        self._makers = makers
        self._start = start
        self._rng = rng
        self.standing: list[Case] = []
        self.rewound: list[Rewound] = []
        self.arrivals: list[Arrival] = []

    def write(self, kinds: Sequence[Archetype], turns: dict[str, int]) -> None:
        """One case of each kind in the order given; the makers are afterwards as they were."""
        for place, (kind, at) in enumerate(zip(kinds, moments(len(kinds), self._rng), strict=True)):
            maker = self._makers[place % len(self._makers)]
            maker.now, maker.fresh = at, True
            known = len(maker.parcels)
            self._place(maker, kind.build(maker, turns[kind.name]), known)
            turns[kind.name] += 1
        for maker in self._makers:
            maker.now, maker.fresh = self._start, False

    def _place(self, maker: Maker, case: Case, known: int) -> None:
        """A parcel of a case to come is nobody's before; one of a case that stands is where it was at the start."""
        parcels = tuple(maker.parcels[known:])
        if case.applied_at <= self._start:
            self.standing.append(case)
            self.rewound.append(rewind(case, parcels, self._start))
            return
        del maker.parcels[known:]
        self.arrivals.append(Arrival(case, parcels, self._acts(maker, case)))

    def _acts(self, maker: Maker, case: Case) -> tuple[PlannedAct, ...]:
        if case.state is not CaseState.WAIT_SELLER or self._rng.randrange(REGRETS_OF):
            return ()
        verb = Verb.EDIT if self._rng.randrange(3) == 2 else Verb.WITHDRAW
        return (PlannedAct(maker.ahead(0.2, 6), case.aftersale_id, verb, case.amount_fen * 9 // 10),)
