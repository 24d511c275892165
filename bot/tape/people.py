"""Finds whose data a page or an answer shows: values beside the labels, and under the keys, that a platform's table names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final

from bot.tape.rules import Datum, TapeRules

Found = tuple[Datum, str]
_LABELS: Final = frozenset({"dt", "th", "label"})
_SILENT: Final = frozenset({"script", "style"})
_SEPARATORS: Final = "：: \t"


def in_answer(body: str, rules: TapeRules) -> Iterator[Found]:
    """In a JSON answer by key, in anything else by label."""
    try:
        told = json.loads(body)
    except ValueError:
        yield from in_page(body, rules)
        return
    yield from _by_key(told, rules)


def in_page(html: str, rules: TapeRules) -> Iterator[Found]:
    """The text that follows a label, in the element after it or behind its colon."""
    texts = _Texts()
    texts.feed(html)
    texts.close()
    label = ""
    for tag, text in texts.found:
        if label in rules.people:
            yield rules.people[label], text
        name, colon, rest = text.replace(":", "：", 1).partition("：")
        if colon and name in rules.people and rest.strip():
            yield rules.people[name], rest.strip()
        # the same word stands elsewhere too, as the speaker of a line: a label is one by its element or its colon
        label = text.strip(_SEPARATORS) if tag in _LABELS or text[-1] in _SEPARATORS else ""


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


class _Texts(HTMLParser):
    """All pieces of text that a page shows, in order, each with the element that was opened last; entities are resolved."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._tag = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self._tag = tag
        del attrs

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if text and not self._silent:
            self.found.append((self._tag, text))
