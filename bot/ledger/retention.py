"""Letting go of what is over its time (S22): pages, texts, pictures and names; sums, marks and the chain stay valid.

Nothing goes of a case that is open, that the platform looks at, or whose refusal or complaint may still be disputed: what
was shown then is the proof that a second asking needs (domain.md 35, 36).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update
from sqlalchemy.sql.schema import Table

from bot.domain.action import Mark, Verb
from bot.domain.base import Sha256
from bot.domain.case import CaseState
from bot.domain.outcome import CaseStatus
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import (
    LIVE,
    buyers,
    cases,
    events,
    evidence,
    intents,
    payloads,
    picture_bands,
    proof_bands,
    run_cases,
    runs,
    sightings,
)
from bot.ledger.statements import CASE
from bot.ledger.store import Tx
from bot.ports.retention import Cutoffs, Retired

T = TypeVar("T")

_ENDED = (CaseStatus.DONE, CaseStatus.FOREIGN)
_READ = (Kind.SEEN, Kind.DECIDED, Kind.CONCLUDED, Kind.HELD, Kind.UNKNOWN, Kind.VOID, Kind.PROOFS_READ)
"""Events whose payload holds what a page said; an intent names its buyer by token only, and the books need it."""

_AT_ONCE = 500
"""Rows of one statement, and numbers of one event."""


def overdue(db: Connection, until: Cutoffs) -> Retired:
    """What is over its time."""
    return Retired(
        payloads=tuple(db.execute(_payloads(until)).scalars()),
        pictures=tuple(Sha256(sha) for sha in db.execute(_pictures(until)).scalars()),
        buyers=tuple(db.execute(_buyers(until)).scalars()),
        kept=db.execute(_kept(until)).scalar_one(),
    )


def retire(tx: Tx, until: Cutoffs) -> Retired:
    """Blank it, and write down what was blanked; the pictures' files are the caller's to delete."""
    found = overdue(tx.db, until)
    blank: dict[str, Any] = {"body": None, "salt": "", "erased_at": tx.now}
    for some in _parts(found.payloads):
        tx.db.execute(update(payloads).where(payloads.c.seq.in_(some)).values(**blank))
    tx.db.execute(update(evidence).where(_old_picture(until)).values(erased_at=tx.now, body="{}"))
    tx.db.execute(update(run_cases).where(_of_old_run(run_cases, until), _free(run_cases, until)).values(reasons="[]"))
    tx.db.execute(update(cases).where(cases.c.changed_at < until.pages, _free(cases, until)).values(reasons="[]"))
    for tokens in _parts(found.buyers):
        _forget(tx, tokens)
    _write_down(tx, found)
    return found


def erased_pictures(db: Connection) -> frozenset[str]:
    """Pictures that no row of the ledger needs any more."""
    needed = select(evidence.c.sha256).where(evidence.c.erased_at.is_(None))
    return frozenset(db.execute(select(evidence.c.sha256).where(evidence.c.sha256.not_in(needed))).scalars())


def _write_down(tx: Tx, found: Retired) -> None:
    """So that the audit knows a payload that was let go from one that somebody took away."""
    parts = [*_parts(found.payloads)] or ([()] if found.pictures or found.buyers else [])
    for number, seqs in enumerate(parts):
        more = {"pictures": found.pictures, "buyers": found.buyers} if number == 0 else {"pictures": (), "buyers": ()}
        append(tx, Kind.RETIRED, About(), {"payloads": seqs, **more})


def _forget(tx: Tx, tokens: Sequence[str]) -> None:
    for table in (picture_bands, proof_bands):
        theirs = select(cases.c.buyer).where(cases.c.buyer.in_(tokens), *_same(cases, table))
        tx.db.execute(delete(table).where(exists(theirs)))
    tx.db.execute(update(sightings).where(sightings.c.buyer.in_(tokens)).values(forward="", returned=""))
    tx.db.execute(update(buyers).where(buyers.c.token.in_(tokens)).values(name=None))


def _parts(of: Sequence[T]) -> Iterator[Sequence[T]]:
    return (of[first : first + _AT_ONCE] for first in range(0, len(of), _AT_ONCE))


def _payloads(until: Cutoffs) -> Any:
    whole_list = events.c.aftersale_id == ""
    return (
        select(events.c.seq)
        .join(payloads, payloads.c.seq == events.c.seq)
        .where(events.c.at < until.pages, events.c.kind.in_(_READ), payloads.c.body.is_not(None))
        .where(or_(whole_list, _free(events, until)))
        .order_by(events.c.seq)
    )


def _pictures(until: Cutoffs) -> Any:
    return select(evidence.c.sha256).where(_old_picture(until)).distinct().order_by(evidence.c.sha256)


def _old_picture(until: Cutoffs) -> ColumnElement[bool]:
    return and_(evidence.c.erased_at.is_(None), _of_old_run(evidence, until), _free(evidence, until))


def _buyers(until: Cutoffs) -> Any:
    """Buyers of ended cases, none of which moved since."""
    his = cases.c.buyer == buyers.c.token
    fresh = select(cases.c.buyer).where(his, or_(cases.c.changed_at >= until.buyers, ~_free(cases, until)))
    return select(buyers.c.token).where(
        buyers.c.name.is_not(None), exists(select(cases.c.buyer).where(his)), ~exists(fresh)
    )


def _kept(until: Cutoffs) -> Any:
    return select(func.count()).select_from(cases).where(cases.c.changed_at < until.pages, ~_free(cases, until))


def _of_old_run(table: Table, until: Cutoffs) -> ColumnElement[bool]:
    return exists(select(runs.c.id).where(runs.c.id == table.c.run, runs.c.opened_at < until.pages))


def _free(table: Table, until: Cutoffs) -> ColumnElement[bool]:
    """The row's case has ended, and nobody will ask for its proof any more."""
    own = cases if table is cases else cases.alias()
    disputed = select(intents.c.id).where(
        *_same(own, intents),
        or_(
            intents.c.mark.in_(LIVE),
            and_(
                intents.c.verb.in_((Verb.REFUSE, Verb.COMPLAIN)),
                intents.c.mark == Mark.SETTLED,
                intents.c.ended_at >= until.disputes,
            ),
        ),
    )
    newest = select(sightings.c.state).where(*_same(own, sightings)).order_by(sightings.c.seq.desc()).limit(1)
    looked_at = func.coalesce(newest.scalar_subquery(), "") == CaseState.PLATFORM
    ended = and_(own.c.status.in_(_ENDED), ~exists(disputed), ~looked_at)
    return ended if table is cases else exists(select(own.c.status).where(*_same(own, table), ended))


def _same(one: Any, other: Any) -> list[ColumnElement[bool]]:
    return [one.c[name] == other.c[name] for name in CASE]
