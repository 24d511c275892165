"""Cases a minute: the whole protocol with pictures against a bare sequential Playwright script, on the same simulator and cases.

    uv run python -m benchmarks.sweep_rate [--cases 60] [--rounds 3] [--tabs 1 2 4]

Bare and bot take turns, round by round, so that a busy machine slows both alike; the ratio of each round is what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import async_playwright

from benchmarks import bare
from bot.app import run_sweep
from bot.browser.provision import provide
from bot.config import load_home
from bot.ports.progress import NullProgress
from bot.ports.wanted import Wanted
from tests.conftest import Simulator, end_simulator, start_simulator
from tests.e2e.acceptance import make_home
from tests.e2e.in_process import Never


def fresh(folder: Path, seed: int, cases: int) -> Simulator:
    return start_simulator(
        folder / f"simulator-{seed}-{time.monotonic_ns()}.log", scenario="unshipped", seed=seed, cases=cases
    )


async def bare_rate(folder: Path, seed: int, cases: int) -> float:
    """Cases a minute of the bare script."""
    simulator = fresh(folder, seed, cases)
    try:
        ids = [case["aftersale_id"] for case in simulator.get("cases") if "agree_refund" in case["label"]]
        shop = {**simulator.said["shops"][0], "url": simulator.url}
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(provide().path))
            seconds = await bare.run(browser, shop, ids)
            await browser.close()
        return len(ids) / seconds * 60
    finally:
        end_simulator(simulator)


async def bot_rate(folder: Path, seed: int, cases: int, tabs: int) -> float:
    """Cases a minute of the bot's sweep, its list reading counted, its sign-in and report not."""
    simulator = fresh(folder, seed, cases)
    try:
        home = make_home(simulator, folder / f"home-{seed}-{tabs}-{time.monotonic_ns()}", reader_tabs=tabs)
        result = await run_sweep(load_home(home), Wanted(), NullProgress(), Never())
        (shop,) = result.shops
        done = shop.acted.get("agree_refund", 0)
        if done < len([case for case in simulator.get("cases") if "agree_refund" in case["label"]]):
            print(f"  note: {done} agreed, {shop.held} held")
        return done / shop.seconds * 60
    finally:
        end_simulator(simulator)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 2, 4])
    told = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-bench-"))
    ratios: dict[int, list[float]] = {tabs: [] for tabs in told.tabs}
    for number in range(told.rounds):
        base = await bare_rate(folder, 100 + number, told.cases)
        print(f"round {number + 1}: bare script {base:.0f} cases/min", flush=True)
        for tabs in told.tabs:
            rate = await bot_rate(folder, 100 + number, told.cases, tabs)
            ratios[tabs].append(rate / base)
            print(f"  bot, {tabs} reader tab(s): {rate:.0f} cases/min, ratio {rate / base:.2f}", flush=True)
    for tabs, found in ratios.items():
        print(
            f"{tabs} reader tab(s): median ratio {statistics.median(found):.2f} (min {min(found):.2f}, max {max(found):.2f})"
        )


if __name__ == "__main__":
    asyncio.run(main())
