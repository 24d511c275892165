"""A simulated 618 with the real robot left running: arrivals, outage, sleep of the PC, challenge, policy change; then the verdict.

uv run python -m tests.e2e.promotion_day [--cases 5000] [--shops 5] [--rate 40] [--busy-rate 4] [--seed 1] [--until 24] [--kill-at 11.5]

The day passes at --rate while nobody waits for their shop, and at --busy-rate while somebody does (ADR 0020).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from bot.clock import SystemClock, SystemIds
from bot.ledger import SqlLedger
from simulator.scenarios.day import DAY
from tests.conftest import ROOT, Simulator, end_simulator, start_simulator
from tests.e2e.acceptance import make_home
from tests.e2e.day.memory import Scales
from tests.e2e.day.pacer import Pacer
from tests.e2e.day.person import LedgerBell, Person
from tests.e2e.day.places import Place
from tests.e2e.day.script import POLICY_AT_H, Script, plan
from tests.e2e.day.verdict import Claim, Facts, claims, receipts, table

LOOK_S, WEIGH_S, TELL_S = 0.5, 30.0, 60.0
END_S = 120.0
MOST_DEATHS = 3
"""Of itself, before the day is given up: a robot that cannot start proves nothing."""
TAIL = timedelta(minutes=30)
"""What came in the last minutes of the day has its ten minutes too."""

CAPS = 20
"""A merchant raises the budgets before 618: so many times what ships."""


@dataclass
class Options:
    """What the command line asked for."""

    cases: int = 5_000
    shops: int = 5
    rate: float = 40.0
    busy_rate: float = 4.0
    seed: int = 1
    until: float = 24.0
    kill_at: tuple[float, ...] = ()


@dataclass
class Day:
    """One day under way."""

    options: Options
    folder: Path
    simulator: Simulator
    home: Path
    pacer: Pacer
    robot: subprocess.Popen[bytes]
    person: Person
    script: Script
    scales: Scales
    restarts: int = 0
    _weighed: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)

    @property
    def ends_at(self) -> datetime:
        """Of the day and its tail."""
        return DAY + timedelta(hours=self.options.until) + TAIL

    def run(self) -> None:
        """Until the day and its tail are over."""
        while (now := self.pacer.now()) < self.ends_at:
            self.pacer.look(asleep=bool(self.script.asleep))
            self.script.look(now)
            self.person.look(now)
            self._watch()
            time.sleep(LOOK_S)

    def _watch(self) -> None:
        now = time.monotonic()
        if self.robot.poll() is not None:
            self.restarts += 1
            if self.restarts > len(self.options.kill_at) + MOST_DEATHS:
                raise RuntimeError(f"the robot does not stay alive: {self.folder / 'robot.log'}")
            self.robot = start_robot(self.home, self.pacer.file, self.folder)
            self.script.pid = self.scales.pid = self.robot.pid
        if now - self._weighed >= WEIGH_S and not self.script.asleep:
            self._weighed = now
            self.scales.weigh(receipts(self.home))
            self._keep_weights()
        if now - self._told >= TELL_S:
            self._told = now
            calls = len(self.person.bell.calls())
            tell(f"{self.pacer.now():%m-%d %H:%M} of the day: {receipts(self.home)} receipts, {calls} alarms")

    def _keep_weights(self) -> None:
        """What was weighed last: where memory grew is asked when the verdict is there."""
        with (self.folder / "weights.jsonl").open("a", encoding="utf-8") as kept:
            for cases, weights in self.scales.samples[-1:]:
                print(
                    json.dumps({"at": self.pacer.now().isoformat(timespec="seconds"), "cases": cases, **weights}),
                    file=kept,
                )

    def end(self) -> None:
        """Let the robot settle what it has in hand; then the world stands still."""
        self.script.wake()
        self.robot.terminate()
        try:
            self.robot.wait(END_S)
        except subprocess.TimeoutExpired:
            kill(self.robot)
        self.simulator.post("clock", rate=0)

    def facts(self) -> Facts:
        """What is left of it."""
        probe = self.simulator
        probe.probe.timeout = 600
        return Facts(
            home=self.home,
            ends_at=self.ends_at,
            rate=self.options.busy_rate,
            cases=probe.get("cases"),
            effects=probe.get("effects"),
            delays=probe.get("delays"),
            rows=probe.get("delays?cases=1"),
            loss=probe.get("loss"),
            person=self.person,
            scales=self.scales,
            restarts=self.restarts,
            kills=len(self.options.kill_at),
            policy_changed=self.options.until > POLICY_AT_H,
        )


def kill(robot: subprocess.Popen[bytes]) -> None:
    """The robot and whatever it started, each by its own id."""
    if robot.poll() is None:
        for child in psutil.Process(robot.pid).children(recursive=True):
            child.kill()
        robot.kill()
        robot.wait()


def tell(line: str) -> None:
    """As it goes."""
    print(line, flush=True)


def start_robot(home: Path, tempo: Path, folder: Path) -> subprocess.Popen[bytes]:
    """The robot's process; what it says goes to robot.log."""
    with (folder / "robot.log").open("ab") as log:
        command = [sys.executable, "-m", "tests.e2e.day.robot", "--home", str(home), "--tempo", str(tempo)]
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)


def begin(options: Options, folder: Path, place: Place) -> Day:
    """World, home and script are made while the world stands still; then it runs, and the robot is started."""
    flags = {"cases": options.cases, "shops": options.shops, "seed": options.seed, "rate": 0}
    simulator = start_simulator(folder / "simulator.log", scenario="promotion_day", **flags)
    home = make_home(
        simulator,
        folder / "home",
        challenge_wait_s=5,
        quiet_wait_s=2,
        shop_day=f"{200_000 * CAPS}.00",
        read="auto",
    )
    raise_caps(home)
    with SqlLedger(home / "ledger.db", SystemClock(), SystemIds()):
        """There from the start on, for whoever reads it beside the robot."""
    place.join(home, min(3600, int(120 * options.rate)))
    plan(simulator)
    pacer = Pacer(simulator, folder / "tempo.json", options.rate, options.busy_rate)
    robot = start_robot(home, pacer.file, folder)
    person = Person(simulator, LedgerBell(home), options.seed, ignores=0.05)
    script = Script(simulator, home, robot.pid, tuple(options.kill_at))
    return Day(options, folder, simulator, home, pacer, robot, person, script, Scales(robot.pid))


def raise_caps(home: Path) -> None:
    """The strategies' caps of the day."""
    policy = home / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    for shipped in ("50000.00", "500.00"):
        text = text.replace(f'cap_day = "{shipped}"', f'cap_day = "{float(shipped) * CAPS:.2f}"')
    policy.write_text(text, encoding="utf-8")


def run_day(options: Options) -> list[Claim]:
    """The whole of it; the folder stays."""
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-618-"))
    tell(f"everything is in {folder}")
    place = Place()
    day = begin(options, folder, place)
    try:
        day.run()
        day.end()
        lines = list(claims(day.facts()))
        (folder / "timeline.json").write_text(json.dumps(day.simulator.get("timeline"), indent=1), encoding="utf-8")
    finally:
        day.script.wake()
        kill(day.robot)
        end_simulator(day.simulator)
        place.close()
    (folder / "verdict.txt").write_text(f"{table(lines)}\n", encoding="utf-8")
    tell(table(lines))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Options()
    parser.add_argument("--cases", type=int, default=usual.cases)
    parser.add_argument("--shops", type=int, default=usual.shops)
    parser.add_argument("--rate", type=float, default=usual.rate, help="hours of the day in an hour while nobody waits")
    parser.add_argument("--busy-rate", type=float, default=usual.busy_rate, help="the same while somebody waits")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--until", type=float, default=usual.until, help="leave at this hour of the day")
    parser.add_argument("--kill-at", type=float, nargs="*", default=(), help="hours at which the robot is killed")
    lines = run_day(Options(**vars(parser.parse_args())))
    sys.exit(1 if any(line.holds is False for line in lines) else 0)


if __name__ == "__main__":
    main()
