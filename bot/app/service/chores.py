"""What the service does beside sweeping, by the hour: the nightly audit, tidying up; a table, so that more can stand in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot.app.books import audit
from bot.app.wiring import House
from bot.clock import SystemClock
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.notifier import Alarm, Urgency
from bot.scheduler.duties import Job

EVERY_SHOP: Final = ShopKey(platform="*", shop_id="*")
"""What an alarm of the whole home names."""

Chore = Callable[[House], Awaitable[None]]
"""Its errors are told by whoever runs it; it must end when it is cancelled."""


def told(house: House, reason: Reason, urgency: Urgency = Urgency.WARN) -> None:
    """An alarm of the whole home."""
    house.notifier.notify(Alarm(urgency=urgency, shop=EVERY_SHOP, reason=reason))


async def audit_nightly(house: House) -> None:
    """The whole ledger proven; a breach calls a person."""
    found = await asyncio.to_thread(asyncio.run, audit(house.home))
    if not found.ok:
        breaches = [breach for check in found.checks for breach in check.breaches]
        params = {"count": str(len(breaches)), "detail": "; ".join(breaches[:3])}
        told(house, Reason(code="service.audit", params=params), Urgency.CALL)


async def tidy_up(house: House) -> None:
    """Reports of sweeps that are older than the settings want; the ledger and its pictures are never touched."""
    days = house.home.settings.schedule.keep_days
    # a file's age is told by the PC's clock, also where the service's day is simulated
    before = (SystemClock().now() - timedelta(days=days)).timestamp()
    await asyncio.to_thread(_drop, house.home.files.reports, before)


def _drop(folder: Path, before: float) -> None:
    for file in folder.glob("sweep-*"):
        if file.is_file() and file.stat().st_mtime < before:
            file.unlink(missing_ok=True)


CHORES: Final[Mapping[Job, Chore]] = MappingProxyType({Job.AUDIT: audit_nightly, Job.RETENTION: tidy_up})
"""Chores that somebody can do; one that is missing here is not planned. The daily report joins with its own use case."""
