"""Appending to the event chain: what happened, in order, each event hashed with the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from bot.domain.ids import CaseKey, ShopKey
from bot.ledger.canon import canonical
from bot.ledger.chain import Anchor, event_hash, payload_hash
from bot.ledger.schema import chain_head, events, payloads
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
    PROOFS_READ = "evidence.read"
    ARMED = "intent.armed"
    FIRED = "intent.fired"
    SENT = "intent.sent"
    SETTLED = "intent.settled"
    VOID = "intent.void"
    UNKNOWN = "intent.unknown"
    AMOUNT_ALARM = "alarm.amount"
    PROMISE_ENDED = "promise.ended"
    LEASED = "lease.acquired"
    RELEASED = "lease.released"
    BREAKER = "breaker.set"
    ERASED = "buyer.erased"
    VOTED = "case.voted"
    HAND = "case.hand"
    ALARMED = "alarm.raised"
    ESCALATED = "alarm.escalated"
    ACKNOWLEDGED = "alarm.acknowledged"
    RUN_MISSED = "run.missed"
    RETIRED = "pages.retired"
    OFFICE = "office.did"


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about; empty where it does not apply."""

    platform: str = ""
    shop_id: str = ""
    aftersale_id: str = ""
    run: str = ""
    intent: str = ""

    def values(self) -> dict[str, str]:
        """As columns."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def shop(cls, shop: ShopKey, run: str = "") -> About:
        return cls(platform=shop.platform, shop_id=shop.shop_id, run=run)

    @classmethod
    def case(cls, case: CaseKey, run: str = "", intent: str = "") -> About:
        return cls(case.platform, case.shop_id, case.aftersale_id, run, intent)


_HEAD = select(chain_head.c.seq, chain_head.c.hash)
_LOCKED_HEAD = _HEAD.with_for_update()
_ONLY = {"id": 1}


def append(tx: Tx, kind: Kind, about: About, facts: Mapping[str, object], payload: object = None) -> int:
    """Add one event and return its number. `facts` go into the chain and must name no buyer; `payload` stands beside it."""
    last = head(tx.db, lock=True)
    salt, body = (tx.ids.fresh("salt"), canonical(payload)) if payload is not None else ("", "")
    event = {
        **about.values(),
        "seq": last.seq + 1,
        "at": tx.now,
        "kind": kind.value,
        "facts": canonical(facts),
        "payload_hash": payload_hash(salt, body) if salt else "",
        "prev": last.hash,
    }
    place = {"seq": last.seq + 1, "hash": event_hash(event)}
    tx.add(events, event | place)
    tx.change(chain_head, _ONLY, place)
    if salt:
        tx.add(payloads, {"seq": place["seq"], "salt": salt, "body": body})
    return last.seq + 1


def head(db: Connection, *, lock: bool = False) -> Anchor:
    """The newest event's place; with `lock`, no other writer appends until this transaction ends."""
    row = db.execute(_LOCKED_HEAD if lock else _HEAD).one()
    return Anchor(row.seq, row.hash)
