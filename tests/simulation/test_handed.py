"""Claims on verdicts that were handed to the service: carried out or answered on their case and told by a call, also over a crash."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.app.service.desk import Hands
from bot.clock import SystemIds
from bot.domain.decision import Reason
from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey, RunId
from bot.domain.outcome import CaseStatus
from bot.errors import PageError
from bot.ledger.office import OfficeLedger
from bot.ports.exits import ExitCode
from bot.ports.ledger import CaseLine
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.wanted import Wanted
from tests.simulation.left_running import (
    STILL,
    FakeSweeps,
    Left,
    PowerCut,
    SteppedClock,
    alarms,
    every,
    left_running,
    make_home,
    spin,
    verdict,
)
from tests.simulation.model_shop import SHOP
from tests.unit.ledger.story import UNASKED, decision, row, snapshot

CASE = CaseKey(**SHOP.model_dump(), aftersale_id="7")
OTHER = CaseKey(**SHOP.model_dump(), aftersale_id="8")
ALONE = f'sweep = "never"\n{STILL}'


class HandSweeps(FakeSweeps):
    """Ends a verdict's sweep in a run of its own that leaves the case as it is told; None: the shop was not entered."""

    ends: CaseStatus | None = CaseStatus.DONE
    why = Reason(code="hand.changed")
    held_up: Reason | None = None

    async def __call__(self, house: Any, host: Any, wanted: Wanted, *more: Any, **told: Any) -> SweepResult:
        swept = await super().__call__(house, host, wanted, *more, **told)
        if not wanted.verdicts:
            return swept
        run = RunId(house.ids.fresh("run"))
        house.ledger.open_run(run, SHOP, "act", "c", "p")
        if self.ends is not None:
            house.ledger.conclude(run, wanted.verdicts[0].case, self.ends, (self.why,))
        house.ledger.close_run(run, {})
        shop = ShopSweep(shop=str(SHOP), run=run, stopped=self.held_up)
        return SweepResult(run_id=run, shops=(shop,), report="", exit_code=ExitCode.DONE)


def seen(left: Left) -> None:
    """The case was read and waits for a person."""
    ledger, run = left.house.ledger, RunId("r-seen")
    page = snapshot(1, key=CASE)
    ledger.open_run(run, SHOP, "observe", "c", "p")
    ledger.saw(run, [row(1, key=CASE)])
    ledger.decided(run, page, {}, UNASKED, decision(1).model_copy(update={"case": CASE}))
    ledger.conclude(run, CASE, CaseStatus.HELD, (Reason(code="would.propose"),))
    ledger.close_run(run, {})


def accepted(left: Left, clock: SteppedClock, case: CaseKey = CASE) -> tuple[int, HandVerdict]:
    """As the office accepts it."""
    said = verdict("s1", clock).model_copy(update={"case": case})
    ledger = OfficeLedger(left.house.home.files.ledger, clock, SystemIds())
    number = ledger.hand_over(said)
    ledger.close()
    return number, said


def line(left: Left) -> CaseLine:
    (found,) = left.house.ledger.lines(left.house.ledger.runs(1)[0])
    return found


def calls(home: Path) -> list[dict[str, Any]]:
    lines = (home / "logs" / "alarms.jsonl").read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if one["reason"]["code"] == "hand.not_done"]


async def test_a_verdict_is_carried_out_and_answered_once(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=ALONE), SteppedClock()
    sweeps = HandSweeps(clock)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        left.service.hand_over(*accepted(left, clock))
        await left.run(until_idle=True)
        assert left.house.ledger.handed() == ()
    assert [wanted.verdicts[0].case for _, wanted in sweeps.swept] == [CASE]
    assert alarms(home) == []


@pytest.mark.parametrize("cut", ["killed", "ended"])
async def test_a_verdict_outlives_the_service_that_was_handed_it(tmp_path: Path, cut: str) -> None:
    home, clock = make_home(tmp_path / "home", schedule=ALONE), SteppedClock()

    async def power_cut(_: Wanted) -> None:
        if cut == "killed":
            raise PowerCut
        left.stop.set()
        sweeps.ends, sweeps.held_up = None, Reason(code="run.stopped")

    sweeps = HandSweeps(clock, before=power_cut)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        left.service.hand_over(*accepted(left, clock))
        if cut == "killed":
            with pytest.raises(PowerCut):
                await left.run()
        else:
            await left.run()
    sweeps = HandSweeps(clock)
    for _ in range(2):
        with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
            await left.run(until_idle=True)
    assert len(sweeps.swept) == 1, "taken up once, by the next start"
    assert alarms(home) == []


async def test_a_verdict_that_comes_while_the_service_ends_is_the_next_starts(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=ALONE), SteppedClock()
    sweeps = HandSweeps(clock)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        await left.run(until_idle=True)
        left.service.hand_over(*accepted(left, clock))
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        await left.run(until_idle=True)
    assert len(sweeps.swept) == 1


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ("kill", "brake.kill"),
        ("challenge", "error.session.challenge"),
        ("broken", "error.page"),
    ],
)
async def test_a_verdict_that_nothing_came_of_is_answered_on_its_case_and_a_person_called(
    tmp_path: Path, trouble: str, why: str
) -> None:
    home, clock = make_home(tmp_path / "home", schedule=ALONE), SteppedClock()

    async def broken(_: Wanted) -> None:
        raise PageError("no page")

    sweeps = HandSweeps(clock, before=broken if trouble == "broken" else None)
    sweeps.ends, sweeps.held_up = None, Reason(code=why)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        if trouble == "kill":
            left.house.kill.engage(clock.now())
        left.service.hand_over(*accepted(left, clock))
        await left.run(until_idle=True)
        told = line(left)
        assert left.house.ledger.handed() == ()
    assert told.status is CaseStatus.HELD
    assert [reason.code for reason in told.reasons][:2] == ["hand.not_done", why]
    (called,) = calls(home)
    assert (called["urgency"], called["case_id"], called["amount"]) == ("call", "7", {"fen": 1_000})
    assert called["deadline"] is not None
    assert called["reason"]["params"]["by"] == "Li"


async def test_a_verdict_that_its_page_refused_calls_whoever_thinks_it_done(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=ALONE), SteppedClock()
    sweeps = HandSweeps(clock)
    sweeps.ends = CaseStatus.HELD
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        left.service.hand_over(*accepted(left, clock))
        await left.run(until_idle=True)
        assert [reason.code for reason in line(left).reasons] == ["hand.changed"], "the sweep's own words stay"
        assert left.house.ledger.handed() == ()
    assert len(calls(home)) == 1


@pytest.mark.parametrize("code", ["hand.waits", "settle.unknown"])
async def test_a_hold_that_was_asked_for_or_told_already_calls_nobody(tmp_path: Path, code: str) -> None:
    home, clock = make_home(tmp_path / "home", schedule=ALONE), SteppedClock()
    sweeps = HandSweeps(clock)
    sweeps.ends, sweeps.why = CaseStatus.HELD, Reason(code=code)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        left.service.hand_over(*accepted(left, clock))
        await left.run(until_idle=True)
        assert left.house.ledger.handed() == ()
    assert alarms(home) == []


class LongSweeps(HandSweeps):
    """Sixty cases of a minute each; heeds its stop between two of them, as a sweep does."""

    cases = 60

    async def __call__(self, house: Any, host: Any, wanted: Wanted, *more: Any, **told: Any) -> SweepResult:
        _, stop = more[:2]
        swept = await super().__call__(house, host, wanted, *more, **told)
        while self.cases and not wanted.verdicts and not stop.is_set():
            await self.clock.sleep(60)
            self.cases -= 1
        shop = ShopSweep(shop=str(SHOP), stopped=Reason(code="run.stopped") if self.cases else None)
        return swept if wanted.verdicts else swept.model_copy(update={"shops": (shop,)})


@pytest.mark.parametrize("asked", ["schedule", "person"])
async def test_a_long_sweep_gives_way_to_a_verdict_and_goes_on_behind_it(tmp_path: Path, asked: str) -> None:
    home = make_home(tmp_path / "home", schedule=ALONE if asked == "person" else every("24h"))
    clock = SteppedClock()
    sweeps = LongSweeps(clock)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        async with left.running() as running:
            whole = asyncio.create_task(left.service.ask(Wanted(shop=SHOP))) if asked == "person" else None
            await spin(lambda: clock.monotonic() > 100)
            for case in (CASE, OTHER):
                left.service.hand_over(*accepted(left, clock, case))
            await spin(lambda: len(sweeps.swept) == 4 and (sweeps.cases == 0 or running.done()))
            answer = await whole if whole else None
    kinds = [bool(wanted.verdicts) for _, wanted in sweeps.swept]
    assert kinds == [False, True, True, False], "both at once, then what is left"
    assert 600 <= sweeps.times[1] - 100 <= 700, "the case in hand is settled, and a sweep is not broken off at once"
    assert answer is None or answer.shops[0].stopped is None, "who asked for the sweep waits for its end"


async def test_a_sweep_that_ends_in_time_is_not_broken_off_and_is_done_once(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("24h")), SteppedClock()
    sweeps = LongSweeps(clock)
    sweeps.cases = 5
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        seen(left)
        async with left.running():
            await spin(lambda: clock.monotonic() > 100)
            left.service.hand_over(*accepted(left, clock))
            await spin(lambda: clock.monotonic() > 1_000)
    assert [bool(wanted.verdicts) for _, wanted in sweeps.swept] == [False, True]
