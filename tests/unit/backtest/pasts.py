"""A ledger's past made quickly: real decisions on the labelled situations, under many ids, written in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.domain.case import Snapshot
from bot.domain.history import History
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.decide import judge
from bot.engine.policy import Policy
from bot.ledger import SqlLedger, schema
from bot.ledger.cases import Standing
from bot.ledger.events import About, Kind, append
from bot.ports.ledger import Judged
from tests.unit.engine.builders import NOW, Situation
from tests.unit.engine.situations import ROWS
from tests.unit.ledger.story import CountingIds, StandingClock

SHOP = ShopKey(platform="taobao", shop_id="1001")
RUN = RunId("run-1")
LATER = StandingClock(NOW + timedelta(hours=1))


def judged(number: int, situation: Situation, policy: Policy, **changes: object) -> Judged:
    """The situation as a case of its own, decided by `policy` with an asked ledger."""
    key = CaseKey(**SHOP.model_dump(), aftersale_id=f"2600{number:07d}")
    page = Snapshot(**(dict(situation.page) | {"key": key, "order_id": f"45{number:08d}"} | changes))
    history = History(since=NOW - timedelta(days=200), day=NOW.date().isoformat())
    decision = judge(page, situation.trails, policy, NOW, history)
    return Judged(snapshot=page, trails=dict(situation.trails), history=history, decision=decision)


@cache
def situations() -> tuple[Situation, ...]:
    return tuple(situation for situation, _ in ROWS.values())


def many(count: int, policy: Policy) -> Iterable[Judged]:
    """Every situation in turn, for sums that rise."""
    for number in range(count):
        situation = situations()[number % len(situations())]
        sum_of = Money(1_000 + number * 517 % 180_000)
        yield judged(number, situation, policy, amount=sum_of, paid=max(sum_of, situation.page.paid))


def write(where: Path, past: Sequence[Judged] | Iterable[Judged], *, posture: str = "observe") -> None:
    """A ledger of one run with these decisions, their events chained, in one transaction."""
    with SqlLedger(where, LATER, CountingIds()) as ledger:
        ledger.open_run(RUN, SHOP, posture, "c", "p")
        with ledger._write() as tx:
            for one in past:
                decision = one.decision
                facts = {"verb": decision.verb, "policy_hash": decision.policy_hash}
                append(tx, Kind.DECIDED, About.case(decision.case, RUN), facts, one)
                case = {**decision.case.model_dump(), "run": RUN, "changed_at": tx.now}
                tx.put(schema.cases, decision.case.model_dump(), {**case, **Standing(CaseStatus.DECIDED).values()})
