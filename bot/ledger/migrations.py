"""The ledger's schema by numbered steps; a ledger written by a newer program is refused, never guessed at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

from sqlalchemy import URL, Connection, Table, create_mock_engine, func, insert, inspect, select
from sqlalchemy.schema import CreateColumn, CreateIndex

from bot.errors import LedgerError
from bot.ledger import looks, schema, sqlite
from bot.ledger.chain import GENESIS


def _whole(db: Connection) -> None:
    """A new ledger, as all steps together would leave it."""
    for statement in _ddl(db.dialect.name):
        db.exec_driver_sql(statement)
    db.exec_driver_sql(_CASES_LISTED)
    db.execute(insert(schema.chain_head).values(id=1, seq=0, hash=GENESIS))
    if db.dialect.name == "sqlite":
        sqlite.create_triggers(db)


@cache
def _ddl(database: str) -> tuple[str, ...]:
    """What makes the tables and their indexes, in the database's words; putting it together takes longer than running it."""
    where, said = URL.create(database), list[str]()
    dialect = where.get_dialect()()
    engine = create_mock_engine(where, lambda ddl, *_, **__: said.append(str(ddl.compile(dialect=dialect))))
    schema.metadata.create_all(engine, checkfirst=False)
    return tuple(said)


def _policies(db: Connection) -> None:
    schema.policies.create(db, checkfirst=True)


def _alarms(db: Connection) -> None:
    for table in (schema.alarms, schema.alarm_sendings):
        table.create(db, checkfirst=True)


def _duties(db: Connection) -> None:
    for table in (schema.duties, schema.missed_runs):
        table.create(db, checkfirst=True)


def _add_columns(db: Connection, table: Table, names: tuple[str, ...]) -> None:
    known = {column["name"] for column in inspect(db).get_columns(table.name)}
    for name in names:
        if name not in known:
            told = CreateColumn(table.c[name]).compile(dialect=db.dialect)
            db.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {told}")


def _figures(db: Connection) -> None:
    """What the figures of a day are sums over; what an older ledger did not write down is read off its events."""
    for table, names in _OF_FIGURES.items():
        _add_columns(db, table, names)
    for table in _OF_FIGURES:
        for index in table.indexes:
            # not checkfirst: SQLAlchemy cannot look whether an index over an expression is there
            db.execute(CreateIndex(index, if_not_exists=True))
    looks.fill_in(db)


_OF_FIGURES = {
    schema.intents: ("day", "claim", "moved", "applied_at", "waited_s"),
    schema.cases: ("claim",),
    schema.sightings: ("intercept",),
}


def _signoffs(db: Connection) -> None:
    schema.signoffs.create(db, checkfirst=True)
    db.execute(CreateIndex(schema.cases_in_turn, if_not_exists=True))
    db.execute(CreateIndex(schema.events_by_hand, if_not_exists=True))


def _rests(db: Connection) -> None:
    _add_columns(db, schema.cases, ("listed", "row", "read_at"))
    db.exec_driver_sql(_CASES_LISTED)


_CASES_LISTED = "CREATE INDEX IF NOT EXISTS cases_listed ON cases (platform, shop_id) WHERE listed = 1"
"""Not an index of the table's: the step that makes those anew on an older ledger runs before the column is there."""


def _proofs(db: Connection) -> None:
    schema.proof_bands.create(db, checkfirst=True)


def _days(db: Connection) -> None:
    """What is asked for by day is found by it."""
    by_day = next(index for index in schema.reservations.indexes if index.name == "reservations_by_day")
    for index in (by_day, schema.events_decided):
        db.execute(CreateIndex(index, if_not_exists=True))


STEPS: tuple[Callable[[Connection], None], ...] = (
    _whole,
    _policies,
    _alarms,
    _duties,
    _figures,
    _signoffs,
    _rests,
    _proofs,
    _days,
)
"""In order; step n leads to version n, but the first, which leads to the last. A released step is never edited: what comes later is a new one."""


def version(db: Connection) -> int:
    """The schema's version; 0 for an empty database. Raises LedgerError for a newer one than this program knows."""
    if not inspect(db).has_table(schema.schema_version.name):
        return 0
    found = db.execute(select(func.max(schema.schema_version.c.version))).scalar_one() or 0
    if found > len(STEPS):
        raise LedgerError(
            f"the ledger has schema {found}, this program knows {len(STEPS)}", code="error.ledger.newer", raw=str(found)
        )
    return int(found)


def migrate(db: Connection, now: datetime) -> None:
    """Make a new ledger whole, or run the steps that an older one lacks, inside the caller's transaction."""
    found = version(db)
    for step in STEPS[found:] if found else STEPS[:1]:
        step(db)
    for number in range(found + 1, len(STEPS) + 1):
        db.execute(insert(schema.schema_version).values(version=number, at=now))
