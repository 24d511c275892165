"""The daily report: figures of the ledger, what needs a person, alarms of the day; as page, workbook, and one mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from bot.alerts.channels import ChannelFailed, channels_of
from bot.alerts.channels.mail import Mail
from bot.app.calling import EVERYWHERE
from bot.app.policies import Decided
from bot.app.wiring import House
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock
from bot.config import Home
from bot.config.files import writing
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.engine.policy import Policy
from bot.ledger import SqlReader
from bot.ledger.reader import Reading
from bot.ports.alarms import AlarmEntry
from bot.ports.figures import (
    Attachment,
    Bulletin,
    DailyMail,
    DailyResult,
    DayFigures,
    HeldCase,
    Notice,
    ShopFigures,
    Span,
)
from bot.ports.notifier import Alarm, Urgency
from bot.report import daily, masking
from bot.report.daily import Day, View
from bot.report.daily_book import workbook
from bot.report.write import write_beside, write_file

DAYS_TOLD = 14
"""How many days up to the last one the plot of amounts shows."""

MOST_HELD = 2_000
"""Cases that need a person which a report has: more nobody looks at in a day."""

MAIL_AGAIN_S: Final = (60.0, 300.0, 900.0)
"""Pauses after which a mail that failed is tried again: a line that is down in the morning is often up again soon."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def daily_report(home: Home, span: Span, out: Path | None = None) -> DailyResult:
    """Write the span's page and workbook, into the home's reports unless `out` is another folder.

    Raises:
        LedgerError: it cannot be read. ConfigError: the folder cannot be written.
    """
    at = SystemClock().now()
    if not home.files.ledger.exists():
        return written(home, View(_day(home, _nothing(span, at), (), Bulletin()), _say(home)), out)
    with SqlReader(home.files.ledger) as reader:
        return written(home, day_view(home, reader, span, at), out)


def day_view(home: Home, ledger: Reading, span: Span, at: datetime) -> View:
    """What page, workbook and mail are made from. Raises LedgerError."""
    figures = ledger.figures(span, at, DAYS_TOLD)
    held = tuple(map(_masked, ledger.needs_person(at, MOST_HELD)))
    return View(
        _day(home, figures, held, bulletin_of(ledger, span), tuple(Decided(ledger, home.policy).all())), _say(home)
    )


def written(home: Home, view: View, out: Path | None = None) -> DailyResult:
    """Page and workbook on the disk. Raises ConfigError: it does not take them."""
    folder = out or home.files.reports
    span = view.day.figures.span
    first = "" if span.first == span.last else f"{span.first:%Y%m%d}-"
    html = folder / f"day-{first}{span.last:%Y%m%d}.html"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        sheet = write_beside(html.with_suffix(".xlsx"), workbook(view, view.words.say))
        write_file(html, daily.page(view, sheet.name).encode())
    return DailyResult(
        figures=view.day.figures,
        held=tuple(view.day.held),
        bulletin=view.day.bulletin,
        report=str(html),
        workbook=str(sheet),
    )


def daily_mail(view: View, result: DailyResult) -> DailyMail:
    """The day as one mail, with page and workbook attached as they are on the disk. Raises OSError: they are not there."""
    files = ((Path(result.report), "text/html"), (Path(result.workbook), _XLSX))
    return DailyMail(
        subject=daily.subject(view),
        html=daily.mail_page(view, Path(result.report).name),
        attachments=tuple(Attachment(name=path.name, media_type=kind, data=path.read_bytes()) for path, kind in files),
    )


def bulletin_of(ledger: Reading, span: Span) -> Bulletin:
    """Alarms and missed runs of the span, and how many of the calls with a deadline were answered before it."""
    since = datetime.combine(span.first, time(), SHANGHAI)
    until = datetime.combine(span.last, time(), SHANGHAI) + timedelta(days=1)
    raised = ledger.alarms_between(since, until)
    dated = [(one, at) for one in raised if (at := one.alarm.deadline) is not None]
    in_time = [one for one, at in dated if one.acknowledged_at is not None and one.acknowledged_at <= at]
    return Bulletin(
        alarms=tuple(_notice(one) for one in raised),
        missed_runs=ledger.missed_between(since, until),
        called=len(dated),
        acknowledged=len(in_time),
    )


def _notice(one: AlarmEntry) -> Notice:
    alarm = one.alarm
    return Notice(
        at=one.raised_at, urgency=alarm.urgency, shop=str(alarm.shop), case_id=alarm.case_id, reason=alarm.reason
    )


async def mail_reports(house: House, mails: Sequence[DailyMail]) -> None:
    """Over every mail channel that `schedule.report_by` names. What fails is tried again, then told; the files are there all the same."""
    left = [(name, mail) for mail in mails for name in house.home.settings.schedule.report_by]
    failed: dict[str, str] = {}
    for pause_s in (*MAIL_AGAIN_S, 0.0):
        tried = [(name, mail, await _mailed(house, name, mail)) for name, mail in left]
        left = [(name, mail) for name, mail, why in tried if why]
        failed = {name: why for name, _, why in tried if why}
        if left:
            await house.clock.sleep(pause_s)
    for name, why in failed.items():
        reason = Reason(code="daily.not_mailed", params={"channel": name, "detail": why})
        house.notifier.notify(Alarm(urgency=Urgency.WARN, shop=EVERYWHERE, reason=reason))


async def _mailed(house: House, name: str, mail: DailyMail) -> str:
    """Empty, or why not."""
    channel = channels_of(house.home, house.clock).get(name)
    if not isinstance(channel, Mail):
        return "its password is not known"
    try:
        await channel.deliver(mail)
    except ChannelFailed as error:
        return str(error)
    return ""


def _masked(case: HeldCase) -> HeldCase:
    """Strangers' words in the reasons as any export may show them (S23)."""
    reasons = tuple(
        Reason(code=one.code, params={key: masking.text(value, buyer=case.buyer) for key, value in one.params.items()})
        for one in case.reasons
    )
    return case.model_copy(update={"reasons": reasons})


def _day(
    home: Home, figures: DayFigures, held: tuple[HeldCase, ...], bulletin: Bulletin, kept: tuple[Policy, ...] = ()
) -> Day:
    names = {str(shop.key): shop.name for shop in home.settings.shop}
    return Day(figures, held, bulletin, names, kept or (home.policy,))


def _nothing(span: Span, at: datetime) -> DayFigures:
    return DayFigures(span=span, at=at, whole=ShopFigures(), shops=())


def _say(home: Home) -> Catalogue:
    return Catalogue(language_of(home.settings.language))
