"""One case's way through a sweep: read, judge, act or hold, and what each error on that way leads to (design.md 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from bot.domain.action import Action, AgreeRefund, Verb
from bot.domain.case import Snapshot
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO
from bot.domain.outcome import CaseStatus
from bot.errors import (
    CaseError,
    CaseMoved,
    NotSent,
    PageDrifted,
    PageError,
    PageHung,
    RateLimited,
    RefundPilotError,
    SessionError,
)
from bot.ports.desks import CasePage
from bot.ports.progress import Stage
from bot.runner.brakes import Brakes
from bot.runner.bugs import as_error, let_go
from bot.runner.byhand import ByHand
from bot.runner.compose import Composer
from bot.runner.consequences import Consequence, consequence
from bot.runner.endings import End, Endings
from bot.runner.follow import follow_of
from bot.runner.judging import Judging, Prepared
from bot.runner.orders import Kit, Orders
from bot.runner.reading import Reading, pause_s
from bot.runner.settle import Ending, Job, Settled, Settler
from bot.runner.watchdog import Watchdog
from bot.runner.witness import Witness

TRIES = 3
"""A case that keeps moving under our hands is decided three times, then held (design.md 4.7)."""


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
        watchdog: Watchdog,
    ) -> None:
        self._kit = kit
        self._orders = orders
        self._brakes = brakes
        self._reading = reading
        self._settler = settler
        self._composer = composer
        self._by_hand = by_hand
        self._watchdog = watchdog
        self._witness = Witness(kit, orders)
        self._endings = Endings(kit, orders, self._witness)
        self._judging = Judging(kit, orders, by_hand, self._endings)
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
        generation = self._reading.generation
        try:
            return await self._judge_or_close(page, snapshot)
        except Exception as bug:  # noqa: BLE001 - a bug in a rule holds its case, the sweep goes on (S19)
            trouble = as_error(bug)
        if generation != self._reading.generation and _broke(trouble):
            # its page was taken away because of another one: no fault of this case
            return await self.prepare(case)
        return self._could_not_judge(case, trouble)

    def _by_hand_alone(self, case: CaseKey) -> End | None:
        """A verdict that needs no page: it was carried out before, or an action of ours stands in its way."""
        if (stands := self._by_hand.before_reading(case)) is not None:
            return self._endings.end(case, stands, (Reason(code="hand.done_before"),))
        reasons = self._by_hand.in_doubt(case)
        return replace(self._endings.hold(case, reasons), unknown=True) if reasons else None

    async def _judge_or_close(self, page: CasePage, snapshot: Snapshot) -> Prepared | End:
        """The page stays open for the hand that needs it, and for nothing else."""
        try:
            async with self._watchdog.reading(self._orders.work_limit_s):
                prepared = await self._judging.judged(page, snapshot)
                if self._judging.needs_hand(prepared):
                    return prepared
                end = await self._judging.conclude(prepared)
        except BaseException:
            await let_go(page)
            raise
        await let_go(page)
        return end

    async def finish(self, prepared: Prepared) -> End:
        """Act on a prepared case until it has an end; nothing that was sent is ever sent again unproven.

        Where a click met a slider, the case is opened again, which waits for the person.

        Raises:
            ChallengeRequired: nobody came.
            SessionError, Stopped, LedgerError: the shop's sweep ends here; what was sent and not read back waits for recovery.
        """
        current: Prepared | End = prepared
        tries_left = TRIES
        while isinstance(current, Prepared):
            tries_left -= 1
            current = await self._try(current, last=not tries_left)
        return current

    async def _try(self, prepared: Prepared, *, last: bool) -> Prepared | End:
        """Act once. After a failure that another try may mend the case is read and judged anew; else it is held."""
        key = prepared.snapshot.key
        try:
            return await self._act(prepared)
        except Exception as bug:  # noqa: BLE001 - an adapter's bug holds the case, the sweep goes on (S19)
            error = as_error(bug)
            await self._witness.look(prepared.page, error)
            if not self._worth_another_try(key, error, prepared.decision.verb) or last:
                return self._endings.hold_for(key, error, prepared.snapshot)
        finally:
            await let_go(prepared.page)
        if isinstance(error, RateLimited):
            await self._kit.clock.sleep(pause_s(error))
        return await self.prepare(key)

    async def _act(self, prepared: Prepared) -> End:
        key = prepared.snapshot.key
        await self._brakes.turn()
        self._kit.progress.case(key, Stage.GATHERING)
        self._brakes.check_verb(prepared.decision.verb, by_hand=bool(prepared.hand))
        async with self._watchdog.reading(self._orders.work_limit_s):
            action = await self._composer.compose(prepared.page, prepared.snapshot, prepared.decision, prepared.trails)
        self._kit.progress.case(key, Stage.FIRING)
        job = Job(prepared.page, prepared.snapshot, prepared.decision, action, follow_of(action), prepared.hand)
        settled = await self._settler.settle(job)
        match settled.ending:
            case Ending.SETTLED:
                return await self._after(prepared, action, settled)
            case Ending.FOREIGN:
                return self._endings.end(key, CaseStatus.FOREIGN, (Reason(code="settle.foreign"),))
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
        noted: Ending | None = None
        if plan and plan.remark and action.verb is not Verb.REMARK and Verb.REMARK in self._orders.verbs:
            noted = await self._remark(prepared, settled)
        if noted is Ending.SETTLED:
            verbs += (Verb.REMARK,)
        unknown = noted is Ending.UNKNOWN
        status = CaseStatus.HELD if unknown else status
        self._kit.progress.done(key, status, action.verb)
        refunded = action.amount if isinstance(action, AgreeRefund) else ZERO
        return End(status, verbs, refunded, unknown=unknown)

    async def _remark(self, prepared: Prepared, settled: Settled) -> Ending | None:
        """A note is worth one try; its failure, a bug's too, changes nothing about the money that moved. None: nothing was sent."""
        if settled.after is None:
            return None
        decision = prepared.decision.model_copy(update={"verb": Verb.REMARK})
        noted = Prepared(prepared.page, settled.after, decision, prepared.hand)
        try:
            async with self._watchdog.reading(self._orders.work_limit_s):
                action = await self._composer.compose(noted.page, noted.snapshot, decision, {})
            job = Job(noted.page, noted.snapshot, decision, action, CaseStatus.DONE, noted.hand)
            done = await self._settler.settle(job)
        except Exception as bug:
            error = as_error(bug)
            if consequence(error) in (Consequence.STOP_ALL, Consequence.STOP_SHOP, Consequence.CALL_PERSON):
                raise
            if isinstance(error, PageDrifted) and self._brakes.drifted(error):
                await self._witness.look(noted.page, error)
                self._endings.tell(noted.snapshot.key, error, noted.snapshot)
            self._kit.progress.note(Reason(code=error.reason_code, params=error.params))
            return None
        return done.ending

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
                return self._endings.hold_for(case, error)

    def _could_not_judge(self, case: CaseKey, error: RefundPilotError) -> End:
        match consequence(error):
            case Consequence.STOP_ALL | Consequence.STOP_SHOP | Consequence.CALL_PERSON | Consequence.EXIT:
                raise error
            case _:
                return self._endings.hold_for(case, error)


def _broke(error: RefundPilotError) -> bool:
    """Trouble with a page that did not itself hang."""
    return isinstance(error, PageError) and not isinstance(error, PageHung)
