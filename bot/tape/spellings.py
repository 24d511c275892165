"""The ways in which a value is written inside requests and answers: a text is read as it stands, then with one coat after another off.

A coat is whatever a value may be wrapped in: percent-encoding (UTF-8 or GBK), escapes of JSON and scripts, entities and inline tags of
HTML. Base64 and hex are not coats of a text but words in it, see `words_of`.
"""

from __future__ import annotations

import base64
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Final
from urllib.parse import unquote_to_bytes

from bot.domain.phones import plain_digits

_DEEPEST: Final = 6
"""Coats: JSON in JSON in a query in a redirect has four."""

_COAT: Final = re.compile(
    r"%(?P<percent>[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}|(?<=%[89A-Fa-f][0-9A-Fa-f])[@-~])*)"
    r"|%(?P<escaped>u[0-9A-Fa-f]{4}(?:%u[0-9A-Fa-f]{4})*)"
    r"|\\(?P<unit>u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*)"
    r"|\\(?P<byte>x[0-9A-Fa-f]{2})"
    r"|\\(?P<escape>[^ux])"
    r"|&(?P<entity>#[0-9]{1,7};?|#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z]{2,8};)"
    r"|<(?P<tag>/?(?:b|i|u|em|font|mark|span|strong|wbr)\b[^<>&%\\]*>)"
)
"""Each way begins with a letter of its own outside its group: that makes the search fast. A tag with a coat inside is none itself."""

_HIGH: Final = re.compile(r"%[89A-Fa-f][0-9A-Fa-f]")
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ODD: Final = {"ı": "i", "İ": "i", "ς": "σ", "\u3000": " ", "＠": "@"} | {
    chr(0xFEE0 + ord(one)): one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
}
_ODD_ONE: Final = re.compile(f"[{''.join(_ODD)}]")

_WORD: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX: Final = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){4,}(?![0-9A-Fa-f])")
_STANDARD: Final = str.maketrans("-_", "+/")
_URL_SAFE: Final = str.maketrans("+/", "-_")
_SHARED: Final = 8
"""Letters by which words are sorted into a tree before they are tried one after the other."""


@dataclass(slots=True)
class Layer:
    """A text with some coats off; `_pieces`: from where on here, where that stands in `_coated`, and how wide a character is there."""

    text: str
    _coated: Layer | None = None
    _pieces: list[tuple[int, int, int]] = field(default_factory=list)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of this layer stands in the text as it was."""
        if self._coated is None:
            return start, end
        return self._coated.place(self._beneath(start)[0], self._beneath(end - 1)[1])

    @property
    def is_bare(self) -> bool:
        """There was no coat to take off."""
        return len(self._pieces) == 1

    def _beneath(self, place: int) -> tuple[int, int]:
        here, there, width = self._pieces[bisect_right(self._pieces, place, key=itemgetter(0)) - 1]
        return there + place - here, there + place - here + width

    def bared(self, codec: str) -> Layer:
        """With one coat off; bytes of percent-encoding are read in that codec."""
        told: list[str] = []
        pieces: list[tuple[int, int, int]] = []
        length = last = 0
        for hit in _COAT.finditer(self.text):
            place = hit.start()
            if place > last:
                told.append(self.text[last:place])
                pieces.append((length, last, 1))
                length += place - last
            for letter, width in _inside(hit, codec):
                told.append(letter)
                pieces.append((length, place, width))
                length += 1
                place += width
            last = hit.end()
        told.append(self.text[last:])
        pieces.append((length, last, 1))
        return Layer("".join(told), self, pieces)


@lru_cache(maxsize=4)
def layers(raw: str) -> tuple[Layer, ...]:
    """The text as it stands, then with one coat after another off; remembered, since several look at one text."""
    return tuple(_layers(raw))


def _layers(raw: str) -> Iterator[Layer]:
    layer = Layer(raw)
    for _ in range(_DEEPEST):
        yield layer
        if _HIGH.search(layer.text):
            yield layer.bared("gbk")  # the same bytes may mean something in both
        layer = layer.bared("utf-8")
        if layer.is_bare:
            return


def _inside(hit: re.Match[str], codec: str) -> Iterator[tuple[str, int]]:
    """Each character under the coat, with the width that it takes there."""
    coat = hit[0]
    match hit.lastgroup:
        case "percent":
            widths = [len(one) for one in re.findall(r"%..|.", coat)]
            place = 0
            for letter in unquote_to_bytes(coat).decode(codec, errors="surrogateescape"):
                size = len(letter.encode(codec, errors="surrogateescape"))
                yield letter, sum(widths[place : place + size])
                place += size
        case "unit" | "escaped":
            units = bytes.fromhex(re.sub(r"[\\%]u", "", coat)).decode("utf-16-be", errors="surrogatepass")
            yield from ((letter, 12 if ord(letter) > 0xFFFF else 6) for letter in units)
        case "byte":
            yield bytes.fromhex(coat[2:]).decode("latin-1"), len(coat)
        case "escape":
            yield _CONTROLS.get(coat[1], coat[1]), 2
        case "entity":
            yield html.unescape(coat)[:1] or " ", len(coat)
        case _:
            return  # a tag between two letters of a name is no letter


def alike(raw: str) -> str:
    """The same for every way to write a value in big, small or full-width letters; as long as it was."""
    return _ODD_ONE.sub(lambda hit: _ODD[hit[0]], plain_digits(raw)).lower()


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the words, the longest first; its first letters are a tree, so that thousands cost little."""
    known = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile(_branch(known, _SHARED) if known else r"(?!)")


def _branch(words: Sequence[str], depth: int) -> str:
    """Of bounded depth, however long the words are; `words` the longest first, so that an ended one comes last."""
    if len(words) == 1 or not depth:
        return f"(?:{'|'.join(map(re.escape, words))})"
    tree: dict[str, list[str]] = {}
    for word in words:
        tree.setdefault(word[:1], []).append(word[1:])
    ways = (f"{re.escape(letter)}{_branch(rest, depth - 1)}" for letter, rest in tree.items() if letter)
    return f"(?:{'|'.join([*ways, *([''] if '' in tree else [])])})"


def words_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Words that may hold bytes as base64 or hex, with where they stand; of small letters alone are the words of scripts."""
    for hit in _WORD.finditer(text):
        word = hit[0]
        if not (word.isalpha() and word.islower()):
            yield *hit.span(), word


def repacked(word: str, clean: Callable[[bytes], bytes]) -> str:
    """A word with other bytes in it, packed as it was; `clean` hands back what is to stay as it is."""
    return _repacked(_HEX.sub(lambda hit: _hex(hit[0], clean), word), clean)


def _hex(word: str, clean: Callable[[bytes], bytes]) -> str:
    data = bytes.fromhex(word)
    again = clean(data)
    return word if again == data else again.hex()


def _repacked(word: str, clean: Callable[[bytes], bytes]) -> str:
    bare = word.rstrip("=")
    if len(bare) % 4 == 1:
        return word
    data = base64.b64decode(bare.translate(_STANDARD) + "=" * (-len(bare) % 4))
    again = clean(data)
    if again == data:
        return word
    text = base64.b64encode(again).decode()
    return text.translate(_URL_SAFE).rstrip("=") if "-" in bare or "_" in bare else text
