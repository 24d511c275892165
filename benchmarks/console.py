"""Pages of the console over a ledger of 50,000 cases: `python -m benchmarks.console [--cases N] [--rounds N] [--writing]`.

The ledger is written by hand (rows of five shops over thirty days; the chain is not what is measured), then every list is asked
for as a browser asks, over the ASGI application, page after page by keyset. `--writing` lets another thread commit 20 events a
second meanwhile, which outdates every cached count: a sweep under way. Each line is a page: the first one, p50 and p95 in milliseconds by the wall
and of the processor (on a machine that others use too the second is the one to compare); the
process ends with 1 where a list's p95 is 300 ms or more.
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
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import insert

from bot.app.office import open_office
from bot.clock import SystemClock
from bot.config import load_home
from bot.console import Sessions, console_app
from bot.domain.history import UNASKED
from bot.domain.ids import ShopKey
from bot.domain.money import Money
from bot.ledger import schema
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
SHOPS = tuple(ShopKey(platform="taobao", shop_id=f"s{n}") for n in range(5))
AT_ONCE = 5_000
DAYS = 30
HELD = 0.08
"""Of all cases; at normal load a person has far fewer."""

LISTS = {
    "today": "/",
    "queue": "/queue",
    "queue, proposals": "/queue?kind=proposal",
    "queue, from ¥100": "/queue?least=100",
    "cases": "/cases",
    "cases, done": "/cases?status=done",
    "cases, one number": "/cases?text=o-31415",
    "case": "/case/taobao/s0/a-100",
    "budgets": "/budgets",
    "shops": "/shops",
    "alarms": "/alarms",
    "audit page": "/audit",
}
HEAVY = {"monitor, today": "/monitor", "strategies": "/strategies"}
"""Told, not judged: the first reads every decision of the day, both once for each state of the ledger."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--writing", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = trial_home(Path(folder) / "home")
        began = time.perf_counter()
        fill(home / "ledger.db", chosen.cases)
        size = (home / "ledger.db").stat().st_size / 1e6
        print(f"{chosen.cases} cases written in {time.perf_counter() - began:.1f} s, {size:.0f} MB")
        slow = asyncio.run(measured(home, chosen.rounds, writing=chosen.writing))
    sys.exit(1 if slow else 0)


def fill(path: Path, count: int) -> None:
    """Tables as a month of sweeps leaves them."""
    ledger = OfficeLedger(path, SystemClock(), CountingIds())
    now, chance = SystemClock().now(), Random(1)
    situation = received()
    judged = Judged(
        snapshot=situation.page, trails=dict(situation.trails), history=UNASKED, decision=situation.judged()
    )
    body = canonical(judged)
    with ledger.engine.begin() as db:
        db.exec_driver_sql("DROP TRIGGER events_append_only")
        runs = [_run(shop, n, now) for n, shop in enumerate(SHOPS, start=1)]
        db.execute(
            insert(schema.events), [_event(n, now, "run.opened", shop, "") for n, shop in enumerate(SHOPS, start=1)]
        )
        db.execute(insert(schema.runs), runs)
        for first in range(0, count, AT_ONCE):
            rows = [_case(n, now, chance) for n in range(first, min(first + AT_ONCE, count))]
            for table, made in _tables(rows, body).items():
                db.execute(insert(schema.metadata.tables[table]), made)
        db.execute(schema.chain_head.update().values(seq=len(SHOPS) + count, hash="f" * 64))
    ledger.close()


def _run(shop: ShopKey, seq: int, now: Any) -> dict[str, Any]:
    return {
        "id": f"run-{seq}", "opened_seq": seq, "platform": shop.platform, "shop_id": shop.shop_id, "posture": "act",
        "config_hash": "c" * 64, "policy_hash": "p" * 64, "opened_at": now, "closed_at": now, "summary": "{}",
    }  # fmt: skip


def _event(seq: int, at: Any, kind: str, shop: ShopKey, case: str) -> dict[str, Any]:
    facts = canonical(
        {"verb": "agree_refund", "strategy": "small_received", "amount": 900, "max_fee": None, "policy_hash": "p" * 64}
    )
    return {
        "seq": seq, "at": at, "kind": kind, "run": f"run-{SHOPS.index(shop) + 1}", "platform": shop.platform, "shop_id": shop.shop_id,
        "aftersale_id": case, "intent": "", "facts": facts, "payload_hash": "", "prev": "", "hash": f"{seq:064d}",
    }  # fmt: skip


def _case(number: int, now: Any, chance: Random) -> dict[str, Any]:
    held = chance.random() < HELD
    code = chance.choice(("would.propose", "error.page.unreadable", "hold.by_strategy"))
    return {
        "number": number,
        "shop": SHOPS[number % len(SHOPS)],
        "at": now - timedelta(days=DAYS * chance.random()),
        "status": "held" if held else chance.choice(("done", "done", "done", "waiting", "foreign")),
        "reasons": canonical([{"code": code, "params": {"raw": "x", "detail": "x", "strategy": "s"}}])
        if held
        else "[]",
        "deadline": now + timedelta(hours=chance.uniform(0.1, 72)) if held else None,
        "amount": Money(chance.randrange(500, 60_000)),
    }


def _tables(rows: list[dict[str, Any]], body: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table, parents first."""
    made: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("events", "payloads", "buyers", "cases", "sightings")
    }
    for row in rows:
        key = {"platform": row["shop"].platform, "shop_id": row["shop"].shop_id, "aftersale_id": f"a-{row['number']}"}
        seq, token = len(SHOPS) + 1 + row["number"], f"buyer-{row['number']}"
        made["events"].append(_event(seq, row["at"], "case.decided", row["shop"], key["aftersale_id"]))
        made["payloads"].append({"seq": seq, "salt": "s", "body": body, "erased_at": None})
        made["buyers"].append(
            {"token": token, "platform": key["platform"], "shop_id": key["shop_id"], "name": f"山间清风{row['number']}"}
        )
        made["cases"].append({
            **key, "run": "run-1", "order_id": f"o-{row['number']}", "buyer": token, "status": row["status"], "owner": "",
            "reasons": row["reasons"], "deadline": row["deadline"], "changed_at": row["at"],
        })  # fmt: skip
        made["sightings"].append({
            "seq": seq, "at": row["at"], **key, "order_id": f"o-{row['number']}", "buyer": token, "type": "refund_shipped",
            "state": "wait_seller", "amount": row["amount"], "applied_at": row["at"], "forward": "", "returned": "",
        })  # fmt: skip
    return made


async def measured(home: Path, rounds: int, *, writing: bool) -> bool:
    """Whether a list was too slow."""
    over = threading.Event()
    with open_office(load_home(home, with_logins=False)) as office:
        sessions = Sessions(time.monotonic, dict, "once", "operator")
        transport = httpx.ASGITransport(console_app(office, sessions, (HOST,)))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", timeout=60) as client:
            await client.post("/enter", data={"token": "once"}, headers={"origin": f"http://{HOST}"})
            if writing:
                threading.Thread(target=_write, args=(home, over), daemon=True).start()
            figures = {name: await _asked(client, path, rounds) for name, path in LISTS.items()}
            heavy = {name: await _asked(client, path, 5) for name, path in HEAVY.items()}
        over.set()
    for name, took in (figures | heavy).items():
        wall, busy = ([one[part] for one in took] for part in (0, 1))
        print(
            f"{name:20} first {wall[0]:7.1f}  p50 {statistics.median(wall):7.1f}  p95 {_p95(wall):7.1f}"
            f"   cpu p50 {statistics.median(busy):7.1f}  p95 {_p95(busy):7.1f}"
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
