"""Appending to the event chain: what happened, in order, each event hashed with the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from bot.domain.ids import CaseKey, ShopKey
from bot.ledger import schema
from bot.ledger.canon import canonical
from bot.ledger.chain import Anchor, event_hash, payload_hash
from bot.ledger.schema import chain_head
from bot.ledger.store import Tx


class Kind(StrEnum):
    """What happened."""

    RUN_OPENED = "run.opened"
    RUN_CLOSED = "run.closed"
    SEEN = "case.seen"
    DECIDED = "case.decided"
    CONCLUDED = "case.concluded"
    HELD = "case.held"
    KEPT = "evidence.kept"
    ARMED = "intent.armed"
    FIRED = "intent.fired"
    SENT = "intent.sent"
    SETTLED = "intent.settled"
    VOID = "intent.void"
    UNKNOWN = "intent.unknown"
    AMOUNT_ALARM = "alarm.amount"
    LEASED = "lease.acquired"
    RELEASED = "lease.released"
    BREAKER = "breaker.set"
    ERASED = "buyer.erased"


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about; empty where it does not apply."""

    platform: str = ""
    shop_id: str = ""
    aftersale_id: str = ""
    run: str = ""
    intent: str = ""

    @classmethod
    def shop(cls, shop: ShopKey, run: str = "") -> About:
        return cls(platform=shop.platform, shop_id=shop.shop_id, run=run)

    @classmethod
    def case(cls, case: CaseKey, run: str = "", intent: str = "") -> About:
        return cls(case.platform, case.shop_id, case.aftersale_id, run, intent)


@dataclass(frozen=True, slots=True)
class _Draft:
    seq: int
    at: datetime
    kind: str
    facts: str
    payload_hash: str
    prev: str
    platform: str
    shop_id: str
    aftersale_id: str
    run: str
    intent: str


def append(tx: Tx, kind: Kind, about: About, facts: Mapping[str, object], payload: object = None) -> int:
    """Add one event and return its number. `facts` go into the chain and must name no person; `payload` stands beside it."""
    last = head(tx.db, lock=True)
    salt, body = (tx.ids.fresh("salt"), canonical(payload)) if payload is not None else ("", "")
    draft = _Draft(
        seq=last.seq + 1,
        at=tx.now,
        kind=kind,
        facts=canonical(facts),
        payload_hash=payload_hash(salt, body) if salt else "",
        prev=last.hash,
        **asdict(about),
    )
    digest = event_hash(draft)
    tx.db.execute(insert(schema.events).values(**asdict(draft), hash=digest))
    tx.db.execute(update(chain_head).values(seq=draft.seq, hash=digest))
    if salt:
        tx.db.execute(insert(schema.payloads).values(seq=draft.seq, salt=salt, body=body))
    return draft.seq


def head(db: Connection, *, lock: bool = False) -> Anchor:
    """The newest event's place; with `lock`, no other writer appends until this transaction ends."""
    query = select(chain_head.c.seq, chain_head.c.hash)
    row = db.execute(query.with_for_update() if lock else query).one()
    return Anchor(row.seq, row.hash)
