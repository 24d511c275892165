"""What the service does beside sweeping, by the hour: the nightly audit, tidying up; a table, so that more can stand in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.app.books import audit
from bot.app.calling import EVERYWHERE
from bot.app.days import daily_mail, day_view, mail_reports, written
from bot.app.tidying import retain
from bot.app.wiring import House
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.ledger import SqlReader
from bot.ports.figures import DailyResult, Span
from bot.ports.notifier import Alarm, Urgency
from bot.report.daily import View
from bot.scheduler.duties import Duty, Job

Chore = Callable[[House], Awaitable[None]]
"""Its errors are told by whoever runs it; it must end when it is cancelled."""


MOST_DAYS: Final = 7
"""Days that a report catches up with: older ones are had by `refundpilot report --day`."""


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


async def report_days(house: House) -> None:
    """Page and workbook of yesterday, and of the days before it that no service was there to report; their mails where a mail channel is set."""
    now, mails = house.clock.now(), []
    for day in _unreported(house.ledger.last_done().get(Duty(Job.REPORT).key), now):
        view, result = await asyncio.to_thread(_report, house, Span(first=day, last=day), now)
        if house.home.settings.schedule.report_by:
            mails.append(daily_mail(view, result))
    await mail_reports(house, mails)


def _unreported(last: datetime | None, now: datetime) -> tuple[date, ...]:
    """The days since that of the last report, which told of the day before it; yesterday always, the oldest first."""
    today = now.astimezone(SHANGHAI).date()
    days = (today - last.astimezone(SHANGHAI).date()).days if last else 1
    return tuple(today - timedelta(days=ago) for ago in range(min(max(days, 1), MOST_DAYS), 0, -1))


def _report(house: House, span: Span, now: datetime) -> tuple[View, DailyResult]:
    with SqlReader(house.home.files.ledger) as reader:
        view = day_view(house.home, reader, span, now)
    return view, written(house.home, view)


async def tidy_up(house: House) -> None:
    """What is over its time (S22)."""
    await asyncio.to_thread(retain, house, house.clock.now())


CHORES: Final[Mapping[Job, Chore]] = MappingProxyType(
    {Job.AUDIT: audit_nightly, Job.REPORT: report_days, Job.RETENTION: tidy_up}
)
"""Chores that somebody can do; one that is missing here is not planned."""
