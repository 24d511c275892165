"""One money click, from ARMED to settled: the only caller of a desk's `perform` (design.md 4.6 to 4.11, reliability.md 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.action import Action, AgreeReturn, Intent, Intercept, proofs_sent, spends, stated_amount
from bot.domain.base import Sha256
from bot.domain.case import Snapshot
from bot.domain.decision import Decision, Reason
from bot.domain.evidence import EvidenceKind
from bot.domain.facts import Known
from bot.domain.ids import IntentId
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus, Hold, Outcome, Receipt
from bot.errors import CaseMoved, EvidenceRefused, LedgerError, NotSent, OutcomeUnknown, PromptOpen, RefundPilotError
from bot.ports.desks import CasePage, Permit
from bot.ports.ledger import Caps
from bot.ports.notifier import Alarm, Urgency
from bot.runner.brakes import Brakes
from bot.runner.bugs import as_error, let_go
from bot.runner.compose import Composer
from bot.runner.orders import Kit, Orders
from bot.runner.purse import Purse
from bot.runner.readback import Finding, ReadBack
from bot.runner.verify import amount_moved
from bot.runner.watchdog import Watchdog

FRESH_S = 5.0
"""A page loaded longer ago than this is loaded again before a click (design.md 4.7)."""

PERMIT_S = 5.0
"""Life of a permit; shorter than any lease (F35)."""

DESK_PERMIT_S = 60.0
"""The same at a program with windows, where reading the last question takes seconds; with the quiet wait still within a lease."""

DECISION_LASTS = timedelta(minutes=10)
"""What was decided longer ago, the shop's own wait between actions left out, is decided again: trail and history behind it stand on
no page (reliability.md 3.3)."""

_DEFAULT_STRATEGY_CAP = Money(5_000_000)
"""50,000 元 a day and strategy, as in the seed (domain.md 45)."""


_NO_CAP = Money(10**12)
"""A return that is agreed moves no money yet: only a strategy that says so bounds it."""


def nobody_knows(action: Action) -> Reason:
    """Why a case is held on which an action's outcome could not be told (reliability.md 3.1 rule 10)."""
    return Reason(code="settle.unknown", params={"verb": action.verb, "amount": str(spends(action))})


class Ending(StrEnum):
    """How one action ended; nothing here is ever repeated blindly."""

    SETTLED = "settled"
    NOT_APPLIED = "not_applied"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Job:
    """One action about to be done on one open page; `hand` is the number of the person's verdict that it carries out, if any."""

    page: CasePage
    snapshot: Snapshot
    decision: Decision
    action: Action
    follow: CaseStatus
    hand: int = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """`trouble`: what went wrong on the way although the ending is certain; `after`: the page as the server shows it now."""

    ending: Ending
    after: Snapshot | None
    trouble: RefundPilotError | None


class Settler:
    """Arms, checks, fires, reads back and settles; every step leaves a mark that recovery can stand on."""

    def __init__(
        self, kit: Kit, orders: Orders, brakes: Brakes, readback: ReadBack, composer: Composer, watchdog: Watchdog
    ) -> None:
        self._kit = kit
        self._orders = orders
        self._brakes = brakes
        self._readback = readback
        self._composer = composer
        self._watchdog = watchdog
        self._purse = Purse(kit, orders)

    async def settle(self, job: Job) -> Settled:
        """Do the action once.

        Raises:
            CaseMoved: the page changed between decision and click; nothing was sent, decide again.
            OverCap, NotAllowed, EvidenceRefused, NotSent, NotAvailable, PageError: nothing was sent.
            ChallengeRequired, SessionError: nothing was sent, or what was sent cannot be read back yet and waits for recovery.
            Stopped, LedgerError: nothing more may be done here.
        """
        self._brakes.check()
        self._brakes.check_verb(job.action.verb, by_hand=bool(job.hand))
        if self._kit.desk_of(job.action) is None:
            self._brakes.check_screens(job.page.screens(job.action), job.snapshot.key.aftersale_id)
        if proofs_sent(job.action):
            async with self._watchdog.reading(self._orders.work_limit_s):
                await job.page.attach(self._composer.load(job.action), job.action.verb)
        settled = await self._click(job)
        if settled.ending is Ending.NOT_APPLIED and isinstance(settled.trouble, PromptOpen):
            # 继续拒绝 is a second click, with an intent and a permit of its own (domain.md 34)
            return await self._click(job, insists=True)
        return settled

    async def _click(self, job: Job, *, insists: bool = False) -> Settled:
        intent = self._arm(job)
        try:
            async with self._watchdog.reading(self._orders.read_limit_s):
                await self._check(job, intent)
                before = await self._keep_picture(job, EvidenceKind.BEFORE)
            self._brakes.check_click()
            self._brakes.check_verb(job.action.verb, by_hand=bool(job.hand))
            self._demand_same_policy(intent)
        except RefundPilotError as error:
            self._void(intent.id, error)
            raise
        async with self._watchdog.hands:
            self._kit.ledger.fire(intent.id, self._brakes.lease)
            trouble = await self._fire(intent, job, insists=insists)
            async with self._watchdog.acting(self._orders.read_limit_s):
                found = await self._readback.at_once(job.page, job.action)
        if found.outcome is Outcome.NOT_APPLIED and isinstance(trouble, PromptOpen):
            # the server's answer is in: it asked instead of refusing, and the question still stands on the page
            return self.conclude(intent, found, before, job.follow, trouble)
        if found.outcome is not Outcome.APPLIED:
            # whatever this tab still meant to do dies with it, and it stands in nobody's way while a person is waited for
            await let_go(job.page)
            found = await self._readback.in_doubt(job.snapshot.key, job.action)
        return self.conclude(intent, found, before, job.follow, trouble)

    def _arm(self, job: Job) -> Intent:
        now = self._kit.floor.now()
        lease = self._brakes.lease
        plan = job.decision.plan
        intent = Intent(
            id=IntentId(self._kit.ids.fresh("in")),
            run=self._orders.run,
            case=job.snapshot.key,
            order_id=job.snapshot.order_id,
            buyer=job.snapshot.buyer.name,
            paid=job.snapshot.paid,
            strategy=plan.strategy if plan else "",
            policy_hash=job.decision.policy_hash,
            fingerprint=job.snapshot.fingerprint,
            action=job.action,
            day=now.date().isoformat(),
            armed_at=now,
            epoch=lease.epoch,
            hand=job.hand,
        )
        cap, bounds = plan.strategy_cap_day if plan else None, self._kit.bounds(self._orders)
        caps = Caps(
            strategy_day=cap or (_NO_CAP if isinstance(job.action, AgreeReturn) else _DEFAULT_STRATEGY_CAP),
            shop_day=bounds.shop_day,
            buyer_day=bounds.buyer_day,
        )
        self._kit.ledger.arm(intent, caps, lease)
        self._purse.reserved(intent, caps)
        return intent

    async def _check(self, job: Job, intent: Intent) -> None:
        """Read the case again right before the click; a page older than 5 s is loaded afresh."""
        stale = job.page.age_s > FRESH_S
        now_shown = await (job.page.reload() if stale else job.page.read())
        if now_shown.fingerprint != job.snapshot.fingerprint:
            raise CaseMoved("the case changed between decision and click", case=job.snapshot.key.aftersale_id)
        now = self._kit.floor.now()
        # of what is read ahead each waits for the actions before it, and for its own turn
        in_line = timedelta(seconds=self._orders.seconds_between_actions) * (self._orders.reader_tabs + 2)
        if now - job.decision.decided_at > DECISION_LASTS + in_line:
            raise CaseMoved("what was decided is too old to be acted on", case=job.snapshot.key.aftersale_id)
        if now.date().isoformat() != intent.day:
            # F38: an action is budgeted on exactly one day
            raise CaseMoved("midnight passed before the click", case=job.snapshot.key.aftersale_id)

    def _demand_same_policy(self, intent: Intent) -> None:
        """What was decided by a policy that is no longer in force is decided again (F52)."""
        if self._kit.policy(self._orders).hash != intent.policy_hash:
            raise CaseMoved("the policy changed before the click", case=intent.case.aftersale_id, code="policy.moved")

    async def _fire(self, intent: Intent, job: Job, *, insists: bool) -> RefundPilotError | None:
        """One click under one permit. Returns the trouble when the request may have left; raises when it did not."""
        sent = False

        def on_send() -> None:
            nonlocal sent
            self._brakes.check_click()
            self._kit.ledger.sent(intent.id, self._brakes.lease)
            sent = True

        desk = self._kit.desk_of(job.action)
        permit = Permit(
            intent=intent.id,
            verb=job.action.verb,
            case=intent.case,
            amount=stated_amount(job.action),
            expires_at=self._kit.clock.monotonic() + (DESK_PERMIT_S if desk else PERMIT_S),
            on_send=on_send,
            insists=insists,
        )
        trouble: RefundPilotError | None = None
        try:
            if desk is not None and isinstance(job.action, Intercept):
                await desk.perform(job.action, permit)
            else:
                # a browser that hangs is killed: held at the gate it never left, and what had left is read back in a fresh one
                async with self._watchdog.acting(self._orders.read_limit_s):
                    await job.page.perform(job.action, permit)
        except LedgerError:
            raise
        except RefundPilotError as error:
            trouble = error
        except Exception as bug:  # noqa: BLE001 - once it was sent it may have landed, whatever the click raises (reliability.md M1)
            trouble = (OutcomeUnknown if sent else NotSent)(str(as_error(bug)), case=intent.case.aftersale_id)
        if not sent:
            trouble = trouble or NotSent("the click sent nothing", case=intent.case.aftersale_id)
            self._void(intent.id, trouble)
            raise trouble
        return trouble

    def conclude(
        self,
        intent: Intent,
        found: Finding,
        before: Sha256 | None,
        follow: CaseStatus,
        trouble: RefundPilotError | None,
        *,
        recovered: bool = False,
    ) -> Settled:
        """Book what the server showed: receipt and posting, void, or a reservation that stays with a person."""
        match found.outcome:
            case Outcome.APPLIED if found.snapshot is not None:
                presumed = recovered or trouble is not None
                receipt = self._receipt(intent, found, found.snapshot, before, presumed=presumed)
                self._kit.ledger.settle(intent.id, receipt, follow, self._brakes.lease)
                self._alarm_wrong_amount(intent, receipt)
                return Settled(Ending.SETTLED, found.snapshot, trouble)
            case Outcome.NOT_APPLIED | Outcome.FOREIGN:
                self._void(intent.id, trouble, found.outcome)
                ending = Ending.FOREIGN if found.outcome is Outcome.FOREIGN else Ending.NOT_APPLIED
                return Settled(ending, found.snapshot, trouble)
            case _:
                self._leave_unknown(intent)
                return Settled(Ending.UNKNOWN, found.snapshot, trouble)

    def _receipt(
        self, intent: Intent, found: Finding, after: Snapshot, before: Sha256 | None, *, presumed: bool
    ) -> Receipt:
        assert isinstance(after.state, Known), "an applied outcome has a known state"  # noqa: S101 - read_outcome saw it
        return Receipt(
            intent=intent.id,
            case=intent.case,
            state=after.state.value,
            amount=amount_moved(intent.action, after),
            version=after.version,
            proven_at=self._kit.floor.now(),
            before=before,
            after=self._keep_proof(intent, found.picture),
            presumed=presumed,
        )

    def _keep_proof(self, intent: Intent, picture: bytes | None) -> Sha256 | None:
        """The picture after; what is proven is booked all the same where it cannot be kept."""
        if picture is None:
            return None
        try:
            kept = self._kit.evidence.put(picture, EvidenceKind.AFTER, f"case:{intent.case.aftersale_id}")
        except EvidenceRefused as error:
            self._notify(intent, Reason(code=error.reason_code, params=error.params))
            return None
        self._kit.ledger.keep(intent.run, intent.case, kept)
        return kept.sha256

    async def _keep_picture(self, job: Job, kind: EvidenceKind) -> Sha256 | None:
        if not self._orders.pictures:
            return None
        key = job.snapshot.key
        kept = self._kit.evidence.put(await job.page.picture(), kind, f"case:{key.aftersale_id}")
        self._kit.ledger.keep(self._orders.run, key, kept)
        return kept.sha256

    def _void(self, intent: IntentId, error: RefundPilotError | None, outcome: Outcome | None = None) -> None:
        code = error.reason_code if error else f"settle.{outcome}"
        reason = Reason(code=code, params=error.params if error else {})
        self._kit.ledger.void(intent, reason, self._brakes.lease)

    def _leave_unknown(self, intent: Intent) -> None:
        reason = nobody_knows(intent.action)
        hold = Hold(case=intent.case, reasons=(reason,), owner=self._orders.owner, deadline=None)
        self._kit.ledger.leave_unknown(intent.id, hold, self._brakes.lease)
        self._notify(intent, reason)

    def _alarm_wrong_amount(self, intent: Intent, receipt: Receipt) -> None:
        """I4: the server moved another amount than decided: booked as it is, told loudly, the shop pauses."""
        if receipt.amount == spends(intent.action) or spends(intent.action) == ZERO:
            return
        params = {"decided": str(spends(intent.action)), "moved": str(receipt.amount)}
        self._notify(intent, Reason(code="settle.wrong_amount", params=params))
        self._brakes.open_breaker("amount")

    def _notify(self, intent: Intent, reason: Reason) -> None:
        self._kit.notifier.notify(
            Alarm(
                urgency=Urgency.CALL,
                shop=self._orders.shop,
                reason=reason,
                case_id=intent.case.aftersale_id,
                amount=stated_amount(intent.action),
            )
        )
