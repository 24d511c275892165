"""The ways in which a value is written inside requests and answers, and one pattern that finds many values at once."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus


def spellings(value: str) -> Iterator[tuple[str, str]]:
    """Each way to write `value` with its name: plain, escaped as in JSON and HTML, percent-encoded once or twice, hex.

    Base64 is not here: `bot.tape.scrub` opens it, because a value looks different at each of three offsets in it.
    """
    for name, spell in _WAYS.items():
        yield name, spell(value)


def spell(name: str, value: str) -> str:
    """A value in the way of that name, so that a pseudonym stands as what it replaces stood."""
    return _WAYS[name](value)


def _percent_gbk(value: str) -> str:
    return quote(value.encode("gbk", errors="ignore"), safe="")


def _entities(value: str) -> str:
    return "".join(f"&#{ord(one)};" if ord(one) > 126 else html.escape(one) for one in value)


def _hex_entities(value: str) -> str:
    return "".join(f"&#x{ord(one):x};" if ord(one) > 126 else html.escape(one) for one in value)


_WAYS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda value: json.dumps(value)[1:-1],
    "json_wide": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "html": html.escape,
    "entities": _entities,
    "hex_entities": _hex_entities,
    "all_entities": lambda value: "".join(f"&#{ord(one)};" for one in value),
    "all_hex_entities": lambda value: "".join(f"&#x{ord(one):x};" for one in value),
    "percent": lambda value: quote(value, safe=""),
    "plus": quote_plus,
    "percent_twice": lambda value: quote(quote(value, safe=""), safe=""),
    "percent_gbk": _percent_gbk,
    "hex": lambda value: value.encode().hex(),
}


def one_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the words, the longest first, whatever their case; built as a tree, so that thousands cost little."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word.casefold() if len(word.casefold()) == len(word) else word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return re.compile(_branch(tree) or r"(?!)", re.IGNORECASE)


def _branch(tree: Mapping[str, Any]) -> str:
    """The longest match wins: the end of a word is tried after everything that goes on."""
    ends = "" in tree
    ways = [re.escape(letter) + _branch(inner) for letter, inner in tree.items() if letter]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 and not ends else f"(?:{'|'.join(ways)})"
    return f"{joined}?" if ends else joined
