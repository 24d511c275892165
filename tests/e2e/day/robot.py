"""The robot of a simulated day as a process of its own, so that its PC can be put to sleep: python -m tests.e2e.day.robot --home H …

The product has no switch for another clock: this entry, for tests alone, hands one in.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from datetime import datetime
from pathlib import Path

from bot.app import run_sweep
from bot.app.reel import Reel
from bot.config import load_home
from bot.errors import RefundPilotError
from bot.ports.clock import Clock
from bot.ports.progress import NullProgress
from bot.ports.wanted import Wanted
from tests.e2e.day.clock import ScaledClock

PAUSE_S = 1.0
"""Real seconds between two rounds over all shops."""


async def leave_running(home: Path, clock: Clock, stop: asyncio.Event) -> None:
    """What `refundpilot run` does, until `stop` is set; in its place for now: round after round over all shops.

    To be `await run_service(load_home(home), RunOptions(), NullProgress(), stop, clock)` once that exists.
    """
    while not stop.is_set():
        try:
            await run_sweep(load_home(home), Wanted(), NullProgress(), stop, Reel(clock=clock))
        except RefundPilotError as error:
            print(f"{clock.now():%H:%M:%S} a round was left early: {error}", flush=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_S)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--began", type=datetime.fromisoformat, required=True, help="the shop's moment …")
    parser.add_argument("--at", type=float, required=True, help="… at this time of the machine's monotonic clock")
    parser.add_argument("--rate", type=float, required=True)
    told = parser.parse_args()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await leave_running(told.home, ScaledClock(told.began, told.at, told.rate), stop)


if __name__ == "__main__":
    asyncio.run(main())
