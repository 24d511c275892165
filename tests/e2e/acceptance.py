"""Sweeps a simulator with the real robot and holds what happened against labels, effects and ledger; also a command for any seed.

uv run python -m tests.e2e.acceptance --scenario mixed --seeds 1 2 3 --cases 200 [--rate 0.05] [--kills 10 [--service]]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.config import read_sandbox, sandbox_address, write_home
from bot.ledger import SqlReader
from bot.ports.exits import ExitCode
from bot.ports.ledger import CaseLine
from tests.conftest import ROOT, Simulator, end_simulator, start_simulator
from tests.nursery import Robot

PENDING = {"wait_seller", "wait_seller_receive"}
MANY_RUNS = 200
SWEEP_LIMIT_S = 1800
MOST_CHALLENGES = 8
OFTEN, SELDOM = "20s", "12h"
"""How often a service sweeps while it is killed, and while it finishes: at every fifth minute another sweep would fall due."""


@dataclass(frozen=True)
class Verdict:
    """What became of one simulator under one or more sweeps."""

    cases: int
    effects: Counter[str]
    outside_label: tuple[str, ...]
    twice: tuple[str, ...]
    without_receipt: tuple[str, ...]
    without_end: tuple[str, ...]
    wanted: int
    automated: int
    missed: Counter[str]
    statuses: Counter[str]
    requests: dict[str, int]

    @property
    def automation(self) -> float:
        return self.automated / self.wanted if self.wanted else 1.0

    @property
    def safe(self) -> bool:
        return not (self.outside_label or self.twice or self.without_receipt or self.without_end)


def make_home(simulator: Simulator, folder: Path, posture: str = "act", **changes: object) -> Path:
    """A home that points at the simulator; `changes` are settings of refundpilot.toml by key, such as quiet_wait_s=1.

    Pictures are read before they go out where `read` says "auto": it takes seconds of a core for each.
    """
    sheet = httpx.get(sandbox_address(simulator.url), trust_env=False).raise_for_status().content
    files = write_home(folder, read_sandbox(sheet), posture=posture)  # type: ignore[arg-type] # a test may name any posture
    change(files.settings, **({"read": "off"} | changes))
    return folder


def change(settings: Path, **changes: object) -> None:
    """Other values for keys that stand in the file, the first of each name."""
    text = settings.read_text(encoding="utf-8")
    for key, value in changes.items():
        before = next(line for line in text.splitlines() if line.removeprefix("# ").startswith(f"{key} ="))
        text = text.replace(before, f"{key} = {json.dumps(value)}")
    settings.write_text(text, encoding="utf-8")


def sweep(home: Path, *flags: str, kill_after_s: float | None = None) -> subprocess.CompletedProcess[str]:
    """`refundpilot sweep` as a process of its own; with `kill_after_s` it is killed without warning after that time."""
    return work("sweep", home, *flags, limit_s=kill_after_s or SWEEP_LIMIT_S)


def work(command: str, home: Path, *flags: str, limit_s: float) -> subprocess.CompletedProcess[str]:
    """`refundpilot COMMAND` as a process of its own, killed without warning where it has not ended by then."""
    return Robot((command, "--home", str(home), "--json", *flags), ROOT).begin().end(limit_s)


def lines_of(home: Path) -> dict[str, CaseLine]:
    """The newest line of each case over all runs of a home."""
    with SqlReader(home / "ledger.db") as reader:
        runs = reader.runs(MANY_RUNS)
        return {line.case.aftersale_id: line for run in reversed(runs) for line in reader.lines(run)}


def receipts_of(home: Path) -> Counter[tuple[str, str]]:
    with SqlReader(home / "ledger.db") as reader:
        found = {
            (line.case.aftersale_id, str(intent.action.verb), str(intent.id))
            for run in reader.runs(MANY_RUNS)
            for line in reader.lines(run)
            for intent, _ in line.receipts
        }
    return Counter((case, verb) for case, verb, _ in found)


def judge(simulator: Simulator, home: Path, before: list[dict[str, Any]]) -> Verdict:
    """Hold effects against labels (live: what became right later counts), and the ledger against effects."""
    labels = {case["aftersale_id"]: case["label"] for case in simulator.get("cases")}
    ours = [effect for effect in simulator.get("effects") if effect["actor"].startswith("seller:")]
    done = Counter((effect["aftersale_id"], effect["verb"]) for effect in ours)
    booked, lines = receipts_of(home), lines_of(home)
    pending = [case for case in before if case["state"] in PENDING]
    wanted = [case for case in pending if case["label"] != ["hold"]]
    acted = {case for case, _ in done}
    missed = Counter(
        f"{'/'.join(case['label'])} ← {_why(lines.get(case['aftersale_id']))}"
        for case in wanted
        if case["aftersale_id"] not in acted
    )
    return Verdict(
        cases=len(before),
        effects=Counter(effect["verb"] for effect in ours),
        outside_label=tuple(f"{case}: {verb}" for case, verb in done if verb not in labels[case]),
        twice=tuple(f"{case}: {verb}" for (case, verb), count in done.items() if count > 1),
        without_receipt=tuple(f"{case}: {verb}" for case, verb in done if (case, verb) not in booked),
        without_end=tuple(case["aftersale_id"] for case in pending if not _ended(lines.get(case["aftersale_id"]))),
        wanted=len(wanted),
        automated=len(wanted) - missed.total(),
        missed=missed,
        statuses=Counter(str(line.status) for line in lines.values()),
        requests=simulator.get("requests"),
    )


def _ended(line: CaseLine | None) -> bool:
    """Done with a receipt, or anything else with a reason (I8)."""
    if line is None:
        return False
    return bool(line.receipts) or bool(line.reasons)


def _why(line: CaseLine | None) -> str:
    return line.reasons[0].code if line and line.reasons else "?"


def person_clears_account(simulator: Simulator) -> None:
    """What a person does at their own desk when called: sign in and pass whatever is asked, slider or SMS code."""
    for shop in simulator.said["shops"]:
        with httpx.Client(base_url=simulator.url, timeout=30, trust_env=False) as desk:
            desk.post("/login/submit", json={"account": shop["account"], "password": shop["password"]})
            desk.post("/login/slider", json={"track": [0, 8, 21, 40, 63, 82, 95, 100]})
            desk.post("/login/sms", json={"send": True})
            for code in re.findall(r"\b\d{6}\b", json.dumps(simulator.get("phone"))):
                desk.post("/login/sms", json={"code": code})


def sweep_with_person(simulator: Simulator, home: Path) -> subprocess.CompletedProcess[str]:
    """Sweep until no person is needed any more: after each exit 3 one comes and passes the challenge."""
    for _ in range(MOST_CHALLENGES):
        ended = sweep(home)
        if ended.returncode != ExitCode.PERSON:
            return ended
        person_clears_account(simulator)
    return ended


def killed(home: Path, chance: random.Random, kills: int, *, service: bool) -> None:
    """So many starts, each killed without warning at a moment of its own; a service has something to do all the time."""
    if service:
        change(home / "refundpilot.toml", sweep=OFTEN)
    for _ in range(kills):
        work("run" if service else "sweep", home, limit_s=chance.uniform(4.0, 25.0))


def served_to_the_end(home: Path) -> subprocess.CompletedProcess[str]:
    """The service once more, in its own time, until nothing is left to do: a sweep that was broken off is done again."""
    change(home / "refundpilot.toml", sweep=SELDOM)
    return work("run", home, "--until-idle", limit_s=SWEEP_LIMIT_S)


OUTLASTING_S = 9
"""Quiet wait in a storm, in which an answer takes up to 8 s: a shorter one reads a request back as not applied that lands after it."""


def storm(simulator: Simulator, rate: float, seed: int) -> None:
    simulator.post("faults", rate=rate, seed=seed)


def run_seed(seed: int, scenario: str, cases: int, rate: float, kills: int, *, service: bool = False) -> Verdict:
    """One simulator, one sweep (or as many as the kills make, of a service if wished), one verdict; printed as it goes.

    In a storm a challenge may stand at the end: a person passes it and sweeps by hand.
    """
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-acceptance-"))
    simulator = start_simulator(folder / "simulator.log", scenario=scenario, seed=seed, cases=cases)
    chance = random.Random(seed)
    try:
        hurried = {"quiet_wait_s": OUTLASTING_S if rate else 2, "challenge_wait_s": 1} if rate or kills else {}
        home = make_home(simulator, folder / "home", read="auto", **hurried)
        before = simulator.get("cases")
        if rate:
            storm(simulator, rate, seed)
        started = time.monotonic()
        killed(home, chance, kills, service=service)
        ended = served_to_the_end(home) if service else None
        if ended is None or rate:
            ended = sweep_with_person(simulator, home)
        seconds = time.monotonic() - started
        if rate:
            storm(simulator, 0, seed)
        verdict = judge(simulator, home, before)
    finally:
        end_simulator(simulator)
    _tell(seed, verdict, seconds, ended)
    return verdict


def _tell(seed: int, verdict: Verdict, seconds: float, ended: subprocess.CompletedProcess[str]) -> None:
    print(
        f"seed {seed}: {verdict.cases} cases in {seconds:.0f} s, exit {ended.returncode}, effects {dict(verdict.effects)}, "
        f"automated {verdict.automated}/{verdict.wanted} = {verdict.automation:.1%}, statuses {dict(verdict.statuses)}"
    )
    for name in ("outside_label", "twice", "without_receipt", "without_end"):
        if found := getattr(verdict, name):
            print(f"  {name}: {found}")
    for why, count in verdict.missed.most_common():
        print(f"  missed {count} × {why}")
    if ended.returncode not in {0, 1}:
        print(ended.stderr[-1500:])
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="mixed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--rate", type=float, default=0.0, help="all faults at this rate")
    parser.add_argument(
        "--kills", type=int, default=0, help="kill the sweep so often at random moments, then let it finish"
    )
    parser.add_argument("--service", action="store_true", help="the same with `refundpilot run` instead of the sweep")
    told = parser.parse_args()
    verdicts = [
        run_seed(seed, told.scenario, told.cases, told.rate, told.kills, service=told.service) for seed in told.seeds
    ]
    sys.exit(0 if all(verdict.safe for verdict in verdicts) else 1)


if __name__ == "__main__":
    main()
