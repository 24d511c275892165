"""What the office is handed in where it stands in a running service, or over a home: errands, the alarms' book, the day's figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.alerts.message import pressing
from bot.alerts.passing import end_alarms
from bot.app.looking import seen, without_hands
from bot.app.service import Service
from bot.catalogue import Catalogue
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.money import Money
from bot.ledger.office import OfficeLedger, OfficeReader
from bot.ports.alarms import AlarmEntry, number_of
from bot.ports.clock import Clock
from bot.ports.figures import DayFigures, Span, Tally
from bot.ports.office_views import AlarmLine, DayView, NextRun, ServiceView, SessionView
from bot.ports.results import DryRun, SweepResult
from bot.ports.wanted import HandVerdict, Wanted
from bot.report.daily import plots
from bot.scheduler.heartbeat import Phase

DAYS_TOLD = 14
"""How many days the plot of amounts shows."""

MISSED_TOLD = 5
LOOKED_BACK = timedelta(days=30)


class ServiceErrands:
    """`bot.ports.office.Errands`: the service in whose process the console stands."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def ask(self, wanted: Wanted) -> SweepResult:
        return await self._service.ask(wanted)

    def hand_over(self, number: int, verdict: HandVerdict) -> None:
        self._service.hand_over(number, verdict)

    async def look(self, wanted: Wanted) -> DryRun:
        swept = await self._service.ask(without_hands(wanted))
        return await asyncio.to_thread(seen, self._service.house.home, wanted, swept)

    def next_runs(self) -> tuple[NextRun, ...]:
        return tuple(
            NextRun(at=one.at, shop=_shop(one.shop), what=Reason(code=f"job.{one.job}"))
            for one in self._service.next_runs
        )

    def service(self) -> ServiceView:
        beat, house = self._service.beat, self._service.house
        working = None if beat.phase is Phase.SLEEPING else Reason(code=f"phase.{beat.phase}")
        since = house.clock.now() - timedelta(days=1)
        missed = [one for one in house.ledger.missed_runs(MISSED_TOLD) if one.last >= since]
        return ServiceView(
            alive=True,
            working=working,
            heartbeat=beat.at,
            missed=tuple(one.told() for one in missed),
        )

    def sessions(self) -> tuple[SessionView, ...]:
        return self._service.sessions()

    def tell(self, reason: Reason) -> None:
        self._service.tell(reason)

    def end_sign_in(self, shop: ShopKey) -> None:
        self._service.end_sign_in(shop)


class LedgerAlarmBook:
    """Alarms of the ledger, open ones first, answered as `refundpilot alarms ack` answers them."""

    def __init__(self, ledger: OfficeLedger, reader: OfficeReader, clock: Clock) -> None:
        self._ledger = ledger
        self._reader = reader
        self._clock = clock

    def lines(self, limit: int) -> tuple[AlarmLine, ...]:
        now = self._clock.now()
        waiting = sorted(self._reader.open_alarms(), key=lambda one: pressing(one, now))
        answered = self._reader.answered_alarms(now - LOOKED_BACK, max(0, limit - len(waiting)))
        return tuple(map(_line, (*waiting, *answered)))

    def acknowledge(self, alarm: str, by: str) -> bool:
        number = number_of(alarm)
        return number is not None and bool(self._ledger.acknowledge_alarms(number, by))

    def open_alarms(self) -> tuple[AlarmEntry, ...]:
        return self._reader.open_alarms()

    def acknowledge_alarms(self, wanted: int | str, by: str, note: str = "") -> tuple[int, ...]:
        return self._ledger.acknowledge_alarms(wanted, by, note)

    def end(self, code: str, shop: ShopKey) -> None:
        """What alarms of this code told of the shop is over. Raises LedgerError."""
        end_alarms(self, code, shop.__eq__)

    def of_message(self, message: str) -> tuple[AlarmLine, ...]:
        return tuple(map(_line, self._reader.alarms_of_message(message)))

    def acknowledge_message(self, message: str, by: str) -> bool:
        return bool(self._ledger.acknowledge_alarms(message, by))


class LedgerFigures:
    """Sums of the ledger for a day, and its drawings; `now` is the shop's own, since countdowns run by it (ADR 0008)."""

    def __init__(self, reader: OfficeReader) -> None:
        self._reader = reader

    def all(self, now: datetime) -> DayFigures:
        """All that the ledger has of the day, and of those before it what the plot of amounts shows."""
        return self._reader.figures(Span.of(now.date()), now, DAYS_TOLD)

    @staticmethod
    def day(figures: DayFigures) -> DayView:
        whole = figures.whole
        told: dict[str, Tally] = {
            "agreed": whole.moved.agreed,
            "refused": whole.moved.refused,
            "saved": whole.saved.whole,
            "at_risk": whole.risk,
        }
        sums = {name: Money(one.fen) for name, one in told.items()}
        return DayView(**sums, **{f"{name}_cases": one.cases for name, one in told.items()})

    @staticmethod
    def plots(figures: DayFigures, say: Catalogue) -> Sequence[str]:
        return (plots(figures, say),)


def _line(one: AlarmEntry) -> AlarmLine:
    return AlarmLine(
        id=str(one.number),
        at=one.raised_at,
        urgency=one.alarm.urgency,
        shop=one.alarm.shop,
        case_id=one.alarm.case_id,
        reason=one.alarm.reason,
        amount=one.alarm.amount,
        deadline=one.alarm.deadline,
        acknowledged_by=one.acknowledged_by,
        acknowledged_at=one.acknowledged_at,
        takes_acknowledgement=one.acknowledged_at is None,
    )


def _shop(name: str) -> ShopKey | None:
    platform, _, shop_id = name.partition("/")
    return ShopKey(platform=platform, shop_id=shop_id) if shop_id else None
