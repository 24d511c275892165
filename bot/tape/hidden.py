"""Finds secrets by the name that they stand under: keys of requests and answers, fields and attributes of pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from bot.tape.rules import TapeRules
from bot.tape.spellings import alike, layers

_PASSWORDS: Final = r"pass(?:w(?:or)?d)?|pwd"
_USUAL: Final = rf"(?:{_PASSWORDS}|token|secret|sess(?:ion)?(?:_?id)?|[cx]srf|auth(?:orization)?|ticket)[0-9_-]*"
"""What names of secrets end in on any platform; `ticketId` and `tokenType` are none."""

_PARTS: Final = ("pass", "pwd", "token", "secret", "sess", "srf", "auth", "ticket")
"""One of these is in every such name."""

_FIELD: Final = re.compile(r"<(?:input|meta)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_LEAST: Final = 6
_WORD: Final = 24
"""Letters of a plain word at the most: a longer one is a secret."""

_BEFORE: Final = r"[\"'{,?&;\s]"
_JOINTS: Final = str.maketrans("", "", "-_.")
_SURE: Final = 16
"""A value so long under a key of the table is one in an answer too, where the same key may say something else (`code`)."""


def tells(value: str, word: int = _WORD) -> bool:
    """Whether a value can only be itself. Numbers and words are not looked for everywhere: they would eat amounts and texts."""
    plain = value.translate(_JOINTS)
    is_word = plain.isascii() and plain.isalpha() and len(value) < word
    return len(value) >= _LEAST and not is_word and not plain.isdigit()


def named(name: str, rules: TapeRules) -> bool:
    """Whether a key of a request, or a header, hides a secret."""
    return bool(_sure(rules.secrets).fullmatch(name.lower()))


@cache
def _sure(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"[\w.-]*(?:{_USUAL})|{_any(names)}")


@cache
def typed(names: frozenset[str]) -> re.Pattern[str]:
    """Where a request says a password, or what the table names; in small letters, the value is the group that matched."""
    return _under(rf"[\w.-]*(?:{_PASSWORDS})|{_any(names)}", rf"(?:^|{_BEFORE})")


@cache
def _told(names: frozenset[str]) -> re.Pattern[str]:
    return _under(rf"(?P<usual>[\w-]*(?:{_USUAL}))|{_any(names)}")


def _any(names: Iterable[str]) -> str:
    return "|".join(re.escape(name.lower()) for name in sorted(names)) or r"(?!)"


def _under(name: str, before: str = _BEFORE) -> re.Pattern[str]:
    return re.compile(
        rf"{before}(?:{name})(?:[\"']?\s*[:=]\s*"
        r"(?:\"(?P<double>(?:[^\"\\]|\\.)+)\"|'(?P<single>(?:[^'\\]|\\.)+)')|(?<=[\w-])=(?P<plain>[^&;\"'\s<>#]+))"
    )


def in_text(text: str, rules: TapeRules) -> Iterator[str]:
    """Secrets that an answer or a page tells, and that are worth to be looked for everywhere."""
    for layer in layers(text):
        small = alike(layer.text)
        there = frozenset(name for name in rules.secrets if _may_be_key(name.lower(), small))
        for hit in _told(there).finditer(small) if there or any(part in small for part in _PARTS) else ():
            value = layer.text[slice(*hit.span(hit.lastgroup or 0))]
            if _is_secret(value) and (hit["usual"] or len(value) >= _SURE):
                yield value
    yield from _in_fields(text, rules)


def _may_be_key(name: str, text: str) -> bool:
    """A first look, since most pages have no key at all."""
    return name in text and any(f"{name}{end}" in text for end in "\"'=: ")


def _in_fields(html: str, rules: TapeRules) -> Iterator[str]:
    for field in _FIELD.finditer(html):
        told = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(field[1])}
        value = told.get("value") or told.get("content") or ""
        if named(told.get("name") or told.get("id") or "", rules) and _is_secret(value):
            yield value


def _is_secret(value: str) -> bool:
    """Not what a script says about one: a sentence, a place."""
    return value.isascii() and tells(value) and not re.search(r"\s|^/|^https?:", value)
