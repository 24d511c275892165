"""Claims on the service's clockwork: what was slept through is missed and caught up once, chores, calendar, heartbeat and next runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app.service import clockwork
from bot.app.service.desk import Hands
from bot.app.wiring import House
from bot.domain.base import SHANGHAI
from bot.ports.status import Cause
from bot.ports.wanted import Wanted
from bot.scheduler.duties import Job
from tests.simulation.left_running import (
    FakeSweeps,
    PowerCut,
    SteppedClock,
    alarms,
    every,
    hands,
    left_running,
    make_home,
    spin,
)
from tests.simulation.model_world import START


async def test_two_hours_of_sleep_are_one_missed_run_and_one_sweep(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running():
            await spin(lambda: len(sweeps.swept) == 2 and not sweeps.at_once)
            clock.pass_time(7200)
            await spin(lambda: len(sweeps.swept) == 4 and not sweeps.at_once)
            caught_up = clock.monotonic()
        missed = left.house.ledger.missed_runs(9)
    assert caught_up < 7200 + 60, "at once"
    assert [(run.duty, run.count, run.cause) for run in missed] == [
        ("sweep model/s2", 24, Cause.ASLEEP),
        ("sweep model/s1", 24, Cause.ASLEEP),
    ]
    assert missed[0].first == START + timedelta(minutes=5)
    assert alarms(home) == ["missed.asleep"]


async def test_what_no_service_was_there_for_is_missed_and_caught_up_once(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(until_idle=True)
        assert left.beat["phase"] == "stopped"
    clock.pass_time(3600)
    with left_running(home, clock, hands(sweeps)) as left:
        result = await left.run(until_idle=True)
    assert len(sweeps.swept) == 2
    assert [(run.duty, run.count, run.cause) for run in result.missed] == [("sweep model/s1", 12, Cause.DOWN)]
    assert alarms(home) == ["missed.down"]


async def test_sweep_that_was_broken_off_is_done_again_and_is_no_missed_one(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("10m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(until_idle=True)

    async def cut(_: Wanted) -> None:
        raise PowerCut

    sweeps.before = cut
    with left_running(home, clock, hands(sweeps)) as left, pytest.raises(PowerCut):
        await left.run(for_s=1200)
    assert left.beat["phase"] != "stopped", "nobody said good-bye"
    sweeps.before = None
    with left_running(home, clock, hands(sweeps)) as left:
        result = await left.run(until_idle=True)
    assert len(sweeps.swept) == 3
    assert result.missed == ()


async def test_chores_are_done_at_their_time_and_one_that_breaks_is_told(tmp_path: Path) -> None:
    done = []

    async def audit(house: House) -> None:
        done.append(house.clock.now())
        raise ValueError("broken")

    schedule = 'sweep = "never"\nfollow_up = "never"\nreconcile = "never"\naudit = "5 10 * * *"\nretention = "never"\n'
    home, clock = make_home(tmp_path / "home", schedule=schedule), SteppedClock()
    with left_running(home, clock, Hands(sweep=FakeSweeps(clock), chores={Job.AUDIT: audit})) as left:
        result = await left.run(for_s=600)
    assert [f"{at:%H:%M}" for at in done] == ["10:05"]
    assert result.chores == {"audit": 1}
    assert alarms(home) == ["service.chore"]


async def test_heartbeat_comes_every_ten_seconds_and_says_the_phase(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock, takes_s=35)
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running():
            await spin(lambda: clock.monotonic() > 30)
            assert (left.beat["phase"], left.beat["shop"]) == ("sweeping", "model/s1")
            assert left.beat["at"] > (START + timedelta(seconds=19)).isoformat()
            await spin(lambda: not sweeps.at_once and clock.monotonic() > 60)
            assert (left.beat["phase"], left.beat["shop"]) == ("sleeping", "")


async def test_next_runs_are_in_order_and_of_every_shop(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        coming = left.service.next_runs
    assert [(run.job, run.shop) for run in coming] == [("sweep", "model/s1"), ("sweep", "model/s2")]
    assert {run.at for run in coming} == {START + timedelta(minutes=5)}


async def test_year_without_a_calendar_is_told_once_and_only_where_days_off_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clockwork, "is_known", lambda _: False)
    for name, days_off in (("with", '[schedule.days_off]\nsweep = "10m"\n'), ("without", "")):
        home, clock = make_home(tmp_path / name, schedule=every("5m") + days_off), SteppedClock()
        with left_running(home, clock, hands(FakeSweeps(clock))) as left:
            await left.run(for_s=30)
        assert alarms(home) == (["service.calendar"] if days_off else [])


@pytest.mark.parametrize(
    ("days", "holidays", "told"),
    [
        (32, "", []),
        (30, "", ["service.calendar"]),
        (30, 'holidays = ["{year}-01-01"]\n', []),
        (-1, "", ["service.calendar"]),
    ],
)
async def test_a_year_without_a_calendar_is_told_a_month_before_it_begins_unless_its_days_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, holidays: str, told: list[str]
) -> None:
    year = START.year + 1
    monkeypatch.setattr(clockwork, "is_known", lambda asked: asked < year)
    own = holidays.format(year=year)
    home, clock = make_home(tmp_path / "home", schedule=f"{every('5m')}{own}[schedule.days_off]\n"), SteppedClock()
    clock.pass_time((datetime(year, 1, 1, tzinfo=SHANGHAI) - START).total_seconds() - days * 86_400)
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        await left.run(for_s=30)
    assert alarms(home) == told
