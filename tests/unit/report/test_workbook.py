"""Claims on the workbook: it says the same as the page, and no cell of it is or becomes a formula (S9)."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from bot.catalogue import Catalogue, Language
from bot.report import ShopRun
from bot.report.xlsx import looks_like_formula, workbook
from tests.unit.engine.builders import NOW
from tests.unit.report.runs import a_run, every_kind, refund, said_everywhere

PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)",
    '=HYPERLINK("http://evil.test","x")', "=cmd|' /C calc'!A0", "|calc", "%0A=1+1", "'=1+1", '"=1+1', " =1+1",
    "http://evil.test/", "mailto:a@evil.test", "internal:Sheet1!A1", "13,5", "1e9", "\ufeff=1+1", "\u202e=1+1",
)  # fmt: skip


def book(*runs: ShopRun, language: Language = Language.EN) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(runs, Catalogue(language), NOW)))


def cells(read: Any) -> list[Any]:
    return [cell for sheet in read.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_is_a_formula(payload: str) -> None:
    read = book(a_run(*said_everywhere(payload), name=payload))
    assert [cell.value for cell in cells(read) if cell.data_type == "f" or cell.hyperlink] == []
    assert {cell.data_type for cell in cells(read)} <= {"s", "n", "d"}


def test_no_formula_stands_in_the_files_own_text() -> None:
    data = workbook([a_run(*said_everywhere(payload)) for payload in PAYLOADS], Catalogue(Language.ZH), NOW)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 4
        assert [sheet for sheet in sheets if re.search(r"<f[ >]|hyperlink", sheet)] == []


@pytest.mark.parametrize(
    "payload", [one for one in PAYLOADS if not one.startswith(("http", "mail", "inter", "1"))][:15]
)
def test_a_text_that_looks_like_a_formula_keeps_its_quote_when_edited(payload: str) -> None:
    read = book(a_run(refund(1), name=payload))
    named = read.worksheets[0]["A2"]
    assert looks_like_formula(payload)
    assert named.quotePrefix or not looks_like_formula(str(named.value))


def test_amounts_are_numbers_and_every_case_has_its_row() -> None:
    read = book(a_run(*every_kind()))
    summary, all_cases, holds, receipts = read.worksheets
    assert all_cases.max_row == len(every_kind()) + 1
    assert receipts.max_row == 4
    assert holds.max_row == 5
    amounts = [cell for cell in summary["D"][1:] if cell.value]
    assert {cell.data_type for cell in amounts} == {"n"}
    assert {cell.number_format for cell in amounts} == {"#,##0.00"}
    assert {str(cell.value) for cell in amounts} == {"129", "258"}


def test_both_languages_have_their_own_headings() -> None:
    assert book(a_run(refund(1)), language=Language.ZH).sheetnames == ["汇总", "售后单", "需要您处理", "回执"]
    assert book(a_run(refund(1))).sheetnames == ["Summary", "Cases", "Needs you", "Receipts"]


def test_buyers_are_masked() -> None:
    text = " ".join(str(cell.value) for cell in cells(book(a_run(*every_kind(), *said_everywhere("13912345678", 40)))))
    assert "山间清风2019" not in text
    assert "13912345678" not in text


def test_long_words_are_cut() -> None:
    assert max(len(str(cell.value)) for cell in cells(book(a_run(*said_everywhere("长" * 40_000))))) <= 1_000
