"""The store: opening it checked and migrated, one transaction per call, and every failure of it as a LedgerError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.sql.schema import Table

from bot.errors import LedgerError
from bot.ledger import migrations, sqlite
from bot.ledger.statements import inserting, of, updating
from bot.ports.clock import Clock, Ids

BUSY_MS = 5_000
"""How long a commit waits for another process's lock, in milliseconds (F40)."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One open write transaction, the moment it stands for, and where fresh ids come from."""

    db: Connection
    now: datetime
    ids: Ids

    def add(self, table: Table, values: Mapping[str, object]) -> None:
        """Insert one row."""
        self.db.execute(inserting(table), values)

    def change(self, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> bool:
        """Update the rows of `key`; False when there are none."""
        return self.db.execute(updating(table, *key), of(key) | dict(values)).rowcount > 0

    def put(self, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
        """Update the row of `key`, or insert it where there is none."""
        if not self.change(table, key, values):
            self.add(table, {**key, **values})


class Store:
    """An engine, opened and checked; `where` is a path, `:memory:` or an SQLAlchemy URL."""

    def __init__(self, where: str | Path, *, busy_ms: int = BUSY_MS, readonly: bool = False) -> None:
        with translated():
            self.engine = _engine(_url(where), busy_ms, readonly=readonly)

    def prepare(self, now: datetime) -> None:
        """Check the file and bring its schema up to date. Raises LedgerError: damaged, locked, newer than this program."""
        with self.reading() as db:
            if db.dialect.name == "sqlite":
                sqlite.quick_check(db)
        with translated(), self._connection() as db, db.begin():
            migrations.migrate(db, now)

    def demand_current(self) -> None:
        """For readers, who may not migrate. Raises LedgerError unless the schema is the one that this program writes."""
        with self.reading() as db:
            found = migrations.version(db)
        if found != len(migrations.STEPS):
            raise LedgerError(f"the ledger has schema {found}, not {len(migrations.STEPS)}", code="error.ledger.older")

    @contextmanager
    def writing(self, clock: Clock, ids: Ids) -> Iterator[Tx]:
        """One transaction: all of it is on the disk when this returns, none of it when this raises."""
        with translated(), self._connection() as db, db.begin():
            yield Tx(db, clock.now(), ids)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view, safe beside a running sweep."""
        with translated(), self.engine.connect() as db, db.begin():
            yield db

    def _connection(self) -> Connection:
        return self.engine.connect().execution_options(**{sqlite.WRITE: True})

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _url(where: str | Path) -> URL:
    text = str(where)
    return make_url(text) if "://" in text else URL.create("sqlite", database=text)


def _engine(url: URL, busy_ms: int, *, readonly: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        return sqlite.open_engine(url, busy_ms=busy_ms, readonly=readonly)
    return create_engine(url, hide_parameters=True)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver or the disk raises into a LedgerError whose code says what a person can do."""
    try:
        yield
    except IntegrityError as error:
        raise LedgerError(f"the ledger refused a row: {error.orig}", code="error.ledger.conflict") from error
    except StatementError as error:
        raise LedgerError(f"the ledger cannot commit: {error.orig}", code=sqlite.code_of(error.orig)) from error
    except OSError as error:
        raise LedgerError(f"the ledger's file cannot be used: {error}", code="error.ledger.readonly") from error
