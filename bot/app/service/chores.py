"""What the service does beside sweeping, by the hour: the nightly audit, tidying up; a table, so that more can stand in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.app.books import audit
from bot.app.calling import EVERYWHERE
from bot.app.days import daily_mail, day_view, mail_report, written
from bot.app.tidying import retain
from bot.app.wiring import House
from bot.domain.decision import Reason
from bot.ledger import SqlReader
from bot.ports.figures import DailyResult, Span
from bot.ports.notifier import Alarm, Urgency
from bot.report.daily import View
from bot.scheduler.duties import Job

Chore = Callable[[House], Awaitable[None]]
"""Its errors are told by whoever runs it; it must end when it is cancelled."""


def told(house: House, reason: Reason, urgency: Urgency = Urgency.WARN) -> None:
    """An alarm of the whole home."""
    house.notifier.notify(Alarm(urgency=urgency, shop=EVERYWHERE, reason=reason))


async def audit_nightly(house: House) -> None:
    """The whole ledger proven; a breach calls a person."""
    found = await asyncio.to_thread(asyncio.run, audit(house.home))
    if not found.ok:
        breaches = [breach for check in found.checks for breach in check.breaches]
        params = {"count": str(len(breaches)), "detail": "; ".join(breaches[:3])}
        told(house, Reason(code="service.audit", params=params), Urgency.CALL)


async def report_yesterday(house: House) -> None:
    """The last whole day's page and workbook, and its mail where a mail channel is set."""
    now = house.clock.now()
    yesterday = now.date() - timedelta(days=1)
    view, result = await asyncio.to_thread(_report, house, Span(first=yesterday, last=yesterday), now)
    if house.home.settings.schedule.report_by:
        await mail_report(house, daily_mail(view, result))


def _report(house: House, span: Span, now: datetime) -> tuple[View, DailyResult]:
    with SqlReader(house.home.files.ledger) as reader:
        view = day_view(house.home, reader, span, now)
    return view, written(house.home, view)


async def tidy_up(house: House) -> None:
    """What is over its time (S22)."""
    await asyncio.to_thread(retain, house, house.clock.now())


CHORES: Final[Mapping[Job, Chore]] = MappingProxyType(
    {Job.AUDIT: audit_nightly, Job.REPORT: report_yesterday, Job.RETENTION: tidy_up}
)
"""Chores that somebody can do; one that is missing here is not planned."""
