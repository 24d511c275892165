"""Ctrl-C in two steps: first the case in hand is settled, then at once; alike on Windows and Linux."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from bot.ports.exits import ExitCode
from bot.ports.progress import StopSignal

T = TypeVar("T")

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
"""SIGBREAK is Windows' Ctrl-Break and what its service managers send; SIGTERM is theirs on Linux."""


class Interrupted(Exception):
    """The operator pressed Ctrl-C twice: work was dropped where it stood; the next start recovers it."""


class Interrupt:
    """Counts the operator's signals while one piece of async work runs."""

    def __init__(self, on_first: Callable[[], None]) -> None:
        self._on_first = on_first
        self._count = 0
        self._before: dict[int, Any] = {}
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self.stop = asyncio.Event()

    @property
    def at_once(self) -> bool:
        """Whether the work was cancelled by the second signal."""
        return self._count > 1

    def __enter__(self) -> Self:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _caught(self, _number: int, _frame: FrameType | None) -> None:
        """Runs between two bytecodes of the main thread, so the rest is left to the loop."""
        self._count += 1
        if self._count > 2:
            # clean-up hangs: the ledger's marks are durable, recovery is made for this (reliability.md 3.3)
            os._exit(ExitCode.INTERRUPTED)
        self._loop.call_soon_threadsafe(self._first if self._count == 1 else self._second)

    def _first(self) -> None:
        self.stop.set()
        self._on_first()

    def _second(self) -> None:
        if self._task:
            self._task.cancel()


def run(work: Callable[[StopSignal], Awaitable[T]], on_first: Callable[[], None]) -> T:
    """Run async work to its end under the operator's hand.

    Args:
        work: is given the signal that the first Ctrl-C sets.
        on_first: tells the operator that it was heard.

    Raises:
        Interrupted: on the second Ctrl-C.
    """

    async def watched() -> T:
        with Interrupt(on_first) as interrupt:
            try:
                return await work(interrupt.stop)
            except asyncio.CancelledError:
                if interrupt.at_once:
                    raise Interrupted from None
                raise

    return asyncio.run(watched())
