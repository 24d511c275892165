"""Takes secrets and people out of everything a tape holds: known values in all their spellings, and what looks like one (M9).

Secrets become one mark. People become pseudonyms that stay the same through the whole tape, so that one buyer is still one
buyer; amounts, states, times and the numbers of after-sales and orders are left as they are. Pictures are reduced to the
9 by 9 grey fields by which the robot knows them again (bot/domain/pictures.py), and their hashes are replaced with them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import io
import re
from typing import Final

from PIL import Image, UnidentifiedImageError

from bot.domain.pictures import SIDE
from bot.tape.rules import Datum
from bot.tape.spellings import one_of, spell, spellings

SECRET: Final = "scrubbed-secret"  # noqa: S105 - stands where one was
LEAST: Final = 2
"""Shorter values are not searched for: they would eat ordinary words."""

_PHONE: Final = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_ID_CARD: Final = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9Xx](?![0-9])"
)
_MAIL: Final = re.compile(r"[A-Za-z0-9._+-]{2,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}")
_NOBODYS: Final = "1990000"
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BLOCK: Final = 16
"""Pixels of each grey field: the size at which `look_at.js` draws, so that no scaler's taste is in it."""


class Scrubber:
    """One tape's. First everything is learned, then everything is cleaned.

    `key`: secret of the home; the same person has the same pseudonym on all its tapes, and nobody else can tell who it is.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}
        self._replaced: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._cleaned: dict[str, str] = {}
        self._pictures: dict[bytes, bytes] = {}

    def secret(self, value: str) -> None:
        """From here on this value is replaced by a mark."""
        if len(value) >= LEAST:
            self._learn(value, SECRET)

    def person(self, kind: Datum, value: str) -> None:
        """From here on this value is replaced by its pseudonym; the first kind that it was learned as stays."""
        if len(value) >= LEAST:
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

    def text(self, raw: str) -> str:
        """The text without secrets and people; the same script comes with every page, and is cleaned once."""
        if raw not in self._cleaned:
            opened = _BASE64.sub(self._inside, raw)
            self._cleaned[raw] = self._patterns(self._values(opened))
        return self._cleaned[raw]

    def learn_from(self, raw: str) -> None:
        """Phones, identity cards and mail addresses in a text, so that they are one person's everywhere."""
        for pattern, kind in ((_PHONE, Datum.PHONE), (_ID_CARD, Datum.ACCOUNT), (_MAIL, Datum.ACCOUNT)):
            for found in pattern.findall(raw):
                if pattern is not _ID_CARD or _is_card(found):
                    self.person(kind, found)

    def _learn(self, value: str, instead: str) -> None:
        if value not in self._known:
            self._known[value] = instead
            self._pattern = None
            self._cleaned.clear()

    def _values(self, raw: str) -> str:
        if self._pattern is None:
            self._replaced = {
                spelled.casefold(): spell(way, instead)
                for value, instead in self._known.items()
                for way, spelled in spellings(value)
                if len(spelled) >= LEAST
            }
            self._pattern = one_of(self._replaced)
        return self._pattern.sub(lambda found: self._replaced[found[0].casefold()], raw)

    def _patterns(self, raw: str) -> str:
        """What looks like a person's although nobody named it."""
        named = self._pseudonym
        phones = _PHONE.sub(lambda hit: hit[0] if hit[0].startswith(_NOBODYS) else named(Datum.PHONE, hit[0]), raw)
        cards = _ID_CARD.sub(lambda hit: named(Datum.ACCOUNT, hit[0]) if _is_card(hit[0]) else hit[0], phones)
        return _MAIL.sub(lambda hit: named(Datum.ACCOUNT, hit[0]), cards)

    def _pseudonym(self, kind: Datum, value: str) -> str:
        """A phone is still a phone to whatever reads it."""
        told = hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()
        return f"{_NOBODYS}{int(told[:8], 16) % 10_000:04d}" if kind is Datum.PHONE else f"{kind.value}-{told[:8]}"

    def _inside(self, found: re.Match[str]) -> str:
        """A base64 text that hides something is opened, cleaned and closed again; any other stays as it is."""
        packed = found[0]
        url_safe = "-" in packed or "_" in packed
        try:
            data = base64.b64decode(packed.translate(_STANDARD) + "=" * (-len(packed) % 4), validate=True)
            inner = data.decode()
        except (binascii.Error, ValueError):
            return packed
        clean = self._patterns(self._values(inner))
        if clean == inner:
            return packed
        again = base64.b64encode(clean.encode()).decode()
        return again.translate(_URL_SAFE).rstrip("=") if url_safe else again


_STANDARD: Final = str.maketrans("-_", "+/")
_URL_SAFE: Final = str.maketrans("+/", "-_")


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
