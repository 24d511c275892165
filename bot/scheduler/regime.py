"""What rhythm and posture a shop has at a moment, and when it is swept next: a pure function of settings and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.config.rhythm import Rhythm
from bot.config.schedule import Schedule
from bot.config.settings import Settings
from bot.domain.base import SHANGHAI
from bot.domain.ids import ShopKey
from bot.ports.wanted import PostureName
from bot.scheduler.workdays import OwnDays, is_workday

LOOK_AHEAD = timedelta(days=400)
"""No further than this is a next time looked for: a schedule that never comes round within a year has none."""

_TINY = timedelta(microseconds=1)
_DAY = timedelta(days=1)


class Season(StrEnum):
    """Why a shop has the rhythm that it has, in this order: a promotion goes before the night, the night before a day off."""

    PROMOTION = "promotion"
    OFF_HOURS = "off_hours"
    DAY_OFF = "day_off"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Regime:
    """`posture` None: the shop's own."""

    season: Season
    sweep: Rhythm
    posture: PostureName | None = None


def schedule_of(settings: Settings, shop: ShopKey) -> Schedule:
    """The schedule of one shop; that of all for a shop which is not (any more) in the settings."""
    own = next((entry.schedule for entry in settings.shop if entry.key == shop), None)
    return settings.schedule.of_shop(own)


def in_force(schedule: Schedule, moment: datetime) -> Regime:
    """What holds at that moment."""
    local = moment.astimezone(SHANGHAI)
    for promotion in schedule.promotion:
        if promotion.covers(local.date()):
            return Regime(Season.PROMOTION, promotion.sweep, promotion.posture)
    if schedule.off_hours and schedule.off_hours.covers(local.time()):
        return Regime(Season.OFF_HOURS, schedule.off_hours.sweep, schedule.off_hours.posture)
    if schedule.days_off and not is_workday(local.date(), OwnDays(schedule.holidays, schedule.workdays)):
        return Regime(Season.DAY_OFF, schedule.days_off.sweep, schedule.days_off.posture)
    return Regime(Season.USUAL, schedule.sweep)


def next_sweep(schedule: Schedule, after: datetime) -> datetime | None:
    """The first time strictly after that moment; each stretch of the day by the rhythm that holds in it."""
    for begins, ends in _stretches(schedule, after):
        found = in_force(schedule, begins).sweep.next_after(max(after, begins - _TINY))
        if found is not None and found < ends:
            return found.astimezone(SHANGHAI)
    return None


def _stretches(schedule: Schedule, after: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Stretches in which one regime holds, from the one that `after` lies in."""
    off = schedule.off_hours
    edges = sorted({time(0), *([off.begin, off.end] if off else [])})
    midnight = after.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(LOOK_AHEAD.days):
        day = midnight + number * _DAY
        starts = [day.replace(hour=edge.hour, minute=edge.minute) for edge in edges]
        for begins, ends in zip(starts, [*starts[1:], day + _DAY], strict=True):
            if ends > after:
                yield begins, ends
