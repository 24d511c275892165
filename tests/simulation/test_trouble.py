"""Trouble that is no fault of the shop's protocol: a rule with a bug, a shop that asks for patience, a person at the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain.action import Action
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.errors import BrokenPage, ChallengeRequired, NotSent, PageError, PersonDemanded, RateLimited, TooLate
from bot.ports.desks import Permit
from bot.ports.progress import NullProgress, Stage
from bot.ports.turns import Turn
from bot.runner import judging, reading
from bot.runner.brakes import Brakes
from bot.runner.reading import READS, Reading
from bot.runner.sweep import Sweep
from bot.runner.watchdog import Watchdog
from tests.simulation.harness import World
from tests.simulation.model_floor import ModelFloor, ModelPage
from tests.simulation.model_shop import SHOP

ASKED_S = 40


async def test_bug_in_a_rule_holds_its_case_and_the_sweep_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world, judge = World(seed=1), judging.judge

    def buggy(snapshot: Any, *rest: Any) -> Any:
        if snapshot.key.aftersale_id == "0000":
            raise ZeroDivisionError("a rule that nobody tried")
        return judge(snapshot, *rest)

    monkeypatch.setattr(judging, "judge", buggy)
    result = await world.sweep()
    lines = {line.case.aftersale_id: line for line in world.ledger.lines(world.ledger.runs(1)[0])}
    assert result.stopped is None
    assert (lines["0000"].status, lines["0000"].reasons[0].code) == (CaseStatus.HELD, "error.internal")
    assert sum(result.acted.values()) == 8
    assert "0000" not in world.shop.requests


async def test_shop_that_asks_for_patience_gets_it_before_the_next_click(monkeypatch: pytest.MonkeyPatch) -> None:
    world, perform, sent = World(seed=3, cases=1), ModelPage.perform, []

    async def refused_once(page: ModelPage, action: Action, permit: Permit) -> None:
        sent.append(world.clock.monotonic())
        if len(sent) > 1:
            return await perform(page, action, permit)
        permit.on_send()
        raise RateLimited("429", wait_s=ASKED_S)

    monkeypatch.setattr(ModelPage, "perform", refused_once)
    result = await world.sweep(quiet_wait_s=1)
    assert sum(result.acted.values()) == 1
    first, second = sent
    assert second - first >= ASKED_S


SLOW = TooLate("detail.agree_refund: the guard refused: expired")
BROKEN = BrokenPage("the dialog did not come", code="error.page.wrong")


@pytest.mark.parametrize("trouble", [SLOW, BROKEN], ids=["slow", "broken"])
@pytest.mark.parametrize(("slow", "acted"), [(1, 1), (2, 1), (3, 0)])
async def test_page_slower_than_its_permit_or_without_its_dialog_is_tried_afresh_and_held_after_three(
    monkeypatch: pytest.MonkeyPatch, slow: int, acted: int, trouble: NotSent
) -> None:
    """Nothing left the PC, so nothing is in doubt; a PC that was busy, or a line that broke, for a moment calls nobody."""
    world, perform, tries = World(seed=3, cases=1), ModelPage.perform, []

    async def slowly(page: ModelPage, action: Action, permit: Permit) -> None:
        tries.append(permit.intent)
        if len(tries) <= slow:
            raise trouble
        await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", slowly)
    result = await world.sweep()
    assert (sum(result.acted.values()), result.held) == (acted, 1 - acted)
    assert len(set(tries)) == min(slow + 1, 3), "each try has an intent of its own"
    assert world.shop.requests.get("0000", 0) == acted


async def test_code_that_one_refund_asks_for_holds_that_case_alone_and_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, perform, tried = World(seed=1), ModelPage.perform, []

    async def large_refund(page: ModelPage, action: Action, permit: Permit) -> None:
        if permit.case.aftersale_id != "0000":
            return await perform(page, action, permit)
        permit.on_send()
        tried.append(permit.intent)
        raise PersonDemanded("NEED_SMS", case="0000")

    monkeypatch.setattr(ModelPage, "perform", large_refund)
    for _ in range(2):
        result = await world.sweep()
        lines = {line.case.aftersale_id: line for line in world.ledger.lines(world.ledger.runs(1)[0])}
        assert result.stopped is None
        assert (lines["0000"].status, lines["0000"].reasons[0].code) == (CaseStatus.HELD, PersonDemanded.code)
    assert sum(world.ours.values()) == 8, "all others were done"
    assert [(alarm.case_id, alarm.reason.code) for alarm in world.troubles] == [("0000", PersonDemanded.code)]
    assert len(tried) == 1
    world.shop.cases["0000"].version += 1
    await world.sweep()
    assert len(tried) == 2, "another version is another question"


async def test_click_that_met_a_slider_is_no_end_of_the_sweep_its_case_is_decided_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Opening the case anew is what waits for the person (F21)."""
    calm, world, perform, met = World(seed=1), World(seed=1), ModelPage.perform, []
    await calm.sweep()

    async def a_slider_first(page: ModelPage, action: Action, permit: Permit) -> None:
        if not met:
            met.append(action)
            raise ChallengeRequired("a slider")
        await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", a_slider_first)
    result = await world.sweep()
    assert met
    assert result.stopped is None
    assert world.ours == calm.ours
    assert world.troubles == []


class ChallengedFloor(ModelFloor):
    """Asks for a person, who comes when told."""

    def __init__(self, world: World, *, comes: bool, window: bool = True, deaths: int = 0) -> None:
        super().__init__(world.shop)
        self.arrival = asyncio.Event()
        self.waits = self.presented = 0
        self._deaths = deaths
        self._comes, self._window = comes, window

    async def ensure(self) -> None:
        raise ChallengeRequired("a slider")

    async def present(self) -> bool:
        self.presented += 1
        return self._window

    async def await_person(self, timeout_s: float) -> bool:
        self.waits += 1
        await self.arrival.wait()
        if self.waits <= self._deaths:
            raise PageError("the browser is gone")
        return self._comes


def reading_of(world: World, floor: ModelFloor, turn: Turn | None = None, **told: Any) -> Reading:
    kit, orders = world.kit(), world.orders(**told)
    return Reading(replace(kit, floor=floor, turn=turn), orders, Brakes(kit, orders), Watchdog(floor))


async def test_page_under_a_persons_hands_is_not_thrown_away() -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=True)
    shop_reading = reading_of(world, floor)
    signing_in = asyncio.create_task(shop_reading.sign_in())
    renewing = asyncio.create_task(shop_reading.renew())
    for _ in range(10):
        await asyncio.sleep(0)
    assert (floor.waits, floor.renewals) == (1, 0)
    floor.arrival.set()
    await asyncio.gather(signing_in, renewing)
    assert floor.renewals == 1


@pytest.mark.parametrize("deaths", [1, READS - 1])
async def test_a_check_that_died_with_its_browser_is_asked_for_anew_and_its_page_put_in_front_again(
    deaths: int,
) -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=True, deaths=deaths)
    floor.arrival.set()
    await reading_of(world, floor).sign_in()
    assert (floor.waits, floor.presented) == (deaths + 1, deaths + 1)


async def test_a_check_whose_browser_dies_again_and_again_ends_the_sign_in() -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=True, deaths=READS)
    floor.arrival.set()
    with pytest.raises(PageError):
        await reading_of(world, floor).sign_in()
    assert floor.waits == READS


async def test_a_person_who_did_not_come_is_not_waited_for_again() -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=False)
    floor.arrival.set()
    shop_reading = reading_of(world, floor)
    for _ in range(2):
        with pytest.raises(ChallengeRequired):
            await shop_reading.sign_in()
    assert (floor.waits, len(world.book.alarms)) == (1, 1)


@dataclass
class Countdown(NullProgress):
    """A second passes with each word of it; what is waited for comes when so many are left."""

    world: World
    floor: ChallengedFloor
    comes_at: int = 597
    told: list[tuple[int | None, bool]] = field(default_factory=list)

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        self.told.append((left_s, window))
        self.world.clock.pass_time(1)
        if left_s == self.comes_at:
            self.floor.arrival.set()


@pytest.mark.parametrize("window", [True, False])
async def test_the_seconds_left_for_a_person_are_told_one_by_one_and_taken_back_once_he_came(
    monkeypatch: pytest.MonkeyPatch, *, window: bool
) -> None:
    monkeypatch.setattr(reading, "HEED_S", 0.001)
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=True, window=window)
    world.progress = progress = Countdown(world, floor)
    await reading_of(world, floor).sign_in()
    seconds = [left for left, _ in progress.told]
    assert seconds == [600, 599, 598, 597, None]
    assert all(seen is window for left, seen in progress.told if left is not None)
    assert floor.presented == 1, "the page was put in front once, and then left to the person"


@pytest.mark.parametrize(("window", "wait_s", "times"), [(True, 600.0, 2), (True, 100.0, 1), (False, 600.0, 1)])
async def test_a_window_comes_forward_once_more_in_the_last_minute_of_a_long_wait_and_no_third_time(
    monkeypatch: pytest.MonkeyPatch, *, window: bool, wait_s: float, times: int
) -> None:
    monkeypatch.setattr(reading, "HEED_S", 0)
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=False, window=window)
    at: list[int | None] = []
    present = floor.present

    async def presented() -> bool:
        at.append(progress.told[-1][0] if progress.told else None)
        return await present()

    monkeypatch.setattr(floor, "present", presented)
    world.progress = progress = Countdown(world, floor, comes_at=1)
    with pytest.raises(ChallengeRequired):
        await reading_of(world, floor, challenge_wait_s=wait_s).sign_in()
    assert at == [None, reading.LAST_CALL_S][:times]


class Endless(Countdown):
    """Nobody comes, and the browser says nothing of it."""

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        super().person(shop, left_s, window=window)
        if left_s == 0:
            self.world.clock.pass_time(reading.GRACE_S)


async def test_a_wait_for_a_person_that_the_browser_does_not_end_is_over_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "HEED_S", 0)
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=False)
    world.progress = progress = Endless(world, floor, comes_at=-1)
    with pytest.raises(ChallengeRequired):
        await reading_of(world, floor, challenge_wait_s=5.0).sign_in()
    assert [left for left, _ in progress.told] == [5, 4, 3, 2, 1, 0, None]


@dataclass
class LongWait(NullProgress):
    """Time goes by between the first case's decision and its click."""

    world: World
    seconds: float
    decided: list[str] = field(default_factory=list)

    def case(self, case: CaseKey, stage: Stage) -> None:
        if stage is Stage.DECIDING:
            self.decided.append(case.aftersale_id)
        if stage is Stage.FIRING and self.seconds:
            self.world.clock.pass_time(self.seconds)
            self.seconds = 0


@pytest.mark.parametrize(("minutes", "apart_s", "looks"), [(9, 0, 1), (11, 0, 2), (11, 120, 1)])
async def test_what_was_decided_ten_minutes_ago_is_decided_again_before_the_click(
    minutes: int, apart_s: int, looks: int
) -> None:
    """The shop's own wait between two actions does not count: else a shop with a long one would never come to a click."""
    world = World(seed=1, cases=1)
    world.progress = progress = LongWait(world, minutes * 60)
    await Sweep(world.kit(), world.orders(seconds_between_actions=apart_s), "model").run()
    assert sum(world.ours.values()) == 1
    assert len(progress.decided) == looks


@dataclass
class Turns:
    """A turn that comes back when the test gives it back."""

    given: asyncio.Event = field(default_factory=asyncio.Event)
    laid_down: list[ShopKey] = field(default_factory=list)

    @asynccontextmanager
    async def aside(self, shop: ShopKey) -> AsyncIterator[None]:
        self.laid_down.append(shop)
        yield
        await self.given.wait()

    async def back(self) -> None:
        await self.given.wait()


@pytest.mark.parametrize("comes", [True, False])
async def test_the_turn_is_laid_down_while_a_person_is_waited_for_and_nothing_goes_on_before_it_is_back(
    *, comes: bool
) -> None:
    world, turns = World(seed=1), Turns()
    floor = ChallengedFloor(world, comes=comes)
    shop_reading = reading_of(world, floor, turn=turns)
    signing_in = asyncio.create_task(shop_reading.sign_in())
    await spin_until(lambda: bool(floor.waits))
    assert (turns.laid_down, len(world.book.alarms)) == ([SHOP], 1), "the person is called first"
    floor.arrival.set()
    await asyncio.wait({signing_in}, timeout=1.0)
    assert not signing_in.done()
    assert shop_reading._brakes._person_at_work, "no click before it is this sweep's turn"
    turns.given.set()
    (ended,) = await asyncio.gather(signing_in, return_exceptions=True)
    assert (ended is None) is comes


async def spin_until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)


async def test_nobody_clicks_while_a_person_is_at_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    world, perform = World(seed=3, cases=1), ModelPage.perform
    told: list[bool] = []

    async def challenged_first(page: ModelPage, action: Action, permit: Permit) -> None:
        told.append(bool(world.shop.requests))
        if len(told) == 1:
            with sweep._brakes.person_at_work():
                return await perform(page, action, permit)
        return await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", challenged_first)
    sweep = Sweep(world.kit(), world.orders(), "model")
    result = await sweep.run()
    assert told == [False, False]
    assert (sum(result.acted.values()), world.shop.requests) == (1, {"0000": 1})
