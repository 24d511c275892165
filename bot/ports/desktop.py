"""The desktop as hands and eyes see it: windows, one picture of the screen, one click, one chord of keys, the clipboard."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from PIL.Image import Image

from bot.domain.lines import Box

CORNER = "brake.corner"
"""The reason of a stop by a pointer that was pushed into a corner of the screen."""


class Ready(StrEnum):
    """Whether there is a desktop to work on, or what is missing: keys `desktop.*` of the message catalogue."""

    YES = "ready"
    NO_EXTRA = "no_extra"
    NO_SCREEN = "no_screen"
    LOCKED = "locked"
    NO_CLIPBOARD = "no_clipboard"


@dataclass(frozen=True, slots=True)
class WindowSeen:
    """A window as it stood a moment ago; `box` in pixels of the screen, `process` the name of its program."""

    handle: int
    title: str
    process: str
    pid: int
    box: Box


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the screen, in pixels."""

    x: int
    y: int


class DesktopDriver(Protocol):
    """Blocking, milliseconds a call, one caller at a time: whoever runs an event loop asks it in a thread.

    Every method but `ready` may raise NotAvailable (the session is gone or locked); `click` and `press` raise Stopped when a person
    pushed the pointer into a corner of the screen, and have done nothing then.
    """

    def ready(self) -> Ready:
        """Asked afresh at each call: a session may be locked at any moment."""

    def windows(self) -> tuple[WindowSeen, ...]:
        """All visible windows with a title, the one on top first where the system tells."""

    def focused(self) -> WindowSeen | None:
        """The one that would get the next key; None where nobody can tell."""

    def focus(self, window: WindowSeen) -> None:
        """Bring it to the front and ask for the keys; whether it got them is for `focused` to say."""

    def screenshot(self, box: Box) -> Image:
        """What the screen shows there, whatever window it belongs to."""

    def click(self, point: Point) -> None:
        """One left click."""

    def press(self, *keys: str) -> None:
        """One chord, such as `press("ctrl", "v")`; a single character is one key. Raises ValueError for a key that no keyboard has."""

    def pointer(self) -> Point:
        """Where the pointer is: if nobody else moved it, where our last click was."""

    def idle_s(self) -> float | None:
        """Seconds since mouse or keyboard were last used by anybody, ourselves included; None where the system does not tell."""

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""

    def clipboard(self) -> str:
        """The clipboard's text; empty where it holds none."""


class Front(Protocol):
    """The system's own way to the front of the screen, for a window of a program that we started. Blocking, milliseconds a call."""

    def __call__(self, pids: Collection[int], title: str) -> bool:
        """Ask once for the window of these processes whose title begins so, the one on top first; False where none is shown yet.

        Raises NotAvailable: there is no screen, or none whose windows can be asked for.
        """


class StepBook(Protocol):
    """Keeps what the screen showed before and after each step; never raises: a lost picture must not lose the step."""

    def begin(self, what: str) -> None:
        """A new piece of work, such as `quote SF100`."""

    def keep(self, step: str, moment: str, picture: Image) -> None:
        """`moment` is before or after."""


class NoBook:
    """Keeps nothing."""

    def begin(self, what: str) -> None: ...

    def keep(self, step: str, moment: str, picture: Image) -> None: ...
