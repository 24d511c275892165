"""The icon in the desktop's tray: what it shows, and what a press in its menu asks for; `bot.console.icon` is one, a fake in tests another."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from bot.domain.base import Frozen


class Tone(StrEnum):
    """What the icon says without a word, the gravest first."""

    STOPPED = "stopped"
    NEEDED = "needed"
    BREAKER = "breaker"
    ACTING = "acting"
    LOOKING = "looking"


class Press(StrEnum):
    """What somebody at the desktop may ask for."""

    CONSOLE = "console"
    STOP = "stop"
    RESUME = "resume"


class MenuLine(Frozen):
    """One line; `press` None: it is there to be read."""

    text: str
    press: Press | None = None


class Face(Frozen):
    """All that is to be seen; `title` is read where the pointer rests, at most 127 characters (Windows)."""

    tone: Tone
    title: str
    lines: tuple[MenuLine, ...]


class Tray(Protocol):
    """An icon that is there until it is closed."""

    def show(self, face: Face) -> None: ...

    def close(self) -> None: ...
