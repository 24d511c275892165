"""Memory of the robot's whole process tree over the day, by kind of process, and whether it grows (reliability.md section 6)."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import psutil

PARTS = ("robot", "driver", "browser")
WARM_UP = 0.2
ENOUGH = 20
"""Fewer samples tell no slope."""

DRAWS = 100
"""How often the samples are drawn anew for the interval of a slope."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Slope:
    """MB a case: Theil-Sen's median, and the interval that holds nine tenths of the medians of redrawn samples."""

    middle: float
    low: float
    high: float


@dataclass
class Scales:
    """Weighs a process and all below it: PSS, or USS where the system tells none, in MB by part."""

    pid: int
    samples: list[tuple[int, Counter[str]]] = field(default_factory=list)

    def weigh(self, cases: int) -> None:
        """One sample, after so many cases; a process that ends meanwhile weighs nothing."""
        try:
            root = psutil.Process(self.pid)
            tree = [root, *root.children(recursive=True)]
        except psutil.Error:
            return
        weights: Counter[str] = Counter()
        for process in tree:
            try:
                told, name = process.memory_full_info(), process.name()
            except psutil.Error:
                continue
            part = "robot" if name.startswith("python") else "driver" if name.startswith("node") else "browser"
            weights[part] += round(getattr(told, "pss", told.uss) / 1e6)
        self.samples.append((cases, weights))

    def points(self, *parts: str) -> list[Point]:
        """(cases, MB) of some parts together, without the warm-up."""
        warm = self.samples[int(len(self.samples) * WARM_UP) :]
        return [(float(cases), float(sum(weights[part] for part in parts))) for cases, weights in warm]

    @property
    def peak(self) -> int:
        """The heaviest sample, in MB."""
        return max((weights.total() for _, weights in self.samples), default=0)


def slope(points: Sequence[Point], seed: int = 1) -> Slope | None:
    """None where samples, or cases between them, are too few to tell."""
    middle = theil_sen(points) if len(points) >= ENOUGH else None
    if middle is None:
        return None
    rng = random.Random(seed)
    redrawn = (theil_sen(rng.choices(points, k=len(points))) for _ in range(DRAWS))
    medians = sorted(one for one in redrawn if one is not None)
    return Slope(middle, medians[len(medians) // 20], medians[-1 - len(medians) // 20])


def theil_sen(points: Sequence[Point]) -> float | None:
    """The median of all slopes between two points."""
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x2 != x1]
    return statistics.median(slopes) if slopes else None
