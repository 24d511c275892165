"""What was read of a case's proofs, and which pictures of the inbox served which case: one serves one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Select, select

from bot.domain.ids import CaseKey, RunId
from bot.domain.pictures import ALIKE, bands, distance
from bot.domain.proofs import ProofCheck, ProofLook, Served
from bot.ledger.canon import load
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import events, payloads, proof_bands, runs
from bot.ledger.statements import CASE, case_values, inserting, key_of, of, where
from bot.ledger.store import Tx

_CHECK: TypeAdapter[ProofCheck] = TypeAdapter(ProofCheck)
_P = proof_bands.c


def read(tx: Tx, run: RunId, case: CaseKey, order_id: str, told: ProofCheck, given: Iterable[ProofLook]) -> None:
    """One check in one event; `given`: the looks at pictures that people gave and that go out, kept by what they look like."""
    facts = {
        "outcome": told.outcome,
        "demands": list(told.demands),
        "pictures": [{"sha256": one.sha256, "standing": one.standing, "sent": one.sent} for one in told.looks],
    }
    seq = append(tx, Kind.PROOFS_READ, About.case(case, run), facts, told)
    place = {**case_values(case), "seq": seq, "order_id": order_id}
    known = set(tx.db.execute(select(_P.sha256).where(_of(case)).distinct()).scalars())
    rows = [
        {**place, "sha256": one.sha256, "picture": one.print, "band": band}
        for one in given
        if one.sha256 not in known
        for band in _bands(one.sha256, one.print)
    ]
    if rows:
        tx.db.execute(inserting(proof_bands), rows)


def served(db: Connection, case: CaseKey, order_id: str, sha256: str, picture: str) -> Served | None:
    """The case of another order that the picture, or one very like it, was proof of; the likest first."""
    found = db.execute(
        select(_P.aftersale_id, _P.sha256, _P.picture)
        .where(_P.band.in_(_bands(sha256, picture)), _P.order_id != order_id, ~_of(case))
        .order_by(_P.seq)
    )
    likes = [
        (0 if row.sha256 == sha256 else 1 + distance(row.picture, picture), row.aftersale_id)
        for row in found
        if row.sha256 == sha256 or (row.picture and picture and distance(row.picture, picture) <= ALIKE)
    ]
    if not likes:
        return None
    far, other = min(likes)
    return Served(aftersale_id=other, same=far == 0)


_READ = (
    select(events.c.platform, events.c.shop_id, events.c.aftersale_id, payloads.c.body)
    .join(payloads, payloads.c.seq == events.c.seq)
    .where(events.c.kind == Kind.PROOFS_READ, payloads.c.body.is_not(None))
    .order_by(events.c.seq)
)


def checks(db: Connection, run: RunId) -> Mapping[CaseKey, ProofCheck]:
    """The newest check of each case of a run."""
    opened = select(runs.c.opened_seq).where(runs.c.id == run).scalar_subquery()
    return _told(db, _READ.where(events.c.seq > opened, events.c.run == run))


def check_of(db: Connection, case: CaseKey) -> ProofCheck | None:
    """The newest check of one case."""
    return _told(db, _READ.where(where(events, *CASE)), of(case_values(case))).get(case)


def _told(db: Connection, query: Select[Any], values: Mapping[str, object] | None = None) -> dict[CaseKey, ProofCheck]:
    found = db.execute(query, dict(values or {}))
    return {key_of(row): load(_CHECK, row.body, "a check of proofs") for row in found}


def _of(case: CaseKey) -> ColumnElement[bool]:
    return (_P.platform == case.platform) & (_P.shop_id == case.shop_id) & (_P.aftersale_id == case.aftersale_id)


def _bands(sha256: str, picture: str) -> tuple[str, ...]:
    """Of its looks, and one of its bytes: a sheet too flat for a look is known by these alone."""
    return (f"={sha256[:32]}", *(bands(picture) if picture else ()))
