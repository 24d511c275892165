"""Alarms whose matter is over answer themselves, so that nobody is rung about what somebody has already mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from bot.domain.ids import ShopKey
from bot.ports.alarms import BY_ITSELF, AlarmEntry

OF_BREAKER: Final = ("brake.breaker", "service.breaker")
"""Told while a shop's breaker is open, by its sweep and by the service that leaves the shop alone."""


class Answers(Protocol):
    """As much of `AlarmBooks` as it takes."""

    def open_alarms(self) -> tuple[AlarmEntry, ...]: ...

    def acknowledge_alarms(self, wanted: int | str, by: str, note: str = "") -> tuple[int, ...]: ...


def end_alarms(books: Answers, code: str, is_over: Callable[[ShopKey], bool]) -> None:
    """Answer those of this code in the shops where it is over; raised again, it is news. Raises LedgerError."""
    for entry in books.open_alarms():
        if entry.alarm.reason.code == code and is_over(entry.alarm.shop):
            books.acknowledge_alarms(entry.number, BY_ITSELF)
