"""`refundpilot forget`: all that tells of one buyer goes from the home (S22); sums, marks and the chain stay valid."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from bot.app.tidying import SWEEP_REPORTS, drop_pictures
from bot.app.wiring import open_house
from bot.config import Home
from bot.config.files import writing
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.errors import ConfigError
from bot.evidence.failures import FOLDER, SOUGHT
from bot.ledger import SqlReader
from bot.ports.office import OPEN
from bot.ports.retention import ForgetResult


async def forget(home: Home, shop: ShopKey, name: str, *, dry_run: bool) -> ForgetResult:
    """Erase a buyer of one shop; with `dry_run` only count, also beside a running robot.

    What goes: their name, pages, texts and pictures in ledger and evidence, failure bundles of their cases, and sweep reports that
    show one of them. Tapes and the merchant's own inbox are the merchant's to delete.

    Raises:
        ConfigError: the ledger knows nobody of that name in the shop, or a folder cannot be written.
        LedgerError: it cannot be read or written, or another robot works there.
    """
    found = _known(home, shop, name)
    ids = tuple(case.aftersale_id for case, _, _ in found)
    bundles, reports = tuple(_bundles(home, ids)), tuple(_reports(home, ids))
    pictures = 0
    if not dry_run:
        with open_house(home) as house, writing(home.path):
            house.ledger.erase_buyer(shop, name)
            pictures = drop_pictures(home.files.evidence, house.ledger.erased_pictures())
            for bundle in bundles:
                shutil.rmtree(bundle)
            for report in reports:
                report.unlink(missing_ok=True)
    folders = {home.files.inbox / order for _, order, _ in found if order}
    return ForgetResult(
        dry_run=dry_run,
        cases=ids,
        open_cases=sum(status in OPEN for _, _, status in found),
        pictures=pictures,
        bundles=len(bundles),
        reports=len(reports),
        inbox=tuple(sorted(str(folder) for folder in folders if folder.is_dir())),
    )


def _known(home: Home, shop: ShopKey, name: str) -> tuple[tuple[CaseKey, str, CaseStatus], ...]:
    if home.files.ledger.exists():
        with SqlReader(home.files.ledger) as reader:
            if found := reader.buyer_cases(shop, name):
                return found
    raise ConfigError(f"nobody of that name in {shop}", target=str(shop), code="forget.nobody")


def _bundles(home: Home, ids: Collection[str]) -> Iterator[Path]:
    """Failures of these cases; one that cannot be read is left to `tidy`."""
    for sought in (home.path / FOLDER).glob(f"*/{SOUGHT}"):
        try:
            case = json.loads(sought.read_text(encoding="utf-8")).get("case_id")
        except (OSError, ValueError):
            continue
        if case in ids:
            yield sought.parent


def _reports(home: Home, ids: Collection[str]) -> Iterator[Path]:
    """Reports of sweeps that show one of these cases, page and workbook: copies of what the ledger has."""
    for page in home.files.reports.glob(SWEEP_REPORTS[0]):
        text = page.read_text(encoding="utf-8", errors="replace")
        if any(case in text for case in ids):
            yield page
            yield from (book for book in [page.with_suffix(".xlsx")] if book.exists())
