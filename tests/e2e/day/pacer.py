"""How fast the day passes: quickly while nobody waits for their shop, slowly while somebody does, so that no machine's speed is judged."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.conftest import Simulator
from tests.e2e.day.clock import Tempo

LONGEST_S = 600.0
"""Seconds of the day: who waits longer has missed the bar already, and holds the day up no more."""


@dataclass
class Pacer:
    """Sets the rate of the simulator's world, and keeps it in `file` for whoever goes by it."""

    simulator: Simulator
    file: Path
    rate: float
    busy_rate: float
    spent: Counter[float] = field(default_factory=Counter)
    """Real seconds at each rate."""

    def __post_init__(self) -> None:
        self._set(self.busy_rate)

    def now(self) -> datetime:
        """The shop's moment."""
        return self._tempo.now()

    def look(self, *, asleep: bool) -> None:
        """The rate that fits; while the robot's PC sleeps nobody is served at any rate."""
        busy = not asleep and waits(self.simulator.get("delays?waiting=1"))
        wanted = self.busy_rate if busy else self.rate
        if wanted != self._tempo.rate:
            self._set(wanted)

    def _set(self, rate: float) -> None:
        if "_tempo" in vars(self):
            self.spent[self._tempo.rate] += time.monotonic() - self._tempo.at
        asked = time.monotonic()
        said = self.simulator.post("clock", rate=rate)
        self._tempo = Tempo(datetime.fromisoformat(said["now"]), (asked + time.monotonic()) / 2, rate)
        self._tempo.keep(self.file)


def waits(rows: Iterable[dict[str, Any]]) -> bool:
    """Whether one of them has waited for less than `LONGEST_S`."""
    return any(row["waited_s"] is not None and row["waited_s"] < LONGEST_S for row in rows)
