"""What one run tells of each of its cases: decision, receipts, pictures, proofs, side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pydantic import TypeAdapter
from sqlalchemy import Connection, or_, select

from bot.domain.action import Intent
from bot.domain.case import Row
from bot.domain.evidence import Evidence
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey, RunId
from bot.domain.outcome import CaseStatus, Receipt
from bot.ledger import hands, intents, proofs, schema
from bot.ledger.canon import REASONS, load
from bot.ledger.decisions import JUDGED
from bot.ledger.statements import key_of
from bot.ports.ledger import CaseLine, Judged

_ROW = TypeAdapter(Row)
_EVIDENCE = TypeAdapter(Evidence)
_RECEIPT = TypeAdapter(Receipt)


def lines(db: Connection, run: RunId) -> Iterator[CaseLine]:
    """Every case that the run saw or that was settled in it, in the list's order of deadline; those without one last."""
    judged, receipts, pictures = _judged(db, run), _receipts(db, run), _pictures(db, run)
    checks = proofs.checks(db, run)
    by_hand = hands.decisions(db, {intent.hand for done in receipts.values() for intent, _ in done if intent.hand})
    table = schema.run_cases
    unknown_last = table.c.deadline.is_(None)
    for row in db.execute(
        select(table).where(table.c.run == run).order_by(unknown_last, table.c.deadline, table.c.aftersale_id)
    ):
        case = key_of(row)
        made = judged.get(row.decided_seq)
        yield CaseLine(
            case=case,
            status=CaseStatus(row.status),
            row=load(_ROW, row.row, f"the row of {case}") if row.row else None,
            snapshot=made.snapshot if made else None,
            decision=by_hand.get(case, made.decision) if made else None,
            reasons=load(REASONS, row.reasons, f"the reasons of {case}"),
            receipts=tuple(receipts.get(case, ())),
            evidence=tuple(pictures.get(case, ())),
            owner=row.owner,
            deadline=row.deadline,
            history=made.history if made else UNASKED,
            proofs=checks.get(case),
        )


def _judged(db: Connection, run: RunId) -> dict[int, Judged]:
    payloads, table = schema.payloads, schema.run_cases
    query = select(payloads.c.seq, payloads.c.body).join(table, table.c.decided_seq == payloads.c.seq)
    found = db.execute(query.where(table.c.run == run, payloads.c.body.is_not(None)))
    return {row.seq: load(JUDGED, row.body, "a decision") for row in found}


def _receipts(db: Connection, run: RunId) -> dict[CaseKey, list[tuple[Intent, Receipt]]]:
    """Receipts of the run's own intents, and of earlier ones that this run found the proof of."""
    table, payloads = schema.intents, schema.payloads
    query = (
        select(payloads.c.body.label("intent"), schema.receipts.c.body.label("receipt"))
        .join(table, table.c.armed_seq == payloads.c.seq)
        .join(schema.receipts, schema.receipts.c.intent == table.c.id)
        .where(or_(table.c.run == run, schema.receipts.c.run == run))
        .order_by(table.c.armed_seq)
    )
    found: dict[CaseKey, list[tuple[Intent, Receipt]]] = defaultdict(list)
    for row in db.execute(query):
        intent = intents.parse(db, row.intent)
        found[intent.case].append((intent, load(_RECEIPT, row.receipt, f"the receipt of {intent.id}")))
    return found


def _pictures(db: Connection, run: RunId) -> dict[CaseKey, list[Evidence]]:
    table = schema.evidence
    found: dict[CaseKey, list[Evidence]] = defaultdict(list)
    for row in db.execute(select(table).where(table.c.run == run, table.c.erased_at.is_(None))):
        case = key_of(row)
        found[case].append(load(_EVIDENCE, row.body, f"a picture of {case}"))
    return found
