"""The robot of a simulated day as a process of its own, so that its PC can be put to sleep: python -m tests.e2e.day.robot --home H …

The product has no switch for another clock: this entry, for tests alone, hands one in.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from bot.app import leave_running
from bot.config import load_home
from bot.ports.progress import NullProgress
from bot.ports.status import RunOptions
from tests.e2e.day.clock import ScaledClock


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--tempo", type=Path, required=True, help="the file that says how fast the day passes")
    told = parser.parse_args()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await leave_running(load_home(told.home), RunOptions(), NullProgress(), stop, ScaledClock(told.tempo))


if __name__ == "__main__":
    asyncio.run(main())
