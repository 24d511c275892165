"""Plays whole seasons in process and holds what the policy did against the labels and the loss; a command for any scenario and seed.

uv run python -m tests.judgement.season --scenarios all --seeds 101..110 --cases 500 [--policy FILE] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.decision import Decision
from bot.engine.decide import judge
from bot.engine.policy import Policy, parse_policy
from simulator.scenarios.build import Built, build
from simulator.scenarios.catalogue import SCENARIOS
from simulator.scenarios.loss import LossBook
from simulator.scenarios.playing import cases_of, play
from tests.judgement.robot import Judge, Robot, swift
from tests.judgement.truths import Tally, figures

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "policy.example.toml"
AUTOMATION, LOSS_OVER = 0.85, 1.02
"""What issue 3 asks: at least so much automated, at most so many times the flawless clerk's loss."""


@dataclass
class Result:
    """What one or more seasons came to; money in fen."""

    scenario: str
    seeds: list[int]
    cases: int = 0
    judged: int = 0
    wanted: int = 0
    automated: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    outside: list[str] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)
    loss: Counter[str] = field(default_factory=Counter)
    detectors: Counter[str] = field(default_factory=Counter)

    @property
    def automation(self) -> float:
        """Share of the cases that a robot with this account's rights could have taken."""
        return self.automated / self.wanted if self.wanted else 1.0

    @property
    def over_clerk(self) -> float:
        """How much more was lost than by the flawless clerk, as a share of the clerk's loss."""
        clerk = self.loss["flawless_clerk"]
        return (self.loss["actual"] - clerk) / clerk if clerk else float(self.loss["actual"] > 0)

    @property
    def good(self) -> bool:
        """The three claims of issue 3."""
        return not self.outside and self.automation >= AUTOMATION and self.over_clerk <= LOSS_OVER - 1

    def add(self, other: Result) -> None:
        """Another season of the same scenario."""
        self.seeds = sorted({*self.seeds, *other.seeds})
        self.cases += other.cases
        self.judged += other.judged
        self.wanted += other.wanted
        self.automated += other.automated
        self.outside += other.outside
        for mine, theirs in ((self.acts, other.acts), (self.missed, other.missed), (self.loss, other.loss)):
            mine.update(theirs)
        self.detectors.update(other.detectors)


def load_policy(file: Path) -> Policy:
    """A policy file. Raises ConfigError."""
    return parse_policy(tomllib.loads(file.read_text(encoding="utf-8")))


def season(
    scenario: str, seed: int, cases: int, policy: Policy, judge: Judge = judge, *, seasoned: bool = True
) -> Result:
    """One world, played to its end under a policy."""
    built = build(scenario, seed, cases, monotonic=lambda: 0.0)
    tally = Tally()
    robot = Robot(
        built,
        policy,
        lambda case, decision: tally.note(case, built.world.store, _answers(decision)),
        judge,
        seasoned=seasoned,
    )
    play(built, robot)
    diary, wanted = robot.diary, set(_wanted(built))
    acted = {key for key, _ in diary.acts}
    labels = {case.aftersale_id: built.labels.initial[case.aftersale_id] for case in cases_of(built)}
    names = {case.aftersale_id: case.truth.archetype for case in cases_of(built)}
    missed = Counter(
        f"{names[key]} {'/'.join(sorted(labels[key]))} <- {diary.held.get(key, 'never held')}" for key in wanted - acted
    )
    sheets = LossBook(built).sheet()
    return Result(
        scenario,
        [seed],
        cases=cases,
        judged=diary.judged,
        wanted=len(wanted),
        automated=len(wanted & acted),
        acts=Counter(verb for _, verb in diary.acts),
        outside=[f"{scenario}/{seed} {one}" for one in diary.outside],
        missed=missed,
        loss=Counter({name: sheet["total"] for name, sheet in sheets.items()}),
        detectors=tally.counts(),
    )


def _answers(decision: Decision) -> dict[str, str]:
    return {str(finding.name): str(finding.answer) for finding in decision.findings}


def _wanted(built: Built) -> Iterator[str]:
    """Cases that were the robot's as they came: the label named verbs then, and the account has the right to all of them."""
    rights = {account.shop_id: account.rights for account in built.world.accounts.all}
    for case in cases_of(built):
        right = built.labels.initial[case.aftersale_id]
        if right and right <= rights[case.shop_id]:
            yield case.aftersale_id


# ---- many of them -------------------------------------------------------------------------------------------------


def _one(told: tuple[str, int, int, str, bool]) -> Result:
    scenario, seed, cases, file, seasoned = told
    return season(scenario, seed, cases, load_policy(Path(file)), swift, seasoned=seasoned)


def seasons(
    names: Sequence[str], seeds: Sequence[int], cases: int, file: Path, workers: int, *, seasoned: bool
) -> dict[str, Result]:
    """All scenarios with all seeds, a process each; tells on stderr how far it is."""
    tasks = [(name, seed, cases, str(file), seasoned) for name in names for seed in seeds]
    found: dict[str, Result] = {name: Result(name, []) for name in names}
    with ProcessPoolExecutor(max_workers=workers) as pool:
        running = [pool.submit(_one, task) for task in tasks]
        for done, future in enumerate(as_completed(running), start=1):
            result = future.result()
            found[result.scenario].add(result)
            _progress(done, len(tasks), result)
    return found


def _progress(done: int, total: int, result: Result) -> None:
    sys.stderr.write(f"{done}/{total} {result.scenario} seed {result.seeds[0]}: {result.automation:.1%} automated\n")


HEAD = (
    "scenario",
    "cases",
    "judged",
    "acted",
    "outside",
    "automated",
    "actual",
    "clerk",
    "over",
    "nothing",
    "agree all",
)


def table(results: dict[str, Result]) -> str:
    """The figures by scenario; losses in yuan."""
    return _aligned([HEAD, *(_row(result) for result in results.values())])


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(result: Result) -> tuple[str, ...]:
    loss = [f"{result.loss[name] / 100:,.0f}" for name in ("actual", "flawless_clerk", "do_nothing", "agree_to_all")]
    return (
        result.scenario,
        str(result.cases),
        str(result.judged),
        str(result.acts.total()),
        str(len(result.outside)),
        f"{result.automation:.1%}",
        loss[0],
        loss[1],
        f"{result.over_clerk:+.2%}",
        *loss[2:],
    )


DETECTOR_HEAD = ("detector", "cases asked", "true", "precision", "recall", "unknown")


def detector_table(results: dict[str, Result]) -> str:
    """How right each detector was against the hidden truth, over all scenarios together."""
    counts: Counter[str] = Counter()
    for result in results.values():
        counts.update(result.detectors)
    rows = [
        (name, str(asked), str(true), _share(precision), _share(recall), _share(unknown))
        for name, asked, true, precision, recall, unknown in figures(counts)
    ]
    return _aligned([DETECTOR_HEAD, *rows])


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def details(results: dict[str, Result]) -> str:
    """What was done outside the label, and what was left to people although the label named a verb."""
    lines = [line for result in results.values() for line in result.outside]
    missed: Counter[str] = Counter()
    for result in results.values():
        missed.update(result.missed)
    return "\n".join([*lines, *(f"left to a person {count} x {why}" for why, count in missed.most_common())])


def _seeds(text: str) -> list[int]:
    """「101..110」 or 「1,2,3」."""
    if ".." in text:
        low, high = text.split("..")
        return list(range(int(low), int(high) + 1))
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", default="all", help="all, or names with commas")
    parser.add_argument("--seeds", type=_seeds, default=_seeds("101..110"), help="101..110 or 1,2,3")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--policy", type=Path, default=SHIPPED)
    ledger = parser.add_argument("--ledger", choices=("seasoned", "fresh"), default="seasoned")
    ledger.help = "one that has seen the shop for half a year, or one that begins with the season"
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    names = list(SCENARIOS) if told.scenarios == "all" else told.scenarios.split(",")
    began = time.monotonic()
    results = seasons(names, told.seeds, told.cases, told.policy, told.workers, seasoned=told.ledger == "seasoned")
    if told.json:
        print(json.dumps({name: vars(result) for name, result in results.items()}, ensure_ascii=False))
    else:
        print(table(results))
        print(f"\n{detector_table(results)}\n\n{details(results)}")
        print(f"{sum(one.cases for one in results.values())} cases in {time.monotonic() - began:.0f} s")
    sys.exit(0 if all(result.good for result in results.values()) else 1)


if __name__ == "__main__":
    main()
