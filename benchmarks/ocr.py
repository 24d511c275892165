"""Reading pictures: seconds each, wall and CPU, by style, and what the engine holds in memory.

    uv run --extra ocr python -m benchmarks.ocr [--pictures 40] [--seed 1]

Each picture goes the whole way of one from the inbox: made fit for the platform, its pixels taken, read, judged.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict

import psutil

from bot.ocr.engine import reader
from tests.proofs.acceptance import judged
from tests.proofs.generate import specimens


def resident_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pictures", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    before, began = resident_mb(), time.perf_counter()
    engine = reader()
    print(f"loaded in {time.perf_counter() - began:.1f} s")
    wall: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    peak = before
    for one in specimens(asked.seed, asked.pictures):
        began, spent = time.perf_counter(), time.process_time()
        judged(one, engine)
        wall[one.style.name].append(time.perf_counter() - began)
        cpu[one.style.name].append(time.process_time() - spent)
        peak = max(peak, resident_mb())
    print("| style | pictures | wall s, median | CPU s, median | CPU s, worst |\n|---|---|---|---|---|")
    for name in sorted(wall):
        median = f"{statistics.median(wall[name]):.2f} | {statistics.median(cpu[name]):.2f}"
        print(f"| {name} | {len(wall[name])} | {median} | {max(cpu[name]):.2f} |")
    every = [second for seconds in cpu.values() for second in seconds]
    print(f"all: CPU {statistics.median(every):.2f} s in the median, {sum(every) / len(every):.2f} s in the mean")
    print(f"memory: {before:.0f} MB before, {peak:.0f} MB at its highest between two pictures")


if __name__ == "__main__":
    main()
