"""Everything that holds for SQLite alone: pragmas, locking, triggers, and what its error codes mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event

from bot.errors import LedgerError

WRITE = "refundpilot_write"
"""Execution option of a connection that is going to write: its transaction takes the write lock at BEGIN."""

_TRIGGERS = (
    """CREATE TRIGGER events_append_only BEFORE INSERT ON events
       WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events)
       BEGIN SELECT RAISE(ABORT, 'events are only appended'); END""",
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
)

_CODES = {
    sqlite3.SQLITE_BUSY: "error.ledger.locked",
    sqlite3.SQLITE_LOCKED: "error.ledger.locked",
    sqlite3.SQLITE_FULL: "error.ledger.full",
    sqlite3.SQLITE_IOERR: "error.ledger.full",
    sqlite3.SQLITE_CORRUPT: "error.ledger.corrupt",
    sqlite3.SQLITE_NOTADB: "error.ledger.corrupt",
    sqlite3.SQLITE_READONLY: "error.ledger.readonly",
    sqlite3.SQLITE_CANTOPEN: "error.ledger.readonly",
    sqlite3.SQLITE_PERM: "error.ledger.readonly",
}


def code_of(error: BaseException | None) -> str:
    """Catalogue key for an error of the driver; the plain ledger error where nothing more is known."""
    known = getattr(error, "sqlite_errorcode", None)
    return _CODES.get(known & 0xFF, LedgerError.code) if known is not None else LedgerError.code


def open_engine(url: URL, *, busy_ms: int, readonly: bool) -> Engine:
    """An engine whose connections are durable (WAL, FULL), strict about foreign keys, and begin by themselves.

    A file is made readable for its user alone (S2); an in-memory ledger lives on one connection that threads may share.
    """
    if url.database in {None, "", ":memory:"}:
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _touch(Path(str(url.database)), readonly=readonly)
        engine = create_engine(url, hide_parameters=True)  # parameters are buyers' names and texts (S4)
    event.listen(engine, "connect", _pragmas(busy_ms, readonly=readonly))
    event.listen(engine, "begin", _begin)
    return engine


def _touch(path: Path, *, readonly: bool) -> None:
    if readonly and not path.exists():
        raise LedgerError(f"no ledger at {path}", code="error.ledger.missing", raw=str(path))
    path.touch(mode=0o600)


def _pragmas(busy_ms: int, *, readonly: bool) -> Any:
    settings = {
        "busy_timeout": str(busy_ms),
        "journal_mode": "WAL",
        "synchronous": "FULL",  # NORMAL may lose the last commit at a power cut: an intent lost after its click (reliability.md 1)
        "foreign_keys": "ON",
        "query_only": "ON" if readonly else "OFF",
    }

    def connect(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # or the driver would begin on its own, deferred
        for name, value in settings.items():
            raw.execute(f"PRAGMA {name}={value}").close()

    return connect


def _begin(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get(WRITE) else "BEGIN")


def quick_check(db: Connection) -> None:
    """Raise LedgerError when SQLite finds the file damaged (F41)."""
    found = db.exec_driver_sql("PRAGMA quick_check(5)").scalars().all()
    if found != ["ok"]:
        raise LedgerError(
            f"the ledger's file is damaged: {'; '.join(found)}", code="error.ledger.corrupt", raw=found[0]
        )


def create_triggers(db: Connection) -> None:
    """Refuse every change of the event chain but an append at its end (S21)."""
    for ddl in _TRIGGERS:
        db.exec_driver_sql(ddl)


def has_triggers(db: Connection) -> bool:
    """Whether the chain's triggers still stand."""
    found = db.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")
    return bool(found.scalar_one() == len(_TRIGGERS))
