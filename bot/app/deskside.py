"""Couriers' programs on this PC: one desktop for all of them, its brakes wired to those of the home."""

from __future__ import annotations

from functools import cache

from bot.app.shelves import mended
from bot.app.wiring import House
from bot.desktop import segment, vision
from bot.desktop.album import Album
from bot.desktop.desktop import Desktop, Manners
from bot.desktop.driver import PyautoguiDriver
from bot.desktop.lock import ScreenLock, screen_lock_path
from bot.errors import Stopped
from bot.ocr.engine import reader
from bot.ports.desks import InterceptDesk
from bot.ports.desktop import DesktopDriver
from flows.registry import Counter, Login, Screen, courier_desk


@cache
def _hands() -> PyautoguiDriver:
    """One connection to the screen for all sweeps of this process."""
    return PyautoguiDriver()


def desks_of(house: House, driver: DesktopDriver | None = None) -> tuple[InterceptDesk, ...]:
    """A desk for each `[[courier_desk]]`; nothing is loaded or touched before one of them is asked.

    Raises:
        ConfigError: the selectors cannot be used.
    """
    entries = house.home.settings.courier_desk
    if not entries:
        return ()
    quiet_s = max(entry.quiet_s for entry in entries)
    screen = Screen(desktop_of(house, driver or _hands(), float(quiet_s)), mended(house.home.path))
    desks = []
    for entry in entries:
        login = house.home.desk_login(entry.name)
        counter = Counter(entry.name, entry.couriers, entry.title, entry.process)
        account = Login(login.account, login.password.get_secret_value())
        desks.append(courier_desk().open_desk(screen, counter, account))
    return tuple(desks)


def desktop_of(house: House, driver: DesktopDriver, quiet_s: float) -> Desktop:
    """This PC's screen under this home's kill switch: a pointer in the corner engages it."""

    def heed() -> None:
        if house.kill.engaged():
            raise Stopped("the kill switch is engaged", code="brake.kill")

    return Desktop(
        driver,
        reader,
        house.clock,
        ScreenLock(screen_lock_path()),
        heed=heed,
        on_corner=lambda: house.kill.engage(house.clock.now()),
        book=Album(house.home.files.desk_steps, house.clock),
        manners=Manners(quiet_s=quiet_s),
        find_boxes=segment.text_boxes if vision.installed() else None,
    )
