"""The audit: recompute the chain, then every invariant that the ledger can check without the shop (reliability.md 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine

from bot.ledger import books, history, invariants, pictures, verify
from bot.ledger.chain import Anchor
from bot.ledger.events import head
from bot.ledger.findings import AuditResult, Finding, finding
from bot.ledger.history import History
from bot.ledger.store import translated

_BY_EVENTS: tuple[Callable[[History], Iterator[Finding]], ...] = (
    invariants.one_effect,
    invariants.order_of_marks,
    invariants.decisions,
    invariants.receipts,
    invariants.verdicts,
    invariants.epochs,
    invariants.proofs,
    invariants.holds,
    books.caps,
)
_BY_TABLES: tuple[Callable[[Connection, History], Iterator[Finding]], ...] = (
    invariants.ends,
    invariants.projections,
    books.reservations,
)
CHECKED = ("I2", "I3", "I4", "I5", "I6", "I7", "I8", "I10", "I11", "I13", "I14", "I17", "I18", "I21", "I23")


def audit(engine: Engine, evidence_root: Path | None, *, anchor: Anchor | None = None) -> AuditResult:
    """Check the whole ledger; nothing is changed.

    `anchor`: a head kept elsewhere, without which a cut tail or a full rewrite is no lie that the ledger could tell of.
    `evidence_root`: None leaves the pictures' files unchecked. A broken chain ends the audit: nothing can be concluded
    from events that are not what was written.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    with translated(), engine.connect() as db, db.begin():
        newest = head(db)
        broken = tuple(verify.chain(db, newest, anchor))
        if broken:
            return AuditResult(newest.seq, newest, ("I13",), broken)
        notes = tuple(pictures.orphans(db, evidence_root)) if evidence_root is not None else ()
        return AuditResult(newest.seq, newest, CHECKED, tuple(_invariants(db, evidence_root)), notes)


def _invariants(db: Connection, evidence_root: Path | None) -> Iterator[Finding]:
    try:
        past = history.read(db)
        yield from verify.payloads(db, past.events)
        for by_events in _BY_EVENTS:
            yield from by_events(past)
        for by_tables in _BY_TABLES:
            yield from by_tables(db, past)
    except (KeyError, TypeError, ValueError) as error:
        yield finding("I13", "events", "audit.unreadable", detail=repr(error))
    if evidence_root is not None:
        yield from pictures.files(db, evidence_root)
