"""What recording costs a sweep, and how much faster its replay is than the sweep that was recorded.

    uv run python -m benchmarks.tapes [--scenario mixed] [--cases 24] [--rounds 3] [--latency 0.3]

In each round the same seed is swept plain, swept onto a tape and replayed, so that a busy machine slows all three alike. Every
request of the shop is answered `--latency` seconds later: a back end on the internet takes some tenths of a second, the simulator on
the same PC some thousandths (`--latency 0`).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.app import replay, sweep
from bot.config import load_home
from bot.ports.progress import NullProgress
from bot.ports.replays import ReplayOptions
from bot.ports.wanted import Wanted
from tests.conftest import end_simulator, start_simulator
from tests.e2e.acceptance import make_home
from tests.e2e.in_process import Never


@dataclass(frozen=True)
class Shop:
    """What is swept; `latency` in seconds."""

    scenario: str
    cases: int
    latency: float


async def swept(folder: Path, shop: Shop, seed: int, tape: Path | None) -> float:
    """Seconds of one sweep in a fresh shop, from before the browser starts to after the tape is written."""
    log = folder / f"{seed}-{tape is None}.log"
    simulator = start_simulator(log, scenario=shop.scenario, seed=seed, cases=shop.cases)
    try:
        if shop.latency:
            simulator.post("faults", kind="slow", at="*", times=100_000, seconds=shop.latency)
        home = load_home(make_home(simulator, folder / f"home-{seed}-{tape is None}"))
        began = time.perf_counter()
        await sweep(home, Wanted(), NullProgress(), Never(), tape)
        return time.perf_counter() - began
    finally:
        end_simulator(simulator)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="mixed")
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.3)
    told = parser.parse_args()
    shop = Shop(told.scenario, told.cases, told.latency)
    overheads, gains = [], []
    with tempfile.TemporaryDirectory(prefix="refundpilot-bench-") as spare:
        for number in range(told.rounds):
            folder = Path(spare)
            tape = folder / f"{number}.tar.xz"
            plain = await swept(folder, shop, 700 + number, None)
            recorded = await swept(folder, shop, 700 + number, tape)
            again = await replay(ReplayOptions(tape=tape), NullProgress(), Never())
            overheads.append(recorded / plain - 1)
            gains.append(recorded / again.seconds)
            print(
                f"round {number + 1}: plain {plain:.1f} s, recorded {recorded:.1f} s ({overheads[-1]:+.1%}), replayed "
                f"{again.seconds:.1f} s ({gains[-1]:.2f} times as fast), {len(again.differences)} differences, "
                f"{tape.stat().st_size // 1024} KB"
            )
    print(f"median: recording {statistics.median(overheads):+.1%}, replay {statistics.median(gains):.2f} times as fast")


if __name__ == "__main__":
    asyncio.run(main())
