"""Memory of the robot's whole process tree over the day, by kind of process, and whether it grows (reliability.md section 6)."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import psutil

PARTS = ("robot", "driver", "browser")
FILES = "files"
"""That they all run from: by its share, so less whenever another browser or Python runs on the machine."""
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
    """Weighs a process and all below it: PSS in MB by part, the files they run from apart; USS where the system tells none.

    A day beside other tests was seen to gain 170 MB in the minute in which these ended: all of it files.
    """

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
                (own, files), name = pss(process), process.name()
            except psutil.Error:
                continue
            part = "robot" if name.startswith("python") else "driver" if name.startswith("node") else "browser"
            weights[part] += round(own / 1e6)
            weights[FILES] += round(files / 1e6)
        self.samples.append((cases, weights))

    def points(self, *parts: str) -> list[Point]:
        """(cases, MB) of some parts together, without the warm-up."""
        warm = self.samples[int(len(self.samples) * WARM_UP) :]
        return [(float(cases), float(sum(weights[part] for part in parts))) for cases, weights in warm]

    @property
    def peak(self) -> int:
        """The heaviest sample, in MB."""
        return max((weights.total() for _, weights in self.samples), default=0)


def pss(process: psutil.Process) -> tuple[int, int]:
    """Bytes of its own, and of files, both by its share. Raises psutil.Error: it is gone."""
    try:
        lines = [line.split() for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()]
    except OSError:
        return int(process.memory_full_info().uss), 0
    # nothing stands there of one that ended and was not waited for yet
    told = Counter({line[0]: 1024 * int(line[1]) for line in lines if line[0].startswith("Pss")})
    return told["Pss_Anon:"] + told["Pss_Shmem:"], told["Pss_File:"]


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
