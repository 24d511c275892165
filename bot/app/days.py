"""The daily report: figures of the ledger, what needs a person, alarms of the day; as page, workbook, and one mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from bot.app.policies import Decided
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock
from bot.config import Home
from bot.config.files import writing
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.engine.policy import Policy
from bot.ledger import SqlReader
from bot.ledger.reader import Reading
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
from bot.report import daily, masking
from bot.report.daily import Day, View
from bot.report.daily_book import workbook
from bot.report.write import write_file

DAYS_TOLD = 14
"""How many days up to the last one the plot of amounts shows."""

MOST_HELD = 2_000
"""Cases that need a person which a report has: more nobody looks at in a day."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def daily_report(
    home: Home, span: Span, out: Path | None = None, bulletin: Bulletin | None = None
) -> DailyResult:
    """Write the span's page and workbook, into the home's reports unless `out` is another folder.

    `bulletin`: alarms and missed runs by whoever counts them; else the alarms of the home's own file.

    Raises:
        LedgerError: it cannot be read. ConfigError: the folder cannot be written.
    """
    at = SystemClock().now()
    if not home.files.ledger.exists():
        return written(
            home, View(_day(home, _nothing(span, at), (), bulletin or alarms_of(home, span)), _say(home)), out
        )
    with SqlReader(home.files.ledger) as reader:
        return written(home, day_view(home, reader, span, at, bulletin), out)


def day_view(home: Home, ledger: Reading, span: Span, at: datetime, bulletin: Bulletin | None = None) -> View:
    """What page, workbook and mail are made from. Raises LedgerError."""
    figures = ledger.figures(span, at, DAYS_TOLD)
    held = tuple(map(_masked, ledger.needs_person(at, MOST_HELD)))
    told = bulletin or alarms_of(home, span)
    return View(_day(home, figures, held, told, tuple(Decided(ledger, home.policy).all())), _say(home))


def written(home: Home, view: View, out: Path | None = None) -> DailyResult:
    """Page and workbook on the disk. Raises ConfigError: it does not take them."""
    folder = out or home.files.reports
    span = view.day.figures.span
    first = "" if span.first == span.last else f"{span.first:%Y%m%d}-"
    html = folder / f"day-{first}{span.last:%Y%m%d}.html"
    sheet = html.with_suffix(".xlsx")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_file(sheet, workbook(view, view.words.say))
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


def alarms_of(home: Home, span: Span) -> Bulletin:
    """Alarms of the span as `alarms.jsonl` has them; a line that is none is passed over."""
    file = home.files.logs / "alarms.jsonl"
    return Bulletin(alarms=tuple(_alarms(file, span)) if file.is_file() else ())


def _alarms(file: Path, span: Span) -> Iterator[Notice]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                told = json.loads(line)
                shop = told["shop"]
                notice = Notice(
                    at=told["at"],
                    urgency=told["urgency"],
                    shop=f"{shop['platform']}/{shop['shop_id']}",
                    case_id=told.get("case_id", ""),
                    reason=told["reason"],
                )
            except (ValueError, KeyError, TypeError, ValidationError):
                continue
            if span.first <= notice.at.astimezone(SHANGHAI).date() <= span.last:
                yield notice


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
