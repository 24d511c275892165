"""Retention (S22): what is over its time goes from ledger, evidence, failures, reports and logs; tapes and daily reports stay."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.alerts.log import FILE, alone_with
from bot.app.wiring import House, open_house
from bot.clock import SystemClock
from bot.config import Home
from bot.config.files import writing
from bot.evidence.failures import FOLDER
from bot.ledger import SqlReader
from bot.ports.retention import Cutoffs, Retired, TidyResult
from bot.report.write import write_file

SWEEP_REPORTS = ("sweep-*.html", "sweep-*.xlsx")
"""They have pictures and buyers' words in them; a day's report has sums."""

_LOGS = "refundpilot-*.jsonl"


async def tidy(home: Home, *, dry_run: bool) -> TidyResult:
    """`retain` for a home that nobody works in; with `dry_run` also beside a running robot, and nothing is changed.

    Raises:
        LedgerError: it cannot be read or written, or another robot works there. ConfigError: a folder cannot be written.
    """
    if not dry_run:
        with open_house(home) as house:
            return retain(house, house.clock.now())
    now = SystemClock().now()
    found = Retired()
    if home.files.ledger.exists():
        with SqlReader(home.files.ledger) as reader:
            found = reader.overdue(cutoffs(home, now))
    return _result(home, found, now, dry_run=True)


def retain(house: House, now: datetime) -> TidyResult:
    """Let go of what is over its time. The ledger first: a picture's file goes only once no row of it needs the picture.

    Raises:
        LedgerError: it cannot be written. ConfigError: a folder cannot.
    """
    found = house.ledger.retire(cutoffs(house.home, now))
    gone = house.ledger.erased_pictures()
    with writing(house.home.path):
        drop_pictures(house.home.files.evidence, gone)
        return _result(house.home, found, now, dry_run=False)


def drop_pictures(folder: Path, gone: Collection[str]) -> int:
    """Delete the files of pictures that no row of the ledger needs any more; how many there were."""
    files = [file for file in folder.rglob("*") if file.stem in gone and file.is_file()]
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def cutoffs(home: Home, now: datetime) -> Cutoffs:
    """The settings' days, counted back from now."""
    told = home.settings.retention
    pages, disputes, buyers = (
        now - timedelta(days=days) for days in (told.pictures_days, told.disputes_days, told.buyers_days)
    )
    return Cutoffs(pages=pages, disputes=disputes, buyers=buyers)


def _result(home: Home, found: Retired, now: datetime, *, dry_run: bool) -> TidyResult:
    files, told = home.files, home.settings.retention
    pages, logs = (now - timedelta(days=days) for days in (told.pictures_days, told.logs_days))
    drop = _count if dry_run else _drop
    return TidyResult(
        dry_run=dry_run,
        payloads=len(found.payloads),
        pictures=len(found.pictures),
        buyers=len(found.buyers),
        bundles=drop(_older(home.path / FOLDER, ("*",), pages)),
        reports=drop(_older(files.reports, SWEEP_REPORTS, pages)),
        logs=drop(_older(files.logs, (_LOGS,), logs)),
        alarms=_alarms(files.logs / FILE, logs, dry_run=dry_run),
        kept=found.kept,
    )


def _older(folder: Path, patterns: tuple[str, ...], until: datetime) -> Iterator[Path]:
    """Entries of a folder last changed before then; links are left alone, and so is what they point to."""
    for pattern in patterns:
        for entry in folder.glob(pattern):
            if not entry.is_symlink() and entry.stat().st_mtime < until.timestamp():
                yield entry


def _count(entries: Iterator[Path]) -> int:
    return len(list(entries))


def _drop(entries: Iterator[Path]) -> int:
    gone = list(entries)
    for entry in gone:
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)
    return len(gone)


def _alarms(file: Path, until: datetime, *, dry_run: bool) -> int:
    """Lines of before; one that cannot be read is of no use to anybody and goes too. While somebody writes there it is left for the next time."""
    if not file.is_file():
        return 0
    if dry_run:
        return len(_split(file, until)[1])
    with alone_with(file) as alone:
        if not alone:
            return 0
        fresh, old = _split(file, until)
        if old:
            write_file(file, "".join(fresh).encode())
        return len(old)


def _split(file: Path, until: datetime) -> tuple[list[str], list[str]]:
    """Lines that stay, and lines that go."""
    fresh: list[str] = []
    old: list[str] = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        (fresh if _is_fresh(line, until) else old).append(line)
    return fresh, old


def _is_fresh(line: str, until: datetime) -> bool:
    try:
        return datetime.fromisoformat(json.loads(line)["at"]) >= until
    except (ValueError, KeyError, TypeError):
        return False
