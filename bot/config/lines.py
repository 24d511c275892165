"""Where each key of a TOML file stands: tomllib tells values without lines, and an error without a line helps nobody.

The text has been read by tomllib before it comes here, so this scanner only has to follow valid TOML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import accumulate

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_DEEPEST = 20
"""Parts of a dotted key that get a line of their own; what lies deeper is told at the nearest of them."""
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


class Lines(Mapping[KeyPath, int]):
    """Key path (`("shop", 0, "name")`) to line, counted from 1; found when first asked for, which is for a file with a mistake in it."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        return _Scanner(self._text).scan()

    def __getitem__(self, path: KeyPath) -> int:
        return self._lines[path]

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def near(self, path: KeyPath) -> int:
        """The line of the path, or of the nearest table around it (a missing key has no line of its own)."""
        return next((self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), 1)


class _Scanner:
    """One walk over the text; `_found` grows as keys are met."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._found: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        """All keys and table headers of the file; from where it is nested deeper than Python goes, those above."""
        table: KeyPath = ()
        with suppress(RecursionError):
            while self._skip(_BLANK) < len(self._text):
                if self._text.startswith("[", self._at):
                    table = self._header()
                else:
                    self._pair(table)
        return self._found

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _mark(self, path: KeyPath) -> None:
        """Places come in their order, so each line end is counted once."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self._found.setdefault(path, self._line)

    def _header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`: the path that the keys below it hang on."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        start = self._at
        self._at += brackets
        path = self._resolve(self._key())
        if brackets == 2:
            self._tables[path] = self._tables.get(path, -1) + 1
            path = (*path, self._tables[path])
        self._at, end = start, self._at
        self._mark(path)
        self._at = self._text.index("]" * brackets, end) + brackets
        return path

    def _resolve(self, key: tuple[str, ...]) -> KeyPath:
        """`[shop.extra]` hangs on the last `[[shop]]` above it."""
        path: KeyPath = ()
        for part in key[:-1]:
            path = (*path, part)
            path = (*path, self._tables[path]) if path in self._tables else path
        return (*path, key[-1])

    def _key(self) -> tuple[str, ...]:
        """A bare, quoted or dotted key; leaves the position behind it."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            parts.append(_plain(self._text[start : self._skip(_KEY_PART)]))
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return tuple(parts)
            self._at += 1

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        key = self._key()
        end = self._at
        self._at = start
        for n in range(1, min(len(key), _DEEPEST) + 1):
            self._mark((*table, *key[:n]))
        self._at = self._text.index("=", end) + 1
        self._value((*table, *key))

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        opening = self._text[self._at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _array(self, path: KeyPath) -> None:
        index = 0
        self._at += 1
        while not self._closed("]"):
            self._mark((*path, index))
            self._value((*path, index))
            index += 1

    def _inline(self, path: KeyPath) -> None:
        self._at += 1
        while not self._closed("}"):
            self._pair(path)

    def _closed(self, bracket: str) -> bool:
        """Skip blanks and the comma between items; True (and behind it) at the closing bracket."""
        self._skip(_BLANK)
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip(_BLANK)
        closed = self._text.startswith(bracket, self._at)
        self._at += closed
        return closed


def longest(text: str) -> int:
    """The line with the most characters: a number that nobody can read stands there."""
    lengths = [len(line) for line in text.split("\n")]
    return lengths.index(max(lengths)) + 1


def deepest(text: str) -> int:
    """The line with the most brackets open; those inside texts are counted along."""
    depths = accumulate(
        line.count("[") + line.count("{") - line.count("]") - line.count("}") for line in text.split("\n")
    )
    return max(enumerate(depths, start=1), key=lambda one: one[1])[0]


def _plain(part: str) -> str:
    """A key part without its quotes; TOML's basic strings read like JSON's but for long escapes, which no key needs."""
    if part.startswith("'"):
        return part[1:-1]
    if part.startswith('"'):
        try:
            return str(json.loads(part))
        except ValueError:
            return part[1:-1]
    return part
