"""A shop's own rate limit: actions are begun no closer than its settings say, and whoever stops the sweep need not wait."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.ids import CaseKey
from bot.ports.progress import NullProgress, Stage
from bot.runner.orders import STOPPED_BY_HAND
from tests.simulation.harness import World
from tests.simulation.model_shop import SHOP

APART_S = 600


class Begun(NullProgress):
    """When each action was begun; at the second one's turn it does what it was told."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.at: list[float] = []

    def case(self, case: CaseKey, stage: Stage) -> None:
        if stage is Stage.GATHERING:
            self.at.append(self._world.clock.monotonic())


async def test_actions_are_begun_no_closer_than_the_shop_allows() -> None:
    world = World(seed=1)
    begun = world.progress = Begun(world)
    result = await world.sweep(seconds_between_actions=APART_S)
    assert (result.stopped, sum(result.acted.values())) == (None, len(begun.at))
    assert len(begun.at) > 1
    assert all(after - before >= APART_S - 0.001 for before, after in pairwise(begun.at))


async def test_without_a_limit_nobody_waits() -> None:
    world = World(seed=1)
    before = world.clock.now()
    await world.sweep()
    assert world.clock.now() - before < timedelta(seconds=APART_S)


@pytest.mark.parametrize("by_hand", [True, False])
async def test_whoever_waits_for_a_turn_hears_the_stop(monkeypatch: pytest.MonkeyPatch, by_hand: bool) -> None:
    world = World(seed=1)
    begun, sleep = Begun(world), world.clock.sleep

    async def slept(seconds: float) -> None:
        if begun.at and by_hand:
            world.stop.set()
        world.kill.on = bool(begun.at) and not by_hand
        await sleep(seconds)

    world.progress = begun
    monkeypatch.setattr(world.clock, "sleep", slept)
    before = world.clock.now()
    result = await world.sweep(seconds_between_actions=APART_S)
    assert result.stopped is not None
    assert result.stopped.code == (STOPPED_BY_HAND if by_hand else "brake.kill")
    assert len(begun.at) == 1
    assert world.clock.now() - before < timedelta(seconds=APART_S)
    assert not world.ledger.open_intents(SHOP)
