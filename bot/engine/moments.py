"""Facts about when: of application, payment and shipping, and which day it is; all in Asia/Shanghai, which knows no DST."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from bot.domain.base import SHANGHAI
from bot.domain.case import Snapshot
from bot.domain.facts import Fact, Known, Source
from bot.engine.combine import derive, known_or

_HOUR = timedelta(hours=1)
_MINUTES_OF_A_DAY = 24 * 60
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)|(24):(00)"
_WINDOW = re.compile(rf"(?P<start>{_CLOCK})-(?P<end>{_CLOCK})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the day in minutes from midnight, `end` not included; a `start` after `end` runs across midnight."""

    start: int
    end: int

    def __contains__(self, minute: int) -> bool:
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"

    @classmethod
    def parse(cls, text: str) -> Window:
        """「22:00-06:00」. Raises ValueError for anything else, and for a window of no length."""
        found = _WINDOW.fullmatch(text)
        start, end = (_minutes(found["start"]), _minutes(found["end"])) if found else (0, 0)
        if start in (end, _MINUTES_OF_A_DAY):
            raise ValueError(f'a window is written "22:00-06:00", not {text!r}')
        return cls(start, end)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _read_window(value: object) -> Window:
    if isinstance(value, Window):
        return value
    try:
        return Window.parse(str(value))
    except ValueError as error:
        raise PydanticCustomError("window", "{text}", {"text": str(error)}) from None


def _read_day(value: object) -> date:
    """A TOML date, or the same in quotes; a moment or a number is no day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError("day", "a day is written 2026-11-22") from None


PartOfDay = Annotated[Window, BeforeValidator(_read_window)]
Day = Annotated[date, BeforeValidator(_read_day)]


def in_window(minute: int, window: Window) -> bool:
    return minute in window


def window_edges(window: Window) -> tuple[int, ...]:
    """The minutes on both sides of each end of the window."""
    ends = (window.start - 1, window.start, window.end - 1, window.end)
    return tuple(minute % _MINUTES_OF_A_DAY for minute in ends)


def since(day: date, first: date) -> bool:
    return day >= first


def until(day: date, last: date) -> bool:
    return day <= last


def first_edges(day: date) -> tuple[date, ...]:
    return day - timedelta(days=1), day


def last_edges(day: date) -> tuple[date, ...]:
    return day, day + timedelta(days=1)


def applied_minute(snapshot: Snapshot) -> Fact[int]:
    """Minutes of the day at which the buyer applied (domain.md 46: the window is about the time of application)."""
    at = snapshot.applied_at.astimezone(SHANGHAI)
    return Known(value=at.hour * 60 + at.minute, source=Source.SHOP, seen_at=snapshot.seen_at)


def waited_s(snapshot: Snapshot, now: datetime) -> Fact[int]:
    """Whole seconds since the buyer applied (domain.md 46: the delay)."""
    waited = int((now - snapshot.applied_at).total_seconds())
    return Known(value=waited, source=Source.SHOP, seen_at=snapshot.seen_at)


def today(now: datetime) -> Fact[date]:
    """The business day on which the case is judged."""
    return Known(value=now.astimezone(SHANGHAI).date(), source=Source.SHOP, seen_at=now)


def hours_after_payment(snapshot: Snapshot) -> Fact[int]:
    """Hours from payment to application, begun ones counted: half an hour past the 48th is the 49th."""
    return _hours_to_claim(snapshot, snapshot.paid_at, "unknown.paid_at")


def hours_after_shipping(snapshot: Snapshot) -> Fact[int]:
    """Hours from shipping to application, begun ones counted; below zero for who applied first."""
    return _hours_to_claim(snapshot, snapshot.shipped_at, "unknown.shipped_at")


def _hours_to_claim(snapshot: Snapshot, moment: datetime | None, why: str) -> Fact[int]:
    begun = known_or(moment, why, Source.SHOP, snapshot.seen_at)
    return derive(begun, lambda start: -((start - snapshot.applied_at) // _HOUR))
