"""The report as a workbook: amounts as numbers in yuan, every text a string cell that can never become a formula (S9)."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from bot.catalogue import Catalogue
from bot.domain.base import SHANGHAI
from bot.domain.money import Money
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.card import buyer_of, order_of
from bot.report.cards import Cards
from bot.report.ending import OPEN, amount_of, claim_of, ending_of, sums
from bot.report.phrases import Words
from bot.report.source import ShopRun

_LONGEST = 1_000
"""Characters of a cell; the format's own end is 32,767."""

_FORMULA_STARTS = frozenset("=+-@|%'\"")
_FEN_OF_YUAN = 100

Cell = str | int | Money | datetime | date | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """Heading (a key of the catalogue) and width in characters."""

    key: str
    width: int


_SUMMARY = (Column("shop", 24), Column("ending", 22), Column("cases", 10), Column("amount", 14))
_CASES = (
    Column("shop", 20), Column("case", 22), Column("order", 22), Column("ending", 16), Column("status", 16),
    Column("kind", 20), Column("claimed", 12), Column("paid", 12), Column("amount", 12), Column("buyer", 12),
    Column("verb", 16), Column("strategy", 28), Column("decision", 48), Column("outcome", 48), Column("applied", 18),
    Column("deadline", 18), Column("buyer_text", 40),
)  # fmt: skip
_HOLDS = (
    Column("shop", 20), Column("case", 22), Column("order", 22), Column("kind", 20), Column("claimed", 12),
    Column("buyer", 12), Column("decision", 48), Column("outcome", 60), Column("owner", 14), Column("deadline", 18),
    Column("left", 14),
)  # fmt: skip
_RECEIPTS = (
    Column("shop", 20), Column("case", 22), Column("order", 22), Column("verb", 16), Column("strategy", 28),
    Column("server_state", 18), Column("server_amount", 12), Column("proven_at", 20), Column("version", 18),
    Column("intent", 30), Column("presumed", 10),
)  # fmt: skip


@contextmanager
def written(out: io.BytesIO, catalogue: Catalogue, now: datetime) -> Iterator[Sheets]:
    """A workbook to be filled, whole in `out` when the block ends."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": now.replace(tzinfo=None), "author": "RefundPilot"})
        yield Sheets(book, catalogue)


def workbook(runs: Sequence[ShopRun], catalogue: Catalogue, now: datetime) -> bytes:
    """The .xlsx file's bytes: sheets summary, cases, holds, receipts."""
    out = io.BytesIO()

    def of_all(rows: Callable[[ShopRun, Words], Iterable[Row]]) -> Iterator[Row]:
        for run in runs:
            yield from rows(run, Words.of(catalogue, run.policy, *run.kept.values()))

    with written(out, catalogue, now) as sheets:
        sheets.add("summary", _SUMMARY, of_all(_summary))
        sheets.add("cases", _CASES, of_all(_cases))
        sheets.add("holds", _HOLDS, of_all(_holds))
        sheets.add("receipts", _RECEIPTS, of_all(_receipts))
    return out.getvalue()


class Sheets:
    """Writes one sheet after the other, each cell by its type."""

    def __init__(self, book: xlsxwriter.Workbook, catalogue: Catalogue) -> None:
        self._book = book
        self._catalogue = catalogue
        self._head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F5", "text_wrap": True})
        self._text = book.add_format({"valign": "top"})
        self._quoted = book.add_format({"valign": "top", "quote_prefix": True})
        self._money = book.add_format({"valign": "top", "num_format": "#,##0.00"})
        self._moment = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self._day = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"})

    def add(self, name: str, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        """A sheet with a frozen heading, a filter, and the rows."""
        sheet = self._book.add_worksheet(self._catalogue.text_of(f"report.sheet.{name}"))
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, self._catalogue.text_of(f"report.label.{column.key}"), self._head)
        count = 0
        for count, row in enumerate(rows, start=1):
            for number, cell in enumerate(row):
                self._write(sheet, (count, number), cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)

    def _write(self, sheet: Any, at: tuple[int, int], cell: Cell) -> None:
        match cell:
            case None | "":
                return
            case Money(fen=fen):
                sheet.write_number(*at, fen / _FEN_OF_YUAN, self._money)
            case datetime():
                sheet.write_datetime(*at, cell.astimezone(SHANGHAI).replace(tzinfo=None), self._moment)
            case date():
                sheet.write_datetime(*at, cell, self._day)
            case int():
                sheet.write_number(*at, cell)
            case str():
                plain = masking.cut(masking.visible(cell), _LONGEST)
                sheet.write_string(*at, plain, self._quoted if looks_like_formula(plain) else self._text)


def looks_like_formula(text: str) -> bool:
    """Whether an editor of cells might take it for one: its signs, also full-width, also behind spaces.

    The cell is a string either way; the quote prefix keeps it one when somebody edits it.
    """
    return unicodedata.normalize("NFKC", text).lstrip()[:1] in _FORMULA_STARTS


def _summary(run: ShopRun, words: Words) -> Iterator[Row]:
    for one in sums(run.lines, acting=run.acting):
        if one.count:
            yield _shop(run), words.name(one.ending), one.count, one.amount


def _cases(run: ShopRun, words: Words) -> Iterator[Row]:
    cards = Cards(run, words, {}, "")
    for line in run.lines:
        yield _case(run, words, cards, line)


def _case(run: ShopRun, words: Words, cards: Cards, line: CaseLine) -> Row:
    ending, buyer, seen, decision = ending_of(line, acting=run.acting), buyer_of(line), line.snapshot, line.decision
    return (
        _shop(run), line.case.aftersale_id, order_of(line), words.name(ending), words.name(line.status),
        cards.kind(line), claim_of(line), seen.paid if seen else None, amount_of(line, ending), masking.name(buyer),
        words.name(decision.verb) if decision else "",
        words.strategy(decision.plan.strategy) if decision and decision.plan else "",
        cards.headline(line, buyer), _told(words, line), seen.applied_at if seen else None, line.deadline,
        masking.text(seen.buyer_text, buyer=buyer) if seen else "",
    )  # fmt: skip


def _holds(run: ShopRun, words: Words) -> Iterator[Row]:
    cards = Cards(run, words, {}, "")
    for line in run.lines:
        if ending_of(line, acting=run.acting) in OPEN:
            left = words.left(line.deadline, run.moment) if line.deadline else ""
            yield (
                _shop(run), line.case.aftersale_id, order_of(line), cards.kind(line), claim_of(line),
                masking.name(buyer_of(line)), cards.headline(line, buyer_of(line)), _told(words, line), masking.text(line.owner, longest=40),
                line.deadline, left,
            )  # fmt: skip


def _receipts(run: ShopRun, words: Words) -> Iterator[Row]:
    for line in run.lines:
        for intent, receipt in line.receipts:
            yield (
                _shop(run), line.case.aftersale_id, order_of(line), words.name(intent.action.verb),
                words.strategy(intent.strategy), words.name(receipt.state), receipt.amount, receipt.proven_at,
                masking.text(receipt.version, longest=40), receipt.intent, words.text("yes" if receipt.presumed else "no"),
            )  # fmt: skip


def _told(words: Words, line: CaseLine) -> str:
    return " · ".join(words.reason(reason, buyer_of(line)) for reason in line.reasons)


def _shop(run: ShopRun) -> str:
    return masking.text(run.sweep.name or run.sweep.shop, longest=60)
