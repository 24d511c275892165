"""`[schedule]` and `[shop.schedule]`: when the service sweeps and does its chores; all times are Asia/Shanghai."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from bot.config.rhythm import Cron, Every, RhythmText
from bot.domain.base import Frozen
from bot.ports.wanted import PostureName

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("clock", "not a time of day")
    return time(int(found[1]), int(found[2]))


def _day(value: object) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value)) if isinstance(value, str) else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise PydanticCustomError("day", "not a day")


ClockTime = Annotated[time, BeforeValidator(_clock)]
Day = Annotated[date, BeforeValidator(_day)]


class OffHours(Frozen):
    """`off_hours`: from `begin` to `end` (exclusive; over midnight where `end` is earlier) another rhythm, or another posture."""

    begin: ClockTime = time(23, 0)
    end: ClockTime = time(7, 0)
    sweep: RhythmText = Every(1800)
    posture: PostureName | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.begin == self.end:
            raise PydanticCustomError("night", "a night of no length", {"at": f"{self.begin:%H:%M}"})
        return self

    def covers(self, at: time) -> bool:
        """Whether that time of day lies in it."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


class DaysOff(Frozen):
    """`days_off`: the same for weekends and statutory holidays; a make-up workday is none."""

    sweep: RhythmText = Every(900)
    posture: PostureName | None = None


class Promotion(Frozen):
    """`[[schedule.promotion]]`: days from `first` to `last`, both included, that go by a rhythm of their own, all day and night."""

    name: Annotated[str, Field(min_length=1)]
    first: Day
    last: Day
    sweep: RhythmText = Every(60)
    posture: PostureName | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.last < self.first:
            raise PydanticCustomError(
                "days", "ends before it begins", {"first": str(self.first), "last": str(self.last)}
            )
        return self

    def covers(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.first <= day <= self.last


class ShopSchedule(Frozen):
    """`[shop.schedule]`: what is named here stands in the place of `[schedule]` for this shop; None leaves it."""

    sweep: RhythmText | None = None
    follow_up: RhythmText | None = None
    off_hours: OffHours | None = None
    days_off: DaysOff | None = None
    promotion: tuple[Promotion, ...] | None = None


class Schedule(Frozen):
    """`[schedule]`: `sweep` is the usual rhythm; `off_hours` and `days_off` change nothing unless they are written.

    `recheck_minutes`: how long a case that waits for somebody may stay unread while it does not change; `full_list_minutes`: how
    long the newest pages of the list may do; 0 for neither. `report_by`: names of mail channels that the daily report goes to. `holidays` and `workdays`: days that the statutory calendar of this program does not know yet, or that the shop works otherwise.
    """

    sweep: RhythmText = Every(300)
    follow_up: RhythmText = Every(120)
    reconcile: RhythmText = Every(600)
    audit: RhythmText = Cron("30 3 * * *")
    report: RhythmText = Cron("0 9 * * *")
    report_by: tuple[str, ...] = ()
    retention: RhythmText = Cron("0 4 * * *")
    off_hours: OffHours | None = None
    days_off: DaysOff | None = None
    promotion: tuple[Promotion, ...] = ()
    holidays: tuple[Day, ...] = ()
    workdays: tuple[Day, ...] = ()
    asleep_after_s: StrictInt = Field(default=120, ge=30, le=3600)
    recheck_minutes: StrictInt = Field(default=30, ge=0, le=1440)
    full_list_minutes: StrictInt = Field(default=15, ge=0, le=1440)

    def of_shop(self, own: ShopSchedule | None) -> Schedule:
        """With what the shop says itself."""
        said = {name: value for name in ShopSchedule.model_fields if (value := getattr(own, name, None)) is not None}
        return self.model_copy(update=said)
