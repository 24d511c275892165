"""Sweeps in this process, in the browser that all tests share: a fault, or a scripted person, can be put at an exact moment."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import run_sweep, sweeping
from bot.browser.gate import Heads
from bot.browser.launch import BrowserHost
from bot.config import Home, Shop, load_home
from bot.domain.ids import CaseKey
from bot.ports.progress import NullProgress, Progress, Stage
from bot.ports.results import SweepResult
from bot.ports.wanted import EVERYTHING, Pick, Wanted
from tests.conftest import Simulator


class Never:
    """Nobody presses Ctrl-C."""

    def is_set(self) -> bool:
        return False


@dataclass
class AtStage(NullProgress):
    """Does something once, when the first case of the sweep comes to a stage; remembers which case that was."""

    stage: Stage
    act: Callable[[str], object]
    aftersale_id: str = ""

    def case(self, case: CaseKey, stage: Stage) -> None:
        if not self.aftersale_id and stage is self.stage:
            self.aftersale_id = case.aftersale_id
            self.act(case.aftersale_id)


def lend_browser(monkeypatch: pytest.MonkeyPatch, host: BrowserHost) -> None:
    """The sweep works in the tests' browser instead of starting one of its own: 1.5 s less for each."""

    @asynccontextmanager
    async def lent(home: Home, shops: Sequence[Shop], progress: Progress, heads: Heads) -> AsyncIterator[BrowserHost]:
        yield host

    monkeypatch.setattr(sweeping, "browser_for", lent)


async def sweep_here(home: Path, progress: Progress | None = None, pick: Pick = EVERYTHING) -> SweepResult:
    """`refundpilot sweep` in this process."""
    return await run_sweep(load_home(home), Wanted(pick=pick), progress or NullProgress(), Never())


def only(cases: Sequence[Mapping[str, Any]]) -> Pick:
    """A sweep of these cases, as the probe tells them, and of no others."""
    return Pick(ids=frozenset(case["aftersale_id"] for case in cases))


def alarms(home: Path) -> list[dict[str, Any]]:
    """All alarms that went out, oldest first."""
    file = home / "logs" / "alarms.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def ours(simulator: Simulator) -> list[dict[str, Any]]:
    """The effects that the shop books to the robot's account, intercepts that the courier carried on left out."""
    return [effect for effect in simulator.get("effects") if effect["actor"].startswith("seller:")]


WRITES = ("agree", "agreeReturn", "confirmReceipt", "refuse", "intercept", "remark")


def writes_of(simulator: Simulator) -> Counter[str]:
    """Requests that could have changed something, by the last word of their endpoint."""
    counts = simulator.get("requests")
    found = {name: counts.get(f"POST /h5api/dispute/{name}", 0) for name in WRITES}
    return Counter({name: number for name, number in found.items() if number})
