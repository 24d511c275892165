"""The tray's icon beside a service: kept up to date once a second, its presses done by the office; never a reason not to work."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import assert_never

from loguru import logger

from bot.app.office import HomeOffice
from bot.browser.find import this_machine
from bot.catalogue import Catalogue
from bot.console.icon import Icon, NoTray, cannot
from bot.console.serving import Served
from bot.console.tray import face_of
from bot.domain.decision import Reason
from bot.errors import RefundPilotError
from bot.ports.office_views import Person, Role
from bot.ports.tray import Press, Tray

EVERY_S = 1.0
"""A stop shows within this, as everywhere."""

SOMEBODY = Person(name="somebody at the tray icon", role=Role.OPERATOR)
"""Whoever sits at the PC: the icon asks nobody for a name."""

OpenTray = Callable[[Callable[[Press], None]], Tray]


@dataclass(frozen=True)
class Presses:
    """What each press does. Stopping is everybody's; going on is a named person's where the settings name people."""

    office: HomeOffice
    served: Served | None
    browse: Callable[[str], object] = webbrowser.open

    def __call__(self, press: Press) -> None:
        """In the icon's own thread: nobody there could catch anything."""
        try:
            self._do(press)
        except RefundPilotError as error:
            logger.error("the tray's {} failed: {} {}", press, error.reason_code, error)

    def _do(self, press: Press) -> None:
        match press:
            case Press.STOP:
                self.office.stop(SOMEBODY)
            case Press.RESUME if self._named:
                self._open("resume")
            case Press.RESUME:
                self.office.resume(SOMEBODY)
            case Press.CONSOLE:
                self._open("")
            case _:
                assert_never(press)

    @property
    def _named(self) -> bool:
        return bool(self.office.settings.console.person)

    def _open(self, page: str) -> None:
        """People who are named come in by their own token; without any, whoever sits here is the one approver."""
        if self.served is None:
            return
        fresh = "" if self._named else f"enter#{self.served.sessions.renew_one_time()}"
        self.browse(f"{self.served.url}{fresh or page}")


@asynccontextmanager
async def in_tray(
    office: HomeOffice,
    served: Served | None,
    note: Callable[[Reason], None],
    open_tray: OpenTray | None = None,
    *,
    asked: bool = False,
) -> AsyncIterator[None]:
    """An icon while the block runs; where none can be had all else goes on, and whoever `asked` for it is told once."""
    why = "" if open_tray else cannot(this_machine())
    try:
        tray = None if why else (open_tray or Icon)(Presses(office, served))
    except NoTray as error:
        tray, why = None, "refused"
        logger.debug("no tray icon: {}", error)
    if tray is None:
        if asked:
            note(Reason(code=f"tray.{why}"))
        yield
        return
    keeping = asyncio.create_task(_keep(office, tray))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        tray.close()


async def _keep(office: HomeOffice, tray: Tray) -> None:
    """The icon as things stand; as before where nothing changed, or the books cannot be read just now."""
    shown, seen, say = None, None, Catalogue(office.language)
    while True:
        try:
            marks = await asyncio.to_thread(office.marks)
            face = shown if marks == seen else await asyncio.to_thread(face_of, office, say)
            if face is not None and face != shown:
                tray.show(face)
            shown, seen = face, marks
        except RefundPilotError as error:
            logger.debug("no look for the tray: {}", error)
        await asyncio.sleep(EVERY_S)
