"""A bar for work that takes longer than somebody waits gladly: it shows itself after two seconds, on a terminal only."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bot.clock import SystemClock

PATIENCE_S = 2.0


class Stopwatch(Protocol):
    """As much of a clock as this needs."""

    def monotonic(self) -> float: ...


class Steps:
    """Called with (steps done, steps in all); a context manager that owns the line it draws."""

    def __init__(self, console: Console, words: str, clock: Stopwatch | None = None) -> None:
        self._clock: Stopwatch = clock or SystemClock()
        self._began = self._clock.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(words, total=None)
        self._shown = False
        self._silent = not console.is_terminal

    def __call__(self, done: int, steps: int) -> None:
        late = self._clock.monotonic() - self._began > PATIENCE_S
        if late and not self._shown and not self._silent:
            self._shown = True
            self._bar.start()
        self._bar.update(self._task, completed=done, total=steps)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._bar.stop()
