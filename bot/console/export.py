"""Hits to take away: a CSV and a workbook in which no cell can ever become a formula (S9), buyers masked (S23)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from bot.catalogue import Catalogue
from bot.domain.money import Money
from bot.ports.monitor import HitLine
from bot.report import masking
from bot.report.phrases import exact, in_language
from bot.report.xlsx import looks_like_formula

COLUMNS = (
    "col_at",
    "col_shop",
    "col_case",
    "col_order",
    "col_reason",
    "col_scene",
    "col_by",
    "col_verb",
    "col_asked",
    "col_posted",
    "col_pending",
    "col_mark",
)
_WIDE = 22
_FEN_OF_YUAN = 100


def cells(hit: HitLine, say: Catalogue) -> Sequence[str | Money]:
    """One row, in the order of `COLUMNS`."""
    return (
        exact(hit.at),
        hit.shop,
        hit.aftersale_id,
        hit.order_id,
        masking.text(hit.reason),
        say.text_of(f"scene.{hit.scene}") if hit.scene else "",
        in_language(hit.name, say.language),
        say.text_of(f"verb.{hit.verb}"),
        Money(hit.asked_fen),
        Money(hit.posted_fen),
        Money(hit.pending_fen),
        say.text_of(f"mark.{hit.mark}") if hit.mark else say.text_of("cli.not_clicked"),
    )


def heads(say: Catalogue) -> Sequence[str]:
    """The headings, the same as on the page."""
    return [say.text_of(f"cli.{key}") for key in COLUMNS]


def as_csv(hits: Iterable[HitLine], say: Catalogue) -> bytes:
    """With a byte order mark, or Excel reads Chinese as noise; every cell quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads(say))
    for hit in hits:
        writer.writerow([safe(cell) for cell in cells(hit, say)])
    return out.getvalue().encode("utf-8-sig")


def safe(cell: str | Money) -> str:
    """Plain text: what an editor of cells would take for a formula begins with a quote, and control characters are shown."""
    if isinstance(cell, Money):
        return cell.yuan
    plain = masking.visible(cell)
    return f"'{plain}" if looks_like_formula(plain) else plain


def as_xlsx(hits: Iterable[HitLine], say: Catalogue) -> bytes:
    """Amounts as numbers in yuan, every text a string cell."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(say.text_of("console.nav.monitor"))
        bold = book.add_format({"bold": True, "bottom": 1})
        money = book.add_format({"num_format": "#,##0.00"})
        quoted = book.add_format({"quote_prefix": True})
        sheet.set_column(0, len(COLUMNS) - 1, _WIDE)
        for place, head in enumerate(heads(say)):
            sheet.write_string(0, place, head, bold)
        for number, hit in enumerate(hits, start=1):
            for place, cell in enumerate(cells(hit, say)):
                if isinstance(cell, Money):
                    sheet.write_number(number, place, cell.fen / _FEN_OF_YUAN, money)
                    continue
                plain = masking.visible(cell)
                sheet.write_string(number, place, plain, quoted if looks_like_formula(plain) else None)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
