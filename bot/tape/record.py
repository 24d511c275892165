"""Records a sweep: keeps in memory what passed the gate, what was read and what was shown; `bot.tape.clean` makes a tape of it.

Nothing is written before it is scrubbed, so a robot that is killed leaves no tape and no secret. What is kept is packed as
it comes: a page of 40 KB takes 4.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.domain.evidence import EvidenceKind
from bot.ports.clock import Clock
from bot.ports.tape import Asked, Said
from bot.tape.entry import Entry

PROOFS: Final = frozenset({EvidenceKind.TRAIL, EvidenceKind.WEIGHTS, EvidenceKind.INBOX})
"""Pictures that go into an act, so that a replay has to show the same ones."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it stood when it was read."""

    take: int
    at: datetime
    url: str
    html: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that was taken or found, and how it came to be."""

    take: int
    kind: EvidenceKind
    origin: str
    at: datetime
    data: bytes


def _nobody(_: Entry | Seen) -> None:
    """Nothing is learned beside the sweep."""


@dataclass
class TapeRecorder:
    """The Recorder of one command; `begin` starts a take for each sweep of a shop.

    `hear` is told of everything as it comes, and must return at once.
    """

    clock: Clock
    hear: Callable[[Entry | Seen], None] = _nobody
    takes: int = 0
    shown: list[Shown] = field(default_factory=list)
    _entries: list[tuple[int, Entry]] = field(default_factory=list)
    _seen: list[tuple[Seen, bytes]] = field(default_factory=list)
    _known: set[tuple[int, str, int]] = field(default_factory=set)
    _packed: dict[int, bytes] = field(default_factory=dict)

    def begin(self) -> int:
        """The number of the take that begins now."""
        self.takes += 1
        return self._take

    @property
    def _take(self) -> int:
        return max(0, self.takes - 1)

    def exchange(self, asked: Asked, said: Said | None, since: int | None = None) -> None:
        """See `Recorder`."""
        self._keep(Entry(asked, said, self.clock.now(), self._take), since)

    def _keep(self, entry: Entry, since: int | None = None) -> None:
        """`since`: it stands right behind so many others."""
        self.hear(entry)
        said = entry.said and replace(entry.said, body=self._pack(entry.said.body))
        self._entries.append((self.kept if since is None else since - 1, replace(entry, said=said)))

    def _pack(self, body: bytes) -> bytes:
        """Scripts that come with every page are packed, and kept, once."""
        one = hash(body)
        if one not in self._packed:
            self._packed[one] = zlib.compress(body)
        return self._packed[one]

    def refused(self, asked: Asked, why: str) -> None:
        """See `Recorder`."""
        self._keep(Entry(asked, None, self.clock.now(), self._take, why))

    def is_news(self, url: str, page: Hashable) -> bool:
        """See `Recorder`."""
        known, one = len(self._known), (self._take, url, hash(page))
        self._known.add(one)
        return len(self._known) > known

    def reading(self, url: str, html: str, lines: Sequence[str]) -> None:
        """See `Recorder`."""
        whole = html.encode(errors="replace")  # half a character is no text on any disk
        seen = Seen(self._take, self.clock.now(), url, whole.decode(), tuple(lines))
        self.hear(seen)
        self._seen.append((replace(seen, html=""), zlib.compress(whole)))

    def proof(self, kind: EvidenceKind, origin: str, at: datetime, data: bytes) -> None:
        """A picture that may go into an act; any other kind is not kept."""
        if kind in PROOFS:
            self.shown.append(Shown(self._take, kind, origin, at, data))

    @property
    def kept(self) -> int:
        """How many requests were kept by now."""
        return len(self._entries)

    def entries(self) -> Iterator[Entry]:
        """All that passed, in the order in which it was answered, or asked where it never was."""
        for _, entry in sorted(self._entries, key=lambda kept: kept[0]):
            said = entry.said
            yield replace(entry, said=replace(said, body=zlib.decompress(said.body))) if said else entry

    def seen(self) -> Iterator[Seen]:
        """All pages that were read, in order."""
        for one, packed in self._seen:
            yield replace(one, html=zlib.decompress(packed).decode())
