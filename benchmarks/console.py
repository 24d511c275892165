"""Pages of the console over a ledger of 50,000 cases: `python -m benchmarks.console [--cases N] [--rounds N] [--writing]`.

The ledger is `benchmarks.ledgers`' (five shops over thirty days, a tenth of it today, with every decision's page, intents, budgets, receipts,
calls and what people did; the chain is not what is measured), then every page is asked for as a browser asks, over the ASGI application,
lists page after page by keyset. `--writing` lets another thread commit 20 events a second meanwhile, which outdates every cached
count: a sweep under way. Each line is a page: the first one, p50 and p95 in milliseconds by the wall and of the processor (on a machine
that others use too the second is the one to compare); the process ends with 1 where a page's p95 is 300 ms or more. The first look, after a start or
where what is kept for half a minute ran out, is told beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.ledgers import Size, generate
from bot.app.office import open_office
from bot.clock import SystemClock
from bot.config import load_home
from bot.console import Sessions, console_app
from bot.domain.action import Verb
from bot.domain.history import UNASKED
from bot.ledger.canon import canonical
from bot.ledger.office import OfficeLedger
from bot.ports.ledger import Judged
from tests.unit.config.homes import trial_home
from tests.unit.engine.builders import received
from tests.unit.ledger.story import CountingIds

Took = tuple[float, float]
"""Of one page: milliseconds by the clock on the wall, and of the processor."""

HOST = "127.0.0.1:8710"
MOST_MS = 300.0
SHOPS = 5
DAYS = 30
STRATEGIES = {
    Verb.AGREE_REFUND: "unshipped_full",
    Verb.REFUSE: "signed_for",
    Verb.INTERCEPT: "unshipped_scanned",
    Verb.AGREE_RETURN: "return_quality",
}
EARNING = ("return_quality", "return_empty")
"""They have to earn their autonomy; nothing ever hits the second one."""

PAGES = {
    "today": "/",
    "queue": "/queue",
    "queue, proposals": "/queue?kind=proposal",
    "queue, from ¥100": "/queue?least=100",
    "cases": "/cases",
    "cases, done": "/cases?status=done",
    "cases, one number": "/cases?text=o31415",
    "case": "/case/taobao/s0/a100",
    "monitor, today": "/monitor",
    "strategies": "/strategies",
    "budgets": "/budgets",
    "shops": "/shops",
    "alarms": "/alarms",
    "second person": "/signoffs",
    "audit page": "/audit",
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--writing", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = trial_home(Path(folder) / "home")
        began = time.perf_counter()
        prepared(home, chosen.cases)
        size = (home / "ledger.db").stat().st_size / 1e6
        print(f"{chosen.cases} cases written in {time.perf_counter() - began:.1f} s, {size:.0f} MB")
        slow = asyncio.run(measured(home, chosen.rounds, writing=chosen.writing))
    sys.exit(1 if slow else 0)


def prepared(home: Path, count: int) -> None:
    """A home of five shops, with two strategies that have to earn their autonomy, and the ledger of a month of sweeps in it."""
    settings, rules = home / "refundpilot.toml", home / "policy.toml"
    text = settings.read_text(encoding="utf-8")
    first = text[text.index("[[shop]]") :]
    shops = "".join(first.replace('"1001"', f'"s{number}"') for number in range(SHOPS))
    settings.write_text(text.replace(first, shops), encoding="utf-8")
    for strategy in EARNING:
        before, head, after = rules.read_text(encoding="utf-8").partition(f'id = "{strategy}"')
        rules.write_text(before + head + after.replace('"granted"', '"earned"', 1), encoding="utf-8")
    loaded = load_home(home, with_logins=False)
    versions = loaded.policy.earning
    assert set(versions) == set(EARNING)
    situation = received()
    judged = Judged(
        snapshot=situation.page, trails=dict(situation.trails), history=UNASKED, decision=situation.judged()
    )
    by_verb = {verb: (strategy, versions.get(strategy, "")) for verb, strategy in STRATEGIES.items()}
    now = SystemClock().now()
    size = Size(count, DAYS, SHOPS, now, by_verb, canonical(judged), loaded.policy.hash)
    generate(loaded.files.ledger, size)


async def measured(home: Path, rounds: int, *, writing: bool) -> bool:
    """Whether a page was too slow."""
    over = threading.Event()
    with open_office(load_home(home, with_logins=False)) as office:
        sessions = Sessions(time.monotonic, dict, "once", "operator")
        transport = httpx.ASGITransport(console_app(office, sessions, (HOST,)))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", timeout=60) as client:
            await client.post("/enter", data={"token": "once"}, headers={"origin": f"http://{HOST}"})
            if writing:
                threading.Thread(target=_write, args=(home, over), daemon=True).start()
            figures = {name: await _asked(client, path, rounds) for name, path in PAGES.items()}
        over.set()
    for name, took in figures.items():
        wall, busy = ([one[part] for one in took] for part in (0, 1))
        print(
            f"{name:20} first {wall[0]:7.1f}  p50 {statistics.median(wall):7.1f}  p95 {_p95(wall):7.1f}"
            f"   cpu first {busy[0]:7.1f}  p50 {statistics.median(busy):7.1f}  p95 {_p95(busy):7.1f}"
        )
    return any(_p95([wall for wall, _ in took]) >= MOST_MS for took in figures.values())


def _write(home: Path, over: threading.Event) -> None:
    """Twenty events a second, as a busy sweep writes them."""
    ledger = OfficeLedger(home / "ledger.db", SystemClock(), CountingIds("w"))
    while not over.wait(0.05):
        ledger.did("asked_sweep", {"shop": ""}, "robot")
    ledger.close()


async def _asked(client: httpx.AsyncClient, path: str, rounds: int) -> list[Took]:
    """Each page; a list is paged through, so that keysets deep in it are measured too."""
    took: list[Took] = []
    here = path
    for _ in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        answer = await client.get(here)
        took.append(((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000))
        assert answer.status_code == 200, f"{here}: {answer.status_code}"
        here = next(_following(answer.text), path)
    return took


def _following(text: str) -> Iterator[str]:
    return (found[1].replace("&amp;", "&") for found in re.finditer(r'rel="next" href="([^"]+)"', text))


def _p95(took: list[float]) -> float:
    return sorted(took)[max(0, int(len(took) * 0.95) - 1)]


if __name__ == "__main__":
    main()
