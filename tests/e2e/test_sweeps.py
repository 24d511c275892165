"""The real robot as its own process against the real simulator: what a merchant would see, told by the simulator's probe."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.browser.launch import BrowserHost
from bot.clock import SystemClock, SystemIds
from bot.config import HomeFiles
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlLedger
from tests.conftest import Simulator, StartSimulator
from tests.e2e.acceptance import OUTLASTING_S, Verdict, judge, lines_of, make_home, storm, sweep
from tests.e2e.in_process import alarms, lend_browser, only, sweep_here
from tests.e2e.person import Person, somebody_around
from tests.unit.config.homes import spoil

DAY_S = 24 * 3600
FAST = {"quiet_wait_s": 1, "pictures": False}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def here(host: BrowserHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweeps run in this process and browser; a process of its own where its exit code, output or death is the claim."""
    lend_browser(monkeypatch, host)


def told(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout; anything else there is a failure."""
    assert ended.stdout, ended.stderr[-2000:]
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def assert_safe(verdict: Verdict) -> None:
    assert verdict.outside_label == ()
    assert verdict.twice == ()
    assert verdict.without_receipt == ()
    assert verdict.without_end == ()


def ours(simulator: Simulator) -> Counter[str]:
    return Counter(effect["verb"] for effect in simulator.get("effects") if effect["actor"].startswith("seller:"))


def test_mixed_sweep_acts_only_within_labels_and_automates_four_of_five(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="mixed", seed=21, cases=16)
    before = shop.get("cases")
    make_home(shop, home, read="auto")
    ended = sweep(home)
    verdict = judge(shop, home, before)
    assert_safe(verdict)
    assert verdict.automation >= 0.8, verdict.missed
    assert ended.returncode in {0, 1}
    (told_shop,) = told(ended)["shops"]
    assert told_shop["acted"] == dict(verdict.effects)


@pytest.mark.usefixtures("here")
async def test_storm_of_all_faults_pays_nobody_twice_and_loses_no_case(
    simulator: StartSimulator, home: Path, host: BrowserHost
) -> None:
    shop = simulator(scenario="mixed", seed=31, cases=12)
    before = shop.get("cases")
    make_home(shop, home, challenge_wait_s=60, **{**FAST, "quiet_wait_s": OUTLASTING_S})
    async with somebody_around(Person(host, shop, home)):
        storm(shop, 0.05, 31)
        await sweep_here(home)
        storm(shop, 0, 31)
        await sweep_here(home)
    verdict = judge(shop, home, before)
    assert verdict.twice == ()
    assert verdict.without_receipt == ()
    assert verdict.without_end == ()


def test_killed_without_warning_and_restarted_ends_the_same(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="mixed", seed=41, cases=10)
    before = shop.get("cases")
    make_home(shop, home, **FAST)
    for seconds in (5.0, 7.0, 9.0):
        sweep(home, kill_after_s=seconds)
    sweep(home)
    verdict = judge(shop, home, before)
    assert_safe(verdict)
    assert verdict.automation >= 0.8, verdict.missed


@pytest.mark.usefixtures("here")
async def test_a_courier_that_refuses_its_account_calls_a_person_once_and_is_not_asked_again_by_the_next_sweep(
    simulator: StartSimulator, home: Path, host: BrowserHost
) -> None:
    shop = simulator(scenario="intercept", seed=51, cases=10)
    make_home(shop, home, posture="observe", pictures=False)
    spoil(home / "credentials.toml", shop.probe.get("/sandbox.json").json()["courier_password"], "wrong")
    try:
        for _ in range(2):
            await sweep_here(home)
        assert shop.get("requests").get("POST courier:/login") == 1
    finally:
        host.refused.clear()
    told = [one for one in alarms(home) if one["reason"]["code"] == "courier.refused"]
    assert [(one["urgency"], one["shop"]["shop_id"]) for one in told[:1]] == [("call", "main")]
    with closing(SqlLedger(HomeFiles(home).ledger, SystemClock(), SystemIds())) as ledger:
        (entry,) = [one for one in ledger.open_alarms() if one.alarm.reason.code == "courier.refused"]
    assert entry.times == 2


@pytest.mark.usefixtures("here")
async def test_intercepted_parcel_is_refunded_only_after_it_came_back(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="intercept", seed=51, cases=10)
    make_home(shop, home, pictures=False)
    on_the_road = only([case for case in shop.get("cases") if "intercept" in case["label"]])

    def done(verb: str) -> set[str]:
        """Cases on which we did this: time-outs of the platform are not ours."""
        ours = (effect for effect in shop.get("effects") if effect["actor"].startswith("seller:"))
        return {effect["aftersale_id"] for effect in ours if effect["verb"] == verb}

    await sweep_here(home, pick=on_the_road)
    asked = done("intercept")
    assert asked
    shop.post("clock", advance_s=DAY_S // 4)
    await sweep_here(home, pick=on_the_road)
    assert not done("agree_refund") & asked
    shop.post("clock", advance_s=2 * DAY_S)
    await sweep_here(home, pick=on_the_road)
    labels = {case["aftersale_id"]: case["label"] for case in shop.get("cases")}
    back = done("agree_refund") & asked
    assert back
    assert all("agree_refund" in labels[case] for case in back)


def test_observe_sends_no_write(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="mixed", seed=61, cases=10)
    make_home(shop, home, **FAST)
    ended = sweep(home, "--posture", "observe")
    assert not ours(shop)
    assert sum(told(ended)["shops"][0]["proposed"].values()) > 0


def test_kill_switch_leaves_every_case_alone(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="calm", seed=62, cases=10)
    make_home(shop, home)
    (home / "STOP").write_text("stop", encoding="utf-8")
    ended = sweep(home)
    assert ended.returncode == 4
    assert not ours(shop)


@pytest.mark.parametrize("scenario", ["frame", "two-shops"])
@pytest.mark.usefixtures("here")
async def test_every_kind_of_shop_is_swept_within_labels(simulator: StartSimulator, home: Path, scenario: str) -> None:
    shop = simulator(scenario=scenario, seed=71, cases=10)
    before = shop.get("cases")
    make_home(shop, home, **FAST)
    await sweep_here(home)
    verdict = judge(shop, home, before)
    assert_safe(verdict)
    assert verdict.automation >= 0.8, verdict.missed


@pytest.mark.usefixtures("here")
async def test_account_without_the_right_tries_once_and_holds_the_rest(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="limited", seed=72, cases=10)
    make_home(shop, home, **FAST)
    await sweep_here(home)
    assert ours(shop)["agree_refund"] == 0
    codes = Counter(line.reasons[0].code for line in lines_of(home).values() if line.status is CaseStatus.HELD)
    assert codes["brake.permission"] + codes["error.session.permission"] > 0


def test_challenge_that_nobody_passes_ends_with_code_three(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="challenge", seed=73, cases=10)
    make_home(shop, home, challenge_wait_s=1)
    ended = sweep(home)
    assert ended.returncode == 3
    assert not ours(shop)


@pytest.mark.usefixtures("here")
async def test_second_sweep_does_nothing_twice(simulator: StartSimulator, home: Path) -> None:
    shop = simulator(scenario="calm", seed=74, cases=10)
    make_home(shop, home, pictures=False)
    await sweep_here(home)
    first = ours(shop)
    assert first
    await sweep_here(home)
    assert ours(shop) == first
