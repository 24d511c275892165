"""Verdicts that a person handed to the robot: written down when they are accepted and once they are answered; what lies between is open."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey
from bot.ledger import signoffs
from bot.ledger.canon import load
from bot.ledger.schema import by_hand, events, payloads
from bot.ledger.statements import among
from bot.ledger.store import Tx

ANSWERED = "answered"
_DECIDED = "decided"
_VERDICT = TypeAdapter(HandVerdict)
_DID = (
    select(events.c.seq, events.c.facts, payloads.c.body)
    .join(payloads, payloads.c.seq == events.c.seq, isouter=True)
    .where(by_hand)
    .order_by(events.c.seq)
)


def over(tx: Tx, verdict: HandVerdict) -> int:
    """Accept a verdict; its number comes back. All of it stands beside the chain, so that a crash loses none."""
    facts = {"verb": verdict.verb, "fingerprint": verdict.fingerprint}
    whole = verdict.model_dump_json()
    return signoffs.did(tx, _DECIDED, facts, verdict.by, verdict.why, verdict.case, verdict=whole)


def answered(tx: Tx, number: int, case: CaseKey) -> None:
    """It was carried out, or its case says why not."""
    signoffs.did(tx, ANSWERED, {"verdict": number}, "", "", case)


def waiting(db: Connection) -> Iterator[tuple[int, HandVerdict]]:
    """Verdicts that nobody answered yet, the oldest first, by their numbers; what was erased is answered by nobody."""
    return _open(db.execute(_DID))


def waiting_on(db: Connection, cases: Collection[CaseKey]) -> Iterator[tuple[int, HandVerdict]]:
    """The same on these cases alone, found by them: however much people did at the console, a page of a list stays quick."""
    return _open(db.execute(_DID.where(among(events, cases)))) if cases else iter(())


def _open(rows: Iterable[Any]) -> Iterator[tuple[int, HandVerdict]]:
    did = [(row.seq, json.loads(row.facts), row.body) for row in rows]
    ended = {facts["verdict"] for _, facts, _ in did if facts["did"] == ANSWERED}
    for seq, facts, body in did:
        whole = json.loads(body).get("verdict") if body and facts["did"] == _DECIDED and seq not in ended else None
        if whole:
            yield seq, load(_VERDICT, whole, f"the verdict {seq}")
