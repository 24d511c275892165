"""The day as a workbook: the same figures, one sheet each, amounts as numbers in yuan."""

from __future__ import annotations

import io
from collections.abc import Iterator

from bot.catalogue import Catalogue
from bot.domain.money import Money
from bot.ports.figures import ShopFigures
from bot.report import masking
from bot.report.daily import View
from bot.report.xlsx import Column, Row, written

_SHOPS = (
    Column("shop", 24), Column("agreed", 14), Column("refunds", 14), Column("offers", 14), Column("returns", 14), Column("fees", 12),
    Column("pending", 14), Column("refused", 14), Column("stood", 14), Column("came_back", 14), Column("differences", 14),
    Column("saved", 14), Column("risk", 14), Column("first_acts", 12), Column("p50_s", 12), Column("p95_s", 12),
    Column("intercept_p95_s", 14), Column("met", 10), Column("missed", 10), Column("unclear", 10), Column("minutes", 12),
)  # fmt: skip
_DAYS = (Column("day", 14), Column("shop", 24), Column("verb", 18), Column("cases", 10), Column("amount", 14))
_HELD = (
    Column("shop", 20), Column("case", 24), Column("order", 22), Column("kind", 20), Column("claimed", 12), Column("deadline", 20),
    Column("left", 16), Column("outcome", 70), Column("owner", 14),
)  # fmt: skip
_LOAD = (Column("hour", 20), Column("cases", 10), Column("amount", 14))
_ALARMS = (Column("at", 20), Column("shop", 24), Column("case", 24), Column("outcome", 80))


def workbook(view: View, catalogue: Catalogue) -> bytes:
    """The .xlsx file's bytes: sheets shops, days, needs you, deadlines, alarms."""
    out = io.BytesIO()
    with written(out, catalogue, view.day.figures.at) as sheets:
        sheets.add("shops", _SHOPS, _shops(view))
        sheets.add("days", _DAYS, _days(view))
        sheets.add("holds", _HELD, _held(view))
        sheets.add(
            "load", _LOAD, ((hour.at, hour.load.cases, Money(hour.load.fen)) for hour in view.day.figures.whole.load)
        )
        sheets.add("alarms", _ALARMS, _alarms(view))
    return out.getvalue()


def _shops(view: View) -> Iterator[Row]:
    for one in view.day.figures.shops:
        yield _shop(view.shop(one.shop), one)
    yield _shop(view.text("all_shops"), view.day.figures.whole)


def _shop(name: str, one: ShopFigures) -> Row:
    moved, saved = one.moved, one.saved
    sums = (
        moved.agreed, moved.refunds, moved.offers, moved.returns, None, moved.pending, moved.refused, saved.refused,
        saved.returned, saved.differences, saved.whole, one.risk,
    )  # fmt: skip
    return (
        name,
        *(Money(moved.fees_fen if tally is None else tally.fen) for tally in sums),
        one.to_act.count,
        one.to_act.p50_s,
        one.to_act.p95_s,
        one.to_intercept.p95_s,
        one.due.met.cases,
        one.due.missed.cases,
        one.due.unclear.cases,
        one.minutes_saved,
    )


def _days(view: View) -> Iterator[Row]:
    for one in view.day.figures.days:
        for verb, tally in one.by.items():
            yield one.day, view.shop(one.shop), view.words.name(verb), tally.cases, Money(tally.fen)


def _held(view: View) -> Iterator[Row]:
    for case in view.day.held:
        left = view.words.left(case.deadline, view.day.figures.at) if case.deadline else ""
        why = " · ".join(view.why(case))
        yield (
            view.shop(case.shop), case.aftersale_id, case.order_id, view.kind(case), Money(case.fen), case.deadline, left, why,
            masking.text(case.owner, longest=40),
        )  # fmt: skip


def _alarms(view: View) -> Iterator[Row]:
    for one in view.day.bulletin.alarms:
        yield one.at, view.shop(one.shop), one.case_id, view.words.reason(one.reason)
