"""Alarms on a ladder without a ledger: made, tried, answered by hand or by a made-up world."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from bot.alerts.ladder import Ladder, Rung, bundles
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.alarms import AlarmEntry, Sending
from bot.ports.notifier import Alarm, Urgency

NOW = datetime(2026, 11, 28, 14, 0, tzinfo=SHANGHAI)
SHOP = ShopKey(platform="taobao", shop_id="1001")
MINUTE = timedelta(minutes=1)
LADDER = Ladder(
    rungs=(Rung(("desk",), 0 * MINUTE), Rung(("group", "mail"), 10 * MINUTE), Rung(("phone",), 10 * MINUTE)),
)


def alarm(**changes: Any) -> Alarm:
    told: dict[str, Any] = {"urgency": Urgency.CALL, "shop": SHOP, "reason": Reason(code="hold.near")}
    return Alarm(**(told | changes))


def raised(told: Alarm, at: datetime, number: int = 1) -> AlarmEntry:
    return AlarmEntry(number=number, alarm=told, raised_at=at, last_at=at)


def entry(number: int = 1, at: datetime = NOW, **changes: Any) -> AlarmEntry:
    return raised(alarm(**changes), at, number)


class World:
    """Ticks over alarms; `works` says whether a channel gets through at a moment."""

    def __init__(self, ladder: Ladder, entries: Iterable[AlarmEntry], works: Callable[[str, datetime], bool]) -> None:
        self.ladder = ladder
        self.entries = {one.number: one for one in entries}
        self.works = works
        self.messages: list[tuple[datetime, str, tuple[int, ...]]] = []

    def tick(self, now: datetime) -> datetime | None:
        """As the desk does it."""
        last = {channel: at for at, channel, _ in self.messages}
        ready, later = bundles([one for one in self.entries.values() if one.raised_at <= now], self.ladder, last, now)
        for bundle in ready:
            for name in bundle.channels:
                ok = self.works(name, now)
                for told, rung in bundle.told:
                    known = self.entries[told.number]
                    tried = Sending(rung=rung, channel=name, at=now, ok=ok)
                    self.entries[told.number] = known.model_copy(update={"sendings": (*known.sendings, tried)})
                if ok:
                    self.messages.append((now, name, tuple(told.number for told, _ in bundle.told)))
                    break
        return now if ready else later

    def run(self, start: datetime, until: datetime) -> None:
        """Whoever ticks looks again when he is told to, and when something new is raised."""
        raised = sorted({one.raised_at for one in self.entries.values()})
        now = start
        while now <= until:
            later = self.tick(now)
            if later is not None and later <= now:
                now += timedelta(seconds=1)
                continue
            soon = [moment for moment in (*raised, *([later] if later else ())) if moment > now]
            now = min(soon, default=until + MINUTE)

    def answer(self, number: int, at: datetime) -> None:
        self.entries[number] = self.entries[number].model_copy(update={"acknowledged_at": at})

    def told(self, number: int) -> list[tuple[datetime, str]]:
        """When and over what somebody heard of it."""
        return [(at, channel) for at, channel, numbers in self.messages if number in numbers]


def always(_channel: str, _at: datetime) -> bool:
    return True
