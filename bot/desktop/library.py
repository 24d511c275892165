"""pyautogui, imported late and made fit for use: what it trips over on an ops PC was measured (docs/desktop.md)."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.errors import NotAvailable


def installed() -> bool:
    """Whether the extra `desktop` is there; nothing is loaded for the answer."""
    return all(find_spec(module) for module in ("pyautogui", "pyperclip"))


@cache
def pyautogui() -> Any:
    """The library, without pauses of its own and with its corner. Raises NotAvailable."""
    if not installed():
        raise NotAvailable("the extra `desktop` is not installed", code="desktop.no_extra")
    _before_import()
    try:
        with quietly():
            import pyautogui as library  # noqa: PLC0415 - needs a screen and an extra of the installation
            import pyscreeze  # noqa: PLC0415 - comes with pyautogui
    except Exception as error:
        # KeyError without DISPLAY, Xlib's own errors for a screen that does not answer: none has a common base
        raise NotAvailable(f"no screen: {error!r}", code="desktop.no_screen", raw=repr(error)) from error
    # otherwise pictures are refused on Linux without scrot or gnome-screenshot, although Pillow grabs them by itself
    pyscreeze.GNOMESCREENSHOT_EXISTS = True
    library.PAUSE = 0
    library.FAILSAFE = True
    return library


def _before_import() -> None:
    # without tkinter mouseinfo ends the whole program when it is imported; nothing of it is used
    sys.modules.setdefault("mouseinfo", ModuleType("mouseinfo"))
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        raise NotAvailable("no DISPLAY", code="desktop.no_screen")


@contextmanager
def quietly() -> Iterator[None]:
    """A connection to an X screen while the block runs.

    python3-xlib dies where there is no ~/.Xauthority (an empty one does), and says on stdout, which is for one JSON object, that
    it found nothing in it. What old modules warn of when they are compiled for the first time concerns nobody here.
    """
    if sys.platform == "linux" and "XAUTHORITY" not in os.environ and not (Path.home() / ".Xauthority").exists():
        os.environ["XAUTHORITY"] = os.devnull
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
