"""Plays a tape: stands where the network was, serves what was recorded, and notes every request that was not recorded so."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from bot.domain.decision import Reason
from bot.ports.tape import GET, PICTURE, Asked, Said
from bot.tape.clock import TapeClock
from bot.tape.entry import Entry
from bot.tape.matching import Key, case_of
from bot.tape.shelf import CALLS, WRITE, RulesOf, Shelf
from bot.tape.tape import Tape

_LATE: Final = "expired"
_NOTHING: Final = Said(204)
_NOISE: Final = "noise"
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
    _read_again: frozenset[str] = frozenset()
    _unread: set[str] = field(default_factory=set)

    def begin(self, take: int) -> None:
        """Wind on to a take; what the one before left on its shelf is told."""
        self.end()
        self.clock.wind(self.tape.label.takes[take].began)
        self._recorded = defaultdict(list)
        for one in self.tape.label.readings:
            if one.take == take:
                self._recorded[one.url].append(list(one.lines))
        entries = [entry for entry in self.tape.entries if entry.take == take]
        self._shelf = Shelf(entries, self.rules_of)
        written = {self._case(entry.asked.url, entry.asked): entry.at for entry in entries if _is_done(entry)}
        readings = [(self._case(one.url), one.at) for one in self.tape.label.readings if one.take == take]
        self._read_again = frozenset(case for case, at in readings if case and case in written and at > written[case])

    def _case(self, url: str, asked: Asked | None = None) -> str:
        return case_of(asked or Asked("GET", url, GET), self.rules_of(url))

    @cached_property
    def _albums(self) -> frozenset[str]:
        """Folders out of which pages showed pictures."""
        return frozenset(_folder(entry.asked.url) for entry in self.tape.entries if _is_picture(entry))

    def end(self) -> None:
        """The take is over: every call of then must have been sent again."""
        shelf, self._shelf = self._shelf, None
        if shelf is not None:
            self.calls += shelf.sent
            self.differences += [Reason(code="tape.not_sent", params=_named(key)) for key in shelf.left()]
        self.differences += [Reason(code="tape.unread", params={"case": case}) for case in sorted(self._unread)]
        self._unread.clear()

    def now(self) -> datetime:
        """See `Player`."""
        return self.clock.now()

    def age_s(self, url: str) -> float:
        """See `Player`."""
        more = self._shelf is not None and self._shelf.has_more(Asked("GET", url, GET))
        return math.inf if more else 0.0

    def reading(self, url: str, lines: Sequence[str]) -> None:
        """See `Player`: what is read has to have been read on this page then."""
        self._unread.discard(self._case(url))
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
            if _is_done(entry):
                self._unread |= self._read_again & {self._case(asked.url, asked)}
            return entry.said
        if self._may_be_new(asked):
            return _NOTHING
        if shelf is not None:
            self.differences.append(_stranger(asked, shelf))
        return None

    def _may_be_new(self, asked: Asked) -> bool:
        """What a page asks for sooner or later than then: telemetry, and pictures of a folder that had some, had it stayed open."""
        return asked.kind == _NOISE or (asked.kind == PICTURE and _folder(asked.url) in self._albums)


def _is_done(entry: Entry) -> bool:
    return entry.asked.kind == WRITE and not entry.refused


def _is_picture(entry: Entry) -> bool:
    """By how it was asked for, or what came, which a tape of before has alone."""
    shown = entry.said is not None and dict(entry.said.headers).get("content-type", "").startswith("image/")
    return not entry.refused and (entry.asked.kind == PICTURE or shown)


def _folder(url: str) -> str:
    return url.partition("?")[0].partition("#")[0].rpartition("/")[0]


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
