"""A browser that answers no more is killed under whoever waits for it: the case is held or tried again, and no click is broken off (F9)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.domain.action import Action
from bot.domain.case import Snapshot
from bot.domain.outcome import CaseStatus
from bot.errors import PageError
from bot.ports.desks import Listing, Permit
from bot.runner import watchdog
from bot.runner.reading import READS
from tests.simulation.harness import World
from tests.simulation.left_running import spin
from tests.simulation.model_floor import ModelFloor, ModelPage
from tests.simulation.model_shop import SHOP
from tests.simulation.test_trouble import ChallengedFloor, reading_of

LIMIT_S = 0.4
"""Far longer than a case takes here on a PC that is busy."""
LIMITS = {"read_limit_s": LIMIT_S, "work_limit_s": LIMIT_S}


class HangingFloor(ModelFloor):
    """Whoever waits for `answer` is told only that the browser is dead, once it was killed."""

    def __init__(self, world: World, *, mute: bool = False) -> None:
        super().__init__(world.shop)
        self.dead = asyncio.Event()
        self._mute = mute

    async def answer(self) -> None:
        self.dead.clear()
        await self.dead.wait()
        raise PageError("target closed")

    async def abandon(self) -> None:
        await super().abandon()
        if not self._mute:
            self.dead.set()


def hanging(world: World, **how: bool) -> HangingFloor:
    world.floor = floor = HangingFloor(world, **how)
    return floor


def ends(world: World) -> dict[str, tuple[CaseStatus, str]]:
    lines = world.ledger.lines(world.ledger.runs(1)[0])
    return {one.case.aftersale_id: (one.status, one.reasons[0].code if one.reasons else "") for one in lines}


def read_that_hangs(floor: HangingFloor, case: str, times: int) -> Callable[[ModelPage], object]:
    read, hung = ModelPage.read, []

    async def reading(page: ModelPage) -> Snapshot:
        if page.case_id == case and len(hung) < times:
            hung.append(page)
            await floor.answer()
        return await read(page)

    return reading


async def test_a_page_that_hangs_costs_its_case_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed=1)
    floor = hanging(world)
    monkeypatch.setattr(ModelPage, "read", read_that_hangs(floor, "0004", READS))
    result = await world.sweep(**LIMITS)
    assert ends(world)["0004"] == (CaseStatus.HELD, "error.page.hung")
    assert (floor.kills, result.stopped, sum(result.acted.values())) == (READS, None, 8)
    assert set(world.ours.values()) == {1}


async def test_a_page_that_hung_once_is_read_again_in_the_fresh_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed=1)
    floor = hanging(world)
    monkeypatch.setattr(ModelPage, "read", read_that_hangs(floor, "0004", 1))
    result = await world.sweep(**LIMITS)
    assert (floor.kills, sum(result.acted.values())) == (1, 9)


async def test_what_does_not_even_notice_that_its_browser_died_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "GRACE_S", LIMIT_S)
    world = World(seed=1, cases=2)
    floor = hanging(world, mute=True)
    monkeypatch.setattr(ModelPage, "read", read_that_hangs(floor, "0000", READS))
    await world.sweep(**LIMITS)
    assert ends(world)["0000"] == (CaseStatus.HELD, "error.page.hung")


async def test_a_read_before_the_click_that_hangs_voids_it_and_the_case_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(seed=1, cases=1)
    floor, hung = hanging(world), []

    async def picture(_: ModelPage) -> bytes:
        if not hung:
            hung.append(1)
            await floor.answer()
        return b"picture"

    monkeypatch.setattr(ModelPage, "picture", picture)
    result = await world.sweep(**LIMITS, pictures=True)
    assert (floor.kills, sum(result.acted.values()), world.shop.requests) == (1, 1, {"0000": 1})


@pytest.mark.parametrize(("leaves", "requests"), [(True, {"0000": 1}), (False, {})])
async def test_a_click_that_hangs_is_never_broken_off_the_server_is_read_back_in_a_fresh_browser(
    monkeypatch: pytest.MonkeyPatch, *, leaves: bool, requests: dict[str, int]
) -> None:
    """Before SENT the gate held it, and it died there; after SENT only the server knows (F3, F4)."""
    world, perform, cut = World(seed=1, cases=1), ModelPage.perform, []
    floor = hanging(world)

    async def hangs(page: ModelPage, action: Action, permit: Permit) -> None:
        if leaves:
            await perform(page, action, permit)
        try:
            await floor.answer()
        except asyncio.CancelledError:
            cut.append(action)
            raise

    monkeypatch.setattr(ModelPage, "perform", hangs)
    result = await world.sweep(**LIMITS, quiet_wait_s=1)
    assert (floor.kills >= 1, cut, world.shop.requests) == (True, [], requests)
    assert (sum(result.acted.values()), result.unknown) == (1 if leaves else 0, 0)
    assert world.ledger.open_intents(SHOP) == ()


async def test_a_page_that_hangs_waits_with_the_kill_until_the_hand_beside_it_is_done() -> None:
    world = World(seed=1)
    floor = hanging(world)
    dog = watchdog.Watchdog(floor)

    async def read() -> None:
        async with dog.reading(LIMIT_S):
            await floor.answer()

    async with dog.hands:
        task = asyncio.create_task(read())
        await asyncio.sleep(2 * LIMIT_S)
        assert floor.kills == 0
    with pytest.raises(PageError):
        await task
    assert floor.kills == 1


async def test_a_page_that_hangs_never_takes_the_browser_from_under_a_persons_hands() -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=True)
    shop_reading = reading_of(world, floor)
    signing_in = asyncio.create_task(shop_reading.sign_in())
    await spin(lambda: bool(floor.waits))

    async def read() -> None:
        async with shop_reading._watchdog.reading(LIMIT_S):
            await asyncio.Event().wait()

    hung = asyncio.create_task(read())
    await asyncio.sleep(2 * LIMIT_S)
    assert floor.kills == 0
    floor.arrival.set()
    await signing_in
    await spin(lambda: bool(floor.kills))
    hung.cancel()
    await asyncio.gather(hung, return_exceptions=True)


async def test_a_long_list_has_the_same_time_for_each_of_its_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    world, listed = World(seed=1), ModelFloor.list_pending

    async def slowly(
        floor: ModelFloor, progress: Callable[[int, int], None], known: frozenset[str] | None = None
    ) -> Listing:
        for page in range(5):
            await asyncio.sleep(0.1)
            progress(page, 5)
        return await listed(floor, progress, known)

    monkeypatch.setattr(ModelFloor, "list_pending", slowly)
    world.floor = floor = ModelFloor(world.shop)
    result = await world.sweep(work_limit_s=0.3)
    assert (floor.kills, result.stopped) == (0, None)


async def test_a_list_that_hangs_ends_the_sweep_with_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed=1)
    floor = hanging(world)

    async def hangs(*_: object) -> Listing:
        await floor.answer()
        raise AssertionError

    monkeypatch.setattr(ModelFloor, "list_pending", hangs)
    result = await world.sweep(**LIMITS)
    assert (floor.kills, result.stopped and result.stopped.code) == (READS, "error.page.hung")
    assert [alarm.reason.code for alarm in world.troubles] == ["error.page.hung"]
