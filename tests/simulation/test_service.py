"""The service over a stepped clock: on time, once, never twice, honest about what it missed, and ended in good order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app.brakes import close_breaker
from bot.app.service import Service, run_service, service, worker
from bot.app.sweeping import sign_in_of
from bot.app.wiring import House
from bot.browser.launch import BrowserHost
from bot.config import load_home
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.money import Money
from bot.errors import LedgerError, PageError, Stopped
from bot.ports.progress import NullProgress, Progress, Stage
from bot.ports.results import SweepResult
from bot.ports.status import Cause, RunOptions
from bot.ports.wanted import Sparing, Wanted
from bot.scheduler.duties import Duty, Job
from tests.simulation.left_running import (
    STILL,
    FakeHost,
    FakeSweeps,
    Left,
    SteppedClock,
    alarms,
    every,
    hands,
    left_running,
    make_home,
    spin,
)
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import START
from tests.unit.ledger.story import row


async def test_shop_is_swept_at_the_start_and_then_by_its_rhythm(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        result = await left.run(for_s=901)
    assert [round(at / 300) for at in sweeps.times] == [0, 1, 2, 3]
    assert all(at % 300 < 2 for at in sweeps.times)
    assert (result.sweeps, result.why, result.missed) == (4, "time", ())
    assert alarms(home) == []


async def test_after_every_sweep_what_it_freed_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps, given = FakeSweeps(clock), list[float]()
    monkeypatch.setattr(worker, "give_back", lambda: given.append(clock.monotonic()))
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(for_s=901)
    assert len(given) == len(sweeps.times) == 4
    assert all(at >= swept + sweeps.takes_s for at, swept in zip(given, sweeps.times, strict=True))


async def test_sweep_that_overruns_queues_its_next_once_and_is_told_once(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("1m")), SteppedClock()
    sweeps = FakeSweeps(clock, takes_s=200)
    with left_running(home, clock, hands(sweeps)) as left:
        result = await left.run(for_s=1000)
    gaps = [later - one for one, later in zip(sweeps.times, sweeps.times[1:], strict=False)]
    assert all(200 <= gap < 203 for gap in gaps), "the next one follows at once"
    assert sweeps.most_at_once == 1
    assert {run.cause for run in result.missed} == {Cause.OVERRUN}
    assert sum(run.count for run in result.missed) + len(sweeps.times) - 1 == int(sweeps.times[-1] // 60), (
        "each is told"
    )
    assert alarms(home) == ["missed.overrun"]


async def test_a_sweep_that_overruns_is_told_of_while_it_goes_on(tmp_path: Path) -> None:
    """What hangs would never tell it itself."""
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock, takes_s=86_400)
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running() as task:
            await spin(lambda: clock.monotonic() > 601)
            assert alarms(home) == ["missed.overrun"]
            assert len(sweeps.swept) == 1
            task.cancel()


class Speaking(FakeSweeps):
    """Says a word of its work every minute for a while, then no more."""

    words = 20

    async def __call__(
        self, house: House, host: BrowserHost, wanted: Wanted, progress: Progress, *rest: object, **told: object
    ) -> SweepResult:
        for number in range(self.words):
            case = CaseKey(platform="model", shop_id="s1", aftersale_id=str(number))
            progress.case(case, Stage.READING)
            await self.clock.sleep(60)
        return await super().__call__(house, host, wanted, progress, *rest, **told)


async def test_a_sweep_that_gets_on_begins_its_phase_anew_and_one_that_stands_still_grows_old(tmp_path: Path) -> None:
    """So that the watch need not wait for hours: also where nothing is ever clicked."""
    home, clock = make_home(tmp_path / "home", schedule=every("1h")), SteppedClock()
    sweeps = Speaking(clock, takes_s=3000)
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running() as task:
            await spin(lambda: clock.monotonic() > 1100)
            assert _in_phase_s(left, clock) <= 61
            await spin(lambda: clock.monotonic() > 3500)
            assert _in_phase_s(left, clock) > 2300
            task.cancel()


def _in_phase_s(left: Left, clock: SteppedClock) -> float:
    assert left.beat["phase"] == "sweeping"
    return (clock.now() - datetime.fromisoformat(left.beat["phase_since"])).total_seconds()


async def test_sweeps_of_the_schedule_look_quickly_between_two_whole_lists_and_let_cases_rest(tmp_path: Path) -> None:
    schedule = every("5m") + "full_list_minutes = 15\nrecheck_minutes = 20\n"
    home, clock = make_home(tmp_path / "home", schedule=schedule), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(for_s=1801)
        assert [wanted.sparing.quick for _, wanted in sweeps.swept] == [False, True, True, False, True, True, False]
        assert {(wanted.sparing.recheck_s, wanted.sparing.follow_s) for _, wanted in sweeps.swept} == {(1200, 0)}
    sweeps.swept.clear()
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(for_s=301)
    assert sweeps.swept[0][1].sparing.quick is False, "a service that starts knows of no list"


@pytest.mark.parametrize("spoiled", [{"stopped": Reason(code="run.stopped")}, {"full": 0}])
async def test_a_whole_list_counts_only_once_its_sweep_came_to_the_end(
    tmp_path: Path, spoiled: dict[str, object]
) -> None:
    schedule = every("5m") + (f"full_list_minutes = {spoiled['full']}\n" if "full" in spoiled else "")
    home, clock = make_home(tmp_path / "home", schedule=schedule), SteppedClock()
    stopped = spoiled.get("stopped")
    sweeps = FakeSweeps(clock, stopped=stopped if isinstance(stopped, Reason) else None)
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(for_s=901)
    assert not any(wanted.sparing.quick for _, wanted in sweeps.swept)


async def test_what_follow_ups_would_find_the_sweep_in_their_place_finds_as_soon(tmp_path: Path) -> None:
    schedule = every("5m").replace('follow_up = "never"', 'follow_up = "2m"')
    home, clock = make_home(tmp_path / "home", schedule=schedule), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(until_idle=True)
    assert sweeps.swept[0][1].sparing == Sparing(recheck_s=1800, follow_s=120)


async def test_what_is_asked_for_by_hand_or_by_id_never_rests(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running():
            await spin(lambda: len(sweeps.swept) == 1)
            await left.service.ask(Wanted(shop=SHOP))
        rounds = left.service._worker._rounds
        found = rounds.sparing(left.house, Duty(Job.FOLLOW_UP, SHOP), clock.now())
    assert sweeps.swept[1][1].sparing == Sparing()
    assert (found.recheck_s, found.quick) == (0, True), "followed up by id, beside a quick look"


async def test_shops_that_are_due_together_are_swept_in_the_order_of_the_plan(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", "s3", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        ledger = left.house.ledger
        for shop, amount in (("s1", 0), ("s2", 500), ("s3", 90_000)):
            place = ShopKey(platform="model", shop_id=shop)
            ledger.open_run(RunId(f"r-{shop}"), place, "act", "c", "p")
            rows = [row(1, key=CaseKey(**place.model_dump(), aftersale_id="1"), amount=Money(amount))] if amount else []
            ledger.saw(RunId(f"r-{shop}"), rows, START)
            ledger.close_run(RunId(f"r-{shop}"), {})
        await left.run(until_idle=True)
    assert [str(wanted.shop) for _, wanted in sweeps.swept] == ["model/s3", "model/s2", "model/s1"]


async def test_what_waits_behind_another_shop_is_foretold_when_that_one_is_picked(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        ledger = left.house.ledger
        for shop, count, amount, seconds in (("s1", 50, 90_000, 105), ("s2", 1, 500, 60)):
            place, ends = ShopKey(platform="model", shop_id=shop), START + timedelta(seconds=seconds)
            ledger.open_run(RunId(f"r-{shop}"), place, "act", "c", "p")
            keys = [CaseKey(**place.model_dump(), aftersale_id=str(number)) for number in range(count)]
            ledger.saw(
                RunId(f"r-{shop}"), [row(1, key=key, amount=Money(amount), deadline_at=ends) for key in keys], START
            )
            ledger.close_run(RunId(f"r-{shop}"), {})
        seen: list[list[str]] = []

        async def look(_: Wanted) -> None:
            seen.append(
                [str(one.alarm.shop) for one in left.house.notifier.open() if one.alarm.reason.code == "plan.late"]
            )

        sweeps.before = look
        await left.run(until_idle=True)
    assert [str(wanted.shop) for _, wanted in sweeps.swept] == ["model/s1", "model/s2"]
    assert seen[0] == ["model/s2"], "before the other one's sweep began"


async def test_kill_switch_lets_nothing_begin_within_a_second_and_holds_the_queue(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running():
            await spin(lambda: clock.monotonic() > 200)
            left.house.kill.engage(clock.now())
            await spin(lambda: clock.monotonic() > 1000)
            assert len(sweeps.swept) == 1
            with pytest.raises(Stopped):
                await left.service.ask(Wanted())
            left.house.kill.clear()
            cleared = clock.monotonic()
            await spin(lambda: len(sweeps.swept) == 2)
            assert sweeps.times[1] - cleared <= 1
        (held_up,) = left.house.ledger.missed_runs(9)
    assert (held_up.cause, held_up.count) == (Cause.BRAKE, 2)
    assert alarms(home) == [], "a person did it and knows"


async def test_shop_with_an_open_breaker_is_left_alone_and_told_once(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        left.house.ledger.set_breaker(SHOP, "page")
        async with left.running() as task:
            await spin(lambda: clock.monotonic() > 400)
            assert {str(wanted.shop) for _, wanted in sweeps.swept} == {"model/s2"}
            assert await close_breaker(load_home(home), SHOP) == "page", "beside the service, as the command does it"
            await spin(lambda: clock.monotonic() > 700)
        assert {str(wanted.shop) for _, wanted in sweeps.swept} == {"model/s1", "model/s2"}
        assert (await task).skipped == 2
        assert left.house.ledger.open_alarms() == (), "closing it answers what was told of it"
    assert alarms(home) == ["service.breaker"]


async def test_ledger_error_ends_the_service_and_the_heartbeat_falls_silent(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()

    async def fail(_: Wanted) -> None:
        raise LedgerError("the disk is full")

    with left_running(home, clock, hands(FakeSweeps(clock, before=fail))) as left:
        with pytest.raises(LedgerError):
            await left.run(for_s=900)
        assert left.beat["phase"] != "stopped"


async def test_errand_that_breaks_is_told_once_and_the_next_one_done(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()

    async def fail(_: Wanted) -> None:
        raise PageError("no page")

    sweeps = FakeSweeps(clock, before=fail)
    with left_running(home, clock, hands(sweeps)) as left:
        result = await left.run(for_s=901)
    assert (len(sweeps.swept), result.errors, result.sweeps) == (4, 4, 0)
    assert alarms(home) == ["service.failed"]


async def test_browser_that_died_or_is_worn_is_started_afresh_before_the_next_errand(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        left.host.alive = False
        assert (await left.run(until_idle=True)).restarts == 1
        assert left.host.alive


@pytest.mark.parametrize("by_hand", [True, False])
async def test_sign_in_that_is_too_old_or_was_ended_is_forgotten_between_sweeps(
    tmp_path: Path, *, by_hand: bool
) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        (shop,) = left.house.home.settings.shop
        since = clock.now() - (timedelta() if by_hand else timedelta(hours=23, minutes=59))
        left.host.signed_in[sign_in_of(shop)] = since
        async with left.running():
            await spin(lambda: clock.monotonic() > 30)
            assert (left.service.sessions()[0].since, left.beat["signed_in"]) == (
                since, {str(SHOP): since.isoformat()},
            )  # fmt: skip
            if by_hand:
                left.service.end_sign_in(SHOP)
            await spin(lambda: clock.monotonic() > 120)
            assert (left.host.signed_in, left.beat["signed_in"]) == ({}, {})
            assert left.service.sessions()[0].since is None


async def test_who_waits_for_an_errand_is_told_when_the_service_is_left_at_once(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        running = asyncio.create_task(left.run())
        await spin(lambda: sweeps.at_once == 1)
        in_hand, waiting = (asyncio.create_task(left.service.ask(Wanted(shop=SHOP))) for _ in range(2))
        await spin(lambda: len(sweeps.swept) == 2)
        running.cancel()
        ended = await asyncio.gather(running, in_hand, waiting, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError, Stopped, Stopped]


async def test_guest_lives_as_long_as_the_service_and_may_ask_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, happened = make_home(tmp_path / "home", schedule=f'sweep = "never"\n{STILL}'), []

    @asynccontextmanager
    async def no_browser(*_: object) -> AsyncIterator[FakeHost]:
        yield FakeHost()

    @asynccontextmanager
    async def console(guest_of: Service) -> AsyncIterator[None]:
        happened.append(guest_of.next_runs)
        yield
        happened.append("gone")

    monkeypatch.setattr(service, "browser_for", no_browser)
    options = RunOptions(until_idle=True)
    result = await run_service(
        load_home(home), options, NullProgress(), asyncio.Event(), SteppedClock(), guests=[console]
    )
    assert result.why == "idle"
    plan, gone = happened
    assert ([one.job for one in plan], gone) == (["report"], "gone")
