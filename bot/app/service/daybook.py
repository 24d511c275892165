"""Sums over everything that one service did, from its start to its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from bot.ports.exits import ExitCode
from bot.ports.results import SweepResult
from bot.ports.status import MissedRun, RunResult

_SUMMED = ("seen", "held", "failed", "unknown", "refunded_fen")
_MISSED_KEPT = 200
"""A service of months tells its newest stretches of missed runs; the ledger has all of them."""


@dataclass
class Daybook:
    """Of one service."""

    home: str
    started_at: datetime
    skipped: int = 0
    errors: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    acted: Counter[str] = field(default_factory=Counter)
    chores: Counter[str] = field(default_factory=Counter)
    missed: list[MissedRun] = field(default_factory=list)

    def swept(self, result: SweepResult) -> None:
        """One more errand is done."""
        self.sums["sweeps"] += 1
        for shop in result.shops:
            self.acted.update(shop.acted)
            self.sums.update({name: getattr(shop, name) for name in _SUMMED} | {"rested": shop.resting})

    def miss(self, run: MissedRun) -> None:
        """A stretch of runs that did not take place."""
        self.missed = [*self.missed, run][-_MISSED_KEPT:]

    def result(self, ended_at: datetime, why: str, restarts: int) -> RunResult:
        """What the command hands back. It ended in good order: what cases came to stands in their own lines."""
        return RunResult(
            home=self.home,
            started_at=self.started_at,
            ended_at=ended_at,
            why=why,
            acted=dict(self.acted),
            chores=dict(self.chores),
            skipped=self.skipped,
            errors=self.errors,
            restarts=restarts,
            missed=tuple(self.missed),
            exit_code=ExitCode.DONE,
            **self.sums,
        )
