"""When two requests are the same request: method, place, query and body by their parsed values, noise left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from bot.ports.tape import Asked
from bot.tape.rules import TapeRules

HIDDEN: Final = "•"
"""Stands for every secret: that it differs is no difference."""


@dataclass(frozen=True, slots=True)
class Key:
    """What has to be equal. `query` and `body` are flat: dotted path to value as JSON, sorted."""

    method: str
    place: str
    query: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.method} {self.place}{f'?{query}' if query else ''}"


def key_of(asked: Asked, rules: TapeRules) -> Key:
    """The request by what it means on its platform."""
    parts = urlsplit(asked.url)
    return Key(
        method=asked.method,
        place=f"{parts.scheme}://{parts.netloc}{parts.path or '/'}",
        query=_told(parse_qsl(parts.query, keep_blank_values=True), rules),
        body=_told(flat(asked), rules),
    )


def case_of(asked: Asked, rules: TapeRules) -> str:
    """The after-sale that a request is about by its own query or body; empty where it names none."""
    named = [*parse_qsl(urlsplit(asked.url).query), *flat(asked)]
    return next((str(value) for name, value in named if name in rules.cases), "")


def _told(pairs: Iterator[tuple[str, Any]] | list[tuple[str, Any]], rules: TapeRules) -> tuple[tuple[str, str], ...]:
    kept = ((name, value) for name, value in pairs if name.rpartition(".")[2] not in rules.ignored)
    return tuple(sorted((name, _value(name, value, rules)) for name, value in kept))


def _value(name: str, value: Any, rules: TapeRules) -> str:
    if name.rpartition(".")[2] in rules.secrets:
        return HIDDEN
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def flat(asked: Asked) -> list[tuple[str, Any]]:
    """The body as name and value; what is neither JSON nor a form is told apart by its bytes."""
    media = asked.headers.get("content-type", "")
    if not asked.body or media.startswith("multipart/"):
        return []  # of a file the robot's own evidence tells (bot.tape.proofs)
    text = asked.body.decode("utf-8", errors="replace")
    if "x-www-form-urlencoded" in media:
        return list(parse_qsl(text, keep_blank_values=True))
    try:
        return list(_leaves("", json.loads(text)))
    except (ValueError, RecursionError):
        return [("sha256", hashlib.sha256(asked.body).hexdigest())]


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """`{"a": {"b": 1}}` as `a.b`, lists with their places: an order is part of what is said."""
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _leaves(f"{name}.{key}" if name else str(key), inner)
        case list():
            for place, inner in enumerate(value):
                yield from _leaves(f"{name}[{place}]", inner)
            if not value:
                yield name, []
        case _:
            yield name, value
