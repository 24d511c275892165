"""Takes secrets and people out of everything a tape holds: known values in all their spellings, and what looks like one (M9).

Secrets become one mark. People become pseudonyms that stay the same through the whole tape, so that one buyer is still one
buyer; amounts, states, times and the numbers of after-sales and orders are left as they are. Pictures are reduced to the
9 by 9 grey fields by which the robot knows them again (bot/domain/pictures.py), and their hashes are replaced with them.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from PIL import Image, UnidentifiedImageError

from bot.domain.phones import PHONE, plain_digits
from bot.domain.pictures import SIDE
from bot.tape.rules import Datum
from bot.tape.spellings import alike, any_of, layers, repacked, words_of

SECRET: Final = "scrubbed-secret"  # noqa: S105 - stands where one was
LEAST: Final = 2
"""Shorter values are not searched for: they would eat ordinary words."""

Mark = tuple[int, int, str]
"""From where to where something else has to stand, and what."""

_ID_CARD: Final = re.compile(
    r"[1-9](?<![0-9].)[0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9Xx](?![0-9])"
)
_MAIL_HOST: Final = re.compile(r"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MAIL_NAME: Final = re.compile(r"[A-Za-z0-9._+-]{2,64}\Z")
_HASH: Final = 16
"""Letters of hex in one piece that are a hash or a trace: eleven digits in it are no phone."""

_HEX_BEFORE: Final = re.compile(r"[0-9A-Fa-f]*\Z")
_HEX_AFTER: Final = re.compile(r"[0-9A-Fa-f]*")
_GLUE: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyz.,:%_-")
_SHORT: Final = 6
"""A plain value shorter than this is only itself where nothing is glued to it: a nick may be `12`, an amount `129.12`."""

_NOBODYS: Final = "1990000"
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BLOCK: Final = 16
"""Pixels of each grey field: the size at which `look_at.js` draws, so that no scaler's taste is in it."""

_PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_PACKED_PICTURE: Final = re.compile(r"(?:iVBORw0K|/9j/|R0lGOD|UklGR)[A-Za-z0-9+/_-]{24,}={0,2}")
"""The same in base64."""

_NESTED: Final = 2
"""Words of base64 in a word of base64 are opened so deep."""


class Scrubber:
    """One tape's. First everything is learned, then everything is cleaned.

    `key`: secret of the home; the same person has the same pseudonym on all its tapes, and nobody else can tell who it is.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._cleaned: dict[tuple[str, re.Pattern[str] | None], str] = {}
        self._words: dict[tuple[int, str], str] = {}
        self._pictures: dict[bytes, bytes] = {}

    def secret(self, value: str) -> None:
        """From here on this value is replaced by a mark."""
        self._learn(value, SECRET)

    def person(self, kind: Datum, value: str) -> None:
        """From here on this value is replaced by its pseudonym; the first kind that it was learned as stays."""
        self._learn(value, self._pseudonym(kind, value))

    def picture(self, data: bytes) -> bytes:
        """What the robot sees of a picture and no more; bytes that are no picture are gone. Its hash is learned."""
        if data in self._pictures:
            return self._pictures[data]
        plain = self._pictures[data] = _grey(data)
        old, new = (hashlib.sha256(one).hexdigest() for one in (data, plain))
        if old != new:
            self._learn(old, new)
            self._learn(old[:8], new[:8])
        return plain

    def text(self, raw: str, hidden: re.Pattern[str] | None = None) -> str:
        """The text without secrets and people; the same script comes with every page, and is cleaned once.

        `hidden`: the group that matches in it, in small letters, is a secret where it stands, whatever it is.
        """
        known = (raw, hidden)
        if known not in self._cleaned:
            clean = self._without(raw, hidden=hidden)
            self._cleaned[known] = clean.encode(errors="replace").decode()  # half a character is no text on any disk
        return self._cleaned[known]

    def only(self, wanted: Callable[[str], bool]) -> Scrubber:
        """One that knows of the same values those that are wanted."""
        other = Scrubber(self._key)
        other._known = {value: instead for value, instead in self._known.items() if wanted(value)}
        return other

    def learn_from(self, raw: str) -> None:
        """Phones, identity cards and mail addresses in a text, so that they are one person's everywhere; pictures in it, by hash."""
        for layer in layers(raw):
            plain = plain_digits(layer.text)
            for _, _, kind, value in _looks(plain):
                self.person(kind, value)
            for hit in _PACKED_PICTURE.finditer(layer.text):
                repacked(hit[0], lambda data: self.picture(data) if is_picture(data) else data)

    def _learn(self, value: str, instead: str) -> None:
        known = alike(value)
        if len(known) >= LEAST and known not in self._known:
            self._known[known] = instead
            self._pattern = None
            self._cleaned.clear()
            self._words.clear()

    def _without(self, raw: str, depth: int = 0, hidden: re.Pattern[str] | None = None) -> str:
        # the barest first: what a person is called there is the same person everywhere
        marks = (
            (*layer.place(start, end), instead)
            for layer in reversed(layers(raw))
            for start, end, instead in self._marks(layer.text, depth, hidden)
        )
        return marked(raw, marks)

    def _marks(self, text: str, depth: int, hidden: re.Pattern[str] | None) -> Iterator[Mark]:
        small = alike(text)
        if hidden:
            yield from ((*hit.span(hit.lastgroup or 0), SECRET) for hit in hidden.finditer(small))
        yield from self._values(small)
        for start, end, kind, value in _looks(plain_digits(text)):
            yield start, end, self._pseudonym(kind, value)
        if depth < _NESTED:
            yield from self._inside(text, depth + 1)

    def _values(self, text: str) -> Iterator[Mark]:
        if self._pattern is None:
            self._pattern = any_of(self._known)
        for hit in self._pattern.finditer(text):
            if not _is_glued(hit):
                yield *hit.span(), self._known[hit[0]]

    def _inside(self, text: str, depth: int) -> Iterator[Mark]:
        """A word of hex or base64 that hides something is opened, cleaned and closed again; any other stays as it is."""
        for start, end, word in words_of(text):
            if (depth, word) not in self._words:
                self._words[depth, word] = repacked(word, partial(self._opened, depth=depth))
            if self._words[depth, word] != word:
                yield start, end, self._words[depth, word]

    def _opened(self, data: bytes, depth: int) -> bytes:
        if is_picture(data):
            return self.picture(data)
        for codec in ("utf-8", "gbk"):
            try:
                inner = data.decode(codec)
            except UnicodeDecodeError:
                continue
            clean = self._without(inner, depth)
            if clean != inner:
                return clean.encode(codec)
        return data

    def _pseudonym(self, kind: Datum, value: str) -> str:
        """A phone is still a phone to whatever reads it."""
        told = hmac.new(self._key, alike(value).encode(errors="replace"), hashlib.sha256).hexdigest()
        return f"{_NOBODYS}{int(told[:8], 16) % 10_000:04d}" if kind is Datum.PHONE else f"{kind.value}-{told[:8]}"


def marked(raw: str, marks: Iterable[Mark]) -> str:
    """The text with something else where the marks are; of two that overlap all of both is gone, of two in one place the first stays."""
    told: list[str] = []
    last = 0
    for start, end, instead in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if start >= last:
            told += (raw[last:start], instead)
        last = max(last, end)
    return "".join([*told, raw[last:]])


def is_picture(data: bytes) -> bool:
    """By how it begins."""
    return data.startswith(_PICTURES)


def _looks(text: str) -> Iterator[tuple[int, int, Datum, str]]:
    """What looks like a person's although nobody named it: where, what kind, and the value itself."""
    for hit in PHONE.finditer(text):
        number = "".join(hit.groups())
        if not number.startswith(_NOBODYS) and not _is_in_hash(hit):
            yield *hit.span(), Datum.PHONE, number
    for hit in _ID_CARD.finditer(text):
        if _is_card(hit[0]):
            yield *hit.span(), Datum.ACCOUNT, hit[0]
    for host in _MAIL_HOST.finditer(text):
        if name := _MAIL_NAME.search(text[max(0, host.start() - 64) : host.start()]):
            yield host.start() - len(name[0]), host.end(), Datum.ACCOUNT, f"{name[0]}{host[0]}"


def _is_in_hash(hit: re.Match[str]) -> bool:
    before = _HEX_BEFORE.search(hit.string[max(0, hit.start() - _HASH) : hit.start()])
    after = _HEX_AFTER.match(hit.string, hit.end())
    return len(f"{before and before[0]}{hit[0]}{after and after[0]}") >= _HASH


def _is_glued(hit: re.Match[str]) -> bool:
    """Whether a short plain value is only a part of what stands there."""
    start, end = hit.span()
    if end - start >= _SHORT or not hit[0].isascii() or not hit[0].isalnum():
        return False
    return not _GLUE.isdisjoint(hit.string[max(0, start - 1) : start] + hit.string[end : end + 1])


def _is_card(number: str) -> bool:
    """By its check digit: the number of an order may look like one, and is left as it is."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def _grey(data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return b""
    drawn = io.BytesIO()
    small.resize((SIDE * _BLOCK, SIDE * _BLOCK), Image.Resampling.NEAREST).save(drawn, "PNG", optimize=True)
    return drawn.getvalue()
