"""How a command calls a person where the robot itself cannot: over the home's channels if they can be had, and always by the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from loguru import logger

from bot.alerts.log import LogNotifier
from bot.catalogue import Catalogue
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.config import Home, HomeFiles, load_home
from bot.config.files import writing
from bot.errors import RefundPilotError
from bot.ports.notifier import Alarm


class Caller:
    """How the watch calls a person, or a sweep that cannot even begin: over the home's channels, beside whoever holds its lock; where they cannot be had, by the log.

    Ledger and channels are opened only where there is something to tell, and a home without channels needs neither.
    """

    def __init__(self, home: Path, say: Catalogue | None) -> None:
        """Without a catalogue nothing is said on stderr: the command tells whoever reads there. Raises ConfigError: no folder for the logs."""
        files = HomeFiles(home)
        with writing(files.logs):
            files.logs.mkdir(parents=True, exist_ok=True)
        self._log = LogNotifier(files.logs, SystemClock(), say)
        self._path = home

    def notify(self, alarm: Alarm) -> None:
        if not self._tried(lambda home: use_cases().raise_alarm(home, alarm)):
            self._log.notify(alarm)

    def send(self) -> None:
        """What is due by now, this look's alarm or the next rung of an earlier one's."""
        self._tried(lambda home: asyncio.run(use_cases().send_due(home)))

    def _tried(self, do: Callable[[Home], None]) -> bool:
        """Whether it was done: a watch must outlive settings, a ledger and libraries that are broken."""
        try:
            home = load_home(self._path, last_good_policy=True, last_good_settings=True)
            if not home.settings.channel:
                return False
            do(home)
        except (RefundPilotError, ImportError) as error:
            logger.error("the channels of {} could not be used: {}", self._path, error)
            return False
        return True
