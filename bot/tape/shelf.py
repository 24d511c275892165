"""The answers of one take as a state machine: per request in order, and a case's pages move on with our own writes to it.

A plain HAR serves the first answer for ever and lets a second submit pass (peers.md M1 to M5). Here every write is on the
shelf as often as it was sent, and a page of a case is served as it stood before or after the writes that were sent by now.
How often a page is read may differ a little from one sweep to the next: the last answer of its time stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.ports.tape import Asked
from bot.tape.entry import Entry
from bot.tape.matching import Key, case_of, key_of
from bot.tape.rules import TapeRules

WRITE: Final = "write"
CALLS: Final = frozenset({WRITE, "upload"})
"""Kinds that are asserted: each is on the shelf once for every time that it was sent."""

NOT_MODIFIED: Final = 304

RulesOf = Callable[[str], TapeRules]
"""The table of the platform that serves a URL."""


@dataclass(slots=True)
class _Reel:
    """The answers to one request; by how many calls of its case were over when each was heard."""

    entries: list[tuple[int, Entry]] = field(default_factory=list)
    served: Counter[int] = field(default_factory=Counter)

    def next(self, calls: int) -> Entry:
        """The next of this time; the last of it again once all were served; else the last of an earlier time."""
        time, entries = self._of(calls)
        place = min(self.served[time], len(entries) - 1)
        self.served[time] += 1
        return entries[place]

    def has_more(self, calls: int) -> bool:
        """Whether an answer of this time was not served yet."""
        time, entries = self._of(calls)
        return self.served[time] < len(entries)

    def _of(self, calls: int) -> tuple[int, list[Entry]]:
        times = [time for time, _ in self.entries]
        time = max((one for one in times if one <= calls), default=times[0])
        mine = [entry for at, entry in self.entries if at == time]
        return time, [entry for entry in mine if entry.said is not None] or mine


class Shelf:
    """One take's entries, being consumed."""

    def __init__(self, entries: Iterable[Entry], rules_of: RulesOf) -> None:
        self._rules_of = rules_of
        self._reels: dict[Key, _Reel] = defaultdict(_Reel)
        self._waiting: dict[Key, list[Entry]] = defaultdict(list)
        self._calls: Counter[str] = Counter()
        self._refused: set[Key] = set()
        self.sent: list[Key] = []
        over: Counter[str] = Counter()
        for entry in entries:
            if entry.refused:
                self._refused.add(self.key(entry.asked))
            else:
                self._put(entry, over)

    def _put(self, entry: Entry, over: Counter[str]) -> None:
        key, case = self._key(entry.asked)
        if entry.asked.kind in CALLS:
            self._waiting[key].append(entry)
            over[case] += entry.asked.kind == WRITE
        elif entry.said is None or entry.said.status != NOT_MODIFIED:
            self._reels[key].entries.append((over[case], entry))

    def _key(self, asked: Asked) -> tuple[Key, str]:
        rules = self._rules_of(asked.url)
        return key_of(asked, rules), case_of(asked, rules)

    def take(self, asked: Asked) -> Entry | None:
        """The answer to serve; None where the shelf has none. A call is taken off the shelf."""
        key, case = self._key(asked)
        if asked.kind not in CALLS:
            reel = self._reels.get(key)
            return reel.next(self._calls[case]) if reel else None
        self.sent.append(key)
        waiting = self._waiting.get(key)
        if not waiting:
            return None
        self._calls[case] += asked.kind == WRITE
        return waiting.pop(0)

    def has_more(self, asked: Asked) -> bool:
        """Whether a read was answered more often then than it was asked for by now, of its case's present time."""
        key, case = self._key(asked)
        reel = self._reels.get(key)
        return reel is not None and reel.has_more(self._calls[case])

    def was_refused(self, asked: Asked) -> bool:
        """Whether the guard stopped such a request when it was recorded."""
        return self.key(asked) in self._refused

    def left(self) -> tuple[Key, ...]:
        """Calls that were sent then and not now."""
        return tuple(key for key, entries in self._waiting.items() for _ in entries)

    def known(self, asked: Asked) -> tuple[Key, ...]:
        """Everything on the shelf for the same method and place, calls that are gone included: what a stranger is held against."""
        mine, _ = self._key(asked)
        shelf = (*self._reels, *self._waiting)
        return tuple(key for key in shelf if (key.method, key.place) == (mine.method, mine.place))

    def key(self, asked: Asked) -> Key:
        """The request by what it means."""
        return self._key(asked)[0]
