"""How often something is done, as settings write it: "5m", a cron line, or "never"; and when that is next, in Asia/Shanghai."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from bot.domain.base import SHANGHAI

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

LEAST_S, MOST_S = 10, 86_400
"""A shop that is looked at more often than every ten seconds is a nuisance to the platform; what is rarer than daily is a cron line."""

_SPAN = re.compile(r"(\d{1,5})\s*([smh])", re.ASCII)
_UNITS = {"s": 1, "m": 60, "h": 3600}
_CRON_FIELDS = 5
_TINY = timedelta(microseconds=1)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""A cron line names no year: what does not come round from here on never does, and each search for it looks through all years."""


class Rhythm(Protocol):
    """`next_after` is the first time strictly after a moment; None where there is none."""

    def next_after(self, moment: datetime) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Every:
    """Each so many seconds, counted from midnight: two PCs, or one before and after a restart, keep the same times."""

    seconds: int

    def next_after(self, moment: datetime) -> datetime:
        local = moment.astimezone(SHANGHAI)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        turns = (local - midnight) // timedelta(seconds=self.seconds) + 1
        return min(midnight + turns * timedelta(seconds=self.seconds), midnight + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Cron:
    """Minute, hour, day, month, weekday by name; by APScheduler's own reckoning."""

    line: str

    def next_after(self, moment: datetime) -> datetime | None:
        found: datetime | None = _trigger(self.line).get_next_fire_time(None, moment.astimezone(SHANGHAI) + _TINY)
        return found


@dataclass(frozen=True, slots=True)
class Never:
    """Not at all."""

    def next_after(self, moment: datetime) -> None:
        del moment


@cache
def _trigger(line: str) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - only who has a cron line pays for it; `stop` cannot wait

    return CronTrigger.from_crontab(line, timezone=SHANGHAI)


def read_rhythm(value: object) -> Rhythm:
    """`"90s"`, `"5m"`, `"2h"`, `"never"` or a cron line. Raises PydanticCustomError: it is none of these."""
    if isinstance(value, Every | Cron | Never):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if text == "never":
        return Never()
    if found := _SPAN.fullmatch(text):
        seconds = int(found[1]) * _UNITS[found[2]]
        if LEAST_S <= seconds <= MOST_S:
            return Every(seconds)
    fields = text.split()
    if len(fields) == _CRON_FIELDS:
        return _cron(" ".join(fields), fields[-1])
    raise PydanticCustomError("rhythm", "not a rhythm")


def _cron(line: str, weekday: str) -> Cron:
    """Weekdays by name only: 0 is Sunday for cron and Monday for APScheduler, and nobody should have to know."""
    if any(sign.isdigit() for sign in weekday):
        raise PydanticCustomError("weekday", "weekdays by name")
    try:
        comes = _trigger(line).get_next_fire_time(None, _LONG_AGO) is not None
    except ValueError:
        raise PydanticCustomError("rhythm", "not a rhythm") from None
    if not comes:
        raise PydanticCustomError("never_comes", "no such day")
    return Cron(line)


RhythmText = Annotated[Every | Cron | Never, BeforeValidator(read_rhythm)]
