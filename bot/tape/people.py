"""Finds whose data a page or an answer shows: values beside the labels, and under the keys, that a platform's table names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Final

from bot.tape.rules import Datum, TapeRules
from bot.tape.spellings import layers

Found = tuple[Datum, str]
_SILENT: Final = frozenset({"script", "style"})
_ASIDE: Final = frozenset({"a", "button"})
"""What stands beside a value to be pressed."""

_CELLS: Final = frozenset({"dt", "dd", "th", "td"})
_OPENED: Final = ("<dt", "<th", "<td")
_BOUNDS: Final = frozenset({"dl", "tr", "table"})
_COLONS: Final = ("：", ":")
_MARKUP: Final = "<"


def in_answer(body: str, rules: TapeRules) -> Iterator[Found]:
    """By key wherever a key stands (JSON, also in JSON, behind a callback, in a script of a page), and by label."""
    yield from dict.fromkeys(_in_answer(body, rules))


def _in_answer(body: str, rules: TapeRules) -> Iterator[Found]:
    for layer in layers(body):
        there = frozenset(name for name in rules.people if _may_be_key(name, layer.text))
        for hit in _keys(there).finditer(layer.text) if there else ():
            yield rules.people[hit["key"] or hit["bare"]], _unescaped(hit["double"] or hit["single"])
    yield from in_page(body, rules)
    if _MARKUP in body and not body.lstrip("\ufeff \r\n\t").startswith(_MARKUP):
        inner = (layer.text for layer in layers(body) if any(cell in layer.text for cell in _OPENED))
        yield from (found for text in inner for found in in_page(text, rules))


def _may_be_key(name: str, text: str) -> bool:
    """A first look, since most pages have no key at all."""
    return name in text and (name.isascii() or f'"{name}"' in text or f"'{name}'" in text)


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


@cache
def _keys(names: frozenset[str]) -> re.Pattern[str]:
    """A key in quotes, or bare as in a script, before a value in quotes."""
    any_name = "|".join(map(re.escape, sorted(names))) or r"(?!)"
    plain = "|".join(re.escape(name) for name in sorted(names) if name.isascii()) or r"(?!)"
    return re.compile(
        rf"(?:[\"'](?P<key>{any_name})[\"']|[{{,\s](?P<bare>{plain}))\s*:\s*"
        r"(?:\"(?P<double>(?:[^\"\\]|\\.)+)\"|'(?P<single>(?:[^'\\]|\\.)+)')"
    )


def in_page(html: str, rules: TapeRules) -> Iterator[Found]:
    """What a page shows beside a label: in the `dd` of its `dt`, in the column or row of its `th`, in the next cell, or behind its colon."""
    if not any(label in layers(html)[-1].text for label in rules.people):
        return  # most scripts
    reader = _Labelled()
    reader.feed(html)
    reader.close()
    for label, text in dict.fromkeys(reader.found):
        if label in rules.people:
            yield rules.people[label], text


class _Labelled(HTMLParser):
    """Every piece of text that stands beside a label, with it; entities are resolved."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._passed = 0
        self._pending = ""
        self._cell = ""
        self._pieces: list[str] = []
        self._term = ""
        self._row: list[tuple[str, str]] = []
        self._heads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._passed += tag in _SILENT or (tag in _ASIDE and bool(self._cell))
        if tag in _CELLS | _BOUNDS:
            self._bound(tag)
        if tag in _CELLS:
            self._cell = tag
        told = dict(attrs)
        if tag == "input" and told.get("type", "text") in {"text", "tel", "search", None}:
            self.handle_data(told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._passed -= (tag in _SILENT or tag in _ASIDE) and self._passed > 0
        if tag in _CELLS | _BOUNDS:
            self._bound(tag)

    def close(self) -> None:
        super().close()
        self._bound("table")

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if not text or self._passed:
            return
        if self._cell:
            self._pieces.append(data)
        if self._cell not in {"dt", "th"}:
            self._beside(text)

    def _beside(self, text: str) -> None:
        """Labels that are told by their colon alone: 「name：」 and the next text, or 「name：value」 in one."""
        before, self._pending = self._pending, ""
        if before:
            self.found.append((before, text))
        for colon in _COLONS:
            name, found, rest = text.partition(colon)
            if found and rest.strip():
                self.found.append((name.strip(), rest.strip()))
            elif found:
                self._pending = name.strip()

    def _bound(self, tag: str) -> None:
        """A cell ends, and with it perhaps the row, the table or the list."""
        self._end_cell()
        match tag:
            case "tr":
                if self._row and all(kind == "th" for kind, _ in self._row):
                    self._heads = [text for _, text in self._row]
                self._row, self._pending = [], ""
            case "table":
                self._row, self._heads = [], []
            case "dl":
                self._term = self._pending = ""

    def _end_cell(self) -> None:
        if not self._cell:
            return
        cell, pieces = self._cell, self._pieces
        self._cell, self._pieces, self._passed = "", [], 0
        whole = "".join(pieces).strip()
        told = [whole, pieces[0].strip()] if pieces else []
        match cell:
            case "dt":
                self._term = _label(whole)
            case "dd":
                self.found.extend((self._term, text) for text in told)
            case "td":
                self.found.extend((label, text) for label in self._labels() for text in told)
        if cell in {"th", "td"}:
            self._row.append((cell, _label(whole)))

    def _labels(self) -> Iterator[str]:
        """Of the cell that comes next in the row: the head of its column, or where there are no heads the cell before it."""
        if len(self._row) < len(self._heads):
            yield self._heads[len(self._row)]
        elif self._row and not self._heads:
            yield self._row[-1][1]


def _label(text: str) -> str:
    return text.rstrip("：: ")
