"""Cases as the ledger has them: what the list showed, what was judged, and how each case stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Insert, Update, select

from bot.domain.action import Verb
from bot.domain.case import Row
from bot.domain.decision import Decision, Reason, Verdict
from bot.domain.evidence import Evidence
from bot.domain.ids import CaseKey, RunId
from bot.domain.outcome import CaseStatus, Hold
from bot.ledger import onlist, promises, shadows, sightings
from bot.ledger.buyers import token_of
from bot.ledger.canon import canonical
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import cases, evidence, run_cases
from bot.ledger.statements import CASE, SHOP, case_values, inserting, of, shop_values, updating, where
from bot.ledger.store import Tx
from bot.ports.ledger import Judged

_BEGINS_ANEW = (CaseStatus.DECIDED, CaseStatus.DONE, CaseStatus.FOREIGN, CaseStatus.FAILED)
"""Standings that a new sighting ends: the shop says that the case is pending again. Holds, waits and acts go on."""

_OVER = (CaseStatus.DONE, CaseStatus.FOREIGN, CaseStatus.FAILED)

IN_WORK = (CaseStatus.SEEN, CaseStatus.DECIDED, CaseStatus.ACTING)
"""Standings that a sweep has not ended yet."""

_STATUS = select(cases.c.status).where(where(cases, *CASE))
_OF_RUN = select(run_cases.c.aftersale_id).where(where(run_cases, "run", *SHOP))
_OF_SHOP = select(cases.c.aftersale_id, cases.c.status, cases.c.run).where(where(cases, *SHOP))
_KEPT = select(evidence.c.sha256).where(where(evidence, "run", *CASE, "sha256", "kind"))


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


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows of a list, read at a moment on the shop's clock; `whole`: there were no others.

    `picked`: the cases that the run works on; None for all. The others are no part of the run.
    """

    rows: Sequence[Row]
    at: datetime
    picked: Collection[CaseKey] | None = None
    whole: bool = True


def stands(tx: Tx, run: RunId, case: CaseKey, standing: Standing, **more: object) -> None:
    """Write how the case stands, for itself and for the run; `more` are further columns of the case."""
    tx.put(cases, case_values(case), {**standing.values(), **more, "run": run, "changed_at": tx.now})
    stands_in(tx, run, case, standing)


def stands_in(tx: Tx, run: RunId, case: CaseKey, standing: Standing) -> None:
    """Write how the case stands for one run alone."""
    tx.put(run_cases, {"run": run, **case_values(case)}, standing.values())


def kept_held(tx: Tx, run: RunId, case: CaseKey, standing: Standing, **more: object) -> None:
    """As `stands`; but a hold stays a person's, with its reasons and its owner: what a run saw or did not get to is told by the run."""
    if status_of(tx.db, case) is not CaseStatus.HELD:
        stands(tx, run, case, standing, **more)
        return
    known = {"deadline": standing.deadline} if standing.deadline is not None else {}
    tx.put(cases, case_values(case), {**known, **more, "run": run})
    stands_in(tx, run, case, standing)


def status_of(db: Connection, case: CaseKey) -> CaseStatus:
    """How the case stands by now; SEEN for one that the ledger never met."""
    found = db.execute(_STATUS, of(case_values(case))).scalar_one_or_none()
    return CaseStatus(found) if found is not None else CaseStatus.SEEN


def saw(tx: Tx, run: RunId, seen: Seen) -> None:
    """Know every row from here on; a row that this run saw before is only refreshed (F58)."""
    chosen = None if seen.picked is None else frozenset(seen.picked)
    for shop in dict.fromkeys(row.key.shop for row in seen.rows):
        of_shop = {row.key.aftersale_id: row for row in seen.rows if row.key.shop == shop}
        facts = {"count": len(of_shop), "ids": sorted(of_shop)}
        seq = append(tx, Kind.SEEN, About.shop(shop, run), facts, list(of_shop.values()))
        of_run = {id_: row for id_, row in of_shop.items() if chosen is None or row.key in chosen}
        _list(tx, {**shop_values(shop), "run": run}, of_run)
        new = _meet(tx, {**shop_values(shop), "run": run}, of_shop, of_run)
        sightings.listed(tx, sightings.Place(seq, seen.at), [of_shop[id_] for id_ in new])
        onlist.shown(tx, shop, of_shop, frozenset(of_run))
    if seen.whole:
        onlist.nothing_else(tx, run, [row.key for row in seen.rows])


def _list(tx: Tx, in_run: Mapping[str, object], rows: Mapping[str, Row]) -> None:
    """The run's list: rows that it saw for the first time, and fresher words of the others."""
    known = set(tx.db.execute(_OF_RUN, of(in_run)).scalars())
    texts = {
        id_: {"aftersale_id": id_, "deadline": row.deadline_at, "row": canonical(row)} for id_, row in rows.items()
    }
    new = [{**in_run, **values, "status": CaseStatus.SEEN} for id_, values in texts.items() if id_ not in known]
    old = [{**of(in_run), "of_aftersale_id": id_, **values} for id_, values in texts.items() if id_ in known]
    _many(tx, inserting(run_cases), new)
    _many(tx, updating(run_cases, "run", *CASE), old)


def _meet(tx: Tx, in_run: Mapping[str, object], rows: Mapping[str, Row], of_run: Collection[str]) -> list[str]:
    """The shop's cases: new ones, whose ids come back, and ended ones that the shop shows as pending again.

    What was only judged so far stays so in a run that does not work on it.
    """
    known = {row.aftersale_id: row for row in tx.db.execute(_OF_SHOP, of(_shop_of(in_run)))}
    fresh = {"run": in_run["run"], "status": CaseStatus.SEEN, "changed_at": tx.now}
    new = [
        {
            **_shop_of(in_run),
            **fresh,
            "aftersale_id": id_,
            "deadline": row.deadline_at,
            "order_id": row.order_id,
            "claim": row.amount,
        }
        for id_, row in rows.items()
        if id_ not in known
    ]
    again = [
        {
            **of(_shop_of(in_run)),
            "of_aftersale_id": id_,
            **fresh,
            "reasons": "[]",
            "owner": "",
            "claim": rows[id_].amount,
        }
        for id_, row in known.items()
        if id_ in rows and row.run != in_run["run"] and row.status in _BEGINS_ANEW
        if id_ in of_run or row.status != CaseStatus.DECIDED
    ]
    _many(tx, inserting(cases), new)
    _many(tx, updating(cases, *CASE), again)
    return [id_ for id_ in rows if id_ not in known]


def _shop_of(in_run: Mapping[str, object]) -> dict[str, object]:
    return {name: in_run[name] for name in SHOP}


def _many(tx: Tx, statement: Insert | Update, parameters: list[dict[str, object]]) -> None:
    if parameters:
        tx.db.execute(statement, parameters)


def decided(tx: Tx, run: RunId, judged: Judged) -> None:
    """Keep snapshot, trails, history and decision whole, so that a replay of the rules can be compared (I12)."""
    snapshot, decision = judged.snapshot, judged.decision
    facts = decision_facts(decision)
    if judged.shadow is not None:
        facts["shadow"] = judged.shadow.model_dump(mode="json", include=shadows.KEPT)
    seq = append(tx, Kind.DECIDED, About.case(decision.case, run), facts, judged)
    standing = Standing(
        CaseStatus.DECIDED, decision.reasons, deadline=snapshot.deadline.at if snapshot.deadline else None
    )
    buyer = token_of(tx, snapshot.key.shop, snapshot.buyer.name)
    more = {"order_id": snapshot.order_id, "buyer": buyer, "claim": snapshot.amount, "read_at": decision.decided_at}
    kept_held(tx, run, decision.case, standing, **more, **onlist.gone(snapshot))
    tx.change(run_cases, {"run": run, **case_values(decision.case)}, {"decided_seq": seq})
    promises.look(tx, run, snapshot)
    sightings.read(tx, sightings.Place(seq, decision.decided_at), snapshot, judged.trails, buyer)


def decision_facts(decision: Decision) -> dict[str, object]:
    """What the chain keeps of a decision, the robot's or a person's; the audit holds intents against it."""
    plan = decision.plan
    earned = {"earned": plan.earned} if plan and plan.earned else {}
    return earned | {
        "verb": decision.verb,
        "fingerprint": decision.fingerprint,
        "policy_hash": decision.policy_hash,
        "strategy": plan.strategy if plan else _holder(decision),
        "amount": plan.amount.fen if plan and plan.amount else None,
        "max_fee": plan.max_fee.fen if plan and plan.max_fee else None,
        "proofs": plan.proofs if plan else (),
        "reasons": [reason.code for reason in decision.reasons],
    }


_HOLDERS = frozenset({"hold.strategy", "wait.strategy"})
"""Headlines of a hold that a strategy asks for; of any other one the engine does."""


def _holder(decision: Decision) -> str:
    """The strategy that calls a person or waits; empty where none of them held the case."""
    if not decision.reasons or decision.reasons[0].code not in _HOLDERS:
        return ""
    holding = (one.strategy for one in decision.traces if one.verdict is Verdict.MATCHED and one.verb is Verb.HOLD)
    return next(holding, "")


def leave(tx: Tx, run: RunId, case: CaseKey, reasons: Sequence[Reason]) -> CaseStatus:
    """The run did not get to the case: it waits, unless it is a person's or over already. How it stands then comes back."""
    if (status := status_of(tx.db, case)) in _OVER:
        return status
    conclude(tx, run, case, Standing(CaseStatus.WAITING, tuple(reasons)), lifts=False)
    return status_of(tx.db, case)


def conclude(tx: Tx, run: RunId, case: CaseKey, standing: Standing, *, lifts: bool = True) -> None:
    """A standing that no intent brought about: a hold, or foreign, waiting, done, failed; `lifts`: it may end a person's hold."""
    kind = Kind.HELD if standing.status is CaseStatus.HELD else Kind.CONCLUDED
    facts = {
        "status": standing.status,
        "owner": standing.owner,
        "deadline": standing.deadline,
        "reasons": [reason.code for reason in standing.reasons],
    }
    append(tx, kind, About.case(case, run), facts, standing.reasons)
    # who only looked has judged, and nothing more
    lifts = lifts and standing.status is not CaseStatus.DECIDED
    (stands if lifts else kept_held)(tx, run, case, standing)


def keep(tx: Tx, run: RunId, case: CaseKey, kept: Evidence) -> None:
    """Know a picture as evidence of the case; the same one twice is known once."""
    key = {"run": run, **case_values(case), "sha256": kept.sha256, "kind": kept.kind}
    if tx.db.execute(_KEPT, of(key)).one_or_none() is None:
        facts = {"sha256": kept.sha256, "kind": kept.kind, "size": kept.size, "media_type": kept.media_type}
        append(tx, Kind.KEPT, About.case(case, run), facts)
        tx.add(evidence, {**key, "body": canonical(kept)})
