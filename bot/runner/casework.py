"""One case's way through a sweep: read, judge, act or hold; ends with exactly one status and its reasons (I8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from bot.domain.action import Action, AgreeRefund, Verb
from bot.domain.case import PENDING, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Reason
from bot.domain.evidence import EvidenceKind
from bot.domain.facts import Fact, Known
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus, Hold
from bot.engine.autonomy import unearned
from bot.engine.decide import judge
from bot.engine.facts import waybills_of
from bot.engine.shadow import shadow_of
from bot.engine.workplan import LAST_CALL_S
from bot.errors import (
    CaseError,
    CaseMoved,
    NotSent,
    PageDrifted,
    PageError,
    RateLimited,
    RefundPilotError,
    SessionError,
)
from bot.ports.desks import CasePage
from bot.ports.notifier import Alarm, Urgency
from bot.ports.progress import Stage
from bot.runner import calls
from bot.runner.brakes import Brakes
from bot.runner.bugs import as_error
from bot.runner.byhand import ByHand, Read
from bot.runner.compose import Composer
from bot.runner.consequences import Consequence, consequence
from bot.runner.follow import follow_of, left_of
from bot.runner.orders import Kit, Orders, Posture
from bot.runner.picking import passed_over
from bot.runner.reading import Reading, pause_s
from bot.runner.settle import Ending, Job, Settled, Settler
from bot.runner.trailbook import TrailBook
from bot.runner.witness import Witness

TRIES = 3
"""A case that keeps moving under our hands is decided three times, then held (design.md 4.7)."""

URGENCY = {
    Consequence.HOLD_AND_ALARM: Urgency.WARN,
    Consequence.CALL_PERSON: Urgency.CALL,
    Consequence.FREEZE_SCREEN: Urgency.CALL,
}
"""Holds that somebody is told of at once; the others stand in the report."""

WAITS = "wait."
"""Decisions whose first reason begins so wait for somebody else's step; no person is needed yet."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case read and judged, its page still open in its own tab; `hand` is the number of the person's verdict, if one decided."""

    page: CasePage
    snapshot: Snapshot
    decision: Decision
    hand: int = 0
    trails: Mapping[str, Fact[Trail]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """How a case ended in this sweep; `verbs` are the proven actions, `refunded` what they moved, in fen.

    `stop`: the sweep ends with this case, because a person is needed before anything else is touched (F21).
    """

    status: CaseStatus
    verbs: tuple[Verb, ...] = ()
    refunded: Money = ZERO
    would: Verb | None = None
    unknown: bool = False
    stop: RefundPilotError | None = None


class Casework:
    """Works cases of one shop; readers call `prepare` side by side, one writer calls `finish`."""

    def __init__(
        self,
        kit: Kit,
        orders: Orders,
        brakes: Brakes,
        reading: Reading,
        settler: Settler,
        composer: Composer,
        by_hand: ByHand,
    ) -> None:
        self._kit = kit
        self._orders = orders
        self._brakes = brakes
        self._reading = reading
        self._settler = settler
        self._composer = composer
        self._by_hand = by_hand
        self._trails = TrailBook(kit.courier)
        self._witness = Witness(kit, orders)
        self._clicked_in_vain: set[CaseKey] = set()

    async def prepare(self, case: CaseKey) -> Prepared | End:
        """Read and judge; a case that needs no hand is concluded here, and its page closed."""
        self._kit.progress.case(case, Stage.READING)
        if (end := self._by_hand_alone(case)) is not None:
            return end
        try:
            page, snapshot = await self._reading.open(case)
        except RefundPilotError as error:
            return self._could_not_read(case, error)
        self._brakes.read_well()
        try:
            return await self._judge_or_close(page, snapshot)
        except Exception as bug:  # noqa: BLE001 - a bug in a rule holds its case, the sweep goes on (S19)
            return self._could_not_judge(case, as_error(bug))

    def _by_hand_alone(self, case: CaseKey) -> End | None:
        """A verdict that needs no page: it was carried out before, or an action of ours stands in its way."""
        if (stands := self._by_hand.before_reading(case)) is not None:
            return self._end(case, stands, (Reason(code="hand.done_before"),))
        reasons = self._by_hand.in_doubt(case)
        return replace(self._hold(case, reasons), unknown=True) if reasons else None

    async def _judge_or_close(self, page: CasePage, snapshot: Snapshot) -> Prepared | End:
        """The page stays open for the hand that needs it, and for nothing else."""
        try:
            prepared = await self._judged(page, snapshot)
            if self._needs_hand(prepared):
                return prepared
            end = await self._conclude(prepared)
        except BaseException:
            await page.close()
            raise
        await page.close()
        return end

    async def finish(self, prepared: Prepared) -> End:
        """Act on a prepared case until it has an end; nothing that was sent is ever sent again unproven."""
        key = prepared.snapshot.key
        current: Prepared | End = prepared
        for tries_left in reversed(range(TRIES)):
            if isinstance(current, End):
                return current
            try:
                return await self._act(current)
            except Exception as bug:  # noqa: BLE001 - an adapter's bug holds the case, the sweep goes on (S19)
                error = as_error(bug)
                await self._witness.look(current.page, error)
                if consequence(error) is Consequence.CALL_PERSON:
                    return replace(self._hold_for(key, error), stop=error)
                if not self._worth_another_try(key, error, current.decision.verb) or not tries_left:
                    return self._hold_for(key, error, current.snapshot)
            finally:
                await current.page.close()
            if isinstance(error, RateLimited):
                await self._kit.clock.sleep(pause_s(error))
            current = await self.prepare(key)
        raise AssertionError("the last try ends the case")

    async def _judged(self, page: CasePage, snapshot: Snapshot) -> Prepared:
        self._kit.progress.case(snapshot.key, Stage.DECIDING)
        trails = await self._trails.trails(waybills_of(snapshot))
        known = self._kit.ledger.history(snapshot, self._kit.floor.now())
        now = known.at or self._kit.floor.now()
        history = known.model_copy(update={"figures": self._orders.figures})
        policy = self._kit.policy(self._orders)
        decision = judge(snapshot, trails, policy, now, history)
        candidate = self._orders.shadow
        book = self._orders.shadow_book
        shadow = shadow_of(snapshot, trails, candidate, now, history, decision, book) if candidate else None
        self._kit.ledger.decided(self._orders.run, snapshot, trails, history, decision, shadow)
        if (verdict := self._by_hand.of(snapshot.key)) is not None:
            ruled = self._by_hand.rule(verdict, Read(snapshot, trails, history, policy, decision))
            return Prepared(page, snapshot, ruled.decision, ruled.hand, trails)
        if not _moved_on(snapshot) and (alarm := calls.risk(snapshot, decision)):
            self._kit.notifier.notify(alarm)
        return Prepared(page, snapshot, decision, trails=trails)

    def _needs_hand(self, prepared: Prepared) -> bool:
        if prepared.decision.verb is Verb.HOLD or _moved_on(prepared.snapshot):
            return False
        if prepared.hand:
            return True
        acts = self._orders.posture is Posture.ACT and unearned(prepared.decision, self._orders.trust) is None
        return acts and self._passed_over(prepared) is None and self._by_hand.kept(prepared.snapshot.key) is None

    def _passed_over(self, prepared: Prepared) -> Reason | None:
        policy = self._kit.policy(self._orders)
        return passed_over(prepared.snapshot, prepared.decision, policy, self._orders.pick)

    async def _conclude(self, prepared: Prepared) -> End:
        """A case without an action of ours: foreign, waiting, proposed, observed or held, with a picture for whoever looks."""
        key, decision = prepared.snapshot.key, prepared.decision
        if _moved_on(prepared.snapshot):
            return self._left(prepared.snapshot)
        if (kept := self._by_hand.kept(key)) is not None:
            why, by = kept
            return self._hold(key, (why, *decision.reasons), prepared.snapshot, owner=by)
        if (other := self._passed_over(prepared)) is not None:
            return self._end(key, CaseStatus.DECIDED, (other, *decision.reasons))
        if decision.verb is not Verb.HOLD:
            return self._proposed(key, decision, prepared.snapshot)
        if decision.reasons and decision.reasons[0].code.startswith(WAITS):
            return self._end(key, CaseStatus.WAITING, decision.reasons)
        if self._orders.pictures:
            await self._keep_picture(prepared)
        return self._hold(key, decision.reasons, prepared.snapshot, owner=decision.owner)

    def _left(self, snapshot: Snapshot) -> End:
        left = left_of(snapshot)
        if self._by_hand.done_before(snapshot.key):
            return self._end(snapshot.key, CaseStatus.DONE, (Reason(code="hand.done_before"),))
        self._end(snapshot.key, left.status, (left.reason,))
        return End(left.status, refunded=left.refunded)

    async def _keep_picture(self, prepared: Prepared) -> None:
        """For whoever looks at the hold; a page that died meanwhile costs the picture, not the hold."""
        key = prepared.snapshot.key
        try:
            picture = await prepared.page.picture()
        except PageError:
            return
        kept = self._kit.evidence.put(picture, EvidenceKind.BEFORE, f"case:{key.aftersale_id}")
        self._kit.ledger.keep(self._orders.run, key, kept)

    def _proposed(self, key: CaseKey, decision: Decision, snapshot: Snapshot) -> End:
        reason = Reason(code=f"would.{self._orders.posture}")
        why = unearned(decision, self._orders.trust) if self._orders.posture is Posture.ACT else None
        if why is not None:
            held = self._hold(key, (why, *decision.reasons), snapshot)
            return End(held.status, would=decision.verb)
        if self._orders.posture is Posture.PROPOSE:
            held = self._hold(key, (reason, *decision.reasons), snapshot)
            return End(held.status, would=decision.verb)
        self._end(key, CaseStatus.DECIDED, (reason, *decision.reasons))
        return End(CaseStatus.DECIDED, would=decision.verb)

    async def _act(self, prepared: Prepared) -> End:
        key = prepared.snapshot.key
        self._kit.progress.case(key, Stage.GATHERING)
        self._brakes.check_verb(prepared.decision.verb, by_hand=bool(prepared.hand))
        action = await self._composer.compose(prepared.page, prepared.snapshot, prepared.decision, prepared.trails)
        self._kit.progress.case(key, Stage.FIRING)
        job = Job(prepared.page, prepared.snapshot, prepared.decision, action, follow_of(action), prepared.hand)
        settled = await self._settler.settle(job)
        match settled.ending:
            case Ending.SETTLED:
                return await self._after(prepared, action, settled)
            case Ending.FOREIGN:
                return self._end(key, CaseStatus.FOREIGN, (Reason(code="settle.foreign"),))
            case Ending.UNKNOWN:
                self._kit.progress.done(key, CaseStatus.HELD, action.verb)
                return End(CaseStatus.HELD, unknown=True)
            case Ending.NOT_APPLIED:
                raise self._not_applied(prepared, settled)
            case _:
                assert_never(settled.ending)

    def _not_applied(self, prepared: Prepared, settled: Settled) -> RefundPilotError:
        """Proven not applied: the server's own refusal says why; else one more click is allowed where versions guard it.

        reliability.md 3.1 rule 9: a second click only with proof of not-applied and a version on the platform, and only once.
        """
        key = prepared.snapshot.key
        if isinstance(settled.trouble, CaseError | SessionError):
            return settled.trouble
        if key in self._clicked_in_vain or not prepared.snapshot.version:
            return settled.trouble or NotSent("the server did not apply it", case=key.aftersale_id)
        self._clicked_in_vain.add(key)
        if isinstance(settled.trouble, RateLimited):
            return settled.trouble
        return CaseMoved("the server did not apply it", case=key.aftersale_id, code="settle.not_applied")

    async def _after(self, prepared: Prepared, action: Action, settled: Settled) -> End:
        """The action is proven; a remark that the strategy asks for follows as an action of its own."""
        key, status = prepared.snapshot.key, follow_of(action)
        self._brakes.wrote_well(prepared.page.screens(action))
        verbs: tuple[Verb, ...] = (action.verb,)
        plan = prepared.decision.plan
        if plan and plan.remark and action.verb is not Verb.REMARK and Verb.REMARK in self._orders.verbs:
            verbs += await self._remark(prepared, settled)
        self._kit.progress.done(key, status, action.verb)
        refunded = action.amount if isinstance(action, AgreeRefund) else ZERO
        return End(status, verbs, refunded)

    async def _remark(self, prepared: Prepared, settled: Settled) -> tuple[Verb, ...]:
        """A note is worth one try; its failure changes nothing about the money that moved."""
        if settled.after is None:
            return ()
        decision = prepared.decision.model_copy(update={"verb": Verb.REMARK})
        noted = Prepared(prepared.page, settled.after, decision, prepared.hand)
        try:
            action = await self._composer.compose(noted.page, noted.snapshot, decision, {})
            job = Job(noted.page, noted.snapshot, decision, action, CaseStatus.DONE, noted.hand)
            done = await self._settler.settle(job)
        except RefundPilotError as error:
            if consequence(error) in (Consequence.STOP_ALL, Consequence.STOP_SHOP):
                raise
            if isinstance(error, PageDrifted) and self._brakes.drifted(error):
                await self._witness.look(noted.page, error)
                self._tell(noted.snapshot.key, error, noted.snapshot)
            self._kit.progress.note(Reason(code=error.reason_code, params=error.params))
            return ()
        return (Verb.REMARK,) if done.ending is Ending.SETTLED else ()

    def _worth_another_try(self, case: CaseKey, error: RefundPilotError, verb: Verb) -> bool:
        """True when nothing was sent or the server proved it not applied, and reading again may help."""
        match consequence(error):
            case Consequence.STOP_ALL | Consequence.STOP_SHOP | Consequence.EXIT:
                raise error
            case Consequence.BAR_VERB:
                self._brakes.bar(verb)
                return False
            case Consequence.FREEZE_SCREEN:
                assert isinstance(error, PageDrifted), "only drift freezes"  # noqa: S101 - the table says so
                return not self._brakes.drifted(error)
            case Consequence.GATHER_PROOF:
                return self._composer.demand_proof(case)
            case Consequence.HOLD | Consequence.HOLD_AND_ALARM:
                return False
            case _:
                return True

    def _could_not_read(self, case: CaseKey, error: RefundPilotError) -> End:
        match consequence(error):
            case Consequence.STOP_ALL | Consequence.STOP_SHOP | Consequence.CALL_PERSON | Consequence.EXIT:
                raise error
            case _:
                self._brakes.read_badly()
                return self._hold_for(case, error)

    def _could_not_judge(self, case: CaseKey, error: RefundPilotError) -> End:
        match consequence(error):
            case Consequence.STOP_ALL | Consequence.STOP_SHOP | Consequence.CALL_PERSON | Consequence.EXIT:
                raise error
            case _:
                return self._hold_for(case, error)

    def _hold_for(self, case: CaseKey, error: RefundPilotError, snapshot: Snapshot | None = None) -> End:
        return self._hold(case, (self._tell(case, error, snapshot),), snapshot)

    def _tell(self, case: CaseKey, error: RefundPilotError, snapshot: Snapshot | None = None) -> Reason:
        """Keep what stood there, call whom it concerns, and say why."""
        reason = Reason(code=error.reason_code, params=error.params)
        self._witness.keep(error, case)
        urgency = URGENCY.get(consequence(error))
        if urgency is not None:
            bare = Alarm(urgency=urgency, shop=case.shop, reason=reason, case_id=case.aftersale_id)
            self._kit.notifier.notify(calls.of_case(snapshot, urgency, reason) if snapshot else bare)
        return reason

    def _hold(
        self, case: CaseKey, reasons: Sequence[Reason], snapshot: Snapshot | None = None, *, owner: str = ""
    ) -> End:
        deadline = snapshot.deadline.at if snapshot and snapshot.deadline else None
        hold = Hold(case=case, reasons=tuple(reasons), owner=owner or self._orders.owner, deadline=deadline)
        self._kit.ledger.hold(self._orders.run, hold)
        if snapshot and deadline and (deadline - self._kit.floor.now()).total_seconds() < LAST_CALL_S:
            self._kit.notifier.notify(calls.near_hold(case, snapshot.amount, deadline))
        self._kit.progress.done(case, CaseStatus.HELD, Verb.HOLD)
        return End(CaseStatus.HELD)

    def _end(self, case: CaseKey, status: CaseStatus, reasons: Sequence[Reason]) -> End:
        self._kit.ledger.conclude(self._orders.run, case, status, reasons)
        self._kit.progress.done(case, status, Verb.HOLD)
        return End(status)


def _moved_on(snapshot: Snapshot) -> bool:
    """The platform, the buyer or a colleague has already taken the case out of our hands (F22, F24)."""
    return isinstance(snapshot.state, Known) and snapshot.state.value not in PENDING
