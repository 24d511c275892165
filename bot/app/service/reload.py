"""The home's files while the service runs: read again at a sweep's border when one changed; broken ones are told, and change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from loguru import logger

from bot.catalogue import Catalogue
from bot.config import BadConfig, Home, Problem, load_home
from bot.config.documents import UNREADABLE
from bot.config.lastgood import keep_last_good
from bot.config.watching import Signature, signature
from bot.domain.decision import Reason

_TOLD = 3
"""Mistakes that an alarm quotes; `doctor` lists them all."""


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
