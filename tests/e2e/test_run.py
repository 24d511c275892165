"""`refundpilot run` against the simulator: killed without warning, started again, and nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import audit, status
from bot.config import load_home
from bot.domain.base import SHANGHAI
from bot.ports.exits import ExitCode
from bot.ports.status import StatusResult
from tests.conftest import ROOT, StartSimulator
from tests.e2e.acceptance import judge, make_home
from tests.e2e.in_process import ours
from tests.nursery import Robot

RUN_LIMIT_S = 240


def started(home: Path, *words: str) -> Robot:
    return Robot((*words, "--home", str(home), "--json"), ROOT).begin()


def told(robot: Robot) -> dict[str, Any]:
    ended = robot.end(RUN_LIMIT_S)
    assert ended.returncode == ExitCode.DONE, ended.stderr[-2000:]
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def stands(home: Path) -> StatusResult:
    return asyncio.run(status(load_home(home, with_logins=False)))


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 by a signal")
def test_service_killed_without_warning_and_started_again_loses_nothing(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    shop = simulator(scenario="mixed", seed=11, cases=10)
    far = datetime.now(SHANGHAI) + timedelta(hours=6)  # no other sweep falls due, however long this one takes
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, pictures=False, sweep=f"{far.minute} {far.hour} * * *")
    before = shop.get("cases")
    killed = started(home, "run")
    give_up = time.monotonic() + RUN_LIMIT_S
    while not ours(shop) and killed.alive and time.monotonic() < give_up:
        time.sleep(0.05)
    running = stands(home)
    assert running.service is not None
    assert running.service.alive
    assert running.service.phase in {"sweeping", "sent"}
    assert {run.job for run in running.next_runs} >= {"sweep", "audit"}
    killed.kill()
    killed.end(RUN_LIMIT_S)

    result = told(started(home, "run", "--until-idle"))
    verdict = judge(shop, home, before)
    assert verdict.safe, verdict
    assert (result["sweeps"], result["errors"], result["missed"], result["why"]) == (1, 0, [], "idle")
    after = stands(home)
    assert after.service is not None
    assert (after.service.alive, after.service.phase, after.next_runs) == (False, "stopped", ())
    assert asyncio.run(audit(load_home(home, with_logins=False))).ok
