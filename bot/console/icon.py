"""The icon itself, by pystray: imported only when somebody wants it, and no matter where the desktop has no place for it."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

from loguru import logger
from PIL import Image, ImageDraw

from bot.browser.find import Machine, System, has_display
from bot.desktop.library import quietly
from bot.ports.tray import Face, MenuLine, Press, Tone

LIBRARY = "pystray"
SIZE = 64

COLOURS = {
    Tone.STOPPED: "#b3261e",
    Tone.NEEDED: "#d98a00",
    Tone.BREAKER: "#b3261e",
    Tone.ACTING: "#2a5d9f",
    Tone.LOOKING: "#6b7785",
}
"""Never by colour alone: title and menu say the same in words."""

_SHIELD = ((32, 4), (54, 13), (54, 30), (48, 44), (32, 60), (16, 44), (10, 30), (10, 13))
_TICK = ((21, 32), (29, 40), (44, 23))
_BARS = ((24, 22, 29, 42), (35, 22, 40, 42))

Pressed = Callable[[Press], None]


class NoTray(Exception):
    """There is none to be had; the text says why, in the library's words."""


def installed() -> bool:
    """Whether the library is there at all; nothing is imported for the answer."""
    return importlib.util.find_spec(LIBRARY) is not None


def cannot(machine: Machine) -> str:
    """Why there can be no icon on this PC, as the last word of a `tray.…` code; empty where it can be tried."""
    if not has_display(machine):
        return "no_display"
    if machine.system is System.MACOS:  # there an icon wants the main thread, which is the robot's
        return "refused"
    return "" if installed() else "not_installed"


class Icon:
    """`bot.ports.tray.Tray`, in a thread of its own that ends with the process; `pressed` is called in that thread."""

    def __init__(self, pressed: Pressed) -> None:
        """Raises NoTray: not installed, or this desktop has no tray."""
        self._pressed = pressed
        self._face = Face(tone=Tone.LOOKING, title="RefundPilot", lines=())
        # where a screen has no tray it would tell so, with a traceback, at each change of the icon
        logging.getLogger(LIBRARY).setLevel(logging.CRITICAL)
        try:
            with quietly():
                import pystray  # noqa: PLC0415 - an extra of the installation on Linux, and there it wants a desktop

                self._lib: Any = pystray
                menu = self._lib.Menu(self._items)
                self._icon: Any = self._lib.Icon("refundpilot", drawn(Tone.LOOKING), "RefundPilot", menu=menu)
        except Exception as error:  # each desktop's library fails in a way of its own
            raise NoTray(f"{type(error).__name__}: {error}") from error
        Thread(target=self._run, name="tray", daemon=True).start()

    def _run(self) -> None:
        try:
            self._icon.run()
        except Exception as error:  # noqa: BLE001 - a desktop that went away takes its icon along and nothing else
            logger.warning("the tray icon ended: {}", error)

    def _items(self) -> Iterator[Any]:
        for line in self._face.lines:
            yield self._lib.MenuItem(
                line.text, self._action(line), enabled=line.press is not None, default=line.press is Press.CONSOLE
            )

    def _action(self, line: MenuLine) -> Callable[[], None]:
        return lambda: self._pressed(line.press) if line.press else None

    def show(self, face: Face) -> None:
        before, self._face = self._face, face
        self._try(self._icon.update_menu)
        if face.tone is not before.tone:
            self._try(lambda: setattr(self._icon, "icon", drawn(face.tone)))
        if face.title != before.title:
            self._try(lambda: setattr(self._icon, "title", face.title))

    def close(self) -> None:
        self._try(self._icon.stop)

    @staticmethod
    def _try(change: Callable[[], object]) -> None:
        try:
            change()
        except Exception as error:  # noqa: BLE001 - an icon that cannot be changed is no reason not to work
            logger.debug("the tray icon did not change: {}", error)


def drawn(tone: Tone) -> Image.Image:
    """The shield: with a tick while it works, with two bars while it is stopped."""
    picture = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.polygon(_SHIELD, fill=COLOURS[tone])
    if tone is Tone.STOPPED:
        for bar in _BARS:
            draw.rectangle(bar, fill="#fff")
    else:
        draw.line(_TICK, fill="#fff", width=6, joint="curve")
    return picture
