"""Builds the adapters of one home: ledger, evidence, alarms, catalogue; one robot at a time in a home."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from bot.alerts.desk import AlarmDesk
from bot.app.calling import desk_of
from bot.app.proofs import reader_of
from bot.app.shelves import diagnosis
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock, SystemIds
from bot.config import FileKillSwitch, Home
from bot.errors import LedgerError
from bot.evidence.darkroom import Darkroom
from bot.evidence.failures import FOLDER, FailureFolder
from bot.evidence.store import FileEvidence
from bot.ledger import SqlLedger
from bot.ports.clock import Clock, Ids
from bot.ports.evidence import EvidenceStore, PictureReader


@dataclass(frozen=True, slots=True)
class House:
    """All that lives as long as one command works in a home."""

    home: Home
    clock: Clock
    ids: SystemIds
    ledger: SqlLedger
    evidence: EvidenceStore
    reader: PictureReader | None
    failures: FailureFolder
    notifier: AlarmDesk
    kill: FileKillSwitch
    catalogue: Catalogue

    @property
    def lease_owner(self) -> str:
        """Stable for this home on this PC: after a crash the same owner takes its own lease back at once."""
        place = f"{platform.node()}|{self.home.path.resolve()}"
        return f"pc-{hashlib.sha256(place.encode()).hexdigest()[:16]}"


OpenLedger = Callable[[Path, Clock, Ids], SqlLedger]


@contextmanager
def open_house(home: Home, clock: Clock | None = None, open_ledger: OpenLedger = SqlLedger) -> Iterator[House]:
    """Open a home for work; by the PC's clock, unless a replay brings another.

    Raises:
        ConfigError: its folders cannot be made.
        LedgerError: another robot works in this home, or the ledger cannot be opened.
    """
    files = home.files
    files.make_folders()
    with _alone(home):
        clock, ids = clock or SystemClock(), SystemIds()
        ledger = open_ledger(files.ledger, clock, ids)
        darkroom = Darkroom()
        evidence = FileEvidence(files.evidence, files.inbox, clock, darkroom)
        say = Catalogue(language_of(home.settings.language))
        try:
            yield House(
                home=home,
                clock=clock,
                ids=ids,
                ledger=ledger,
                evidence=evidence,
                reader=reader_of(evidence, darkroom),
                failures=FailureFolder(home.path / FOLDER, diagnosis(home.path)),
                notifier=desk_of(home, ledger, clock, ids, say),
                kill=FileKillSwitch(files.stop),
                catalogue=say,
            )
        finally:
            evidence.close()
            ledger.close()


def rehomed(house: House, home: Home) -> House:
    """The same house under settings that were read again: alarms go where they say from now on."""
    desk = desk_of(home, house.ledger, house.clock, house.ids, house.catalogue)
    return replace(house, home=home, notifier=desk)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """The operating system drops the lock with its process, so a crash leaves nothing behind."""
    lock = FileLock(home.path / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LedgerError(f"another robot works in {home.path}", code="error.instance") from error
    try:
        yield
    finally:
        lock.release()
