"""`refundpilot run`: one house and one browser that live for months, swept by schedule and by hand, caught up and told honestly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import TypeAlias

from bot.app.calling import calling
from bot.app.pulse import Pulse
from bot.app.service.clockwork import Clockwork
from bot.app.service.daybook import Daybook
from bot.app.service.desk import TICK_S, Desk, Hands
from bot.app.service.handed import Handed
from bot.app.service.marks import Marks
from bot.app.service.reload import Changes
from bot.app.service.worker import Worker
from bot.app.sweeping import browser_for, sign_in_of
from bot.app.telling import Attended, Stirring, Unrepeated
from bot.app.wiring import House, open_house
from bot.browser.gate import Heads
from bot.browser.launch import BrowserHost
from bot.clock import SystemClock
from bot.config import Home
from bot.domain.decision import Reason
from bot.domain.hand import HandVerdict
from bot.domain.ids import ShopKey
from bot.errors import Stopped
from bot.ports.clock import Clock
from bot.ports.office_views import SessionView
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import SweepResult
from bot.ports.status import NextRun, RunOptions, RunResult
from bot.ports.wanted import Wanted
from bot.scheduler.agenda import Agenda
from bot.scheduler.heartbeat import Beat, Phase, read_beat

END_S = 300.0
"""How long the case in hand may take to be settled once the service is to end; what is left then is for recovery."""

Guest: TypeAlias = "Callable[[Service], AbstractAsyncContextManager[object]]"


async def run_service(
    home: Home,
    options: RunOptions,
    progress: Progress,
    stop: StopSignal,
    clock: Clock | None = None,
    guests: Sequence[Guest] = (),
) -> RunResult:
    """Run until `stop` is set, or as long as the options say.

    Args:
        home: read with its logins.
        options: how long.
        progress: told while it works.
        stop: once set, the case in hand is settled and nothing further begun.
        clock: another than the PC's own, such as one of a simulated day.
        guests: what lives beside the service as long as it runs, such as a console that asks it for errands.

    Raises:
        LedgerError: everything stops. BrowserMissing: at the start; later ones are told, and tried again.
    """
    marks = Marks()
    with open_house(home, clock or SystemClock(), marks.open_ledger) as house:
        told = Unrepeated(progress, house.notifier.has_just_told)
        async with browser_for(home, home.settings.shop, told, Heads()) as host, AsyncExitStack() as beside:
            host.kept = {}
            service = Service(house, host, told, stop, marks)
            await beside.enter_async_context(calling(lambda: service.house))
            for guest in guests:
                await beside.enter_async_context(guest(service))
            return await service.run(options)


class Service:
    """One worker does errands one after the other; a clockwork beside it queues what is due, beats, and starts chores."""

    def __init__(
        self,
        house: House,
        host: BrowserHost,
        progress: Progress,
        stop: StopSignal,
        marks: Marks,
        hands: Hands | None = None,
    ) -> None:
        now, hands = house.clock.now(), hands or Hands()
        agenda = Agenda(house.home.settings, frozenset(hands.chores), now)
        self._last_beat = read_beat(house.home.files.heartbeat)
        pulse, book = Pulse(house.home.files, house.clock), Daybook(str(house.home.path), now)
        self._attended = Attended(progress)
        self._desk = Desk(house, host, Stirring(self._attended, pulse.stir), hands, agenda, pulse, book)
        self._clock, self._stop = house.clock, stop
        self._clockwork = Clockwork(self._desk)
        self._handed = Handed(self._desk)
        self._changes = Changes(self._desk)
        self._worker = Worker(self._desk, stop, self._handed, self._changes)
        self._looking: asyncio.Task[None] | None = None
        marks.listener = self._desk.marked

    @property
    def house(self) -> House:
        """As its settings have it by now."""
        return self._desk.house

    @property
    def progress(self) -> Progress:
        """Whoever sits in front of it."""
        return self._desk.progress

    @property
    def beat(self) -> Beat:
        """The newest sign of life."""
        return self._desk.pulse.beat

    def sessions(self) -> tuple[SessionView, ...]:
        """Every shop: whether it is left alone until a person was there, and whether its window waits for one right now."""
        pauses, waits, since = self._desk.pauses, self._attended.waits, self._desk.signed_in()
        now = self._clock.now()
        return tuple(
            SessionView(
                shop=shop.key,
                since=since.get(str(shop.key)),
                waits_for_person=pauses.of(shop.key, now) is not None,
                left_s=left,
                window=window,
            )
            for shop in self.house.home.settings.shop
            for left, window in [waits.get(shop.key, (None, True))]
        )

    def tell(self, reason: Reason) -> None:
        """An alarm of the whole home."""
        self._desk.tell(reason)

    def end_sign_in(self, shop: ShopKey) -> None:
        """Forget it as soon as nothing is in hand; the next sweep signs in anew."""
        self._desk.ended |= {sign_in_of(one) for one in self.house.home.settings.shop if one.key == shop}

    @property
    def next_runs(self) -> tuple[NextRun, ...]:
        """What is next by the schedule, the nearest first."""
        return self._clockwork.next_runs

    async def ask(self, wanted: Wanted) -> SweepResult:
        """Sweep by hand, before anything that the schedule wants.

        Raises:
            Stopped: the kill switch is engaged, or the service ends. Whatever else the sweep raises.
        """
        if self._worker.closing:
            raise _ends()
        return await self._desk.errands.ask(wanted, self._clock.now())

    def hand_over(self, number: int, verdict: HandVerdict) -> None:
        """Carry out a verdict that the ledger has accepted under this number; one that comes too late is the next start's."""
        if not self._worker.closing:
            self._handed.take(number, verdict)

    async def run(self, options: RunOptions) -> RunResult:
        """To the end: in good order, or with LedgerError, or cancelled at once; then the heartbeat just falls silent."""
        self._desk.pulse.turn(Phase.SLEEPING, "")
        self._clockwork.catch_up(self._last_beat)
        self._handed.take_up()
        worker = asyncio.create_task(self._worker.work())
        try:
            why = await self._keep_time(options, worker)
            self._worker.closing = True
            await self._settle({worker, *self._clockwork.beside})
        finally:
            self._worker.closing = True
            await _end([worker, *self._clockwork.beside, *([self._looking] if self._looking else [])])
            self._desk.errands.refuse(_ends())
        self._desk.pulse.plans(())
        self._desk.pulse.turn(Phase.STOPPED, "")
        return self._desk.book.result(self._clock.now(), why, self._desk.host.generation - 1)

    async def _keep_time(self, options: RunOptions, worker: asyncio.Task[None]) -> str:
        while True:
            if worker.done():
                worker.result()
            self._clockwork.reap()
            self._look_at_files()
            self._clockwork.look()
            if why := self._over(options):
                return why
            await self._clock.sleep(TICK_S)

    def _look_at_files(self) -> None:
        """Beside the clock: a disk that takes its time must not stop it."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        with suppress(Exception):  # the worker meets it next, and tells
            await self._changes.look()

    def _over(self, options: RunOptions) -> str:
        """Why the service ends now; empty while it goes on."""
        if self._stop.is_set():
            return "stopped"
        ran_s = (self._clock.now() - self._desk.book.started_at).total_seconds()
        if options.for_s is not None and ran_s >= options.for_s:
            return "time"
        return "idle" if options.until_idle and self._desk.errands.idle and not self._clockwork.beside else ""

    @staticmethod
    async def _settle(running: set[asyncio.Task[None]]) -> None:
        """What is in hand comes to its end; what takes too long is left to recovery."""
        done, _ = await asyncio.wait(running, timeout=END_S)
        for task in done:
            task.result()


def _ends() -> Stopped:
    return Stopped("the service ends", code="service.ends")


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel what still runs and wait until it is gone: sweeps close their pages, browsers their tabs."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
