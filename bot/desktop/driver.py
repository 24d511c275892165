"""The real DesktopDriver: pyautogui's hands, the system's own word on windows, Pillow's picture of the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from PIL import ImageGrab
from PIL.Image import Image

from bot.desktop import clipboard, library, win32
from bot.desktop.front import this_screen
from bot.desktop.x11 import X11
from bot.domain.lines import Box
from bot.errors import NotAvailable, Stopped
from bot.ports.desktop import CORNER, Point, Ready, WindowSeen


class PyautoguiDriver:
    """Loads nothing before it is asked for something."""

    def __init__(self) -> None:
        self._screen: X11 | win32.Win32 | None = None

    def close(self) -> None:
        """Leave the screen; the next question comes back to it."""
        screen, self._screen = self._screen, None
        if screen is not None:
            screen.close()

    def ready(self) -> Ready:
        if not library.installed():
            return Ready.NO_EXTRA
        if not clipboard.available():
            return Ready.NO_CLIPBOARD
        try:
            self._windows()
            library.pyautogui()
        except NotAvailable:
            return Ready.NO_SCREEN
        return Ready.LOCKED if _locked() else Ready.YES

    def windows(self) -> tuple[WindowSeen, ...]:
        return self._windows().windows()

    def focused(self) -> WindowSeen | None:
        return self._windows().focused()

    def focus(self, window: WindowSeen) -> None:
        self._windows().focus(window)

    def screenshot(self, box: Box) -> Image:
        edges = (box.left, box.top, box.right, box.bottom)
        try:
            if sys.platform == "win32":
                return ImageGrab.grab(bbox=edges, all_screens=True)
            # without a display named Pillow would fall back to a program that flashes the screen
            return ImageGrab.grab(xdisplay=os.environ.get("DISPLAY", "")).crop(edges)
        except OSError as error:
            raise NotAvailable(f"no picture of the screen: {error}", code="desktop.no_screen") from error

    def click(self, point: Point) -> None:
        hands = library.pyautogui()
        with _Corner(hands):
            hands.click(point.x, point.y, _pause=False)

    def press(self, *keys: str) -> None:
        hands = library.pyautogui()
        if lost := [key for key in keys if not hands.isValidKey(key)]:
            raise ValueError(f"no keyboard has {lost[0]!r}: what it lacks is pasted")
        with _Corner(hands):
            hands.hotkey(*keys, interval=0, _pause=False)

    def pointer(self) -> Point:
        x, y = library.pyautogui().position()
        return Point(int(x), int(y))

    def idle_s(self) -> float | None:
        screen = self._windows()
        return 0.0 if screen.held_keys() else screen.idle_s()

    def copy(self, text: str) -> None:
        clipboard.copy(text)

    def clipboard(self) -> str:
        return clipboard.paste()

    def _windows(self) -> X11 | win32.Win32:
        if self._screen is None:
            if sys.platform == "win32":
                win32.see_real_pixels()
            self._screen = this_screen()
        return self._screen


class _Corner:
    """Tells pyautogui's own alarm as ours: it is raised before anything is done."""

    def __init__(self, hands: Any) -> None:
        self._alarm: type[BaseException] = hands.FailSafeException

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is not None and issubclass(kind, self._alarm):
            raise Stopped("the pointer was pushed into a corner of the screen", code=CORNER) from error


def _locked() -> bool:
    """As far as the system tells; a lock that it does not tell of shows a picture without our window, which holds too."""
    if sys.platform == "win32":
        return win32.locked()
    session = os.environ.get("XDG_SESSION_ID", "")
    if not session:
        return False
    try:
        asked = ["loginctl", "show-session", session, "--property=LockedHint", "--value"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=3, check=False)  # noqa: S603 - fixed program
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == "yes"
