"""Recomputes the hash chain (I13) and names what was done to it: edited, deleted, reordered, cut, rewritten (S21)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from bot.ledger import schema, sqlite
from bot.ledger.chain import GENESIS, Anchor, event_hash, payload_hash
from bot.ledger.findings import Finding, finding
from bot.ledger.history import Happened

_CROWD = 300
"""Above so many misfitting events nobody asks for each where it stood before: the answer would cost their square."""


_LET_GO = frozenset({"buyer.erased", "pages.retired"})
"""Events that say which payloads are gone."""


def chain(db: Connection, head: Anchor, anchor: Anchor | None) -> Iterator[Finding]:
    """Findings about the events themselves. Without an `anchor` kept elsewhere a full rewrite cannot be seen."""
    misfits: list[Any] = []
    before = Anchor(0, GENESIS)
    for row in db.execute(select(schema.events).order_by(schema.events.c.seq)):
        yield from _joint(before, row)
        if event_hash(row._asdict()) != row.hash:
            misfits.append(row)
        before = Anchor(row.seq, row.hash)
        if anchor is not None and anchor.seq == row.seq and anchor.hash != row.hash:
            yield finding("I13", f"event {row.seq}", "audit.chain.rewritten", seq=row.seq)
    yield from _misfits(misfits)
    yield from _tail(before, head, anchor)
    if db.dialect.name == "sqlite" and not sqlite.has_triggers(db):
        yield finding("I13", "events", "audit.chain.unguarded")


def _joint(before: Anchor, row: Any) -> Iterator[Finding]:
    """Does the event join the one before it?"""
    if row.seq != before.seq + 1:
        yield finding("I13", f"event {before.seq + 1}", "audit.chain.deleted", first=before.seq + 1, last=row.seq - 1)
    elif row.prev != before.hash:
        yield finding("I13", f"event {row.seq}", "audit.chain.broken", seq=row.seq)


def _misfits(rows: list[Any]) -> Iterator[Finding]:
    """An event whose hash fits another's place was moved; one that fits nowhere was edited."""
    places = [row.seq for row in rows] if len(rows) <= _CROWD else []
    for row in rows:
        was = next((seq for seq in places if event_hash(row._asdict(), seq) == row.hash), None)
        if was is None:
            yield finding("I13", f"event {row.seq}", "audit.chain.edited", seq=row.seq)
        else:
            yield finding("I13", f"event {row.seq}", "audit.chain.reordered", seq=row.seq, was=was)


def _tail(last: Anchor, head: Anchor, anchor: Anchor | None) -> Iterator[Finding]:
    known = max(head.seq, anchor.seq if anchor else 0)
    if known > last.seq:
        yield finding("I13", f"event {last.seq + 1}", "audit.chain.cut", first=last.seq + 1, last=known)
    elif head != last:
        yield finding("I13", f"event {last.seq}", "audit.chain.head", seq=last.seq)


def payloads(db: Connection, events: list[Happened]) -> Iterator[Finding]:
    """Findings about what stands beside the chain: a payload edited or gone without an erasure that says so."""
    erased = {seq for event in events if event.kind in _LET_GO for seq in event.facts["payloads"]}
    kept = {row.seq: row for row in db.execute(select(schema.payloads))}
    for event in events:
        row = kept.get(event.seq)
        if not event.payload_hash or (event.seq in erased and row is not None and row.body is None):
            continue
        if row is None or row.body is None:
            yield finding("I13", f"payload {event.seq}", "audit.payload.missing", seq=event.seq)
        elif payload_hash(row.salt, row.body) != event.payload_hash:
            yield finding("I13", f"payload {event.seq}", "audit.payload.edited", seq=event.seq)
