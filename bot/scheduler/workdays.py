"""Workdays of mainland China: weekends, statutory holidays and make-up workdays (调休), as far as they are announced."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import chinese_calendar

_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class OwnDays:
    """Days that the settings name: they come before every calendar; `holidays` before `workdays`."""

    holidays: Collection[date] = ()
    workdays: Collection[date] = ()

    def knows(self, day: date) -> bool:
        return day in self.holidays or day in self.workdays


def is_known(year: int) -> bool:
    """Whether the calendar of this program has the year: the State Council announces each one in the autumn before."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


def is_workday(day: date, own: OwnDays) -> bool:
    """Whether people work on that day; in a year that is not announced yet a weekday counts as one."""
    if own.knows(day):
        return day not in own.holidays
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() <= _FRIDAY
