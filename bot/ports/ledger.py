"""The ledger's face: append-only events, three durable marks, budgets reserved before the click. All calls are synchronous commits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.action import Intent, Verb
from bot.domain.base import Frozen, Sha256
from bot.domain.case import Row, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Reason, Shadow
from bot.domain.evidence import Evidence
from bot.domain.facts import Fact
from bot.domain.hand import HandVerdict
from bot.domain.history import UNASKED, History
from bot.domain.ids import CaseKey, IntentId, RunId, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus, Hold, OpenIntent, Receipt
from bot.domain.proofs import ProofCheck, ProofLook, Served


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one shop; `epoch` only rises (I10)."""

    shop: ShopKey
    owner: str
    epoch: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caps:
    """Upper bounds of posted + pending, on the intent's business day; spent + this > cap is refused, equal is allowed (domain.md 52)."""

    strategy_day: Money
    shop_day: Money
    buyer_day: Money


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One budget of one day: `scope` is strategy:ID, shop, buyer:NAME; posted and pending in fen."""

    day: str
    shop: ShopKey
    scope: str
    posted: Money
    pending: Money


@dataclass(frozen=True, slots=True)
class Look:
    """How the last look at a case's page ended: in a hold or a wait that the decision itself asked for.

    `read_at` is on the shop's clock; `posture`, `config_hash` and `policy_hash` are what it was decided under. `why` is the code
    of its first reason; `strategy` and `earned` are of the plan, empty without one.
    """

    read_at: datetime
    posture: str
    config_hash: str
    policy_hash: str
    why: str
    strategy: str = ""
    earned: str = ""


@dataclass(frozen=True, slots=True)
class OnList:
    """A case that the shop's list shows, with what it asks for and until when, as last known.

    `row`: as it stood there when it was last worked on. `look`: None where it has to be read again whatever its row says:
    nobody read it yet, a sweep broke off or could not read it, an act of ours or a person's word came after, or its outcome is open.
    `called_back`: its parcel is on the way back by our request, which no list shows. `verb`: what the last look decided; None where
    nobody judged it in this life of the case. `judged_in`: the run that last judged it, where that was all and nothing came after; empty else.
    """

    amount: Money
    deadline: datetime | None
    row: Row | None
    look: Look | None
    called_back: bool = False
    verb: Verb | None = None
    judged_in: str = ""


class Ledger(Protocol):
    """One writer per shop, fenced by the lease's epoch. Every method raises LedgerError when the store cannot commit."""

    def acquire(self, shop: ShopKey, owner: str, ttl_s: int) -> Lease:
        """Take the shop's lease, or raise LeaseLost naming the live owner."""

    def renew(self, lease: Lease, ttl_s: int) -> Lease: ...

    def release(self, lease: Lease) -> None: ...

    def open_run(self, run: RunId, shop: ShopKey, posture: str, config_hash: str, policy_hash: str) -> None: ...

    def close_run(self, run: RunId, summary: Mapping[str, int]) -> None: ...

    def saw(
        self,
        run: RunId,
        rows: Sequence[Row],
        at: datetime | None = None,
        picked: Collection[CaseKey] | None = None,
        *,
        whole: bool = True,
    ) -> None:
        """Rows of the list: every pending id of the shop is known from here on (I16); `at` is the moment on the shop's clock.

        `picked`: the ones that the run works on, and has to bring to an end (I8); None for all. `whole`: the list has no others.
        """

    def on_list(self, shop: ShopKey) -> Mapping[CaseKey, OnList]:
        """What the shop's list shows by all that is known: as it was last seen, without what left it by our own acts."""

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """What the ledger knew of the case's surroundings at `now`, on the shop's clock; what was written later never shows."""

    def decided(
        self,
        run: RunId,
        snapshot: Snapshot,
        trails: Mapping[str, Fact[Trail]],
        history: History,
        decision: Decision,
        shadow: Shadow | None = None,
    ) -> None:
        """Snapshot, trails, history and decision in one commit, so that a replay of the rules gives the same decision (I12)."""

    def decided_by_hand(self, run: RunId, told: HandTold) -> int:
        """A person's verdict, and what becomes of it: written before anything is armed for it. Its number comes back."""

    def stands(self, case: CaseKey) -> CaseStatus:
        """How the case stands by now; SEEN for one that the ledger never met."""

    def carried_out(self, case: CaseKey, verb: Verb, fingerprint: str) -> bool:
        """Whether the verb was proven on this version of the case: what was done is not done again."""

    def unknowns(self, case: CaseKey) -> tuple[IntentId, ...]:
        """Actions on the case whose outcome nobody could tell: until a page says it, nothing else is done there."""

    def seen_as(self, case: CaseKey, fingerprint: str) -> Snapshot | None:
        """The case as it was when it had this fingerprint; None where nobody read it so, or it was erased."""

    def parked(self, case: CaseKey) -> Parked | None:
        """Until when a person wants nobody to act on the case, if their word is the newest."""

    def keep(self, run: RunId, case: CaseKey, evidence: Evidence) -> None: ...

    def served(self, case: CaseKey, order_id: str, sha256: Sha256, picture: str) -> Served | None:
        """The case of another order that this picture of the inbox, or one that looks like it, was proof of (`bot.domain.pictures`)."""

    def proofs_read(
        self, run: RunId, case: CaseKey, order_id: str, told: ProofCheck, given: Sequence[ProofLook] = ()
    ) -> None:
        """What was read of the pictures and what came of it; `given`: those of the inbox that go out, from now on this case's own."""

    def arm(self, intent: Intent, caps: Caps, lease: Lease) -> None:
        """ARMED: intent written, budgets reserved, in one commit.

        Raises:
            OverCap: a cap or the order's paid amount (I6) would be passed; nothing is written.
            NotAllowed: another live intent on the same case and verb; we refunded or complained about the case before; this
                version of it got an offer already, or a person was asked for when this was tried on it: a person looks.
            LeaseLost.
        """

    def fire(self, intent: IntentId, lease: Lease) -> None: ...

    def sent(self, intent: IntentId, lease: Lease) -> None: ...

    def settle(self, intent: IntentId, receipt: Receipt, follow: CaseStatus, lease: Lease) -> None:
        """Receipt, budget posting (at the receipt's amount), case state and event in one commit (F6)."""

    def void(self, intent: IntentId, reason: Reason, lease: Lease) -> None:
        """Nothing happened: the reservation goes back."""

    def leave_unknown(self, intent: IntentId, hold: Hold, lease: Lease) -> None:
        """Nobody can say: the reservation stays and a person is asked (reliability.md 3.1 rule 10)."""

    def conclude(self, run: RunId, case: CaseKey, status: CaseStatus, reasons: Sequence[Reason]) -> None:
        """The case's end of this sweep without an action of ours: foreign, waiting, done, failed.

        DECIDED is the end of a sweep that only looked: a case that is held stays a person's.
        """

    def leave(self, run: RunId, case: CaseKey, reasons: Sequence[Reason]) -> CaseStatus:
        """The sweep did not get to the case: it waits, unless it is held or over; how it stands by then comes back."""

    def hold(self, run: RunId, hold: Hold) -> None: ...

    def open_intents(self, shop: ShopKey) -> tuple[OpenIntent, ...]:
        """ARMED, FIRED and SENT ones without an outcome: what recovery resolves before any new work."""

    def unended(self, shop: ShopKey) -> tuple[CaseKey, ...]:
        """Cases that an earlier sweep left waiting; one that is no longer listed is looked at once more, so that it gets its end."""

    def intent(self, intent: IntentId) -> Intent: ...

    def budgets(self, day: str) -> tuple[BudgetLine, ...]: ...

    def breaker(self, shop: ShopKey) -> str:
        """Why the shop's breaker is open; empty when closed."""

    def set_breaker(self, shop: ShopKey, why: str) -> None: ...


class Judged(Frozen):
    """What a decision was made from, and the decision: enough to make it again (I12)."""

    snapshot: Snapshot
    trails: dict[str, Fact[Trail]]
    history: History
    decision: Decision
    shadow: Shadow | None = None


class HandTold(Frozen):
    """A person's verdict with the decision that came of it: their deed, or a hold that says why nothing is done.

    `own`: the robot's decision on the same page; None where the page was not read. `second_above`: the limit of one person that
    was in force. `until`: nobody acts on the case before.
    """

    verdict: HandVerdict
    decision: Decision
    own: Decision | None = None
    second_above: Money | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """Left alone by a person until a moment (Asia/Shanghai)."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class HandLine:
    """One verdict of the ledger: its number, when it was dealt with, and all of it; None once it was erased."""

    seq: int
    at: datetime
    by: str
    approved_by: str
    asked: Verb
    verb: Verb
    told: HandTold | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of one run, as status and report tell it; `decision` is the person's where what was done was theirs."""

    case: CaseKey
    status: CaseStatus
    row: Row | None
    snapshot: Snapshot | None
    decision: Decision | None
    reasons: tuple[Reason, ...]
    receipts: tuple[tuple[Intent, Receipt], ...]
    evidence: tuple[Evidence, ...]
    owner: str
    deadline: datetime | None
    history: History = UNASKED
    proofs: ProofCheck | None = None
    """What was read of its pictures before they were to go out; None where nothing was read."""


class LedgerReader(Protocol):
    """Read side for report, status and audit: never writes, safe beside a running sweep."""

    def runs(self, limit: int) -> tuple[RunId, ...]: ...

    def lines(self, run: RunId) -> tuple[CaseLine, ...]: ...

    def decisions(self, run: RunId) -> Iterator[Judged]:
        """Every decision of the run in order, with what it was made from; what was erased is left out."""

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """As `Ledger.history`."""

    def counts(self) -> Mapping[ShopKey, Mapping[CaseStatus, int]]: ...
