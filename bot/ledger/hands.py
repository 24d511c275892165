"""Verdicts of people: who decided what about a case, and why; what was done on it before, and what may not be done yet."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, select

from bot.domain.action import Mark, Verb
from bot.domain.case import Snapshot
from bot.domain.decision import Decision
from bot.domain.ids import CaseKey, IntentId, RunId
from bot.ledger.canon import load
from bot.ledger.cases import decision_facts
from bot.ledger.decisions import JUDGED
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import events, intents, payloads
from bot.ledger.statements import CASE, case_values, of, where
from bot.ledger.store import Tx
from bot.ports.ledger import HandLine, HandTold, Parked

_TOLD = TypeAdapter(HandTold)
_OF_CASE = (
    select(events.c.seq, events.c.at, events.c.facts, payloads.c.body)
    .join(payloads, payloads.c.seq == events.c.seq)
    .where(where(events, *CASE, "kind"))
    .order_by(events.c.seq.desc())
)
_BODIES = (
    select(payloads.c.body)
    .where(payloads.c.seq.in_(bindparam("numbers", expanding=True)), payloads.c.body.is_not(None))
    .order_by(payloads.c.seq)
)
_INTENTS = (
    select(intents.c.id, intents.c.verb, intents.c.mark, events.c.facts)
    .join(events, events.c.seq == intents.c.armed_seq)
    .where(where(intents, *CASE))
    .order_by(intents.c.armed_seq)
)


def decided(tx: Tx, run: RunId, told: HandTold) -> int:
    """Write the verdict down. People who work with the robot are named in the chain: what they did outlives a buyer's erasure."""
    verdict, decision = told.verdict, told.decision
    facts = decision_facts(decision) | {
        "asked": verdict.verb,
        "instead": "" if verdict.deed else verdict.instead,
        "seen": verdict.fingerprint,
        "by": verdict.by,
        "approved_by": verdict.approved_by,
        "second_above": told.second_above.fen if told.second_above is not None else None,
        "until": told.until,
    }
    return append(tx, Kind.HAND, About.case(decision.case, run), facts, told)


def lines(db: Connection, case: CaseKey) -> Iterator[HandLine]:
    """Every verdict on the case, the newest first."""
    for row in db.execute(_OF_CASE, of({**case_values(case), "kind": Kind.HAND})):
        facts = json.loads(row.facts)
        yield HandLine(
            seq=row.seq,
            at=row.at,
            by=facts["by"],
            approved_by=facts["approved_by"],
            asked=Verb(facts["asked"]),
            verb=Verb(facts["verb"]),
            told=load(_TOLD, row.body, f"a verdict on {case}") if row.body else None,
        )


def decisions(db: Connection, numbers: Collection[int]) -> Mapping[CaseKey, Decision]:
    """What persons decided by these verdicts, by case; without the erased ones."""
    bodies = db.execute(_BODIES, {"numbers": list(numbers)}).scalars() if numbers else ()
    found = [load(_TOLD, body, "a verdict").decision for body in bodies]
    return {decision.case: decision for decision in found}


def parked(db: Connection, case: CaseKey) -> Parked | None:
    """By the newest verdict that says it, or that was carried out; one that came to nothing changes nothing."""
    for row in db.execute(_OF_CASE, of({**case_values(case), "kind": Kind.HAND})):
        facts = json.loads(row.facts)
        if facts["until"]:
            return Parked(facts["by"], datetime.fromisoformat(facts["until"]))
        if facts["verb"] != Verb.HOLD:
            return None
    return None


def carried_out(db: Connection, case: CaseKey, verb: Verb, fingerprint: str) -> bool:
    """Whether the verb is settled on this version of the case."""
    return any(
        row.verb == verb and row.mark == Mark.SETTLED and json.loads(row.facts)["fingerprint"] == fingerprint
        for row in db.execute(_INTENTS, of(case_values(case)))
    )


def unknowns(db: Connection, case: CaseKey) -> tuple[IntentId, ...]:
    """Intents whose outcome nobody could tell, the oldest first."""
    found = db.execute(_INTENTS, of(case_values(case)))
    return tuple(IntentId(row.id) for row in found if row.mark == Mark.UNKNOWN)


def seen_as(db: Connection, case: CaseKey, fingerprint: str) -> Snapshot | None:
    """The newest snapshot of the case with this fingerprint."""
    for row in db.execute(_OF_CASE, of({**case_values(case), "kind": Kind.DECIDED})):
        if row.body and json.loads(row.facts)["fingerprint"] == fingerprint:
            return load(JUDGED, row.body, f"a decision on {case}").snapshot
    return None
