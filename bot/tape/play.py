"""Plays a tape: stands where the network was, serves what was recorded, and notes every request that was not recorded so."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.decision import Reason
from bot.ports.tape import GET, PICTURE, Asked, Said
from bot.tape.clock import TapeClock
from bot.tape.matching import Key
from bot.tape.shelf import CALLS, RulesOf, Shelf
from bot.tape.tape import Tape

_LATE: Final = "expired"
_NOTHING: Final = Said(204)
_MAY_BE_NEW: Final = frozenset({"noise", PICTURE})
"""What a page asks for sooner or later than then, or not at all: telemetry, and pictures that it would show had it stayed open."""
_MOST_TOLD: Final = 6
_LONGEST: Final = 120


@dataclass
class TapePlayer:
    """The Player of one replay; `begin` puts the next take's entries on the shelf."""

    tape: Tape
    rules_of: RulesOf
    clock: TapeClock
    differences: list[Reason] = field(default_factory=list)
    calls: list[Key] = field(default_factory=list)
    _shelf: Shelf | None = None
    _recorded: dict[str, list[list[str]]] = field(default_factory=dict)

    def begin(self, take: int) -> None:
        """Wind on to a take; what the one before left on its shelf is told."""
        self.end()
        self.clock.wind(self.tape.label.takes[take].began)
        self._recorded = defaultdict(list)
        for one in self.tape.label.readings:
            if one.take == take:
                self._recorded[one.url].append(list(one.lines))
        self._shelf = Shelf((entry for entry in self.tape.entries if entry.take == take), self.rules_of)

    def end(self) -> None:
        """The take is over: every call of then must have been sent again."""
        shelf, self._shelf = self._shelf, None
        if shelf is not None:
            self.calls += shelf.sent
            self.differences += [Reason(code="tape.not_sent", params=_named(key)) for key in shelf.left()]

    def now(self) -> datetime:
        """See `Player`."""
        return self.clock.now()

    def age_s(self, url: str) -> float:
        """See `Player`."""
        more = self._shelf is not None and self._shelf.has_more(Asked("GET", url, GET))
        return math.inf if more else 0.0

    def reading(self, url: str, lines: Sequence[str]) -> None:
        """See `Player`: what is read has to have been read on this page then."""
        recorded = self._recorded.get(url, [])
        if list(lines) in recorded:
            return
        parted = _parted_lines(recorded, lines)
        self.differences.append(Reason(code="tape.page", params={"page": url, "difference": "; ".join(parted)}))

    def refused(self, asked: Asked, why: str) -> None:
        """See `Player`: what was not refused then is a difference; what only came too late is asked for again."""
        shelf = self._shelf
        if shelf is not None and why != _LATE and not shelf.was_refused(asked):
            self.differences.append(Reason(code="tape.refused", params={**_named(shelf.key(asked)), "why": why}))

    def answer(self, asked: Asked) -> Said | None:
        """See `Player`."""
        shelf = self._shelf
        entry = shelf.take(asked) if shelf else None
        if entry is not None:
            return entry.said
        if asked.kind in _MAY_BE_NEW:
            return _NOTHING
        if shelf is not None:
            self.differences.append(_stranger(asked, shelf))
        return None


def _stranger(asked: Asked, shelf: Shelf) -> Reason:
    """What is wrong with a request that the shelf has not: sent once too often, or another than the nearest recorded one."""
    mine, known = shelf.key(asked), shelf.known(asked)
    if mine in known and asked.kind in CALLS:
        return Reason(code="tape.twice", params=_named(mine))
    if not known:
        return Reason(code="tape.unknown", params=_named(mine))
    nearest = min(known, key=lambda key: len(_parted(mine, key)))
    return Reason(
        code="tape.other", params={**_named(mine), "difference": "; ".join(_parted(mine, nearest)[:_MOST_TOLD])}
    )


def _parted_lines(recorded: Sequence[list[str]], lines: Sequence[str]) -> list[str]:
    """Lines that only the most alike recorded reading has (-), or only this one (+)."""
    nearest = max(recorded, key=lambda one: len(set(one) & set(lines)), default=[])
    gone = [f"- {line[:_LONGEST]}" for line in nearest if line not in lines]
    new = [f"+ {line[:_LONGEST]}" for line in lines if line not in nearest]
    return [*gone[:_MOST_TOLD], *new[:_MOST_TOLD]] or ["the same lines in another order"]


def _named(key: Key) -> dict[str, str]:
    return {"request": str(key), "body": ", ".join(f"{name}={value[:_LONGEST]}" for name, value in key.body)}


def _parted(mine: Key, other: Key) -> list[str]:
    """`name: recorded → sent`, for every name in which two requests differ."""
    sent, recorded = (dict((*key.query, *key.body, *_as(key))) for key in (mine, other))
    return [
        f"{name}: {recorded.get(name, '—')[:_LONGEST]} → {sent.get(name, '—')[:_LONGEST]}"
        for name in sorted(sent.keys() | recorded.keys())
        if sent.get(name) != recorded.get(name)
    ]


def _as(key: Key) -> list[tuple[str, str]]:
    return [("content-type", key.media)] if key.media else []
