"""A ledger of many cases over many days, written through the schema itself: for questions that have to stay fast.

Rows are inserted in bulk, without marks, leases or a valid chain: only what questions read is as a robot would have left it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.sql.schema import Table

from bot.clock import SystemClock, SystemIds
from bot.domain.action import Mark, Verb
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlLedger, schema

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

_REASONS = ("hold.strategy", "missing.trail", "list.unreadable", "error.action.unknown")
_SPENDS = {Verb.AGREE_REFUND: 1.0, Verb.NEGOTIATE: 0.3, Verb.INTERCEPT: 0.0}


@dataclass(frozen=True, slots=True)
class Size:
    """How much of it: cases over days up to `end`, one in ten of them on the last day."""

    cases: int
    days: int
    shops: int
    end: datetime


class _Writer:
    def __init__(self, ledger: SqlLedger, size: Size, seed: int) -> None:
        self._ledger, self._size, self._chance = ledger, size, random.Random(seed)  # the same ledger every time
        self._seq = 0
        self._rows: dict[Table, list[dict[str, Any]]] = {
            table: [] for table in (schema.events, schema.payloads, schema.cases, schema.run_cases, schema.intents, schema.receipts,
                                    schema.reservations, schema.sightings)
        }  # fmt: skip

    def write(self) -> None:
        with self._ledger._write() as tx:  # noqa: SLF001  # there is no public way to write what never happened
            opened = tx.now
            for shop in range(self._size.shops):
                key = {"platform": PLATFORM, "shop_id": f"s{shop}"}
                tx.db.execute(insert(schema.runs).values(id=f"{RUN}-{shop}", opened_seq=self._opened(tx.db, opened), **key,
                              posture="act", config_hash="c", policy_hash="p", opened_at=opened, summary="{}"))  # fmt: skip
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
            "buyer": f"b{number % 9_000}",
            "type": "refund_unshipped",
            "forward": "",
            "returned": "",
        }
        verb, _, status = chance.choices(_VERBS, [weight for _, weight, _ in _VERBS])[0]
        acted = applied + timedelta(
            seconds=chance.choices((40, 150, 400, 5_000), (50, 30, 15, 5))[0] + chance.randrange(60)
        )
        seen = self._event(acted, "case.decided", {"verb": verb or "hold", "amount": claim.fen}, run=run, **key)
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
        if verb:
            self._intent(number, Verb(verb), claim, applied, acted, {**key}, run)
            if verb is Verb.INTERCEPT and chance.random() < 0.5:  # half of them come back
                self._back(number, claim, applied, acted + timedelta(days=1), {**key}, run, sighting)

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
        seen = self._event(at, "case.decided", {"verb": Verb.AGREE_REFUND, "amount": claim.fen}, run=run, **key)
        self._rows[schema.sightings].append({**before, "seq": seen, "at": at, "intercept": "returned_signed"})
        self._intent(number, Verb.AGREE_REFUND, claim, applied, at, key, run)

    def _intent(
        self, number: int, verb: Verb, claim: Money, applied: datetime, at: datetime, key: dict[str, str], run: str
    ) -> None:
        id_, day = f"i{number}-{verb}", at.date().isoformat()
        amount = Money(round(claim.fen * _SPENDS.get(verb, 0.0))) if verb is not Verb.INTERCEPT else Money(800)
        facts = {
            "verb": verb,
            "stated": claim.fen,
            "spends": amount.fen,
            "day": day,
            "order": key["aftersale_id"],
            "strategy": "s",
        }
        armed = self._event(at, "intent.armed", facts, run=run, intent=id_, **key)
        self._event(at, "intent.fired", {}, run=run, intent=id_, **key)
        self._event(at, "intent.sent", {}, run=run, intent=id_, **key)
        self._event(at, "intent.settled", {}, run=run, intent=id_, **key)
        self._rows[schema.payloads].append({"seq": armed, "salt": "s", "body": json.dumps(facts)})
        self._rows[schema.intents].append(
            {**key, "id": id_, "run": run, "verb": verb, "mark": Mark.SETTLED, "before": CaseStatus.DECIDED, "epoch": 1, "armed_seq": armed,
             "armed_at": at, "fired_at": at, "sent_at": at, "ended_at": at, "day": day, "claim": claim, "applied_at": applied, "waited_s": round((at - applied).total_seconds()), "moved": claim if verb is Verb.AGREE_RETURN else amount}
        )  # fmt: skip
        self._rows[schema.receipts].append({"intent": id_, "run": run, "amount": amount, "proven_at": at, "body": "{}"})
        shop = {name: key[name] for name in ("platform", "shop_id")}
        for scope in _scopes(verb, number):
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


def _scopes(verb: Verb, number: int) -> Iterator[str]:
    if verb is Verb.AGREE_RETURN:
        yield "agreed:s"
    elif verb in _SPENDS:
        yield from ("shop", "strategy:s", f"buyer:b{number % 9_000}")
        if verb is not Verb.INTERCEPT:
            yield f"order:o{number}"


def generate(path: Path, size: Size, seed: int = 1) -> None:
    """Write it. One in ten cases is of the last day, as on a promotion's."""
    ledger = SqlLedger(path, SystemClock(), SystemIds())
    try:
        _Writer(ledger, size, seed).write()
    finally:
        ledger.close()
