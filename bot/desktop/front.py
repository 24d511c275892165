"""A window of a program that we started in front of everything else, by the system's own means: `bot.ports.desktop.Front`."""

from __future__ import annotations

import sys
from collections.abc import Collection

from bot.desktop import win32
from bot.desktop.x11 import X11


def this_screen() -> X11 | win32.Win32:
    """The windows of the session that this program runs in. Raises NotAvailable: no screen, or the extra `desktop` is not there."""
    return win32.Win32() if sys.platform == "win32" else X11()


def to_front(pids: Collection[int], title: str) -> bool:
    """See `Front`. It is asked once and then left alone: who covers it again has a reason."""
    screen = this_screen()
    try:
        ours = (one for one in screen.windows(put_away=True) if one.pid in pids and one.title.startswith(title))
        if window := next(ours, None):
            screen.show(window)
        return window is not None
    finally:
        screen.close()
