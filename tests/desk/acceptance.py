"""Interceptions through the whole robot at the real window, held against the simulator's own word.

uv run python -m tests.desk.acceptance --interceptions 10 --traps 0.2 [--scale 1.25] [--seed 1]
uv run python -m tests.desk.acceptance --scenario mixed --cases 60    # web shop, window and proofs together
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import httpx

from bot.clock import SystemClock
from bot.config import read_sandbox, sandbox_address
from bot.desktop import segment
from bot.desktop.desktop import Desktop, Manners
from bot.desktop.driver import PyautoguiDriver
from bot.desktop.lock import ScreenLock, screen_lock_path
from bot.domain.facts import Known
from bot.ocr.engine import reader
from bot.ports.desks import InterceptDesk
from flows.courier_desk.wording import STATES
from flows.registry import Counter as Place
from flows.registry import Login, Screen, courier_desk
from tests.conftest import Simulator, end_simulator, start_simulator
from tests.desk import stage
from tests.e2e import acceptance
from tests.e2e.acceptance import lines_of, make_home, receipts_of, sweep

COURIERS = ["中通快递", "圆通速递", "申通快递", "韵达快递", "极兔速递", "顺丰速运", "邮政EMS", "京东快递"]
SWEEPS = 4
"""What a trap cost a case in one sweep is done by the next; more would hide a robot that gets nowhere."""
A_DAY_S = 86_400


@dataclass(frozen=True)
class Verdict:
    """What the simulator's probe says of it; `unread` states are not wrong ones, they go to a person."""

    wanted: int
    done: int
    wrong_waybill: tuple[str, ...]
    twice: tuple[str, ...]
    without_receipt: tuple[str, ...]
    receipt_for_nothing: tuple[str, ...]
    in_doubt_without_hold: tuple[str, ...]
    states_right: int
    states_wrong: tuple[str, ...]
    states_unread: tuple[str, ...]
    held: Counter[str]

    @property
    def idle(self) -> bool:
        """Who does nothing does nothing wrong, and proves nothing."""
        return self.done < self.wanted / 2

    @property
    def safe(self) -> bool:
        return not (
            self.wrong_waybill
            or self.twice
            or self.receipt_for_nothing
            or self.in_doubt_without_hold
            or self.states_wrong
        )


def home_with_desk(simulator: Simulator, folder: Path, client: stage.Client) -> Path:
    """A home whose parcels are called back at the window."""
    home = make_home(simulator, folder, quiet_wait_s=2, reader_tabs=1, read="auto")
    sheet = read_sandbox(httpx.get(sandbox_address(simulator.url), trust_env=False).content)
    block = {
        "name": "desk",
        "couriers": COURIERS,
        "title": client.title,
        "process": client.program,
        "account": sheet.courier_account,
        "quiet_s": 1,
    }
    told = "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in block.items())
    settings, credentials = home / "refundpilot.toml", home / "credentials.toml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n[[courier_desk]]\n{told}\n", encoding="utf-8")
    secret = json.dumps(sheet.courier_password.get_secret_value())
    text = f'{credentials.read_text(encoding="utf-8")}\n[courier_desk."desk"]\npassword = {secret}\n'
    credentials.write_text(text, encoding="utf-8")
    return home


def desk_at(simulator: Simulator, client: stage.Client) -> InterceptDesk:
    """A desk in this process, for questions after the sweeps."""
    sheet = read_sandbox(httpx.get(sandbox_address(simulator.url), trust_env=False).content)
    lock, clock = ScreenLock(screen_lock_path()), SystemClock()
    desktop = Desktop(PyautoguiDriver(), reader, clock, lock, manners=Manners(1.0, 60.0), find_boxes=segment.text_boxes)
    place = Place("desk", tuple(COURIERS), client.title, client.program)
    return courier_desk().open_desk(
        Screen(desktop), place, Login(sheet.courier_account, sheet.courier_password.get_secret_value())
    )


def truths(simulator: Simulator, waybills: list[str]) -> dict[str, str]:
    """The courier's own word on each interception, asked at its door and not at its window."""
    sheet = read_sandbox(httpx.get(sandbox_address(simulator.url), trust_env=False).content)
    with httpx.Client(base_url=simulator.courier, trust_env=False) as door:
        secret = sheet.courier_password.get_secret_value()
        said = door.post("/desk/login", json={"account": sheet.courier_account, "password": secret}).raise_for_status()
        head = {"Authorization": f"Bearer {said.json()['token']}"}
        return {
            one: door.get(f"/desk/waybills/{one}", headers=head).raise_for_status().json()["intercept"]
            for one in waybills
        }


def intercepts(simulator: Simulator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = simulator.get("effects")
    return [one for one in found if one["verb"] == "intercept" and one["actor"].startswith("seller:")]


async def states(
    simulator: Simulator, desk: InterceptDesk, waybills: list[str]
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Right, wrong, unread, a day later: by then every interception has its end."""
    simulator.post("clock", advance_s=A_DAY_S)
    right, wrong, unread = 0, [], []
    for waybill, word in truths(simulator, waybills).items():
        told = await desk.follow(waybill)
        true = STATES[word.partition("：")[0]]
        if not isinstance(told, Known):
            unread.append(f"{waybill}: {told.raw}")
        elif told.value is true:
            right += 1
        else:
            wrong.append(f"{waybill}: read {told.value}, is {true}")
    return right, tuple(wrong), tuple(unread)


def judge(simulator: Simulator, home: Path, client: stage.Client, labels: dict[str, list[str]]) -> Verdict:
    """Hold effects against labels and ledger, then ask the window for every state."""
    lines, effects = lines_of(home), intercepts(simulator)
    counts = Counter(effect["aftersale_id"] for effect in effects)
    booked = {case for case, verb in receipts_of(home) if verb == "intercept"}
    waybills = [
        line.snapshot.forward.waybill
        for case in counts
        if (line := lines.get(case)) and line.snapshot and line.snapshot.forward
    ]
    right, wrong, unread = asyncio.run(states(simulator, desk_at(simulator, client), waybills))
    silent = [case for case in counts if case not in booked]
    return Verdict(
        wanted=sum("intercept" in label for label in labels.values()),
        done=len(counts),
        wrong_waybill=tuple(case for case in counts if "intercept" not in labels.get(case, [])),
        twice=tuple(one["aftersale_id"] for one in effects if counts[one["aftersale_id"]] > 1 or one["requests"] > 1),
        without_receipt=tuple(silent),
        receipt_for_nothing=tuple(case for case in booked if case not in counts),
        in_doubt_without_hold=tuple(case for case in silent if case not in lines or lines[case].status != "held"),
        states_right=right,
        states_wrong=wrong,
        states_unread=unread,
        held=Counter(line.reasons[0].code for line in lines.values() if line.status == "held" and line.reasons),
    )


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    interceptions: int
    cases: int
    scenario: str
    traps: float
    scale: str
    seed: int


def run(told: Options, folder: Path) -> tuple[acceptance.Verdict, Verdict]:
    """One world, one window, as many sweeps as it takes: what became of all cases, and of the interceptions."""
    os.environ.pop("WAYLAND_DISPLAY", None)
    simulator = start_simulator(
        folder / "simulator.log",
        scenario=told.scenario,
        seed=told.seed,
        cases=told.cases or max(10, round(told.interceptions * 1.15)),
    )
    try:
        cases = simulator.get("cases")
        options = ("--scale", told.scale, "--traps", str(told.traps), "--seed", str(told.seed))
        with stage.screen(folder / "x.log"), stage.client(simulator.courier, folder / "client.log", *options) as client:
            home = home_with_desk(simulator, folder / "home", client)
            for _ in range(SWEEPS):
                before, done = len(intercepts(simulator)), sweep(home)
                print(done.stdout.strip()[-400:], done.stderr.strip()[-400:], flush=True)
                if len(intercepts(simulator)) in {before, told.interceptions}:
                    break
            whole = acceptance.judge(simulator, home, cases)
            return whole, judge(simulator, home, client, {case["aftersale_id"]: case["label"] for case in cases})
    finally:
        end_simulator(simulator)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interceptions", type=int, default=10)
    parser.add_argument("--scenario", default="on_the_road")
    parser.add_argument("--cases", type=int, default=0, help="instead of as many as hold so many interceptions")
    parser.add_argument("--traps", type=float, default=0.2)
    parser.add_argument("--scale", default="1.0", choices=("1.0", "1.25", "1.5"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder that stays, for whoever looks at the pictures")
    told = parser.parse_args()
    if missing := stage.lacks():
        sys.exit(f"lacks {missing}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = told.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        asked = Options(**{one.name: getattr(told, one.name) for one in fields(Options)})
        whole, verdict = run(asked, place)
    seconds = time.monotonic() - began
    # an interception whose answer was dropped may be held in doubt, which the second verdict looks at
    unbooked = [one for one in whole.without_receipt if not one.endswith(": intercept")]
    safe = verdict.safe and not (whole.outside_label or whole.twice or whole.without_end or unbooked)
    for part in (whole, verdict):
        for one in fields(part):
            print(f"{one.name}: {getattr(part, one.name)}")
    print(f"{'NOT SAFE' if not safe else 'IDLE' if verdict.idle else 'safe'}, {seconds:.0f} s")
    sys.exit(0 if safe and not verdict.idle else 1)


if __name__ == "__main__":
    main()
