"""One sweep of one shop: recover, sign in, list, order, then readers ahead and one writer behind (design.md 4)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus, Hold
from bot.engine.workplan import Forecast
from bot.errors import LedgerError, RefundPilotError
from bot.ports.notifier import Alarm, Urgency
from bot.ports.results import ShopSweep
from bot.ports.wanted import EVERYTHING
from bot.runner import calls, unread
from bot.runner.brakes import Brakes
from bot.runner.bugs import as_error, let_go
from bot.runner.byhand import ByHand
from bot.runner.casework import Casework
from bot.runner.compose import Composer
from bot.runner.endings import End
from bot.runner.judging import Prepared
from bot.runner.orders import STOPPED_BY_HAND, Kit, Orders
from bot.runner.readback import ReadBack
from bot.runner.reading import Reading
from bot.runner.recover import Recovery
from bot.runner.release import Release
from bot.runner.settle import Settler
from bot.runner.survey import Survey, Surveyed
from bot.runner.tally import Tally, reason_of
from bot.runner.watchdog import Watchdog
from bot.runner.witness import Witness

Ready: TypeAlias = "asyncio.Queue[Prepared | RefundPilotError | None]"
"""From readers to the writer: a case to act on, trouble that ends the sweep, or one reader's end."""


class Sweep:
    """One pass over one shop; `run` always hands back what was done, also when it had to stop early."""

    def __init__(self, kit: Kit, orders: Orders, name: str) -> None:
        self._kit = kit
        self._orders = orders
        self._name = name
        self._brakes = Brakes(kit, orders)
        watchdog = Watchdog(kit.floor)
        self._reading = Reading(kit, orders, self._brakes, watchdog)
        readback = ReadBack(kit, orders, self._reading)
        composer = Composer(kit, orders.run)
        settler = Settler(kit, orders, self._brakes, readback, composer, watchdog)
        self._recovery = Recovery(kit, orders, self._brakes, readback, settler)
        by_hand = ByHand(kit, orders, self._brakes)
        self._survey = Survey(kit, orders, self._reading, by_hand)
        self._release = Release(kit, orders, by_hand, readback, settler)
        self._casework = Casework(kit, orders, self._brakes, self._reading, settler, composer, by_hand, watchdog)
        self._witness = Witness(kit, orders)
        self._tally = Tally()
        self._todo: tuple[CaseKey, ...] = ()

    async def run(self) -> ShopSweep:
        """Sweep the shop. LedgerError goes up; everything else ends as a hold or as `stopped`."""
        started = self._kit.clock.monotonic()
        stopped: RefundPilotError | None = None
        self._open_run()
        try:
            await self._work(await self._plan())
            self._tell_all_reached()
        except LedgerError:
            raise
        except RefundPilotError as error:
            stopped = error
            self._tell_stopped(error)
        # a second Ctrl-C or a dying ledger passes by here: the run stays open, as after a power cut, and recovery closes it
        self._leave(stopped)
        return self._tally.result(self._orders, self._name, self._kit.clock.monotonic() - started, stopped)

    def _tell_stopped(self, error: RefundPilotError) -> None:
        """A sweep that ends early is never silent: "not read" is not "nothing to do" (domain.md 3.1)."""
        if error.reason_code == STOPPED_BY_HAND:
            return
        self._witness.keep(error)
        # what a person stopped, or was called for when it broke, calls nobody again at every sweep
        urgency = Urgency.WARN if error.reason_code.startswith("brake.") else Urgency.CALL
        alarm = Alarm(urgency=urgency, shop=self._orders.shop, reason=reason_of(error))
        self._kit.notifier.notify(alarm)
        self._kit.progress.note(alarm.reason)

    def _open_run(self) -> None:
        orders = self._orders
        self._kit.ledger.open_run(orders.run, orders.shop, orders.posture, orders.config_hash, orders.policy.hash)
        self._kit.progress.shop(orders.shop, self._name)

    async def _plan(self) -> tuple[CaseKey, ...]:
        """Recover, list, order; returns the cases of this sweep in their order of work."""
        if self._orders.moves_hands:
            self._brakes.check()
        await self._reading.sign_in()
        for case in await self._recovery.run():
            self._kit.progress.note(Reason(code="recover.resolved", params={"case": case.aftersale_id}))
        self._kit.heed_stop()
        if self._orders.verdicts:
            return await self._decided_by_hand()
        found = await self._survey.look()
        self._hold_unreadable(found)
        self._tally.late, self._tally.resting = found.forecast.count, found.resting
        self._tally.missing, self._tally.whole_list = found.missing, found.whole
        if found.forecast.count:
            self._foretell(found.forecast)
        self._todo = found.cases
        chosen = self._todo[: self._orders.max_cases or None]
        self._kit.progress.planned(len(chosen), found.resting)
        return chosen

    async def _decided_by_hand(self) -> tuple[CaseKey, ...]:
        """Exactly the cases that persons named, in their order: nobody waits for the list, and nothing else is touched."""
        self._todo = tuple(self._orders.verdicts)
        self._kit.progress.planned(len(self._todo))
        for verdict in self._orders.verdicts.values():
            if (end := await self._release.run(verdict)) is not None:
                self._tally.add(verdict.case, end)
        return tuple(case for case in self._todo if case not in self._tally.ends)

    async def _work(self, cases: Sequence[CaseKey]) -> None:
        """Up to `recycle_after` cases or seconds at a time, a fresh browser context between them: memory stays flat."""
        rest = deque(cases)
        while rest:
            await self._pipeline(self._some_of(rest))
            self._kit.heed_stop()
            if rest:
                await self._reading.renew()

    def _some_of(self, rest: deque[CaseKey]) -> Iterator[CaseKey]:
        """What is still worked on in this context; the readers share it."""
        ends_s = self._kit.clock.monotonic() + self._orders.recycle_after_s
        for _ in range(self._orders.recycle_after):
            if not rest or self._kit.clock.monotonic() >= ends_s:
                return
            yield rest.popleft()

    async def _pipeline(self, todo: Iterator[CaseKey]) -> None:
        """Readers prepare cases in other tabs while one writer settles, in the order of work."""
        ready: Ready = asyncio.Queue(maxsize=1)
        readers = [asyncio.create_task(self._reader(todo, ready)) for _ in range(max(1, self._orders.reader_tabs))]
        try:
            await self._writer(ready, len(readers))
        finally:
            await _end(readers)
            await _close_leftovers(ready)

    async def _reader(self, todo: Iterator[CaseKey], ready: Ready) -> None:
        """Prepares cases until none is left; its trouble is handed to the writer, never raised beside a click in flight."""
        try:
            for case in todo:
                if self._kit.stop.is_set():
                    break
                if self._orders.moves_hands:
                    self._brakes.check()
                prepared = await self._casework.prepare(case)
                if isinstance(prepared, End):
                    self._tally.add(case, prepared)
                else:
                    await _hand_over(prepared, ready)
        except Exception as bug:  # noqa: BLE001 - the writer ends the sweep with it, after the case in hand
            await ready.put(as_error(bug))
        else:
            await ready.put(None)

    async def _writer(self, ready: Ready, readers: int) -> None:
        while readers:
            match await ready.get():
                case None:
                    readers -= 1
                case RefundPilotError() as error:
                    raise error
                case prepared if self._kit.stop.is_set():
                    await let_go(prepared.page)
                case prepared:
                    self._tally.add(prepared.snapshot.key, await self._casework.finish(prepared))

    def _hold_unreadable(self, found: Surveyed) -> None:
        """A row that nobody can read is a hold with its raw text, never a loss; somebody is called, since its deadline is unknown."""
        ledger, orders = self._kit.ledger, self._orders
        reasons = {case: Reason(code=unread.CODE, params={"raw": raw[:500]}) for case, raw in found.unreadable.items()}
        for case, reason in reasons.items():
            if ledger.stands(case) is CaseStatus.HELD:
                ledger.leave(orders.run, case, (reason,))  # it is somebody's already, for a reason of its own
            else:
                ledger.hold(orders.run, Hold(case=case, reasons=(reason,), owner=orders.owner, deadline=None))
            self._tally.unreadable += 1
            self._tally.add(case, End(CaseStatus.HELD))
        for case in found.cleared:
            ledger.conclude(orders.run, case, CaseStatus.FOREIGN, (Reason(code="list.cleared"),))
        if reasons:
            told = next(iter(reasons.values()))
            self._kit.notifier.notify(Alarm(urgency=Urgency.CALL, shop=orders.shop, reason=told))

    def _foretell(self, forecast: Forecast) -> None:
        """Said while something can still be done."""
        alarm = calls.late(self._orders.shop, forecast)
        self._kit.notifier.notify(alarm)
        self._kit.progress.note(alarm.reason)

    def _tell_all_reached(self) -> None:
        """Whatever was told that it would not be, of this shop: each case of it was worked on after all."""
        if self._orders.pick == EVERYTHING and not self._orders.verdicts and all(map(self._tally.ends.get, self._todo)):
            self._kit.notifier.passed(calls.LATE, self._orders.shop)

    def _leave(self, stopped: RefundPilotError | None) -> None:
        """Cases that are left over are said so (I8); the run is closed and the lease given back."""
        reason = reason_of(stopped) if stopped else Reason(code="run.enough")
        for case in self._todo:
            if case not in self._tally.ends:
                self._tally.add(case, self._left_over(case, reason))
        self._kit.ledger.close_run(self._orders.run, self._tally.summary(self._orders))
        self._brakes.release()

    def _left_over(self, case: CaseKey, reason: Reason) -> End:
        """The next sweep goes on with it; what a person decided is that person's still."""
        if self._orders.verdicts:
            hold = Hold(case=case, reasons=(reason,), owner=self._orders.owner, deadline=None)
            self._kit.ledger.hold(self._orders.run, hold)
            return End(CaseStatus.HELD)
        return End(self._kit.ledger.leave(self._orders.run, case, (reason,)))


async def _hand_over(prepared: Prepared, ready: Ready) -> None:
    try:
        await ready.put(prepared)
    except BaseException:
        await let_go(prepared.page)
        raise


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel what still runs and wait until it is gone: each closes its own page."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _close_leftovers(ready: Ready) -> None:
    while not ready.empty():
        left = ready.get_nowait()
        if isinstance(left, Prepared):
            await let_go(left.page)
