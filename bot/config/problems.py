"""What is wrong with a configuration file: file, line, key and a sentence, all of them at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.catalogue import Catalogue, Language
from bot.config.lines import KeyPath
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.errors import ConfigError


class Problem(Frozen):
    """One thing wrong; `line` 0 means the file as a whole."""

    file: str
    line: int
    key: str
    reason: Reason

    @property
    def place(self) -> str:
        """`refundpilot.toml:12: browser.path`."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.key}" if self.key else where

    def __str__(self) -> str:
        return self.told(Catalogue(Language.EN))

    def told(self, catalogue: Catalogue) -> str:
        """One line for an operator."""
        return f"{self.place}: {catalogue.text(self.reason)}"


class BadConfig(ConfigError):
    """Everything wrong with the files of one home; the text has one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def told(path: KeyPath) -> str:
    """`("shop", 0, "name")` as people write it: `shop[1].name`, counted from one like the [[shop]] blocks in the file."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return repr(value)
    except (ValueError, RecursionError):  # thousands of digits or brackets
        return type(value).__name__


def _got(error: ErrorDetails) -> dict[str, str]:
    text = _shown(error["input"])
    return {"got": text if len(text) <= 60 else f"{text[:57]}..."}


def _bound(key: str) -> Callable[[ErrorDetails], dict[str, str]]:
    return lambda error: _got(error) | {"bound": str(error["ctx"][key])}


def _detail(error: ErrorDetails) -> dict[str, str]:
    return {"detail": error["msg"].removeprefix("Value error, ")}


def _context(error: ErrorDetails) -> dict[str, str]:
    return {name: str(value) for name, value in error["ctx"].items()}


def _nothing(_: ErrorDetails) -> dict[str, str]:
    return {}


_TAG = re.compile(r"'([^']+)'")
"""Pydantic lists members of an enum by their Python names; people write the value."""

_KINDS: Mapping[str, tuple[str, Callable[[ErrorDetails], dict[str, str]]]] = {
    "missing": ("config.missing", _nothing),
    "literal_error": ("config.choice", lambda error: _got(error) | {"expected": _plain(error["ctx"]["expected"])}),
    "bool_type": ("config.true_false", _got),
    "int_type": ("config.whole_number", _got),
    "string_type": ("config.words", _got),
    "tuple_type": ("config.list", _got),
    "model_type": ("config.table", _got),
    "greater_than_equal": ("config.at_least", _bound("ge")),
    "less_than_equal": ("config.at_most", _bound("le")),
    "string_too_short": ("config.empty", _nothing),
    "too_short": ("config.empty", _nothing),
    "string_pattern_mismatch": ("config.name", _got),
    "money": ("config.money", _got),
    "money_quotes": ("config.money_quotes", _nothing),
    "url": ("config.url", _got),
    "proxy": ("config.proxy", _got),
    "url_tail": ("config.url_tail", _got),
    "share": ("config.share", _got),
    "rate": ("config.rate", _got),
    "union_tag_not_found": ("config.no_tag", lambda error: {"key": str(error["ctx"]["discriminator"]).strip("'")}),
    "union_tag_invalid": (
        "config.tag",
        lambda error: {
            "key": str(error["ctx"]["discriminator"]).strip("'"),
            "expected": ", ".join(_TAG.findall(str(error["ctx"]["expected_tags"]))),
        },
    ),
    "rhythm": ("config.rhythm", _got),
    "weekday": ("config.weekday", _got),
    "never_comes": ("config.never_comes", _got),
    "clock": ("config.clock", _got),
    "night": ("config.night", _context),
    "days": ("config.days", _context),
    "window": ("config.window", _got),
    "day": ("config.day", _got),
    "word": ("config.word", _got),
    "scene_shipped": ("config.scene_shipped", _nothing),
    "scene_days": ("config.scene_days", _nothing),
    "scene_full": ("config.scene_full", _context),
    "same_id": ("config.twice", lambda error: {"got": error["ctx"]["id"]}),
    "enum": ("config.choice", lambda error: _got(error) | {"expected": error["ctx"]["expected"]}),
    "string_too_long": ("config.too_long", lambda error: {"most": str(error["ctx"]["max_length"])}),
    "place": ("config.place", _context),
    "expression": ("config.expression", _context),
    "no_condition": ("config.no_condition", _nothing),
    "no_strategy": ("config.no_strategy", _nothing),
    "more_than_nothing": ("config.more_than_nothing", _nothing),
    "yuan": ("config.money", _got),
    "refusal_proof": ("config.refusal_proof", _context),
    "refusal_ground": ("config.refusal_ground", _nothing),
    "complaint_ground": ("config.complaint_ground", _nothing),
}


def _plain(expected: str) -> str:
    """Pydantic lists enum members by their Python names; people write the value."""
    return expected.replace("<", "").replace(">", "")


def of_model(error: ValidationError, model: type[BaseModel]) -> list[tuple[KeyPath, Reason]]:
    """Pydantic's findings in our words, in the order of the file's keys."""
    return [(_path(found), _reason(found, model)) for found in error.errors(include_url=False)]


def _path(found: ErrorDetails) -> KeyPath:
    """Pydantic says of a wrong key of a table that it is the key; nothing of that name stands in the file."""
    return tuple(part for part in found["loc"] if part != "[key]")


def _reason(found: ErrorDetails, model: type[BaseModel]) -> Reason:
    if found["type"] == "extra_forbidden":
        return unknown_key(str(found["loc"][-1]), known_keys(model, _path(found)[:-1]))
    code, params = _KINDS.get(found["type"], ("config.value", _detail))
    return Reason(code=code, params=params(found))


def unknown_key(key: str, known: Iterable[str]) -> Reason:
    """With the nearest known key where one is near, else with all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(key.lower(), names, n=1, cutoff=0.5)
    if near:
        return Reason(code="config.unknown_key_near", params={"near": near[0]})
    return Reason(code="config.unknown_key", params={"known": ", ".join(names)})


def known_keys(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """The keys that the model takes at this place."""
    here: Any = model
    for part in path:
        here = _there(_below(here, part))
    return tuple(here.model_fields)


def _there(kind: Any) -> Any:
    """A table that may be left out, as it is where it stands."""
    kinds = [one for one in get_args(kind) if one is not NoneType]
    return kinds[0] if get_origin(kind) in {Union, UnionType} and len(kinds) == 1 else kind


def _below(here: Any, part: str | int) -> Any:
    """One step down the annotations: into a list, into one kind of a tagged union, or into a key."""
    if get_origin(here) is Annotated:
        return _below(get_args(here)[0], part)
    if isinstance(part, int):
        return get_args(here)[0]
    if get_origin(here) in {Union, UnionType}:
        return next(kind for kind in get_args(here) if _has_tag(kind, part))
    return here.model_fields[part].annotation


def _has_tag(kind: type[BaseModel], tag: str) -> bool:
    return any(tag in get_args(entry.annotation) for entry in kind.model_fields.values())
