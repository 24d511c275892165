"""One case's whole story out of the ledger: its line as the report tells it, every decision, event, intent and picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from bot.domain.action import Intent, Mark, Verb
from bot.domain.base import Sha256
from bot.domain.case import Row
from bot.domain.evidence import Evidence
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus, Receipt
from bot.ledger import intents, proofs, schema
from bot.ledger.canon import REASONS, load
from bot.ledger.decisions import JUDGED
from bot.ledger.events import Kind
from bot.ledger.handed import ANSWERED
from bot.ledger.statements import CASE, case_values, of, where
from bot.ports.ledger import CaseLine, Judged
from bot.ports.office_views import Happening, IntentLine

MOST = 400
"""Events of one case that are told, the newest; a case that is looked at every hour of a month has fewer."""

_LAST_DECISIONS = 20
_BY_PEOPLE = frozenset({Kind.OFFICE, Kind.HAND, Kind.ACKNOWLEDGED})
_E, _P = schema.events.c, schema.payloads.c
_CASE = select(schema.cases).where(where(schema.cases, *CASE))
_LISTED = (
    select(schema.run_cases.c.row)
    .join(schema.runs, schema.runs.c.id == schema.run_cases.c.run)
    .where(where(schema.run_cases, *CASE), schema.run_cases.c.row.is_not(None))
    .order_by(schema.runs.c.opened_seq.desc())
    .limit(1)
)
_DECIDED = (
    select(_P.body)
    .join(schema.events, _E.seq == _P.seq)
    .where(where(schema.events, *CASE), _E.kind == Kind.DECIDED, _P.body.is_not(None))
    .order_by(_E.seq.desc())
    .limit(_LAST_DECISIONS)
)
_EVENTS = (
    select(schema.events, _P.body)
    .join(schema.payloads, _P.seq == _E.seq, isouter=True)
    .where(where(schema.events, *CASE))
    .order_by(_E.seq.desc())
    .limit(MOST)
)
_INTENTS = select(schema.intents).where(where(schema.intents, *CASE)).order_by(schema.intents.c.armed_seq)
_RECEIPTS = (
    select(_P.body.label("intent"), schema.receipts.c.body.label("receipt"))
    .join(schema.intents, schema.intents.c.armed_seq == _P.seq)
    .join(schema.receipts, schema.receipts.c.intent == schema.intents.c.id)
    .where(where(schema.intents, *CASE))
    .order_by(schema.intents.c.armed_seq)
)
_PICTURES = select(schema.evidence.c.body).where(where(schema.evidence, *CASE), schema.evidence.c.erased_at.is_(None))
_PICTURE = (
    select(schema.evidence.c.sha256)
    .where(where(schema.evidence, "sha256"), schema.evidence.c.erased_at.is_(None))
    .limit(1)
)
_ROW, _RECEIPT, _EVIDENCE = TypeAdapter(Row), TypeAdapter(Receipt), TypeAdapter(Evidence)


@dataclass(frozen=True, slots=True)
class Story:
    """All that the ledger has of one case; `decisions` oldest first."""

    line: CaseLine
    decisions: tuple[Judged, ...]
    events: tuple[Happening, ...]
    intents: tuple[IntentLine, ...]


def story(db: Connection, case: CaseKey) -> Story | None:
    """The case's story; None for one that the ledger never met."""
    key = of(case_values(case))
    stands = db.execute(_CASE, key).one_or_none()
    if stands is None:
        return None
    judged = [load(JUDGED, body, f"a decision on {case}") for body in db.execute(_DECIDED, key).scalars()]
    return Story(
        line=_line(db, case, stands, judged[0] if judged else None),
        decisions=tuple(reversed(judged)),
        events=tuple(_happening(row) for row in reversed(db.execute(_EVENTS, key).all())),
        intents=tuple(_intent(row) for row in db.execute(_INTENTS, key)),
    )


def _line(db: Connection, case: CaseKey, stands: Any, newest: Judged | None) -> CaseLine:
    key = of(case_values(case))
    listed = db.execute(_LISTED, key).scalar_one_or_none()
    return CaseLine(
        case=case,
        status=CaseStatus(stands.status),
        row=load(_ROW, listed, f"the row of {case}") if listed else None,
        snapshot=newest.snapshot if newest else None,
        decision=newest.decision if newest else None,
        reasons=load(REASONS, stands.reasons, f"the reasons of {case}"),
        receipts=tuple(_receipts(db, case)),
        evidence=tuple(_pictures(db, case)),
        owner=stands.owner,
        deadline=stands.deadline,
        history=newest.history if newest else UNASKED,
        proofs=proofs.check_of(db, case),
    )


def _receipts(db: Connection, case: CaseKey) -> Iterator[tuple[Intent, Receipt]]:
    for row in db.execute(_RECEIPTS, of(case_values(case))):
        intent = intents.parse(db, row.intent)
        yield intent, load(_RECEIPT, row.receipt, f"the receipt of {intent.id}")


def _pictures(db: Connection, case: CaseKey) -> Iterator[Evidence]:
    """Each once, however many runs kept it."""
    seen: set[tuple[str, str]] = set()
    for body in db.execute(_PICTURES, of(case_values(case))).scalars():
        picture = load(_EVIDENCE, body, f"a picture of {case}")
        if (picture.sha256, picture.kind) not in seen:
            seen.add((picture.sha256, picture.kind))
            yield picture


def _happening(row: Any) -> Happening:
    facts = json.loads(row.facts)
    by, why = _people(row.kind, facts, row.body)
    return Happening(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        run=row.run,
        facts={**facts, **({"case": row.aftersale_id} if row.aftersale_id else {})},
        hash=row.hash,
        by=by,
        why=why,
    )


def _people(kind: str, facts: Mapping[str, Any], body: str | None) -> tuple[str, str]:
    """Who did it and why. Both stand beside the chain, where they can be erased; of a verdict the chain keeps who, for the audit."""
    beside = json.loads(body) if body and kind in _BY_PEOPLE else {}
    if kind == Kind.HAND:
        return ", ".join(filter(None, (facts["by"], facts["approved_by"]))), beside.get("verdict", {}).get("why", "")
    return str(beside.get("by", "")), str(beside.get("why", beside.get("note", "")))


def _intent(row: Any) -> IntentLine:
    return IntentLine(
        id=row.id,
        verb=Verb(row.verb),
        mark=Mark(row.mark),
        armed_at=row.armed_at,
        fired_at=row.fired_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
    )


def doings(db: Connection, limit: int) -> tuple[Happening, ...]:
    """What people did at the console, the newest first."""
    query = (
        select(schema.events, _P.body)
        .join(schema.payloads, _P.seq == _E.seq, isouter=True)
        .where(schema.by_hand, ~_E.facts.startswith(f'{{"did":"{ANSWERED}"'))
        .order_by(_E.seq.desc())
        .limit(limit)
    )
    return tuple(_happening(row) for row in db.execute(query))


def has_picture(db: Connection, sha256: Sha256) -> bool:
    """Some case has it, and it was not erased."""
    return db.execute(_PICTURE, of({"sha256": sha256})).one_or_none() is not None
