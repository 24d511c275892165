"""Cases as the ledger has them: what the list showed, what was judged, and how each case stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.schema import Table

from bot.domain.case import Row, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Reason
from bot.domain.evidence import Evidence
from bot.domain.facts import Fact
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.outcome import CaseStatus, Hold
from bot.ledger.buyers import token_of
from bot.ledger.canon import canonical
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import case_values, cases, evidence, run_cases, same, shop_values
from bot.ledger.store import Tx

_BEGINS_ANEW = (CaseStatus.DECIDED, CaseStatus.DONE, CaseStatus.FOREIGN, CaseStatus.FAILED)
"""Standings that a new sighting ends: the shop says that the case is pending again. Holds, waits and acts go on."""

IN_WORK = (CaseStatus.SEEN, CaseStatus.DECIDED, CaseStatus.ACTING)
"""Standings that a sweep has not ended yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands, and for a hold who looks at it when; `deadline` None leaves the known one."""

    status: CaseStatus
    reasons: tuple[Reason, ...] = ()
    owner: str = ""
    deadline: datetime | None = None

    @classmethod
    def held(cls, hold: Hold) -> Standing:
        return cls(CaseStatus.HELD, hold.reasons, hold.owner, hold.deadline)

    def values(self) -> dict[str, object]:
        known = {"deadline": self.deadline} if self.deadline is not None else {}
        return {"status": self.status, "reasons": canonical(self.reasons), "owner": self.owner, **known}


def stands(tx: Tx, run: RunId, case: CaseKey, standing: Standing, **more: object) -> None:
    """Write how the case stands, for itself and for the run."""
    key: dict[str, object] = dict(case_values(case))
    decided = {"decided_seq": more.pop("decided_seq")} if "decided_seq" in more else {}
    tx.put(cases, key, {**standing.values(), **more, "run": run, "changed_at": tx.now})
    tx.put(run_cases, {"run": run, **key}, {**standing.values(), **decided})


def status_of(db: Connection, case: CaseKey) -> CaseStatus:
    """How the case stands by now; SEEN for one that the ledger never met."""
    found = db.execute(select(cases.c.status).where(same(cases, case_values(case)))).scalar_one_or_none()
    return CaseStatus(found) if found is not None else CaseStatus.SEEN


def saw(tx: Tx, run: RunId, rows: Sequence[Row]) -> None:
    """Know every row from here on; a row that this run saw before is only refreshed (F58)."""
    for shop in dict.fromkeys(row.key.shop for row in rows):
        _saw(tx, run, shop, {row.key.aftersale_id: row for row in rows if row.key.shop == shop})


def _saw(tx: Tx, run: RunId, shop: ShopKey, rows: Mapping[str, Row]) -> None:
    append(tx, Kind.SEEN, About.shop(shop, run), {"count": len(rows), "ids": sorted(rows)}, list(rows.values()))
    in_run = {**shop_values(shop), "run": run}
    known = _known(tx, run_cases, in_run)
    fresh = {"status": CaseStatus.SEEN}
    _add(tx, run_cases, [{**in_run, **fresh, **_row(row)} for key, row in rows.items() if key not in known])
    for key, row in rows.items():
        if key in known:
            tx.db.execute(update(run_cases).where(same(run_cases, {**in_run, "aftersale_id": key})).values(**_row(row)))
    known = _known(tx, cases, shop_values(shop))
    unknown = [row for key, row in rows.items() if key not in known]
    _add(tx, cases, [{**in_run, **fresh, **_face(row), "changed_at": tx.now} for row in unknown])
    again = [
        key for key, (status, seen_in) in known.items() if key in rows and seen_in != run and status in _BEGINS_ANEW
    ]
    for key in again:
        stale = same(cases, {**shop_values(shop), "aftersale_id": key})
        tx.db.execute(update(cases).where(stale).values(**fresh, reasons="[]", owner="", run=run, changed_at=tx.now))


def _known(tx: Tx, table: Table, key: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    query = select(table.c.aftersale_id, table.c.status, table.c.run).where(same(table, key))
    return {found: (status, run) for found, status, run in tx.db.execute(query)}


def _add(tx: Tx, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        tx.db.execute(insert(table), rows)


def _row(row: Row) -> dict[str, object]:
    return {"aftersale_id": row.key.aftersale_id, "deadline": row.deadline_at, "row": canonical(row)}


def _face(row: Row) -> dict[str, object]:
    return {"aftersale_id": row.key.aftersale_id, "deadline": row.deadline_at, "order_id": row.order_id}


def decided(tx: Tx, run: RunId, snapshot: Snapshot, trails: Mapping[str, Fact[Trail]], decision: Decision) -> None:
    """Keep snapshot, trails and decision whole, so that a replay of the rules can be compared (I12)."""
    plan = decision.plan
    facts = {
        "verb": decision.verb,
        "fingerprint": decision.fingerprint,
        "policy_hash": decision.policy_hash,
        "strategy": plan.strategy if plan else "",
        "amount": plan.amount.fen if plan and plan.amount else None,
        "max_fee": plan.max_fee.fen if plan and plan.max_fee else None,
        "proofs": plan.proofs if plan else (),
        "reasons": [reason.code for reason in decision.reasons],
    }
    whole = {"snapshot": snapshot, "trails": dict(trails), "decision": decision}
    seq = append(tx, Kind.DECIDED, About.case(decision.case, run), facts, whole)
    standing = Standing(
        CaseStatus.DECIDED, decision.reasons, deadline=snapshot.deadline.at if snapshot.deadline else None
    )
    buyer = token_of(tx, snapshot.key.shop, snapshot.buyer.name)
    stands(tx, run, decision.case, standing, decided_seq=seq, order_id=snapshot.order_id, buyer=buyer)


def conclude(tx: Tx, run: RunId, case: CaseKey, standing: Standing) -> None:
    """A standing that no intent brought about: a hold, or foreign, waiting, done, failed."""
    kind = Kind.HELD if standing.status is CaseStatus.HELD else Kind.CONCLUDED
    facts = {
        "status": standing.status,
        "owner": standing.owner,
        "deadline": standing.deadline,
        "reasons": [reason.code for reason in standing.reasons],
    }
    append(tx, kind, About.case(case, run), facts, standing.reasons)
    stands(tx, run, case, standing)


def keep(tx: Tx, run: RunId, case: CaseKey, kept: Evidence) -> None:
    """Know a picture as evidence of the case; the same one twice is known once."""
    key: dict[str, object] = {"run": run, **case_values(case), "sha256": kept.sha256, "kind": kept.kind}
    if tx.db.execute(select(evidence.c.sha256).where(same(evidence, key))).one_or_none() is None:
        facts = {"sha256": kept.sha256, "kind": kept.kind, "size": kept.size, "media_type": kept.media_type}
        append(tx, Kind.KEPT, About.case(case, run), facts)
        tx.db.execute(insert(evidence).values(**key, body=canonical(kept)))
