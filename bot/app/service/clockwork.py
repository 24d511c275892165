"""The service's sense of time: what is due is queued, what was slept through is told once and caught up once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.app.service.desk import TICK_S, Desk
from bot.config.schedule import Schedule
from bot.domain.decision import SEVERAL, Reason
from bot.errors import LedgerError
from bot.ports.status import Cause, MissedRun, NextRun
from bot.runner.bugs import as_error
from bot.scheduler.agenda import Due
from bot.scheduler.duties import COUNTED, Duty, Job
from bot.scheduler.errands import Errand
from bot.scheduler.heartbeat import Beat
from bot.scheduler.regime import schedule_of
from bot.scheduler.workdays import is_known

CALENDAR_AHEAD = timedelta(days=31)
"""So long before New Year's Day somebody has to know that the program does not know that it is one; the year's days are announced by then."""

PLANNED = 20
"""Next runs that `status` shows."""


class Clockwork:
    """Looks at the clock as often as it is asked to; `beside` are the chores that go on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clock = desk.house.clock
        self._seen = self._clock.now()
        self._calendar_told = 0
        self.beside: set[asyncio.Task[None]] = set()

    @property
    def next_runs(self) -> tuple[NextRun, ...]:
        """What is next by the schedule, the nearest first."""
        coming = self._desk.agenda.coming()[:PLANNED]
        return tuple(NextRun(at=at, job=duty.job, shop=str(duty.shop or "")) for at, duty in coming)

    def catch_up(self, last_beat: Beat | None) -> None:
        """What fell due while no service ran, once each; a shop that never was swept is swept at once.

        A run that was broken off is done again and is no missed one: what was missed begins after the last sign of life.
        """
        now, agenda, known = self._clock.now(), self._desk.agenda, self._desk.house.ledger.last_done()
        last = {duty: known[duty.key] for duty in agenda.duties if duty.key in known}
        heard = {duty: max(began, last_beat.at) if last_beat else began for duty, began in last.items()}
        self._tell_late(tuple(agenda.missed_since(heard, now)), now, Cause.DOWN)
        for due in agenda.missed_since(last, now):
            self._begin(due, now, 1)
        for duty in agenda.duties:
            if duty.job is Job.SWEEP and duty not in last:
                self._desk.errands.add(duty, now)

    def look(self) -> None:
        """Everything that time brings; a clock that jumped means that the PC slept, or was set."""
        now = self._clock.now()
        jumped = (now - self._seen).total_seconds() - TICK_S > self._grace_s
        self._seen = now
        dues = tuple(self._desk.agenda.due(now))
        if jumped:
            self._tell_late(dues, now, Cause.ASLEEP)
        for due in dues:
            self._begin(due, now, 1 if jumped else due.count)
        self._desk.pulse.tick(now)
        self._desk.pulse.plans(self.next_runs)
        self._warn_of_calendar(now)

    def reap(self) -> None:
        """Chores that ended; a ledger that failed under one ends everything."""
        for task in [task for task in self.beside if task.done()]:
            self.beside.discard(task)
            task.result()

    @property
    def _grace_s(self) -> float:
        return float(self._desk.house.home.settings.schedule.asleep_after_s)

    def _begin(self, due: Due, now: datetime, times: int) -> None:
        duty, desk = due.duty, self._desk
        if duty.shop is None:
            self.beside.add(asyncio.create_task(self._chore(duty)))
        elif self._has_work(duty) and (errand := desk.errands.add(duty, now, times)):
            errand.braked |= desk.house.kill.engaged()
            if duty.job is Job.SWEEP and errand.swallowed and not errand.braked:
                self._tell_overrun(duty, errand)

    def _tell_overrun(self, duty: Duty, errand: Errand) -> None:
        """While it happens: what stands still would never tell it itself. Once, until the shop is on time again."""
        if duty in self._desk.overran:
            return
        self._desk.overran.add(duty)
        told = MissedRun(
            duty=duty.key, count=errand.swallowed, first=errand.asked_at, last=self._clock.now(), cause=Cause.OVERRUN
        )
        tell_missed(self._desk, [told])

    def _has_work(self, duty: Duty) -> bool:
        """Following up and reconciling are for shops that have something to look at."""
        if duty.shop is None or duty.job is Job.SWEEP:
            return True
        ledger = self._desk.house.ledger
        return bool(ledger.on_the_way(duty.shop) if duty.job is Job.FOLLOW_UP else ledger.open_intents(duty.shop))

    def _tell_late(self, dues: Sequence[Due], now: datetime, cause: Cause) -> None:
        """What is later than the grace: an event each, one alarm for all."""
        late = [due for due in dues if due.duty.job in COUNTED and (now - due.first).total_seconds() > self._grace_s]
        missed(
            self._desk,
            [
                MissedRun(duty=due.duty.key, count=due.count, first=due.first, last=due.last, cause=cause)
                for due in late
            ],
        )

    def _warn_of_calendar(self, now: datetime) -> None:
        """Once for a year that is not announced yet, before it begins: its weekdays count as workdays until somebody says otherwise."""
        settings, year = self._desk.house.home.settings, (now + CALENDAR_AHEAD).year
        needs = any(schedule_of(settings, shop.key).days_off for shop in settings.shop)
        if needs and self._calendar_told != year and not is_known(year) and not _said(settings.schedule, year):
            self._calendar_told = year
            self._desk.tell(Reason(code="service.calendar", params={"year": str(year)}))

    async def _chore(self, duty: Duty) -> None:
        """One chore; what goes wrong is told, and it is done again when it is next due."""
        desk, began = self._desk, self._clock.now()
        try:
            await desk.hands.chores[duty.job](desk.house)
        except LedgerError:
            raise
        except Exception as bug:  # noqa: BLE001 - a chore's bug must not take the sweeps with it (S19)
            error = as_error(bug)
            desk.book.errors += 1
            desk.tell(Reason(code="service.chore", params={"job": duty.job, "detail": str(error)}))
        desk.book.chores[duty.job] += 1
        desk.house.ledger.duty_done(duty.key, began)


def _said(schedule: Schedule, year: int) -> bool:
    """Whether somebody named days of that year."""
    return any(day.year == year for day in (*schedule.holidays, *schedule.workdays))


def missed(desk: Desk, runs: Sequence[MissedRun], *, tell: bool = True) -> None:
    """Runs that did not take place, of one cause: each in the ledger, and one alarm for all of them."""
    for run in runs:
        desk.house.ledger.missed(run)
        desk.book.miss(run)
    if runs and tell:
        tell_missed(desk, runs)


def tell_missed(desk: Desk, runs: Sequence[MissedRun]) -> None:
    """The alarm alone."""
    params = {
        "count": str(sum(run.count for run in runs)),
        "first": f"{min(run.first for run in runs):%m-%d %H:%M}",
        "last": f"{max(run.last for run in runs):%m-%d %H:%M}",
        "duties": SEVERAL.join(run.duty for run in runs),
    }
    desk.tell(Reason(code=f"missed.{runs[0].cause}", params=params))
