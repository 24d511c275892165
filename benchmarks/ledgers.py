"""A ledger of many cases over many days, with what robot and people did on them: for questions and pages that have to stay fast.

Rows are inserted in bulk, without marks, leases or a valid chain: only what questions read is as a robot would have left it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.sql.schema import Table

from bot.clock import SystemClock, SystemIds
from bot.domain.action import (
    Action,
    AgreeRefund,
    AgreeReturn,
    Intent,
    Intercept,
    Mark,
    Negotiate,
    RefusalReason,
    Refuse,
    Verb,
)
from bot.domain.case import CaseState
from bot.domain.ids import CaseKey, IntentId, RunId
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus, Receipt
from bot.ledger import SqlLedger, schema
from bot.ledger.canon import canonical

PLATFORM = "taobao"
RUN = "run-bench"
_VERBS = (
    (Verb.AGREE_REFUND, 46, CaseStatus.DONE),
    (Verb.REFUSE, 14, CaseStatus.DONE),
    (Verb.INTERCEPT, 12, CaseStatus.WAITING),
    (Verb.AGREE_RETURN, 12, CaseStatus.DONE),
    (Verb.NEGOTIATE, 4, CaseStatus.WAITING),
    (None, 8, CaseStatus.HELD),
    (None, 4, CaseStatus.FOREIGN),
)
"""What becomes of a case, and in how many of a hundred."""

_REASONS = ("would.propose", "hold.by_strategy", "error.page.unreadable", "settle.unknown")
_ACTIONS: Mapping[Verb, Callable[[Money], Action]] = {
    Verb.AGREE_REFUND: lambda claim: AgreeRefund(amount=claim),
    Verb.AGREE_RETURN: lambda claim: AgreeReturn(amount=claim),
    Verb.REFUSE: lambda claim: Refuse(amount=claim, reason=RefusalReason.SIGNED_FOR, message="已签收", proofs=()),
    Verb.INTERCEPT: lambda _: Intercept(waybill="SF1", fee=Money(800)),
    Verb.NEGOTIATE: lambda claim: Negotiate(amount=Money(round(claim.fen * 0.3)), message="可以吗"),
}
_SPENDS = {Verb.AGREE_REFUND: 1.0, Verb.NEGOTIATE: 0.3, Verb.INTERCEPT: 0.0}


_CALLED, _UNANSWERED = 30, 60
"""One case in so many called somebody; of those calls the newest are still open."""
_BY_HAND = 12
"""One acted case in so many was a person's verdict."""
_CHANNELS = ("wecom", "mail")
_BUYERS = 9_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it: cases over days up to `end`, one in ten of them on the last day.

    `strategies`: who decides, by verb, with the version under which it has to earn its autonomy (empty where it has not).
    `body`: what stands beside each decision of the chain; empty keeps none. `policy`: the hash of the one that decides.
    """

    cases: int
    days: int
    shops: int
    end: datetime
    strategies: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    body: str = ""
    policy: str = "p" * 64


class _Writer:
    def __init__(self, ledger: SqlLedger, size: Size, seed: int) -> None:
        self._ledger, self._size, self._chance = ledger, size, random.Random(seed)  # the same ledger every time
        self._seq = self._alarm = self._sending = 0
        self._rows: dict[Table, list[dict[str, Any]]] = {
            table: [] for table in (schema.events, schema.payloads, schema.buyers, schema.cases, schema.run_cases, schema.intents,
                                    schema.receipts, schema.reservations, schema.sightings, schema.alarms, schema.alarm_sendings)
        }  # fmt: skip

    def write(self) -> None:
        with self._ledger._write() as tx:  # noqa: SLF001  # there is no public way to write what never happened
            opened = tx.now
            for shop in range(self._size.shops):
                key = {"platform": PLATFORM, "shop_id": f"s{shop}"}
                tx.db.execute(insert(schema.runs).values(id=f"{RUN}-{shop}", opened_seq=self._opened(tx.db, opened), **key,
                              posture="act", config_hash="c", policy_hash="p", opened_at=opened, summary="{}"))  # fmt: skip
            for number in range(min(_BUYERS, self._size.cases)):
                shop = {"platform": PLATFORM, "shop_id": f"s{number % self._size.shops}"}
                self._rows[schema.buyers].append({**shop, "token": f"b{number}", "name": f"山间清风{number}"})
            for number in range(self._size.cases):
                self._case(number)
                if number % 2_000 == 1_999:
                    self._flush(tx.db)
            self._flush(tx.db)
            tx.db.execute(schema.chain_head.update().values(seq=self._seq, hash="h"))

    def _opened(self, db: Any, at: datetime) -> int:
        seq = self._event(at, "run.opened", {})
        db.execute(insert(schema.events), self._rows[schema.events])
        self._rows[schema.events].clear()
        return seq

    def _flush(self, db: Any) -> None:
        for table, rows in self._rows.items():
            if rows:
                db.execute(insert(table), rows)
                rows.clear()

    def _event(self, at: datetime, kind: str, facts: dict[str, Any], **about: str) -> int:
        named = {"platform": "", "shop_id": "", "aftersale_id": "", "run": "", "intent": "", **about}
        self._seq += 1
        self._rows[schema.events].append(
            {
                **named,
                "seq": self._seq,
                "at": at,
                "kind": kind,
                "facts": json.dumps(facts),
                "payload_hash": "",
                "prev": "",
                "hash": str(self._seq),
            }
        )
        return self._seq

    def _case(self, number: int) -> None:
        chance, size = self._chance, self._size
        back = 0 if number % 10 == 0 else chance.randrange(size.days)
        day = (size.end - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        applied = day + timedelta(seconds=chance.randrange(86_000))
        run = f"{RUN}-{number % size.shops}"
        key = {"platform": PLATFORM, "shop_id": f"s{number % size.shops}", "aftersale_id": f"a{number}"}
        claim = Money(chance.randrange(500, 60_000))
        looks = {
            "order_id": f"o{number}",
            "buyer": f"b{number % _BUYERS}",
            "type": "refund_unshipped",
            "forward": "",
            "returned": "",
        }
        verb, _, status = chance.choices(_VERBS, [weight for _, weight, _ in _VERBS])[0]
        acted = applied + timedelta(
            seconds=chance.choices((40, 150, 400, 5_000), (50, 30, 15, 5))[0] + chance.randrange(60)
        )
        self._event(applied, "case.seen", {"amount": claim.fen}, run=run, **key)
        seen = self._decided(acted, verb, claim, key, run)
        sighting = {
            **key,
            **looks,
            "seq": seen,
            "at": acted,
            "state": "wait_seller",
            "amount": claim,
            "applied_at": applied,
            "intercept": "",
        }
        self._rows[schema.sightings].append(sighting)
        deadline = applied + timedelta(hours=chance.choice((6, 24, 36, 48, 72)))
        reasons = [{"code": chance.choice(_REASONS), "params": {"strategy": "s"}}] if status == CaseStatus.HELD else []
        standing = {"status": status, "owner": "", "reasons": json.dumps(reasons), "deadline": deadline}
        self._rows[schema.cases].append(
            {
                **key,
                **standing,
                "run": run,
                "order_id": f"o{number}",
                "buyer": looks["buyer"],
                "changed_at": acted,
                "claim": claim,
            }
        )
        self._rows[schema.run_cases].append({**key, **standing, "run": run, "row": None, "decided_seq": None})
        if status == CaseStatus.HELD:
            self._event(acted, "case.held", {"status": status}, run=run, **key)
        if number % _CALLED == 0:
            self._call(acted, claim, deadline, key, number)
        if verb:
            self._intent(number, Verb(verb), claim, applied, acted, {**key}, run)
            if verb is Verb.INTERCEPT and chance.random() < 0.5:  # half of them come back
                self._back(number, claim, applied, acted + timedelta(days=1), {**key}, run, sighting)

    def _decided(self, at: datetime, verb: Verb | None, claim: Money, key: dict[str, str], run: str) -> int:
        """As `bot.ledger.cases.decision_facts` has it, the page and what was made of it beside the chain."""
        strategy, version = self._size.strategies.get(verb or "", ("s" if verb else "", ""))
        facts = {
            **({"earned": version} if version else {}),
            "verb": verb or "hold",
            "strategy": strategy,
            "amount": claim.fen,
            "max_fee": None,
            "fingerprint": "f" * 64,
            "policy_hash": self._size.policy,
        }
        seq = self._event(at, "case.decided", facts, run=run, **key)
        if self._size.body:
            self._rows[schema.payloads].append({"seq": seq, "salt": "s", "body": self._size.body})
        return seq

    def _call(self, at: datetime, claim: Money, deadline: datetime, key: dict[str, str], number: int) -> None:
        """Somebody was called about the case, over two channels, and answered; the newest nobody has."""
        self._alarm += 1
        left = (self._size.cases - number) // _CALLED
        answered = None if left < _UNANSWERED else at + timedelta(minutes=9)
        row = {
            "subject": f"case {number}",
            "urgency": "call",
            "code": "alarm.deadline",
            "params": "{}",
            "picture": "",
            "times": 1,
            "note": "",
        }
        self._rows[schema.alarms].append(
            {**key, **row, "number": self._alarm, "amount": claim, "deadline": deadline, "raised_at": at, "last_at": at,
             "acknowledged_at": answered, "acknowledged_by": "Li" if answered else ""}
        )  # fmt: skip
        self._event(at, "alarm.raised", {"alarm": self._alarm, "amount": claim.fen}, **key)
        for rung, channel in enumerate(_CHANNELS):
            self._sending += 1
            sent = {"id": self._sending, "alarm": self._alarm, "message": f"m{self._sending}", "rung": rung}
            self._rows[schema.alarm_sendings].append({**sent, "channel": channel, "at": at, "ok": 1, "detail": ""})
        if answered:
            self._event(answered, "alarm.acknowledged", {"alarm": self._alarm, "times": 1}, **key)

    def _hand(self, at: datetime, verb: Verb, key: dict[str, str], run: str) -> None:
        """Accepted at the console, carried out, answered."""
        facts = {"did": "decided", "fingerprint": "f" * 64, "verb": verb}
        handed = self._event(at, "office.did", facts, **key)
        verdict = {"by": "Li", "why": "a regular", "verdict": "{}"}
        self._rows[schema.payloads].append({"seq": handed, "salt": "s", "body": json.dumps(verdict)})
        told = {"asked": verb, "by": "Li", "approved_by": "", "verb": verb, "until": None}
        self._event(at, "case.hand", told, run=run, **key)
        self._event(at, "office.did", {"did": "answered", "verdict": handed}, **key)

    def _back(
        self,
        number: int,
        claim: Money,
        applied: datetime,
        at: datetime,
        key: dict[str, str],
        run: str,
        before: dict[str, Any],
    ) -> None:
        seen = self._decided(at, Verb.AGREE_REFUND, claim, key, run)
        self._rows[schema.sightings].append({**before, "seq": seen, "at": at, "intercept": "returned_signed"})
        self._intent(number, Verb.AGREE_REFUND, claim, applied, at, key, run)

    def _intent(
        self, number: int, verb: Verb, claim: Money, applied: datetime, at: datetime, key: dict[str, str], run: str
    ) -> None:
        id_, day = f"i{number}-{verb}", at.date().isoformat()
        amount = Money(round(claim.fen * _SPENDS.get(verb, 0.0))) if verb is not Verb.INTERCEPT else Money(800)
        strategy, _ = self._size.strategies.get(verb, ("s", ""))
        if number % _BY_HAND == 0:
            self._hand(at, verb, key, run)
            strategy = "person:li"
        facts = {
            "verb": verb,
            "stated": claim.fen,
            "spends": amount.fen,
            "day": day,
            "order": key["aftersale_id"],
            "strategy": strategy,
        }
        armed = self._event(at, "intent.armed", facts, run=run, intent=id_, **key)
        self._event(at, "intent.fired", {}, run=run, intent=id_, **key)
        self._event(at, "intent.sent", {}, run=run, intent=id_, **key)
        self._event(at, "intent.settled", {}, run=run, intent=id_, **key)
        intent = Intent(
            id=IntentId(id_), run=RunId(run), case=CaseKey(**key), order_id=f"o{number}", buyer=f"b{number % _BUYERS}", paid=claim,
            strategy=strategy, policy_hash=self._size.policy, fingerprint="f" * 64, action=_ACTIONS[verb](claim), day=day, armed_at=at, epoch=1,
        )  # fmt: skip
        receipt = Receipt(
            intent=intent.id,
            case=intent.case,
            state=CaseState.SUCCESS,
            amount=amount,
            version="v2",
            proven_at=at,
            before=None,
            after=None,
        )
        self._rows[schema.payloads].append({"seq": armed, "salt": "s", "body": canonical(intent)})
        self._rows[schema.intents].append(
            {**key, "id": id_, "run": run, "verb": verb, "mark": Mark.SETTLED, "before": CaseStatus.DECIDED, "epoch": 1, "armed_seq": armed,
             "armed_at": at, "fired_at": at, "sent_at": at, "ended_at": at, "day": day, "claim": claim, "applied_at": applied, "waited_s": round((at - applied).total_seconds()), "moved": claim if verb is Verb.AGREE_RETURN else amount}
        )  # fmt: skip
        self._rows[schema.receipts].append(
            {"intent": id_, "run": run, "amount": amount, "proven_at": at, "body": canonical(receipt)}
        )
        shop = {name: key[name] for name in ("platform", "shop_id")}
        for scope in _scopes(verb, number, strategy):
            taken = claim if verb is Verb.AGREE_RETURN else amount
            self._rows[schema.reservations].append(
                {
                    **shop,
                    "intent": id_,
                    "scope": scope,
                    "day": day,
                    "state": "posted",
                    "reserved": taken,
                    "amount": taken,
                    "since": at,
                    "resolved_at": at,
                }
            )


def _scopes(verb: Verb, number: int, strategy: str) -> Iterator[str]:
    if verb is Verb.AGREE_RETURN:
        yield f"agreed:{strategy}"
    elif verb in _SPENDS:
        yield from ("shop", f"strategy:{strategy}", f"buyer:b{number % _BUYERS}")
        if verb is not Verb.INTERCEPT:
            yield f"order:o{number}"


def generate(path: Path, size: Size, seed: int = 1) -> None:
    """Write it. One in ten cases is of the last day, as on a promotion's."""
    ledger = SqlLedger(path, SystemClock(), SystemIds())
    try:
        _Writer(ledger, size, seed).write()
    finally:
        ledger.close()
