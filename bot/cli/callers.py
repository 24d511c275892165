"""How a command calls a person where the robot itself cannot: out of the ledger, past it where it cannot be used, and always by the log."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from types import ModuleType

from loguru import logger

from bot.alerts.log import LogNotifier
from bot.alerts.outliving import outlived
from bot.catalogue import Catalogue
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock, SystemIds
from bot.config import Home, HomeFiles, load_home
from bot.config.files import writing
from bot.domain.ids import ShopKey
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

    def call(self, alarm: Alarm, *, again: bool = False) -> bool:
        """Whether it is done: the ledger has it for `send`, or a channel said yes, or there are no channels and the log has it.

        `again`: an earlier look made this call in vain, and wrote it into the log.
        """
        home = self._home()
        if home is not None and home.settings.channel and _kept(home, alarm):
            return True
        if not again:
            self._log.notify(alarm)
        return home is not None and (not home.settings.channel or _told(home, alarm))

    def passed(self, code: str, shop: ShopKey) -> None:
        """What the ledger still calls about is answered by that."""
        home = self._home()
        if home is not None and home.settings.channel:
            with outlived("the ledger could not be used"):
                use_cases().end_alarms(home, code, shop)

    def send(self) -> None:
        """What is due by now, this look's alarm or the next rung of an earlier one's."""
        home = self._home()
        if home is not None and home.settings.channel:
            with outlived("what is due could not be sent"):
                asyncio.run(use_cases().send_due(home))

    def _home(self) -> Home | None:
        """A watch must outlive settings that are broken."""
        try:
            return load_home(self._path, last_good_policy=True, last_good_settings=True)
        except RefundPilotError as error:
            logger.error("the channels of {} cannot be known: {}", self._path, error)
            return None


def _kept(home: Home, alarm: Alarm) -> bool:
    """Whether the ledger took it; a watch must outlive one that is damaged, a disk that is full, and libraries that are broken."""
    with outlived("the ledger could not be used"):
        use_cases().raise_alarm(home, alarm)
        return True
    return False


def _told(home: Home, alarm: Alarm) -> bool:
    """Whether a channel took it, without the ledger."""
    with outlived("the channels could not be used"):
        direct = _direct()
        return bool(asyncio.run(direct.told_directly(home, alarm, SystemClock(), SystemIds())))
    return False


def _direct() -> ModuleType:
    """Imported late: `stop` has to answer at once, and a home without channels needs no client for them."""
    return importlib.import_module("bot.alerts.direct")
