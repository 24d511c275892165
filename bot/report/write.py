"""Puts the report together and onto the disk: the HTML file, and beside it the workbook of the same name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot.catalogue import Catalogue
from bot.domain.base import SHANGHAI, Sha256
from bot.report.cards import Cards
from bot.report.ending import OPEN, ending_of
from bot.report.phrases import Words, exact
from bot.report.render import Page, render
from bot.report.shop import Shops
from bot.report.source import ShopRun
from bot.report.thumbs import Fetch, thumbs
from bot.report.xlsx import workbook

_NAME = re.compile(r"[^0-9A-Za-z_-]+")

NAMES = 9
"""Workbooks of one day that somebody may have open at once."""


def build(runs: Sequence[ShopRun], fetch: Fetch, catalogue: Catalogue, folder: Path, now: datetime) -> Path:
    """Write `sweep-<YYYYMMDD-HHMMSS>-<run>.html` and `.xlsx` (Asia/Shanghai) into the folder.

    Args:
        runs: one a shop, in the order of the sweep; at least one.
        fetch: pictures by content hash.
        catalogue: the language of the report.
        folder: made where it is missing.
        now: the moment of writing.

    Returns:
        Path of the HTML file.

    Raises:
        OSError: the disk does not take it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    html = folder / f"sweep-{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}-{_NAME.sub('_', runs[0].run)[:60]}.html"
    sheet = html.with_suffix(".xlsx")
    write_file(sheet, workbook(runs, catalogue, now))
    write_file(html, page(runs, fetch, catalogue, now, sheet.name).encode())
    return html


def page(runs: Sequence[ShopRun], fetch: Fetch, catalogue: Catalogue, now: datetime, sheet: str) -> str:
    """The HTML file's text."""
    wanted = list(dict.fromkeys(_pictures(runs)))
    small = thumbs(wanted, fetch)
    sections = []
    for number, run in enumerate(runs, start=1):
        words = Words.of(catalogue, run.policy, *run.kept.values())
        sections.append(Shops(run, words, Cards(run, words, small, f"s{number}")).section())
    words = Words.of(catalogue, runs[0].policy)
    return render(
        Page(
            language=catalogue.language,
            written=exact(now),
            workbook=sheet,
            sections=sections,
            omitted=len(wanted) - len(small),
            text=words.text,
        )
    )


def _pictures(runs: Sequence[ShopRun]) -> Iterator[Sha256]:
    """Those of cases that a person has to look at first: they are not the ones left out."""
    for urgent in (True, False):
        for run in runs:
            for line, picture in run.pictures():
                if (ending_of(line, acting=run.acting) in OPEN) is urgent:
                    yield picture.sha256


def write_file(path: Path, data: bytes) -> None:
    """All or nothing, and for the owner's eyes only where the system knows modes."""
    part = path.with_suffix(f"{path.suffix}.part")
    part.write_bytes(data)
    part.chmod(0o600)
    try:
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def write_beside(path: Path, data: bytes) -> Path:
    """As `write_file`; while somebody has it open where that keeps others out (Excel, under Windows), as `NAME-2` and so on.

    Returns:
        Where it is.

    Raises:
        OSError: the disk does not take it under any of them.
    """
    names = [path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, NAMES + 1))]
    for one in names[:-1]:
        with suppress(PermissionError):
            write_file(one, data)
            return one
    write_file(names[-1], data)
    return names[-1]
