"""The agenda: when each duty is next, which are due by now, and how often one was missed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.config.settings import Settings
from bot.scheduler.duties import Duty, Job, duties, next_time

MOST = 1_000
"""More missed runs than this are not counted one by one: the PC was away, and how long stands beside the count."""


@dataclass(frozen=True, slots=True)
class Due:
    """A duty whose time has come: `first` and `last` are the first and newest of the `count` times since it was last asked for."""

    duty: Duty
    first: datetime
    last: datetime
    count: int = 1


class Agenda:
    """Knows nothing of clocks: it is told what time it is. Time that is set back moves the next times back with it."""

    def __init__(self, settings: Settings, chores: frozenset[Job], now: datetime) -> None:
        self._chores = chores
        self._settings = settings
        self._next: dict[Duty, datetime | None] = {}
        self._asked = now
        self.change(settings, now)

    @property
    def duties(self) -> tuple[Duty, ...]:
        """All that come round at all."""
        return tuple(duty for duty, at in self._next.items() if at is not None)

    def change(self, settings: Settings, now: datetime) -> None:
        """Go by other settings from now on; what is due already stays due."""
        self._settings = settings
        due = {duty: at for duty, at in self._next.items() if at is not None and at <= now}
        self._next = {duty: due.get(duty) or self._after(duty, now) for duty in duties(settings, self._chores)}

    def due(self, now: datetime) -> Iterator[Due]:
        """Every duty whose time has come, once; each is next after `now` from here on."""
        back, self._asked = now < self._asked, now
        if back:
            self._next = {duty: self._after(duty, now) for duty in self._next}
        for duty, at in tuple(self._next.items()):
            if at is not None and at <= now:
                self._next[duty] = self._after(duty, now)
                yield self.between(duty, at, now)

    def missed_since(self, last: Mapping[Duty, datetime], now: datetime) -> Iterator[Due]:
        """What would have been due after each duty's last time and is not done, at the start of the service."""
        for duty in self._next:
            first = self._after(duty, last[duty]) if duty in last else None
            if first is not None and first <= now:
                yield self.between(duty, first, now)

    def between(self, duty: Duty, first: datetime, now: datetime) -> Due:
        """How often it was due from `first` up to now."""
        last, count = first, 1
        while count < MOST and (following := self._after(duty, last)) is not None and following <= now:
            last, count = following, count + 1
        return Due(duty, first, last, count)

    def coming(self) -> tuple[tuple[datetime, Duty], ...]:
        """All next times in their order."""
        known = [(at, duty) for duty, at in self._next.items() if at is not None]
        return tuple(sorted(known, key=lambda one: (one[0], one[1].key)))

    def _after(self, duty: Duty, moment: datetime) -> datetime | None:
        return next_time(self._settings, duty, moment)
