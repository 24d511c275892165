"""Lists of cases for a person: pages by keyset, counts, sums; asked of the tables alone, so that fifty thousand cases stay quick."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    func,
    or_,
    select,
    true,
    tuple_,
)

from bot.domain.money import Money
from bot.domain.outcome import UNPROVEN, CaseStatus
from bot.ledger import schema
from bot.ledger.canon import REASONS, load
from bot.ledger.cases import IN_WORK
from bot.ledger.columns import Fen, moment
from bot.ledger.schema import buyers, cases, sightings
from bot.ledger.statements import CASE, key_of
from bot.ports.office_views import CaseFilter, CaseList, CaseRow, Due

PROPOSALS = ("would.propose", "would.earning", "would.sampled")
"""First reasons of holds on which the robot would act, were it let."""

_OPEN = (*IN_WORK, CaseStatus.WAITING, CaseStatus.HELD)
"""Standings of cases that are not over."""

_C, _S = cases.c, sightings.c
_NEVER = "9999"
"""As `schema.by_deadline` has it."""

_KEYSET = (schema.by_deadline, _C.platform, _C.shop_id, _C.aftersale_id)
_SEEN = and_(
    *(_S[name] == _C[name] for name in CASE),
    _S.seq
    == select(func.max(_S.seq)).where(*(_S[name] == _C[name] for name in CASE)).correlate(cases).scalar_subquery(),
)
_TABLES = cases.outerjoin(sightings, _SEEN).outerjoin(buyers, buyers.c.token == _C.buyer)
_COLUMNS = (
    *(_C[name] for name in CASE), _C.order_id, _C.status, _C.deadline, _C.changed_at, _C.owner, _C.reasons,
    _S.amount, _S.type, buyers.c.name.label("buyer"),
)  # fmt: skip


def page(db: Connection, wanted: CaseFilter, after: str, limit: int) -> CaseList:
    """The cases that pass behind the cursor, the nearest deadline first; without their sums.

    Places are looked for first, in the narrow table alone where that is enough: only what is shown is joined with the rest.
    """
    query = _places(wanted)
    if place := _place(after):
        query = query.where(tuple_(*_KEYSET) > tuple_(*place))
    shown = query.order_by(*_KEYSET).limit(limit + 1).subquery()
    mine = and_(*(_C[name] == shown.c[name] for name in CASE))
    rows = db.execute(select(*_COLUMNS).select_from(shown.join(_TABLES, mine)).order_by(*_KEYSET))
    found = tuple(_row(row) for row in rows)
    following = _cursor(found[limit - 1]) if len(found) > limit else ""
    return CaseList(rows=found[:limit], following=following)


def _places(wanted: CaseFilter) -> Select[*tuple[Any, ...]]:
    return select(*(_C[name] for name in CASE)).select_from(_source(wanted)).where(*_tests(wanted))


def _source(wanted: CaseFilter) -> FromClause:
    """What a claim amounts to stands beside the case, and is looked up only where it is asked for."""
    return cases.outerjoin(sightings, _SEEN) if wanted.least or wanted.most else cases


def total(db: Connection, wanted: CaseFilter) -> tuple[int, Money | None]:
    """How many cases pass, and what is claimed in them; None where that would be the whole ledger."""
    if wanted.status is None and not (wanted.least or wanted.most):
        return db.execute(select(func.count()).select_from(cases).where(*_tests(wanted))).scalar_one(), None
    query = select(func.count().label("number"), func.sum(_S.amount, type_=Fen).label("total"))
    row = db.execute(query.select_from(cases.outerjoin(sightings, _SEEN)).where(*_tests(wanted))).one()
    return row.number, row.total or Money(0)


def _tests(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    return [*_of_case(wanted), *_of_claim(wanted)]


def _of_case(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.shop:
        yield _C.platform == wanted.shop.platform
        yield _C.shop_id == wanted.shop.shop_id
    if wanted.status:
        yield _C.status == wanted.status
    if wanted.proposals is not None:
        yield _starts(PROPOSALS) if wanted.proposals else ~_starts(PROPOSALS)
    if wanted.before:
        yield _C.deadline <= wanted.before
    if wanted.text:
        yield or_(_C.aftersale_id == wanted.text, _C.order_id == wanted.text)


def _of_claim(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.least:
        yield _S.amount >= wanted.least
    if wanted.most:
        yield _S.amount <= wanted.most


def _starts(codes: tuple[str, ...]) -> ColumnElement[bool]:
    """The first reason has one of these codes; canonical JSON begins so."""
    return or_(*(_C.reasons.startswith(f'[{{"code":"{code}"', autoescape=True) for code in codes))


def kinds(db: Connection) -> Mapping[str, int]:
    """What waits for a person: proposals, holds of which nobody knows the outcome, and other holds."""
    row = db.execute(
        select(
            _held(_starts(PROPOSALS)).label("proposals"),
            _held(_starts(UNPROVEN)).label("unknown"),
            _held(true()).label("held"),
        )
    ).one()
    return {"proposals": row.proposals, "unknown": row.unknown, "holds": row.held - row.proposals - row.unknown}


def _held(test: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(cases).where(_C.status == CaseStatus.HELD, test).scalar_subquery()


def due(db: Connection, now: datetime, limit: int) -> tuple[Due, ...]:
    """Open cases whose deadline is still to come, the nearest first; whoever has the next word in them."""
    return _first(db, and_(_C.deadline.is_not(None), schema.by_deadline > now), _KEYSET, limit)


def run_out(db: Connection, now: datetime, limit: int) -> tuple[tuple[Due, ...], int]:
    """Open cases whose deadline has passed, the latest first, and how many there are in all."""
    over = schema.by_deadline <= now
    number = db.execute(select(func.count()).select_from(cases).where(_C.status.in_(_OPEN), over)).scalar_one()
    return _first(db, over, (schema.by_deadline.desc(), *_KEYSET[1:]), limit), number


def _first(
    db: Connection, when: ColumnElement[bool], order: Sequence[ColumnElement[Any]], limit: int
) -> tuple[Due, ...]:
    """Looked for in the narrow table alone, as above."""
    places = select(*(_C[name] for name in CASE)).where(_C.status.in_(_OPEN), when).order_by(*order).limit(limit)
    shown = places.subquery()
    mine = and_(*(_C[name] == shown.c[name] for name in CASE))
    rows = db.execute(select(*_COLUMNS).select_from(shown.join(_TABLES, mine)).order_by(*order))
    return tuple(map(_due, rows))


def _due(row: Any) -> Due:
    return Due(case=key_of(row), status=CaseStatus(row.status), amount=row.amount, deadline=row.deadline)


def shop_ahead(db: Connection) -> timedelta:
    """How far the shop's own clock is ahead of this PC's, by the newest page that was read (ADR 0008)."""
    newest = select(func.max(_S.seq)).scalar_subquery()
    query = select(_S.at, schema.events.c.at.label("here")).join(schema.events, schema.events.c.seq == _S.seq)
    row = db.execute(query.where(_S.seq == newest).limit(1)).one_or_none()
    return row.at - row.here if row else timedelta()


def _row(row: Any) -> CaseRow:
    case = key_of(row)
    return CaseRow(
        case=case,
        order_id=row.order_id,
        status=CaseStatus(row.status),
        amount=row.amount,
        type=row.type or "",
        deadline=row.deadline,
        changed_at=row.changed_at,
        owner=row.owner,
        buyer=row.buyer or "",
        reasons=load(REASONS, row.reasons, f"the reasons of {case}"),
    )


def _cursor(row: CaseRow) -> str:
    deadline = moment(row.deadline) if row.deadline else _NEVER
    place = [deadline, row.case.platform, row.case.shop_id, row.case.aftersale_id]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[str, ...]:
    """What a cursor says; one that nobody of ours wrote is the beginning."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))) if cursor else []
    except (ValueError, binascii.Error):
        return ()
    fine = isinstance(place, list) and len(place) == len(_KEYSET) and all(isinstance(part, str) for part in place)
    return tuple(place) if fine else ()
