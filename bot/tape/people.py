"""Finds whose data a page or an answer shows: values beside the labels, and under the keys, that a platform's table names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final

from bot.tape.rules import Datum, TapeRules

Found = tuple[Datum, str]
_SILENT: Final = frozenset({"script", "style"})
_COLONS: Final = ("：", ":")


def in_answer(body: str, rules: TapeRules) -> Iterator[Found]:
    """In a JSON answer by key, in anything else by label."""
    try:
        told = json.loads(body)
    except ValueError:
        yield from in_page(body, rules)
        return
    yield from _by_key(told, rules)


def in_page(html: str, rules: TapeRules) -> Iterator[Found]:
    """What a page shows beside a label: in the `dd` of its `dt`, in the column of its `th`, or behind its colon."""
    reader = _Labelled()
    reader.feed(html)
    reader.close()
    for label, text in reader.found:
        if label in rules.people:
            yield rules.people[label], text


def _by_key(value: Any, rules: TapeRules) -> Iterator[Found]:
    match value:
        case dict():
            for key, inner in value.items():
                if key in rules.people and isinstance(inner, str) and inner:
                    yield rules.people[key], inner
                yield from _by_key(inner, rules)
        case list():
            for inner in value:
                yield from _by_key(inner, rules)
        case _:
            return


class _Labelled(HTMLParser):
    """Every piece of text that stands beside a label, with it; entities are resolved."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._tag = ""
        self._silent = 0
        self._label = ""
        self._column = -1
        self._heads: dict[int, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        match tag:
            case "table":
                self._heads = {}
            case "tr":
                self._column = -1
            case "th" | "td":
                self._column += 1
        if tag in {"dt", "dd", "th", "td"}:
            self._tag = tag

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in {self._tag, "dl"}:
            self._tag = ""

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if not text or self._silent:
            return
        before, self._label = self._label, ""
        match self._tag:
            case "dt":
                self._label = text.rstrip("：:")
            case "th":
                self._heads[self._column] = text
            case "dd":
                # a value may be several pieces: all of them are the label's
                self._label = before
                self.found.append((before, text))
            case "td" if self._column in self._heads:
                self.found.append((self._heads[self._column], text))
            case _:
                self._beside(before, text)

    def _beside(self, before: str, text: str) -> None:
        """Labels that are told by their colon alone: 「name：」 and the next text, or 「name：value」 in one."""
        if before:
            self.found.append((before, text))
        for colon in _COLONS:
            name, found, rest = text.partition(colon)
            if found and rest.strip():
                self.found.append((name.strip(), rest.strip()))
            elif found:
                self._label = name.strip()
