"""When two requests are the same request: method, place, query and body by their parsed values, noise left out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from bot.ports.tape import Asked
from bot.tape.rules import TapeRules

HIDDEN: Final = "•"
"""Stands for every secret: that it differs is no difference."""

_FORM: Final = "application/x-www-form-urlencoded"

_MARKS: Final = re.compile(r"[.\[\]\\]")


@dataclass(frozen=True, slots=True)
class Key:
    """What has to be equal. `query` and `body` are flat and sorted: name and text, or of JSON dotted path and value as JSON.

    `media`: as what the body was sent, without parameters; a server reads `100` and `"100"`, JSON and a form by other rules.
    """

    method: str
    place: str
    query: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...]
    media: str = ""

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
        body=_told(_written(asked), rules),
        media=_media(asked),
    )


def case_of(asked: Asked, rules: TapeRules) -> str:
    """The after-sale that a request is about by its own query or body; empty where it names none."""
    named = [*parse_qsl(urlsplit(asked.url).query), *flat(asked)]
    return next((str(value) for name, value in named if name in rules.cases), "")


def _told(pairs: Iterable[tuple[str, str]], rules: TapeRules) -> tuple[tuple[str, str], ...]:
    kept = ((name, name.rpartition(".")[2], value) for name, value in pairs)
    return tuple(
        sorted(
            (name, HIDDEN if key in rules.secrets else value) for name, key, value in kept if key not in rules.ignored
        )
    )


def _media(asked: Asked) -> str:
    return asked.headers.get("content-type", "").partition(";")[0].strip().lower()


def _written(asked: Asked) -> Iterator[tuple[str, str]]:
    as_form = _media(asked) == _FORM
    for name, value in flat(asked):
        yield name, value if as_form else json.dumps(value, ensure_ascii=False)


def flat(asked: Asked) -> list[tuple[str, Any]]:
    """The body as name and value; what is neither JSON nor a form is told apart by its bytes."""
    media = _media(asked)
    if not asked.body or media.startswith("multipart/"):
        return []  # of a file the robot's own evidence tells (bot.tape.proofs)
    text = asked.body.decode("utf-8", errors="replace")
    if media == _FORM:
        return list(parse_qsl(text, keep_blank_values=True))
    try:
        return list(_leaves("", json.loads(text)))
    except (ValueError, RecursionError):
        return [("sha256", hashlib.sha256(asked.body).hexdigest())]


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """`{"a": {"b": 1}}` as `a.b`, lists with their places: an order is part of what is said, and so is what is there and empty."""
    match value:
        case dict() if value:
            for key, inner in value.items():
                yield from _leaves(f"{name}.{_step(key)}" if name else _step(key), inner)
        case list() if value:
            for place, inner in enumerate(value):
                yield from _leaves(f"{name}[{place}]", inner)
        case _:
            yield name, value


def _step(key: str) -> str:
    """A key that looks like a path is told from one: `{"a.b": 1}` is not `{"a": {"b": 1}}`."""
    return _MARKS.sub(r"\\\g<0>", key)
