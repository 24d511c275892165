"""The home's files while the service runs: read again when one changed, calls and times at once, the rest for the next border; broken ones are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from loguru import logger

from bot.app.service.desk import Desk
from bot.app.wiring import rehomed
from bot.catalogue import Catalogue
from bot.config import BadConfig, Home, Problem, load_home
from bot.config.documents import UNREADABLE
from bot.config.lastgood import keep_last_good
from bot.config.watching import Signature, signature
from bot.domain.decision import Reason
from bot.ports.notifier import Urgency

_URGENCY = {"settings.changed": Urgency.INFO}
_TOLD = 3
"""Mistakes that an alarm quotes; `doctor` lists them all."""


class Changes:
    """What changed in the home's files. The service's clockwork looks, and its worker takes the rest where nothing is in hand."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._watch = HomeWatch(desk.house.home, self._told, desk.house.catalogue)
        self._reading = asyncio.Lock()
        self._taken = self._found = desk.house.home

    async def look(self) -> None:
        """Whom it calls over what, and when it sweeps, count from here on; a sweep that goes on tells the same ledger."""
        async with self._reading:
            home = await self._watch.fresh()
            if home is not None:
                self._found = home
                self._adopt(home)

    def take(self) -> tuple[Home, bool] | None:
        """The home as it is from now on, and whether more than its policy changed since the last one; None where none came since."""
        home, before = self._found, self._taken
        if home is before:
            return None
        self._taken = home
        return home, (home.settings, home.logins) != (before.settings, before.logins)

    def _adopt(self, home: Home) -> None:
        desk, before = self._desk, self._desk.house.home
        timely = before.with_calls_and_times_of(home)
        if (timely.settings, timely.logins) != (before.settings, before.logins):
            desk.house = rehomed(desk.house, timely)
            desk.agenda.change(timely.settings, desk.house.clock.now())

    def _told(self, reason: Reason) -> None:
        self._desk.tell(reason, _URGENCY.get(reason.code, Urgency.CALL))


class HomeWatch:
    """`tell` hears of every change and of every new mistake, once, in words of `say`."""

    def __init__(self, home: Home, tell: Callable[[Reason], None], say: Catalogue) -> None:
        self._home = home
        self._tell = tell
        self._say = say
        self._seen: tuple[Signature, ...] = self._look()
        self._told = ""
        if home.broken_settings:
            self._broken(home.broken_settings)
        else:
            self._keep()

    async def fresh(self) -> Home | None:
        """The home as its files say by now; None where nothing changed, or the last good one stays."""
        seen = self._look()
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            home = await asyncio.to_thread(load_home, self._home.path, last_good_policy=True)
        except BadConfig as error:
            if any(problem.reason.code == UNREADABLE for problem in error.problems):
                # an editor may hold the file right now (Windows): looked at again, whether its date changes or not
                self._seen = ()
            self._broken(error.problems)
            return None
        except BaseException:
            self._seen = ()  # nobody has taken it in
            raise
        self._told = ""
        self._keep()
        changed = (home.settings, home.logins) != (self._home.settings, self._home.logins)
        self._home = home
        if changed:
            self._tell(Reason(code="settings.changed"))
        return home

    def _keep(self) -> None:
        """For a start with a broken file. A full disk must not end a service that has its settings in hand."""
        files = self._home.files
        try:
            keep_last_good(files.last_good_settings, files.settings.read_text(encoding="utf-8-sig"))
        except OSError as error:
            logger.error("the settings could not be kept: {}", error)

    def _broken(self, problems: Sequence[Problem]) -> None:
        detail = "; ".join(problem.told(self._say) for problem in problems[:_TOLD])
        if detail != self._told:
            self._told = detail
            self._tell(Reason(code="settings.broken", params={"detail": detail}))

    def _look(self) -> tuple[Signature, ...]:
        files = self._home.files
        return tuple(signature(path) for path in (files.settings, files.credentials, files.policy))
