"""From a scenario's name, a seed and a number to a world: the same three always give the same world."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from simulator.scenarios.catalogue import ARCHETYPES, BELONG_TOGETHER, HOLD, SCENARIOS, Archetype, Scenario
from simulator.scenarios.day import BEFORE, DAY, Day
from simulator.scenarios.history import earlier, history
from simulator.scenarios.maker import Maker
from simulator.scenarios.shops import MOST_SHOPS, accounts_of, courier_account, shops_of
from simulator.scenarios.story import Labels
from simulator.world.accounts import Accounts
from simulator.world.buyers import PlannedAct
from simulator.world.clock import START, WorldClock
from simulator.world.model import Case, CaseState, Verb
from simulator.world.service import World
from simulator.world.store import Store

MIN_CASES, MAX_CASES = 10, 10_000
EVERYTHING_FROM = 60
"""From this many cases on, every archetype of the scenario appears at least once."""
RARE_OF = 12
"""One case in so many gives its place to a rare kind, in the scenarios that have any."""


@dataclass(frozen=True, slots=True)
class Built:
    """A world, its labels, and what it was made from; `cases` counts those to come too."""

    scenario: Scenario
    seed: int
    world: World
    labels: Labels
    cases: int

    def again(self) -> Built:
        """The same world from its start, standing still until it is moved."""
        return build(self.scenario.name, self.seed, self.cases, lambda: 0.0, len(self.world.store.shops))


def build(
    name: str,
    seed: int,
    cases: int,
    monotonic: Callable[[], float] = time.monotonic,
    shops: int | None = None,
) -> Built:
    """Make the world of a scenario, with as many shops as it has or as are asked for.

    Raises:
        ValueError: unknown scenario, a number of cases outside 10..10,000 or of shops outside 1..8.
    """
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise ValueError(f"no scenario {name!r}; there are: {', '.join(SCENARIOS)}")
    if not MIN_CASES <= cases <= MAX_CASES:
        raise ValueError(f"--cases must lie between {MIN_CASES} and {MAX_CASES:,}, not {cases}")
    if shops is not None and not 1 <= shops <= MOST_SHOPS:
        raise ValueError(f"--shops must lie between 1 and {MOST_SHOPS}, not {shops}")
    scenario = replace(scenario, shops=shops or scenario.shops)
    rng = random.Random(f"{name}/{seed}")
    start = START + timedelta(minutes=rng.randrange(0, 180))
    clock = WorldClock(DAY - BEFORE if scenario.arrives else start, monotonic)
    return _assemble(scenario, seed, cases, clock, rng)


def _assemble(scenario: Scenario, seed: int, count: int, clock: WorldClock, rng: random.Random) -> Built:
    shops = shops_of(scenario, seed, rng)
    makers = [Maker(rng, shop, clock.now().replace(microsecond=0)) for shop in shops]
    day = Day(makers, clock.now(), rng)
    cases = _of_the_day(scenario, day, count, rng) if scenario.arrives else _cases(scenario, makers, count, rng)
    past = [row for maker in makers for row in history(maker, count // len(makers))]
    usual, others = cases, _stranger(scenario, seed, makers[0])
    cases = _with_rare(scenario, others, usual)
    past += earlier(others)
    parcels = [parcel for maker in (*makers, others) for parcel in maker.parcels]
    store = Store(clock, shops, cases + past, parcels, random.Random(f"{seed}/later"))
    accounts = Accounts(
        store.shops, accounts_of(scenario, shops, rng), courier_account(rng), random.Random(f"{seed}/in")
    )
    world = World(store, accounts)
    for act in (*_acts(usual, makers[0], rng), *others.acts):
        if act.aftersale_id in store.cases:
            world.buyers.plan(act)
    labels = Labels(store)
    world.arrivals.expect(day.arrivals)
    world.arrivals.resume(day.rewound)
    return Built(scenario, seed, world, labels, count)


# ---- which cases ------------------------------------------------------------------------------------------------


def _cases(scenario: Scenario, makers: list[Maker], count: int, rng: random.Random) -> list[Case]:
    order, turn = _order(scenario, count, rng)
    cases = []
    for position, kind in enumerate(order):
        maker = makers[position % len(makers)]
        cases.append(kind.build(maker, turn[kind.name]))
        turn[kind.name] += 1
    return cases


def _of_the_day(scenario: Scenario, day: Day, count: int, rng: random.Random) -> list[Case]:
    """Those that stand at its start; the others are the day's to come."""
    day.write(*_order(scenario, count, rng))
    return day.standing


def _order(scenario: Scenario, count: int, rng: random.Random) -> tuple[list[Archetype], dict[str, int]]:
    """Which kinds in which order, and where each kind's turns begin."""
    pool = scenario.pool()
    order = [kind for kind, times in zip(pool, shares(pool, count, rng), strict=True) for _ in range(times)]
    turn = {archetype.name: rng.randrange(12) for archetype in pool}
    rng.shuffle(order)
    return order, turn


def shares(pool: list[Archetype], count: int, rng: random.Random) -> list[int]:
    """How many cases of each archetype: by weight, spread evenly when few, at least one of each when many."""
    weights = [archetype.weight for archetype in pool]
    if count < max(EVERYTHING_FROM, len(pool)):
        return _few(pool, count, rng)
    quota = count / sum(weights)
    beyond_one = [max(0.01, weight * quota - 1) for weight in weights]
    rest = _systematic(beyond_one, count - len(pool), rng.random())
    return [1 + more for more in rest]


def _few(pool: list[Archetype], count: int, rng: random.Random) -> list[int]:
    """A small world keeps the balance between what a robot may do and what a person must decide."""
    holds = [archetype.label == (HOLD,) for archetype in pool]
    weights = [archetype.weight for archetype in pool]
    held = round(count * sum(w for w, hold in zip(weights, holds, strict=True) if hold) / sum(weights))
    to_hold = _systematic([w if hold else 0 for w, hold in zip(weights, holds, strict=True)], held, rng.random())
    to_act = _systematic([0 if hold else w for w, hold in zip(weights, holds, strict=True)], count - held, rng.random())
    return [acted + kept for acted, kept in zip(to_act, to_hold, strict=True)]


def _systematic(weights: list[float], count: int, start: float) -> list[int]:
    """Evenly spaced points on the line of weights: no share is further than one from its exact part."""
    total, shares, upto, taken = sum(weights), [], 0.0, 0
    for weight in weights:
        upto += weight / (total or 1) * count
        reached = min(count, int(upto + start))
        shares.append(reached - taken)
        taken = reached
    shares[weights.index(max(weights))] += count - taken
    return shares


# ---- cases that stand in for others ------------------------------------------------------------------------------


def _stranger(scenario: Scenario, seed: int, usual: Maker) -> Maker:
    """A maker with chance and numbers of its own, so that nothing that the others draw moves."""
    return Maker(random.Random(f"{scenario.name}/{seed}/rare"), usual.shop, usual.now, made=500_000)


def _with_rare(scenario: Scenario, maker: Maker, cases: list[Case]) -> list[Case]:
    """One case in twelve gives its place to a kind that only this scenario shows; all others stay as they were."""
    pool = [archetype for archetype in ARCHETYPES if archetype.row in scenario.rare]
    mixed, first = list(cases), maker.rng.randrange(12)
    for turn, place in enumerate(_places(cases, maker.rng) if pool else (), first):
        mixed[place] = pool[turn % len(pool)].build(maker, turn // len(pool))
    return mixed


def _places(cases: list[Case], rng: random.Random) -> list[int]:
    """Whose places are taken: nobody's who is the only one of a kind, or who belongs to others."""
    left, order = Counter(case.truth.archetype for case in cases), list(range(len(cases)))
    rng.shuffle(order)
    places: list[int] = []
    for place in order:
        kind = cases[place].truth.archetype
        if len(places) < len(cases) // RARE_OF and left[kind] > 1 and kind not in BELONG_TOGETHER:
            left[kind] -= 1
            places.append(place)
    return places


def _acts(cases: list[Case], maker: Maker, rng: random.Random) -> list[PlannedAct]:
    """A few buyers change their mind, hours or days after the world begins."""
    waiting = [case for case in cases if case.state is CaseState.WAIT_SELLER]
    chosen = rng.sample(waiting, len(waiting) // 40)
    return [_act(case, maker, Verb.EDIT if i % 3 == 2 else Verb.WITHDRAW) for i, case in enumerate(chosen)]


def _act(case: Case, maker: Maker, verb: Verb) -> PlannedAct:
    return PlannedAct(maker.ahead(14, 70), case.aftersale_id, verb, case.amount_fen * 9 // 10)
