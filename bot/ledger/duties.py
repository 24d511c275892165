"""When the service did each of its duties last, what it missed and why, and what its shops wait for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.action import Mark, Verb
from bot.domain.ids import ShopKey
from bot.domain.outcome import CaseStatus
from bot.ledger import schema
from bot.ledger.events import About, Kind, append
from bot.ledger.statements import CASE, SHOP, of, shop_values, where
from bot.ledger.store import Tx
from bot.ports.status import MissedRun

_OF_SHOP = where(schema.cases, *SHOP)
_ON_THE_WAY = (
    select(schema.cases.c.aftersale_id)
    .where(
        _OF_SHOP,
        schema.cases.c.status == CaseStatus.WAITING,
        select(schema.intents.c.id)
        .where(
            *(schema.intents.c[name] == schema.cases.c[name] for name in CASE),
            schema.intents.c.verb == Verb.INTERCEPT,
            schema.intents.c.mark == Mark.SETTLED,
        )
        .exists(),
    )
    .order_by(schema.cases.c.aftersale_id)
)


def done(tx: Tx, duty: str, began: datetime) -> None:
    """The duty is done as of `began`: what happened after it began is for the next time."""
    tx.put(schema.duties, {"duty": duty}, {"began": began, "done_at": tx.now})


def missed(tx: Tx, run: MissedRun) -> None:
    """Runs that did not take place, as one."""
    facts = run.model_dump(mode="json")
    seq = append(tx, Kind.RUN_MISSED, About(), facts)
    tx.add(schema.missed_runs, {"seq": seq, "at": tx.now, **{key: getattr(run, key) for key in facts}})


def last_done(db: Connection) -> Mapping[str, datetime]:
    """Of each duty that ever was done, when that began."""
    return {row.duty: row.began for row in db.execute(select(schema.duties))}


def newest_missed(db: Connection, limit: int) -> Iterator[MissedRun]:
    """The newest first."""
    names = MissedRun.model_fields
    for row in db.execute(select(schema.missed_runs).order_by(schema.missed_runs.c.seq.desc()).limit(limit)):
        yield MissedRun(**{name: getattr(row, name) for name in names})


def missed_between(db: Connection, since: datetime, until: datetime) -> Iterator[MissedRun]:
    """Those that began to be due then, the oldest first."""
    names, table = MissedRun.model_fields, schema.missed_runs
    query = select(table).where(table.c.first >= since, table.c.first < until).order_by(table.c.first)
    for row in db.execute(query):
        yield MissedRun(**{name: getattr(row, name) for name in names})


def on_the_way(db: Connection, shop: ShopKey) -> frozenset[str]:
    """After-sale ids of cases whose parcel was called back and has not come yet."""
    return frozenset(db.execute(_ON_THE_WAY, of(shop_values(shop))).scalars())
