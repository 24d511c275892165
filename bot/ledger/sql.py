"""`SqlLedger`: the ledger's two ports over one database; each method is one durable transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from bot.domain.action import Intent
from bot.domain.base import Sha256
from bot.domain.case import Row, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Reason, Shadow
from bot.domain.evidence import Evidence
from bot.domain.facts import Fact
from bot.domain.history import History
from bot.domain.ids import CaseKey, IntentId, RunId, ShopKey
from bot.domain.outcome import CaseStatus, Hold, Receipt
from bot.domain.proofs import ProofCheck, ProofLook
from bot.ledger import (
    alarms,
    cases,
    duties,
    handed,
    hands,
    intents,
    leases,
    policies,
    privacy,
    proofs,
    retention,
    runs,
    votes,
)
from bot.ledger.cases import Standing
from bot.ledger.events import About, Kind, append
from bot.ledger.reader import Reading
from bot.ledger.schema import breakers
from bot.ledger.statements import shop_values
from bot.ledger.store import BUSY_MS, Store, Tx
from bot.ports.alarms import Sending, Subject
from bot.ports.clock import Clock, Ids
from bot.ports.ledger import Caps, HandTold, Judged, Lease
from bot.ports.notifier import Alarm
from bot.ports.retention import Cutoffs, Retired
from bot.ports.status import MissedRun


class SqlLedger(Reading):
    """Writes history; one process writes a shop at a time, fenced by its lease. See `bot.ports.ledger.Ledger`.

    `where` is a path, `:memory:` or an SQLAlchemy URL; `busy_ms` the longest wait for another process's lock.
    """

    def __init__(self, where: str | Path, clock: Clock, ids: Ids, *, busy_ms: int = BUSY_MS) -> None:
        self._clock, self._ids = clock, ids
        self._store = Store(where, busy_ms=busy_ms)
        self._store.prepare(clock.now())

    def _write(self) -> AbstractContextManager[Tx]:
        return self._store.writing(self._clock, self._ids)

    def acquire(self, shop: ShopKey, owner: str, ttl_s: int) -> Lease:
        with self._write() as tx:
            return leases.acquire(tx, shop, owner, ttl_s)

    def renew(self, lease: Lease, ttl_s: int) -> Lease:
        with self._write() as tx:
            return leases.renew(tx, lease, ttl_s)

    def release(self, lease: Lease) -> None:
        with self._write() as tx:
            leases.release(tx, lease)

    def open_run(self, run: RunId, shop: ShopKey, posture: str, config_hash: str, policy_hash: str) -> None:
        with self._write() as tx:
            runs.open_run(tx, run, shop, runs.Under(posture, config_hash, policy_hash))

    def close_run(self, run: RunId, summary: Mapping[str, int]) -> None:
        with self._write() as tx:
            runs.close_run(tx, run, summary)

    def saw(
        self,
        run: RunId,
        rows: Sequence[Row],
        at: datetime | None = None,
        picked: Collection[CaseKey] | None = None,
        *,
        whole: bool = True,
    ) -> None:
        with self._write() as tx:
            cases.saw(tx, run, cases.Seen(rows, at or tx.now, picked, whole))

    def decided(
        self,
        run: RunId,
        snapshot: Snapshot,
        trails: Mapping[str, Fact[Trail]],
        history: History,
        decision: Decision,
        shadow: Shadow | None = None,
    ) -> None:
        judged = Judged(snapshot=snapshot, trails=dict(trails), history=history, decision=decision, shadow=shadow)
        with self._write() as tx:
            cases.decided(tx, run, judged)

    def decided_by_hand(self, run: RunId, told: HandTold) -> int:
        with self._write() as tx:
            return hands.decided(tx, run, told)

    def answered_hand(self, number: int, case: CaseKey) -> None:
        """The verdict that was accepted under this number is carried out, or its case says why not."""
        with self._write() as tx:
            handed.answered(tx, number, case)

    def keep_policy(self, policy_hash: str, text: str) -> None:
        """Keep the text of a policy that decides from now on, once (`Reading.policy_text`)."""
        with self._write() as tx:
            policies.keep(tx, policy_hash, text)

    def keep(self, run: RunId, case: CaseKey, evidence: Evidence) -> None:
        with self._write() as tx:
            cases.keep(tx, run, case, evidence)

    def proofs_read(
        self, run: RunId, case: CaseKey, order_id: str, told: ProofCheck, given: Sequence[ProofLook] = ()
    ) -> None:
        with self._write() as tx:
            proofs.read(tx, run, case, order_id, told, given)

    def arm(self, intent: Intent, caps: Caps, lease: Lease) -> None:
        with self._write() as tx:
            intents.arm(tx, intent, caps, lease)

    def fire(self, intent: IntentId, lease: Lease) -> None:
        with self._write() as tx:
            intents.fire(tx, intent, lease)

    def sent(self, intent: IntentId, lease: Lease) -> None:
        with self._write() as tx:
            intents.sent(tx, intent, lease)

    def settle(self, intent: IntentId, receipt: Receipt, follow: CaseStatus, lease: Lease) -> None:
        with self._write() as tx:
            intents.settle(tx, intent, receipt, follow, lease)

    def void(self, intent: IntentId, reason: Reason, lease: Lease) -> None:
        with self._write() as tx:
            intents.void(tx, intent, reason, lease)

    def leave_unknown(self, intent: IntentId, hold: Hold, lease: Lease) -> None:
        with self._write() as tx:
            intents.leave_unknown(tx, intent, hold, lease)

    def conclude(self, run: RunId, case: CaseKey, status: CaseStatus, reasons: Sequence[Reason]) -> None:
        with self._write() as tx:
            cases.conclude(tx, run, case, Standing(status, tuple(reasons)))

    def leave(self, run: RunId, case: CaseKey, reasons: Sequence[Reason]) -> CaseStatus:
        with self._write() as tx:
            return cases.leave(tx, run, case, reasons)

    def hold(self, run: RunId, hold: Hold) -> None:
        with self._write() as tx:
            cases.conclude(tx, run, hold.case, Standing.held(hold))

    def vote(self, case: CaseKey, *, agrees: bool) -> str:
        """What a person says of the newest decision on a case by a strategy that earns its autonomy; its id comes back.

        Raises:
            CaseError: no such strategy ever decided on it.
        """
        with self._write() as tx:
            return votes.vote(tx, case, agrees=agrees)

    def set_breaker(self, shop: ShopKey, why: str) -> None:
        with self._write() as tx:
            append(tx, Kind.BREAKER, About.shop(shop), {"open": bool(why)}, why)
            tx.put(breakers, shop_values(shop), {"why": why})

    def duty_done(self, duty: str, began: datetime) -> None:
        """The service's duty is done as of the moment at which that began."""
        with self._write() as tx:
            duties.done(tx, duty, began)

    def missed(self, run: MissedRun) -> None:
        """Runs of the schedule that did not take place, told as one."""
        with self._write() as tx:
            duties.missed(tx, run)

    def erase_buyer(self, shop: ShopKey, name: str) -> tuple[Sha256, ...]:
        """Forget a buyer (S22): name, texts and snapshots go, sums and chain stay. The pictures' hashes come back, to be deleted."""
        with self._write() as tx:
            return privacy.erase(tx, shop, name)

    def raise_alarm(self, alarm: Alarm, subject: Subject) -> bool:
        """As the other calls about alarms: see `bot.ports.alarms.AlarmBooks`."""
        with self._write() as tx:
            return alarms.raise_(tx, alarm, subject)

    def sent_alarms(self, numbers: Sequence[int], sending: Sending) -> None:
        with self._write() as tx:
            alarms.sent(tx, numbers, sending)

    def acknowledge_alarms(self, wanted: int | str, by: str, note: str = "") -> tuple[int, ...]:
        with self._write() as tx:
            return alarms.acknowledge(tx, wanted, by, note)

    def close_moot(self, code: str, standings: Collection[CaseStatus], before: datetime) -> tuple[int, ...]:
        with self._write() as tx:
            return alarms.close_moot(tx, code, standings, before)

    def retire(self, until: Cutoffs) -> Retired:
        """Let go of pages, texts, pictures and names that are over their time (S22); sums and chain stay. Files are the caller's."""
        with self._write() as tx:
            return retention.retire(tx, until)
