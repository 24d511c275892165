"""Memory of the whole process tree (robot, driver, browser) over many cases with contexts recycled; aim: flat after warm-up.

    uv run python -m benchmarks.memory [--cases 500]

Samples what the processes hold of their own each 25 cases (PSS without the files that they run from), drops the first fifth, and prints the Theil-Sen slope in MB a case.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

from bot.app import run_sweep
from bot.config import load_home
from bot.domain.action import Verb
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus
from bot.ports.progress import NullProgress
from bot.ports.wanted import Wanted
from tests.conftest import end_simulator, start_simulator
from tests.e2e.acceptance import make_home
from tests.e2e.day.memory import pss, theil_sen
from tests.e2e.in_process import Never

EVERY = 25


def tree_mb(left_out: set[int]) -> float:
    """MB that this process and all below it hold of their own, without the simulator."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    total = 0
    for process in processes:
        if process.pid in left_out:
            continue
        with suppress(psutil.Error):
            total += pss(process)[0]
    return total / 1e6


class Sampler(NullProgress):
    """Progress that weighs the tree every so many cases."""

    def __init__(self, simulator_pid: int) -> None:
        self._left_out = {simulator_pid}
        self._done = 0
        self.samples: list[tuple[int, float]] = []

    def done(self, case: CaseKey, status: CaseStatus, verb: Verb) -> None:
        self._done += 1
        if self._done % EVERY == 0:
            self.samples.append((self._done, tree_mb(self._left_out)))
            print(f"  after {self._done} cases: {self.samples[-1][1]:.0f} MB", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    told = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-bench-"))
    simulator = start_simulator(folder / "simulator.log", scenario="mixed", seed=1, cases=told.cases)
    try:
        home = make_home(simulator, folder / "home")
        sampler = Sampler(simulator.process.pid)
        result = await run_sweep(load_home(home), Wanted(), sampler, Never())
    finally:
        end_simulator(simulator)
    warm = sampler.samples[len(sampler.samples) // 5 :]
    (shop,) = result.shops
    print(f"{shop.seen} cases in {shop.seconds:.0f} s ({shop.seen / shop.seconds * 60:.0f} a minute)")
    middle = theil_sen(warm)
    if middle is None:
        print("too few samples for a slope: ask for more cases")
        return
    print(
        f"slope after warm-up {middle:+.3f} MB a case; from {warm[0][1]:.0f} to {warm[-1][1]:.0f} MB, peak {max(y for _, y in sampler.samples):.0f} MB"
    )


if __name__ == "__main__":
    asyncio.run(main())
