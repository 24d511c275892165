"""What the client needs of a window; the one that Tk draws implements it, and so does the one that tests hold in their hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from simulator.desktop.door import Refused, Unreachable
from simulator.desktop.state import Shown

Do = Callable[[], None]
Told = dict[str, Any]
Outcome = Told | Refused | Unreachable


def outcome_of(ask: Callable[[], Told]) -> Outcome:
    """The answer, or the refusal as a value: whoever asked off the window's thread gets it on it."""
    try:
        return ask()
    except (Refused, Unreachable) as error:
        return error


class Stage(Protocol):
    """The window, as the client needs it."""

    def draw(self, shown: Shown) -> None:
        """Show it."""

    def later(self, delay_ms: int, do: Do) -> None:
        """Do something on the window's thread after a while."""

    def work(self, ask: Callable[[], Told], done: Callable[[Outcome], None]) -> None:
        """Ask off the window's thread; `done` gets the answer, or the refusal, on it."""

    def confirm(self, text: str, answer: Callable[[bool], None]) -> None:
        """Open 拦截确认."""

    def news(self, text: str, closed: Do) -> None:
        """Open 快递资讯."""

    def update(self, answer: Callable[[bool], None]) -> None:
        """Open 发现新版本; the answer is whether to update now."""

    def close_popups(self) -> None:
        """Close all of them, unanswered."""

    def move(self, dx: float, dy: float) -> None:
        """Move the window by so many pixels of scale 1."""

    def resize(self, factor: float) -> None:
        """Make the window so many times its usual size."""

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""
