"""The two heads of a tape: one is told of every request with its answer, the other answers in the network's stead."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

GET, PICTURE = "get", "picture"
"""Kinds of plain requests, which no guard's table names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it stood at the gate; header names in lower case.

    `kind`: what the guard's table says of it, `read`, `noise`, `upload` or `write`; else `picture` for what a page merely
    shows, and `get` for any other plain one.
    `body` is None where there is none, or where the browser does not show it (files).
    """

    method: str
    url: str
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; header names in lower case, as often as they came."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Recorder(Protocol):
    """Keeps what passes; never delays it, never raises."""

    @property
    def kept(self) -> int:
        """How many requests were kept by now."""

    def exchange(self, asked: Asked, said: Said | None, since: int | None = None) -> None:
        """A request that left, with its answer; None when it broke off.

        `since`: how many were kept when it left, for one that nobody waited for in the end: it stands where it was asked.
        """

    def refused(self, asked: Asked, why: str) -> None:
        """A request that the guard did not let go."""

    def is_news(self, url: str, page: Hashable) -> bool:
        """Whether the page was never read so in this sweep: a second copy of it would tell nothing."""

    def reading(self, url: str, html: str, lines: Sequence[str]) -> None:
        """A page as it stood when it was read, and what was read there."""


class Player(Protocol):
    """Stands where the network was."""

    def now(self) -> datetime:
        """The moment of the tape, for the pages' own clocks."""

    def age_s(self, url: str) -> float:
        """How old a page is that stands open: too old to act on where the recorded sweep loaded it once more, else new."""

    def reading(self, url: str, lines: Sequence[str]) -> None:
        """What was read on a page this time."""

    def refused(self, asked: Asked, why: str) -> None:
        """The guard stopped a request; the tape is not asked."""

    def answer(self, asked: Asked) -> Said | None:
        """What the tape has for it; None: it broke off then, or the tape has nothing (which is noted as a difference)."""
