"""Questions about decisions of any run: the newest one on a case, and which case a person means by an id."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from bot.domain.ids import CaseKey, RunId
from bot.ledger.canon import load
from bot.ledger.events import Kind
from bot.ledger.schema import cases, events, payloads
from bot.ledger.statements import CASE, case_values, of, where
from bot.ports.ledger import Judged

JUDGED = TypeAdapter(Judged)

_MANY = 20_000
"""Ids, the newest first, among which the nearest to a mistyped one are looked for."""

_NEWEST = (
    select(payloads.c.body)
    .join(events, events.c.seq == payloads.c.seq)
    .where(where(events, *CASE), events.c.kind == Kind.DECIDED, payloads.c.body.is_not(None))
    .order_by(events.c.seq.desc())
    .limit(1)
)
_OF_RUN = (
    select(payloads.c.body)
    .join(events, events.c.seq == payloads.c.seq)
    .where(where(events, "run"), events.c.kind == Kind.DECIDED, payloads.c.body.is_not(None))
    .order_by(events.c.seq)
)
_NAMED = select(*(cases.c[name] for name in CASE)).where(where(cases, "aftersale_id"))
_IDS = select(cases.c.aftersale_id).order_by(cases.c.changed_at.desc()).limit(_MANY)


def newest(db: Connection, case: CaseKey) -> Judged | None:
    """The newest decision with what it was made from; None where there is none, or it was erased."""
    body = db.execute(_NEWEST, of(case_values(case))).scalar_one_or_none()
    return load(JUDGED, body, f"the decision on {case}") if body else None


def bodies(db: Connection, run: RunId) -> Sequence[str]:
    """Every decision of the run in order, as it was written; what was erased is left out."""
    return db.execute(_OF_RUN, of({"run": run})).scalars().all()


def named(db: Connection, aftersale_id: str) -> tuple[CaseKey, ...]:
    """Every case with this id: each shop counts on its own."""
    found = db.execute(_NAMED, of({"aftersale_id": aftersale_id})).mappings()
    return tuple(CaseKey(**row) for row in sorted(found, key=lambda row: tuple(row.values())))


def near(db: Connection, aftersale_id: str) -> Sequence[str]:
    """Known ids that look most like it, at most three."""
    return difflib.get_close_matches(aftersale_id, db.execute(_IDS).scalars().all(), n=3, cutoff=0.6)
