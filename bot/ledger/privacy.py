"""Forgetting a buyer: the name, the pages read and the texts go; sums, marks and the chain stay valid (S22)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.sql.schema import Table

from bot.domain.base import Sha256
from bot.domain.ids import ShopKey
from bot.ledger.buyers import find
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import (
    alarms,
    buyers,
    cases,
    events,
    evidence,
    payloads,
    picture_bands,
    proof_bands,
    run_cases,
    sightings,
)
from bot.ledger.store import Tx


def erase(tx: Tx, shop: ShopKey, name: str) -> tuple[Sha256, ...]:
    """Blank all that tells of the buyer and return the hashes of the cases' pictures; nothing happens for a stranger.

    Intents stay: they name the buyer by token only, and the books need them.
    """
    token = find(tx.db, shop, name)
    if token is None:
        return ()
    blanked = _blank_payloads(tx, token)
    for table in (cases, run_cases):
        tx.db.execute(update(table).where(_of(token, table)).values(reasons="[]"))
    pictures = tx.db.execute(select(evidence.c.sha256).where(_of(token, evidence)).distinct()).scalars().all()
    tx.db.execute(update(evidence).where(_of(token, evidence)).values(erased_at=tx.now, body="{}"))
    tx.db.execute(update(sightings).where(sightings.c.buyer == token).values(forward="", returned=""))
    tx.db.execute(update(alarms).where(_of(token, alarms)).values(params="{}", picture="", note=""))
    for table in (picture_bands, proof_bands):
        tx.db.execute(delete(table).where(_of(token, table)))
    tx.db.execute(update(buyers).where(buyers.c.token == token).values(name=None))
    append(tx, Kind.ERASED, About.shop(shop), {"buyer": token, "payloads": blanked, "pictures": sorted(pictures)})
    return tuple(Sha256(picture) for picture in sorted(pictures))


def _blank_payloads(tx: Tx, token: str) -> list[int]:
    theirs = select(events.c.seq).where(_of(token, events), events.c.kind != Kind.ARMED)
    wanted = payloads.c.seq.in_(theirs) & payloads.c.body.is_not(None)
    seqs = sorted(tx.db.execute(select(payloads.c.seq).where(wanted)).scalars())
    tx.db.execute(update(payloads).where(payloads.c.seq.in_(theirs)).values(body=None, salt="", erased_at=tx.now))
    return seqs


def _of(token: str, table: Table) -> ColumnElement[bool]:
    """The rows of the buyer's cases."""
    key = ("platform", "shop_id", "aftersale_id")
    mine = select(cases.c.buyer).where(cases.c.buyer == token, *(cases.c[name] == table.c[name] for name in key))
    return exists(mine) if table is not cases else cases.c.buyer == token
