"""The service's one pair of hands: takes errands from the queue, heeds every brake before each, and tells what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Iterator
from datetime import datetime, timedelta

from bot.app.browsers import adapt
from bot.app.policies import PolicyWatch
from bot.app.service.clockwork import missed
from bot.app.service.desk import TICK_S, Desk
from bot.app.service.handed import Handed
from bot.app.service.reload import Changes
from bot.app.service.rounds import Rounds, first_shop, foretell, presses
from bot.app.service.turns import GivesWay, Outlook, UnderWay
from bot.app.sweeping import shops_of, urls_of
from bot.app.telling import AtCases
from bot.app.wiring import rehomed
from bot.config import Home
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.errors import ChallengeRequired, LedgerError, RefundPilotError, Stopped
from bot.memory import give_back
from bot.ports.notifier import Urgency
from bot.ports.progress import StopSignal
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.status import Cause, MissedRun
from bot.ports.wanted import Pick, Wanted
from bot.runner.bugs import as_error
from bot.runner.orders import STOPPED_BY_HAND
from bot.scheduler.duties import Duty, Job
from bot.scheduler.errands import Errand
from bot.scheduler.heartbeat import Phase
from bot.scheduler.regime import in_force, schedule_of

_AT_A_CHECK = Reason(code=ChallengeRequired.code)


class Worker:
    """One errand at a time; `stop` is the operator's, `closing` the service's own."""

    def __init__(self, desk: Desk, stop: StopSignal, handed: Handed, changes: Changes) -> None:
        self._desk = desk
        self._handed = handed
        self._stop = stop
        self._clock = desk.house.clock
        self._changes = changes
        self._policies = PolicyWatch(desk.house, desk.progress)
        self._rounds = Rounds()
        self._trouble = ""
        self._skipped: dict[ShopKey, str] = {}
        self._beside: list[UnderWay] = []
        self._announced: tuple[datetime, Duty] | None = None
        self.closing = False

    async def work(self) -> None:
        """Until the service closes; what waits for a person then is settled too. LedgerError goes up: everything stops."""
        try:
            while not self.closing:
                if (back := next((one for one in self._beside if one.wants_back), None)) is not None:
                    await self._in_turn(back.errand, self._resumed(back))
                    continue
                errand = self._desk.errands.take(self._first, by_hand_only=self._desk.house.kill.engaged())
                await self._in_turn(errand, self._next(errand))
            while self._beside:
                await self._in_turn(self._beside[0].errand, self._resumed(self._beside[0]))
        finally:
            for one in self._beside:
                await one.let_go()
                _fail(one.errand, _ends())

    async def _next(self, errand: Errand | None) -> None:
        """The files are looked at before every errand, and while nothing is to be done."""
        await self._files_now()
        self._sign_ins_now()
        if errand is not None:
            await self._browser_now()
            await self._do(errand)

    async def _in_turn(self, errand: Errand | None, turn: Awaitable[None]) -> None:
        """Whatever breaks in it, the next one follows."""
        try:
            await turn
            self._trouble = "" if errand is not None else self._trouble
        except LedgerError as error:
            _fail(errand, error)
            raise
        except asyncio.CancelledError:
            _fail(errand, _ends())
            raise
        except Exception as bug:  # noqa: BLE001 - whatever breaks one errand, the next one is done (S19)
            self._failed(errand, as_error(bug))
        finally:
            self._desk.errands.done()
        if errand is None:
            self._tell_waiting()
            await self._clock.sleep(TICK_S)
        else:
            give_back()

    async def _do(self, errand: Errand) -> None:
        desk, duty = self._desk, errand.duty
        self._tell_swallowed(errand)
        if errand.wanted is not None and desk.house.kill.engaged():
            raise Stopped("the kill switch is engaged", code="brake.kill")
        if duty is not None and self._left_alone(duty):
            desk.book.skipped += 1
            return
        wanted = self._of_person(errand.wanted) if errand.wanted else self._wanted(duty)
        began = self._clock.now()
        if duty is not None:
            foretell(desk.house, duty, began)
        stop = self._stop if errand.handed else self._gives_way(duty)
        one = UnderWay(errand, wanted, stop, began)
        progress = AtCases(desk.progress, stop) if isinstance(stop, GivesWay) else desk.progress
        sweep = desk.hands.sweep(
            desk.house,
            desk.host,
            wanted,
            progress,
            stop,
            policies=self._policies,
            told=_worth_telling if duty else lambda _: True,
            turn=one,
        )
        one.begin(sweep)
        await self._go_on(one, str(wanted.shop or ""))

    async def _resumed(self, one: UnderWay) -> None:
        """The person came, or the time is up: from where it stood."""
        shop, others = one.waits_in, len(self._beside) - 1
        self._beside.remove(one)
        self._desk.errands.take_back(one.errand)
        if others and isinstance(one.stop, GivesWay) and len(shops_of(self._desk.house.home, one.wanted)) > 1:
            # its next shop may be one of those where somebody is waited for by now
            one.stop.gave_way = True
        await self._go_on(one, str(shop or ""))

    async def _go_on(self, one: UnderWay, shop: str) -> None:
        desk = self._desk
        desk.host.attended = bool(self._beside)
        desk.pulse.turn(Phase.SWEEPING, shop)
        try:
            result = await one.go_on()
        finally:
            desk.host.in_flight = False
            desk.pulse.turn(Phase.SLEEPING, "")
        if result is not None:
            self._ended(one, result)
            return
        assert one.waits_in is not None, "only who waits for a person stands aside"  # noqa: S101 - UnderWay says so
        desk.host.attended = True
        desk.errands.set_aside(one.errand, one.waits_in)
        self._beside.append(one)

    def _gives_way(self, duty: Duty | None) -> GivesWay:
        desk, outlook = self._desk, None
        if duty is not None:
            outlook = Outlook(
                self._is_shut, self._rounds.unread, lambda due: presses(desk.house, duty, due, self._clock.now())
            )
        return GivesWay(self._stop, desk.errands, self._clock, self._beside, outlook)

    def _ended(self, one: UnderWay, result: SweepResult) -> None:
        desk, errand, wanted = self._desk, one.errand, one.wanted
        cut_short = one.gave_way if self._cut_short(wanted, result) else None
        self._swept(errand, result, one.began, goes_on=cut_short is not None and errand.duty is not None)
        if cut_short is not None:
            desk.errands.again(errand, self._clock.now(), cut_short.to)
            return
        if errand.handed:
            self._handed.ended(errand, result)
        if errand.answer is not None and not errand.answer.done():
            errand.answer.set_result(result.model_copy(update={"shops": (*result.shops, *self._left_out(wanted))}))

    def _swept(self, errand: Errand, result: SweepResult, began: datetime, *, goes_on: bool) -> None:
        desk = self._desk
        desk.book.swept(result)
        for entry in desk.house.home.settings.shop:
            swept = next((one for one in result.shops if one.shop == str(entry.key)), None)
            if swept is None:
                continue
            pause = desk.pauses.after(entry.key, swept.stopped, self._clock.now())
            if pause and pause.until is None:
                desk.tell(Reason(code="service.paused", params={"why": pause.why.code}), shop=entry.key)
            if self._whole(errand):
                self._rounds.swept(entry.key, swept, began, goes_on=goes_on)
            if self._whole(errand) and not _broken_off(swept):
                desk.house.ledger.duty_done(Duty(Job.SWEEP, entry.key).key, began)

    def _cut_short(self, wanted: Wanted, result: SweepResult) -> bool:
        """By whatever it gave way to, and not by the operator: the sweep goes on behind it."""
        shops = shops_of(self._desk.house.home, wanted)
        broken_off = any(one.stopped and one.stopped.code == STOPPED_BY_HAND for one in result.shops)
        return not self._stop.is_set() and (broken_off or len(result.shops) < len(shops))

    @staticmethod
    def _whole(errand: Errand) -> bool:
        """Whether every case of its shop was to be looked at."""
        if (wanted := errand.wanted) is not None:
            return wanted.pick == Pick() and wanted.posture is None and not wanted.verdicts
        return errand.duty is not None and errand.duty.job is Job.SWEEP

    def _failed(self, errand: Errand | None, error: RefundPilotError) -> None:
        """Told to whoever asked, else to everybody; the same trouble comes once until something else does."""
        desk = self._desk
        if errand is not None and errand.handed:
            self._handed.refused(errand, error)
            return
        if errand is not None and errand.answer is not None:
            _fail(errand, error)
            return
        desk.book.errors += 1
        trouble, self._trouble = self._trouble, str(error)
        if trouble == str(error):
            return
        shop = errand.duty.shop if errand and errand.duty else None
        reason = Reason(code="service.failed", params={"what": error.reason_code, "detail": str(error)})
        told = {"shop": shop} if shop else {}
        desk.tell(reason, Urgency.CALL, **told)

    # ---- before an errand ----

    async def _files_now(self) -> None:
        """Nothing is in hand: what changed in the home is taken. Under a person's hands nothing changes."""
        if self._beside:
            return
        await self._changes.look()
        if (found := self._changes.take()) is not None:
            home, changed = found
            await self._adopt(home, changed=changed)

    def _sign_ins_now(self) -> None:
        """Nothing is in hand: sign-ins that grew too old, or that somebody wants ended, are forgotten (S32)."""
        desk, now = self._desk, self._clock.now()
        if self._beside:
            return
        oldest = now - timedelta(seconds=desk.house.home.settings.browser.sign_in_after_s)
        for name in [name for name, since in desk.host.signed_in.items() if since < oldest]:
            desk.host.forget(name)
        for name in desk.ended:
            desk.host.forget(name)
        desk.ended.clear()
        desk.pulse.signed_in(desk.signed_in())

    async def _browser_now(self) -> None:
        """Nothing is in hand: a browser that died or is worn is started afresh."""
        host = self._desk.host
        if not host.alive or host.worn:
            await host.restart(host.generation)

    async def _adopt(self, home: Home, *, changed: bool) -> None:
        desk = self._desk
        desk.house = rehomed(desk.house, home)
        # whoever saved a file did what was asked of them, also where the password is still the same
        desk.host.refused.clear()
        if not changed:
            return
        desk.agenda.change(home.settings, self._clock.now())
        desk.errands.forget_others(frozenset(desk.agenda.duties))
        desk.pauses.forget()
        self._rounds.forget()
        for name in (*(desk.host.kept or ()), *desk.host.signed_in):
            desk.host.forget(name)
        await self._adopt_browser(home)

    async def _adopt_browser(self, home: Home) -> None:
        await adapt(self._desk.host, home, urls_of(home, home.settings.shop), self._desk.progress.note)

    def _left_alone(self, duty: Duty) -> bool:
        """A shop with an open breaker, or one where a person is needed first: told once, and nothing is tried."""
        assert duty.shop is not None, "errands of the schedule are a shop's"  # noqa: S101 - chores never come here
        desk, shop = self._desk, duty.shop
        breaker = desk.house.ledger.breaker(shop)
        if breaker and self._skipped.get(shop) != breaker:
            desk.tell(Reason(code="service.breaker", params={"detail": breaker}), shop=shop)
        self._skipped[shop] = breaker
        alone = self._is_shut(shop)
        if alone and duty.job is Job.SWEEP:
            # nobody missed this one: why it was left stands elsewhere
            desk.house.ledger.duty_done(duty.key, self._clock.now())
        return alone

    def _is_shut(self, shop: ShopKey) -> bool:
        """Whether nothing of the schedule is tried there."""
        paused = self._desk.pauses.of(shop, self._clock.now()) is not None
        return paused or bool(self._desk.house.ledger.breaker(shop))

    def _of_person(self, wanted: Wanted) -> Wanted:
        """Who names a shop, or a case of it, has it tried again; whatever else is asked for leaves a shop in a pause alone.

        Each try with a password that was refused brings the account closer to being locked.
        """
        desk, now = self._desk, self._clock.now()
        if wanted.named:
            for shop in wanted.named:
                desk.pauses.lift(shop)
            return wanted
        paused = (shop.key for shop in desk.house.home.settings.shop if desk.pauses.of(shop.key, now))
        return wanted.model_copy(update={"without": frozenset((*paused, *desk.errands.aside.values()))})

    def _left_out(self, wanted: Wanted) -> Iterator[ShopSweep]:
        """Shops that an errand did not go into, for whoever reads its answer."""
        for entry in self._desk.house.home.settings.shop:
            if entry.key in wanted.without:
                pause = self._desk.pauses.of(entry.key, self._clock.now())
                yield ShopSweep(shop=str(entry.key), name=entry.name, stopped=pause.why if pause else _AT_A_CHECK)

    def _wanted(self, duty: Duty | None) -> Wanted:
        assert duty is not None, "an errand is a duty's or a person's"  # noqa: S101 - Errands makes no third kind
        assert duty.shop is not None, "errands of the schedule are a shop's"  # noqa: S101 - chores never come here
        house = self._desk.house
        regime = in_force(schedule_of(house.home.settings, duty.shop), self._clock.now())
        match duty.job:
            case Job.FOLLOW_UP:
                pick = Pick(ids=house.ledger.on_the_way(duty.shop))
            case Job.RECONCILE:
                pick = Pick(ids=frozenset())
            case _:
                pick = Pick()
        sparing = self._rounds.sparing(house, duty, self._clock.now())
        return Wanted(shop=duty.shop, posture=regime.posture, pick=pick, sparing=sparing, by_schedule=True)

    def _first(self, due: Collection[ShopKey]) -> ShopKey | None:
        return first_shop(self._desk.house, due, self._clock.now())

    # ---- what is told ----

    def _tell_swallowed(self, errand: Errand) -> None:
        """The schedule came round again while this waited: one event; whoever noticed told it already, once until the shop is on time again."""
        duty, now = errand.duty, self._clock.now()
        if duty is None or duty.job is not Job.SWEEP:
            return
        if not errand.swallowed:
            self._desk.overran.discard(duty)
            return
        cause = Cause.BRAKE if errand.braked else Cause.OVERRUN
        run = MissedRun(duty=duty.key, count=errand.swallowed, first=errand.asked_at, last=now, cause=cause)
        missed(self._desk, [run], tell=False)

    def _tell_waiting(self) -> None:
        coming = next(iter(self._desk.agenda.coming()), None)
        if coming is not None and coming != self._announced:
            self._announced = coming
            self._desk.progress.waiting(coming[0], coming[1].shop)


def _worth_telling(swept: ShopSweep) -> bool:
    """A report of its own: something was done, or may have been. All else stands in the daily one, and in the ledger."""
    return bool(swept.acted or swept.unknown)


def _broken_off(swept: ShopSweep) -> bool:
    """By a brake or by hand: the run is still to be done. A shop that could not be entered was tried."""
    return swept.stopped is not None and (
        swept.stopped.code == STOPPED_BY_HAND or swept.stopped.code.startswith("brake.")
    )


def _ends() -> Stopped:
    return Stopped("the service ends", code="service.ends")


def _fail(errand: Errand | None, error: RefundPilotError) -> None:
    if errand is not None and errand.answer is not None and not errand.answer.done():
        errand.answer.set_exception(error)
