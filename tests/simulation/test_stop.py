"""The first Ctrl-C, wherever it comes: what is in hand is settled, nothing further is begun, and the next sweep finds the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.action import Action, Mark
from bot.domain.case import CaseState
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus
from bot.errors import ChallengeRequired
from bot.ledger import audit
from bot.ports.desks import Listing, Permit
from bot.ports.progress import NullProgress, Stage
from bot.ports.results import ShopSweep
from bot.runner import reading
from bot.runner.orders import STOPPED_BY_HAND
from tests.simulation.harness import World
from tests.simulation.model_floor import ModelFloor, ModelPage
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import Crash

CLEAR = 9
"""Cases of the model's twelve on which the shipped policy acts."""


class Presses(NullProgress):
    """Somebody presses Ctrl-C when a case has come to this stage."""

    def __init__(self, world: World, stage: Stage) -> None:
        self._world = world
        self._stage = stage

    def case(self, case: CaseKey, stage: Stage) -> None:
        if stage is self._stage:
            self._world.stop.set()


async def assert_nothing_is_lost(world: World) -> None:
    """Nothing of the stopped sweep is open, and the next one does what it left, each thing once."""
    world.stop.clear()
    world.progress, world.floor = NullProgress(), None
    before = sum(world.ours.values())
    result = await world.sweep()
    assert result.stopped is None
    assert before + sum(result.acted.values()) == CLEAR
    assert set(world.ours.values()) == {1}
    assert not world.ledger.open_intents(SHOP)
    assert audit(world.ledger.engine, None).findings == ()


def assert_stopped_by_hand(world: World, result: ShopSweep) -> None:
    assert result.stopped is not None
    assert result.stopped.code == STOPPED_BY_HAND
    assert world.troubles == [], "nothing went wrong"


async def test_case_in_hand_is_settled_and_the_others_wait() -> None:
    world = World(seed=1)
    world.progress = Presses(world, Stage.FIRING)
    result = await world.sweep()
    assert_stopped_by_hand(world, result)
    assert sum(result.acted.values()) == sum(world.ours.values()) == 1
    lines = world.ledger.lines(world.ledger.runs(1)[0])
    waiting = [line for line in lines if line.status is CaseStatus.WAITING and not line.receipts]
    assert len(waiting) + result.held + 1 == len(lines) == 12
    assert {reason.code for line in waiting for reason in line.reasons} == {STOPPED_BY_HAND}
    await assert_nothing_is_lost(world)


class LongList(ModelFloor):
    """A list of many pages, told after each; `turned` is called when a page was read."""

    def __init__(self, world: World, turned: Callable[[int], None]) -> None:
        super().__init__(world.shop)
        self.pages = 0
        self._turned = turned

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        for page in range(500):
            await asyncio.sleep(0)
            self.pages = page + 1
            self._turned(page)
            progress(page, 500)
        return await super().list_pending(progress, known)


async def test_list_is_left_at_the_page_in_hand() -> None:
    world = World(seed=1)
    floor = LongList(world, lambda page: world.stop.set() if page == 2 else None)
    world.floor = floor
    result = await world.sweep()
    assert_stopped_by_hand(world, result)
    assert (floor.pages, result.seen, world.shop.requests) == (3, 0, {})
    await assert_nothing_is_lost(world)


class Guarded(ModelFloor):
    """Nobody comes to its slider."""

    def __init__(self, world: World) -> None:
        super().__init__(world.shop)
        self._world = world
        self.left = False

    async def ensure(self) -> None:
        raise ChallengeRequired("a slider")

    async def await_person(self, timeout_s: float) -> bool:
        self._world.stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True
        return True


async def test_person_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "HEED_S", 0.01)
    world = World(seed=1)
    floor = world.floor = Guarded(world)
    async with asyncio.timeout(5):
        result = await world.sweep(challenge_wait_s=600.0)
    assert result.stopped is not None
    assert result.stopped.code == STOPPED_BY_HAND
    assert [alarm.reason.code for alarm in world.book.alarms] == ["error.session.challenge"], "the call from before"
    assert floor.left
    await assert_nothing_is_lost(world)


async def test_click_whose_outcome_waits_for_a_person_is_read_back_by_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The request has left, the read-back meets a slider, and the operator goes home."""
    monkeypatch.setattr(reading, "HEED_S", 0.01)
    world, perform, reload = World(seed=1), ModelPage.perform, ModelPage.reload

    async def then_a_slider(page: ModelPage, action: Action, permit: Permit) -> None:
        await perform(page, action, permit)
        floor.closed = True

    class Closing(Guarded):
        closed = False

        async def ensure(self) -> None:
            if self.closed:
                await super().ensure()

        async def open(self, case: CaseKey) -> ModelPage:
            if self.closed:
                raise ChallengeRequired("a slider")
            return await super().open(case)

    async def not_behind_it(page: ModelPage) -> object:
        if floor.closed:
            raise ChallengeRequired("a slider")
        return await reload(page)

    floor = world.floor = Closing(world)
    monkeypatch.setattr(ModelPage, "perform", then_a_slider)
    monkeypatch.setattr(ModelPage, "reload", not_behind_it)
    async with asyncio.timeout(5):
        result = await world.sweep()
    assert result.stopped is not None
    assert result.stopped.code == STOPPED_BY_HAND
    assert [intent.mark for intent in world.ledger.open_intents(SHOP)] == [Mark.SENT]
    monkeypatch.undo()
    await assert_nothing_is_lost(world)


async def test_recovery_is_left_between_two_intents() -> None:
    """What it did not come to is found by its mark again."""
    world = World(seed=3)
    world.crash_at = "after sent"
    with pytest.raises(Crash):
        await world.sweep()
    world.stop.set()
    result = await world.sweep()
    assert_stopped_by_hand(world, result)
    assert [intent.mark for intent in world.ledger.open_intents(SHOP)] == [Mark.SENT]
    assert all(case.state is CaseState.WAIT_SELLER for case in world.shop.cases.values())
    await assert_nothing_is_lost(world)
