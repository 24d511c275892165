"""Time, chance and identity come in from outside: nothing else in bot or flows asks the machine for them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """`now` is aware, in Asia/Shanghai; `monotonic` counts seconds and never jumps (F36)."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Ids(Protocol):
    """Fresh unguessable ids, sortable by time of making."""

    def fresh(self, prefix: str) -> str: ...
