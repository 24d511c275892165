"""Seconds to list N pending rows: every page of the list in a real browser, until count and ids agree (aim: 10,000 rows in 60 s).

uv run python -m benchmarks.list_rate [--rows 10000]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.provision import provide
from bot.clock import SystemClock
from flows.registry import Login, Site, Workplace, platform_of
from tests.conftest import end_simulator, start_simulator


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    log = Path(tempfile.mkdtemp(prefix="refundpilot-bench-")) / "simulator.log"
    simulator = start_simulator(log, scenario="unshipped", seed=told.seed, cases=told.rows)
    host = await BrowserHost.start(LaunchOptions(provide().path, frozenset({urlsplit(simulator.url).hostname or ""})))
    try:
        shop = simulator.said["shops"][0]
        place = Workplace(host, SystemClock(), Mode.READ_ONLY)
        login = Login(shop["account"], shop["password"])
        async with platform_of("taobao").open_shop(
            place, Site(simulator.url, shop["shop_id"], shop["name"]), login
        ) as floor:
            await floor.session.ensure()
            started = time.monotonic()
            listing = await floor.refunds.list_pending(lambda _read, _total: None)
            seconds = time.monotonic() - started
    finally:
        await host.close()
        end_simulator(simulator)
    print(
        f"{len(listing.rows)} rows of {listing.printed_total} printed, {len(listing.unreadable)} unreadable, "
        f"{listing.passes} pass(es): {seconds:.1f} s, {len(listing.rows) / seconds:.0f} rows/s"
    )


if __name__ == "__main__":
    asyncio.run(main())
