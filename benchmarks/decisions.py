"""Decisions a second and core: explained, as a bare verdict, beside zen-engine on the same table and beside a hand-written if-chain.

uv run --with zen-engine python -m benchmarks.decisions [--cases 1000] [--seconds 2]

All decide the same cases of the simulator, in one process and one run, turn by turn; the median turn counts, in CPU seconds of
this process. zen-engine and the if-chain start from plain values that are ready made; what it costs to make facts of a page
is shown beside them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import if_chain, zen_table
from bot.domain.case import Snapshot
from bot.domain.history import History
from bot.engine.decide import judge
from bot.engine.facts import Facts, gather
from bot.engine.fast import compiled, gist_of
from bot.engine.policy import Policy, parse_policy
from bot.engine.ruling import rule, stand_all
from simulator.scenarios.build import build
from simulator.scenarios.playing import cases_of
from tests.judgement.bridge import Bridge

ROOT = Path(__file__).resolve().parent.parent
TURNS = 5


@dataclass(frozen=True)
class Case:
    """One case, as far as each contestant wants it prepared."""

    snapshot: Snapshot
    trails: Any
    now: datetime
    history: History
    facts: Facts
    plain: dict[str, Any]


def prepare(policy: Policy, count: int, seed: int) -> list[Case]:
    """`count` cases of the simulator, read as the robot reads them."""
    built = build("mixed", seed, max(10, count), monotonic=lambda: 0.0)
    bridge, names = Bridge(built), zen_table.columns(policy)
    made = []
    for case in cases_of(built)[:count]:
        snapshot = bridge.snapshot(case)
        trails, now, history = bridge.trails(snapshot), bridge.now(), History(since=bridge.now())
        facts = gather(snapshot, trails, policy.parameters, now, history)
        made.append(Case(snapshot, trails, now, history, facts, zen_table.context(facts, names)))
    return made


Decide = Callable[[Case], object]


def contestants(policy: Policy) -> dict[str, Decide]:
    """By name; zen-engine only where it is installed."""
    tables, parameters = compiled(policy), policy.parameters
    found: dict[str, Decide] = {
        "page -> facts -> decision, explained": lambda c: judge(c.snapshot, c.trails, policy, c.now, c.history),
        "page -> facts": lambda c: gather(c.snapshot, c.trails, parameters, c.now, c.history),
        "facts -> ruling, every strategy stood": lambda c: rule(stand_all(c.facts, policy), c.facts, parameters),
        "facts -> verdict, compiled tables": lambda c: tables.verdict(c.facts),
        "values -> if-chain by hand": lambda c: if_chain.decide(c.plain),
    }
    zen = _zen(policy)
    if zen is not None:
        found["values -> zen-engine, same table"] = lambda c: zen(c.plain)
    return found


def _zen(policy: Policy) -> Callable[[dict[str, Any]], str] | None:
    try:
        import zen  # type: ignore[import-not-found]  # noqa: PLC0415 - a guest of this race, installed or not
    except ImportError:
        sys.stderr.write("zen-engine is not installed: uv run --with zen-engine …\n")
        return None
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(zen_table.table(policy)))
    return lambda values: str(decision.evaluate(values)["result"].get("strategy", ""))


def rate(decide: Decide, cases: Sequence[Case], seconds: float) -> float:
    """Decisions a CPU second, over whole rounds of the cases, for about `seconds`."""
    done, began = 0, time.process_time()
    while (used := time.process_time() - began) < seconds:
        for case in cases:
            decide(case)
            done += 1
            if done % 64 == 0 and time.process_time() - began >= seconds:
                break
        used = time.process_time() - began
    return done / used


def agreement(policy: Policy, cases: Sequence[Case], zen: Decide | None) -> str:
    """How often the others name the strategy that the engine names."""
    ours = [gist_of(rule(stand_all(case.facts, policy), case.facts, policy.parameters)) for case in cases]
    told: Counter[str] = Counter()
    for gist, case in zip(ours, cases, strict=True):
        told["compiled"] += compiled(policy).verdict(case.facts) == gist
        told["if-chain"] += if_chain.decide(case.plain) == gist.strategy
        told["zen"] += zen is not None and zen(case) == gist.strategy
        told["undecided"] += gist.cause.value == "missing"
    others = ("compiled", "if-chain", *(("zen",) if zen else ()))
    same = ", ".join(f"{name} {told[name]}/{len(cases)}" for name in others)
    return f"same outcome as the full engine: {same}; {told['undecided']} cases are held for a missing fact, which the others cannot say"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU seconds a contestant, all its turns together")
    parser.add_argument("--policy", type=Path, default=ROOT / "policy.example.toml")
    told = parser.parse_args()
    policy = parse_policy(tomllib.loads(told.policy.read_text(encoding="utf-8")))
    cases, racing = prepare(policy, told.cases, told.seed), contestants(policy)
    turns: dict[str, list[float]] = {name: [] for name in racing}
    for _ in range(TURNS):
        for name, decide in racing.items():
            turns[name].append(rate(decide, cases, told.seconds / TURNS))
    rates = {name: statistics.median(found) for name, found in turns.items()}
    zen_name = "values -> zen-engine, same table"
    base = rates.get(zen_name)
    print(f"{len(policy.ranked)} strategies, {len(zen_table.columns(policy))} facts, {len(cases)} cases")
    for name, found in sorted(rates.items(), key=lambda one: one[1]):
        beside = f"{found / base:8.2f} x zen-engine" if base else ""
        print(f"{found:12,.0f} /s  {beside}  {name}")
    print(agreement(policy, cases, racing.get(zen_name)))


if __name__ == "__main__":
    main()
