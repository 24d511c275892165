"""Intents: one live one per case and verb, one in flight per shop, and marks that only move forward under a held lease.

Every mark is one UPDATE whose condition names the marks it may come from and the lease's epoch, so that check and act
are one statement (S20).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from pydantic import TypeAdapter
from sqlalchemy import Connection, UpdateBase, bindparam, select, update

from bot.domain.action import Intent, Mark, Refuse, Verb, proofs_sent, spends, stated_amount
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, IntentId, RunId, ShopKey
from bot.domain.outcome import CaseStatus, Hold, OpenIntent, Receipt
from bot.errors import LedgerError, NotAllowed, PersonDemanded
from bot.ledger import budgets, leases, looks, onlist, runs
from bot.ledger.buyers import name_of, token_of
from bot.ledger.canon import canonical, load
from bot.ledger.cases import IN_WORK, Standing, stands, stands_in, status_of
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import IN_FLIGHT, LIVE, events, intents, payloads, receipts
from bot.ledger.statements import CASE, SHOP, case_values, key_of, of, shop_values, where
from bot.ledger.store import Tx
from bot.ports.ledger import Caps, Lease

INTENT: TypeAdapter[Intent] = TypeAdapter(Intent)


@dataclass(frozen=True, slots=True)
class Step:
    """One mark: what it may follow, the event it leaves, the column that keeps its moment, and whether it leads to a click."""

    after: tuple[Mark, ...]
    kind: Kind
    moment: str
    acts: bool = False


STEPS = {
    Mark.FIRED: Step((Mark.ARMED,), Kind.FIRED, "fired_at", acts=True),
    Mark.SENT: Step((Mark.FIRED,), Kind.SENT, "sent_at", acts=True),
    Mark.SETTLED: Step((Mark.SENT, Mark.UNKNOWN), Kind.SETTLED, "ended_at"),
    Mark.VOID: Step((Mark.ARMED, Mark.FIRED, Mark.SENT, Mark.UNKNOWN), Kind.VOID, "ended_at"),
    Mark.UNKNOWN: Step((Mark.FIRED, Mark.SENT), Kind.UNKNOWN, "ended_at"),
}
"""The whole life of an intent (reliability.md 3.2). A step that acts needs a lease that is alive and the epoch that armed;
an outcome needs only that nobody took the shop: truth found late is still written down."""


def _advancing(to: Mark) -> UpdateBase:
    """The UPDATE of one step: mark, shop, lease and, for steps that act, the epoch that armed, in its own condition."""
    step = STEPS[to]
    fence = leases.ALIVE & where(intents, "epoch") if step.acts else leases.HELD
    guarded = update(intents).where(where(intents, "id", *SHOP), intents.c.mark.in_(step.after), fence)
    now = bindparam("now", type_=intents.c.armed_at.type)
    return guarded.values(mark=to, **{step.moment: now}).returning(
        *(intents.c[name] for name in (*CASE, "run", "before"))
    )


_ADVANCE = {to: _advancing(to) for to in STEPS}
_MARKS = select(intents.c.mark).where(where(intents, *CASE, "verb"))
_OF_SHOP = select(intents).where(where(intents, "id", *SHOP))
_BODY = select(payloads.c.body).join(intents, intents.c.armed_seq == payloads.c.seq).where(where(intents, "id"))
_ARMED_AT = select(intents.c.armed_at).where(where(intents, "id"))
_ARMED_FACTS = (
    select(events.c.facts)
    .join(intents, intents.c.armed_seq == events.c.seq)
    .where(where(intents, *CASE, "verb", "mark"))
)
_BEGUN_AND_VOID = select(events.c.intent, events.c.kind, events.c.facts).where(
    where(events, *CASE), events.c.kind.in_((Kind.ARMED, Kind.VOID))
)
_ONCE_A_CASE = {Verb.AGREE_REFUND: "error.case.refunded_before", Verb.COMPLAIN: "error.case.complained_before"}
_OPEN = (
    select(intents)
    .where(where(intents, *SHOP), intents.c.mark.in_((Mark.ARMED, *IN_FLIGHT)))
    .order_by(intents.c.armed_seq)
)


def arm(tx: Tx, intent: Intent, caps: Caps, lease: Lease) -> None:
    """Write the intent, reserve its budgets, mark it ARMED. See `bot.ports.ledger.Ledger.arm` for what it raises."""
    leases.demand(tx, lease)
    _demand_own(intent, lease)
    _demand_free(tx, intent)
    buyer = token_of(tx, intent.case.shop, intent.buyer)
    about = About.case(intent.case, intent.run, intent.id)
    seq = append(tx, Kind.ARMED, about, _facts(intent, caps, buyer), intent.model_copy(update={"buyer": buyer}))
    tx.add(
        intents,
        {
            **case_values(intent.case),
            "id": intent.id,
            "run": intent.run,
            "verb": intent.action.verb,
            "mark": Mark.ARMED,
            "before": status_of(tx.db, intent.case),
            "epoch": lease.epoch,
            "armed_seq": seq,
            "armed_at": tx.now,
            **looks.of_intent(tx.db, intent, seq),
        },
    )
    budgets.reserve(tx, intent, caps, buyer)
    stands(tx, intent.run, intent.case, Standing(CaseStatus.ACTING), order_id=intent.order_id, buyer=buyer)


def _demand_own(intent: Intent, lease: Lease) -> None:
    if (intent.case.shop, intent.epoch) != (lease.shop, lease.epoch):
        raise LedgerError(
            f"intent {intent.id} is for {intent.case.shop} under epoch {intent.epoch}, the lease for {lease.shop} under {lease.epoch}",
            case=str(intent.case),
            code="error.ledger.conflict",
            raw=intent.id,
        )


def _demand_free(tx: Tx, intent: Intent) -> None:
    """No live intent on the case and verb, and none settled that may be settled once, whatever the page says by now (F59)."""
    marks = tx.db.execute(_MARKS, of({**case_values(intent.case), "verb": intent.action.verb})).scalars().all()
    if any(mark in LIVE for mark in marks):
        raise NotAllowed(
            f"{intent.case} has a live intent to {intent.action.verb}",
            case=str(intent.case),
            code="error.case.live_intent",
            raw=intent.action.verb,
        )
    if intent.action.verb in _ONCE_A_CASE and Mark.SETTLED in marks:
        raise NotAllowed(
            f"{intent.case} has a settled intent to {intent.action.verb}",
            case=str(intent.case),
            code=_ONCE_A_CASE[intent.action.verb],
        )
    if intent.action.verb is Verb.NEGOTIATE and intent.fingerprint in _offered_on(tx, intent.case):
        raise NotAllowed(
            f"{intent.case} got an offer as it is now", case=str(intent.case), code="error.case.offered_before"
        )
    if _left_to_a_person(tx, intent):
        raise NotAllowed(
            f"{intent.case} waits for a person as it is now", case=str(intent.case), code=PersonDemanded.code
        )


def _offered_on(tx: Tx, case: CaseKey) -> set[str]:
    """The versions of a case, by fingerprint, on which an offer of ours was proven."""
    asked = of({**case_values(case), "verb": Verb.NEGOTIATE, "mark": Mark.SETTLED})
    return {json.loads(facts)["fingerprint"] for facts in tx.db.execute(_ARMED_FACTS, asked).scalars()}


def _left_to_a_person(tx: Tx, intent: Intent) -> bool:
    """The platform asked a person for a code when this was tried on this version of the case; it would ask again."""
    told = tx.db.execute(_BEGUN_AND_VOID, of(case_values(intent.case))).all()
    facts = {(one.kind, one.intent): json.loads(one.facts) for one in told}
    asked = {one for (kind, one), why in facts.items() if kind == Kind.VOID and why["reason"] == PersonDemanded.code}
    tried = [begun for (kind, one), begun in facts.items() if kind == Kind.ARMED and one in asked]
    return (intent.action.verb, intent.fingerprint) in {(begun["verb"], begun["fingerprint"]) for begun in tried}


def _facts(intent: Intent, caps: Caps, buyer: str) -> dict[str, object]:
    """What the audit recomputes the invariants from; no names, no texts."""
    stated = stated_amount(intent.action)
    by_hand = {"hand": intent.hand} if intent.hand else {}
    return by_hand | {
        "verb": intent.action.verb,
        "stated": stated.fen if stated is not None else None,
        "spends": spends(intent.action).fen,
        "paid": intent.paid.fen,
        "day": intent.day,
        "order": intent.order_id,
        "buyer": buyer,
        "strategy": intent.strategy,
        "policy_hash": intent.policy_hash,
        "fingerprint": intent.fingerprint,
        "epoch": intent.epoch,
        "proofs": proofs_sent(intent.action),
        "without_proof_allowed": isinstance(intent.action, Refuse) and intent.action.without_proof_allowed,
        "caps": {"strategy": caps.strategy_day.fen, "shop": caps.shop_day.fen, "buyer": caps.buyer_day.fen},
    }


def fire(tx: Tx, intent: IntentId, lease: Lease) -> None:
    """FIRED: about to click."""
    _step(tx, intent, Mark.FIRED, lease)


def sent(tx: Tx, intent: IntentId, lease: Lease) -> None:
    """SENT: the guard is about to let the request go."""
    _step(tx, intent, Mark.SENT, lease)


def _step(tx: Tx, intent: IntentId, to: Mark, lease: Lease) -> None:
    about, _ = _advance(tx, intent, to, lease)
    append(tx, STEPS[to].kind, about, {"epoch": lease.epoch})


def settle(tx: Tx, intent: IntentId, receipt: Receipt, follow: CaseStatus, lease: Lease) -> None:
    """Receipt, posting, standing and event together; another amount than the one decided leaves an alarm (I4)."""
    about, _ = _advance(tx, intent, Mark.SETTLED, lease)
    meant = read(tx.db, intent)
    if (receipt.intent, receipt.case) != (intent, meant.case):
        _refuse(intent, f"the receipt is for {receipt.intent} on {receipt.case}", "error.ledger.conflict")
    run = _follow(tx, meant, Standing(follow), **onlist.ended(meant.action.verb))
    counted = budgets.counts(meant.action, receipt.amount)
    budgets.post(tx, intent, counted, receipt.proven_at)
    tx.change(intents, {"id": intent}, {"moved": counted, "waited_s": looks.waited_s(tx.db, intent, receipt.proven_at)})
    append(tx, Kind.SETTLED, about, {"epoch": lease.epoch, "follow": follow, "found_in": run, **_proof(receipt)})
    values = {"amount": receipt.amount, "proven_at": receipt.proven_at, "body": canonical(receipt)}
    tx.add(receipts, {"intent": intent, "run": run, **values})
    _alarm(tx, about, meant, receipt)


def _proof(receipt: Receipt) -> dict[str, object]:
    return receipt.model_dump(mode="json", exclude={"intent", "case", "amount"}) | {"amount": receipt.amount.fen}


def _alarm(tx: Tx, about: About, meant: Intent, receipt: Receipt) -> None:
    if spends(meant.action) != receipt.amount:
        append(tx, Kind.AMOUNT_ALARM, about, {"decided": spends(meant.action).fen, "receipt": receipt.amount.fen})


def _follow(tx: Tx, meant: Intent, standing: Standing, **more: object) -> RunId:
    """Write the standing to the run that finds out, and to the one that clicked, where a crash lay between.

    What was proven is told by both; but a run that was closed is not opened again by a case that is to be looked at anew.
    """
    run = runs.current(tx, meant.case.shop, meant.run)
    stands(tx, run, meant.case, standing, **more)
    if run != meant.run and (standing.status not in IN_WORK or runs.is_open(tx, meant.run)):
        stands_in(tx, meant.run, meant.case, standing)
    return run


def void(tx: Tx, intent: IntentId, reason: Reason, lease: Lease) -> None:
    """Nothing happened: the reservation goes back, the case is to be looked at anew, or stays as done as it was."""
    about, before = _advance(tx, intent, Mark.VOID, lease)
    meant = read(tx.db, intent)
    budgets.give_back(tx, intent, _on_shop_clock(tx, meant))
    append(tx, Kind.VOID, about, {"epoch": lease.epoch, "reason": reason.code}, (reason,))
    # a hold that was taken in hand is no hold any more
    anew = before in (*IN_WORK, CaseStatus.HELD)
    _follow(tx, meant, Standing(CaseStatus.SEEN if anew else before, (reason,)))


def _on_shop_clock(tx: Tx, meant: Intent) -> datetime:
    """Now, by the clock that the intent was armed under: the shop's may go before or after the PC's (F36)."""
    armed: datetime = tx.db.execute(_ARMED_AT, of({"id": meant.id})).scalar_one()
    return meant.armed_at + (tx.now - armed)


def leave_unknown(tx: Tx, intent: IntentId, hold: Hold, lease: Lease) -> None:
    """Nobody can say: the reservation stays pending, the case is held."""
    about, _ = _advance(tx, intent, Mark.UNKNOWN, lease)
    meant = read(tx.db, intent)
    if hold.case != meant.case:
        _refuse(intent, f"the hold is for {hold.case}", "error.ledger.conflict")
    codes = [reason.code for reason in hold.reasons]
    facts = {"epoch": lease.epoch, "owner": hold.owner, "deadline": hold.deadline, "reasons": codes}
    append(tx, Kind.UNKNOWN, about, facts, hold.reasons)
    _follow(tx, meant, Standing.held(hold))


def _advance(tx: Tx, intent: IntentId, to: Mark, lease: Lease) -> tuple[About, CaseStatus]:
    """Set the mark, if the intent's mark and the lease allow; what the event is about and how the case stood come back."""
    moved = tx.db.execute(_ADVANCE[to], {"of_id": intent, **leases.fence(tx, lease)}).one_or_none()
    if moved is None:
        _explain(tx, intent, to, lease)
    return About(moved.platform, moved.shop_id, moved.aftersale_id, moved.run, intent), CaseStatus(moved.before)


def _explain(tx: Tx, intent: IntentId, to: Mark, lease: Lease) -> NoReturn:
    """Say why no row moved: the intent first, then the lease."""
    row = tx.db.execute(_OF_SHOP, of({"id": intent, **shop_values(lease.shop)})).one_or_none()
    if row is None:
        _refuse(intent, f"{lease.shop} has no such intent", "error.ledger.mark")
    if row.mark not in STEPS[to].after:
        _refuse(intent, f"{row.mark} cannot become {to}", "error.ledger.mark")
    leases.demand(tx, lease)
    _refuse(intent, f"armed under epoch {row.epoch}, the lease has {lease.epoch}", "error.ledger.mark")


def _refuse(intent: IntentId, why: str, code: str) -> NoReturn:
    raise LedgerError(f"intent {intent}: {why}", code=code, target=intent, raw=why)


def read(db: Connection, intent: IntentId) -> Intent:
    """The intent as it was armed; the buyer is a token once the name is erased. Raises LedgerError: no such intent."""
    body = db.execute(_BODY, of({"id": intent})).scalar_one_or_none()
    if body is None:
        _refuse(intent, "no such intent", "error.ledger.mark")
    return parse(db, body)


def parse(db: Connection, body: str) -> Intent:
    """An intent from its kept text, with the buyer's name put back."""
    kept = load(INTENT, body, "an intent")
    return kept.model_copy(update={"buyer": name_of(db, kept.buyer)})


def still_open(db: Connection, shop: ShopKey) -> tuple[OpenIntent, ...]:
    """ARMED, FIRED and SENT intents of the shop, oldest first: what recovery resolves before any new work."""
    return tuple(
        OpenIntent(
            id=IntentId(row.id),
            case=key_of(row),
            mark=Mark(row.mark),
        )
        for row in db.execute(_OPEN, of(shop_values(shop)))
    )
