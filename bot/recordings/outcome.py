"""What reading a page came to, as plain values fit for JSON and for people, and how two of them differ, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from bot.domain.base import SHANGHAI, Frozen
from bot.domain.facts import Known
from bot.domain.money import Money
from bot.errors import RefundPilotError

Plain: TypeAlias = Any
"""None, bool, int, str, or a list or dict of them: what JSON holds."""


class Trouble(Frozen):
    """`error.json`: the error that reading has to end with: its class, what it missed, and the text it could not read."""

    error: str
    target: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either the fields that were read, or the error."""

    fields: Mapping[str, Plain] | None = None
    trouble: Trouble | None = None

    @classmethod
    def of_result(cls, result: object) -> Outcome:
        """From what a reader returned: a model, or fields by name."""
        found = plain(result)
        if not isinstance(found, dict):
            raise TypeError(f"a page is read as fields, not as {type(result).__name__}")
        return cls(fields=found)

    @classmethod
    def of_error(cls, error: RefundPilotError) -> Outcome:
        """From the error that a reader ended with."""
        return cls(trouble=Trouble(error=type(error).__name__, target=error.target, raw=error.raw))

    @property
    def body(self) -> Mapping[str, Plain]:
        """What is compared and written down."""
        if self.trouble is not None:
            return self.trouble.model_dump()
        return self.fields or {}


@dataclass(frozen=True, slots=True)
class _Missing:
    def __repr__(self) -> str:
        return "(nothing)"


MISSING: Final = _Missing()
"""Stands where one side has no such field."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, by its dotted path, that is not as expected; a side that lacks it has MISSING."""

    field: str
    expected: Plain
    found: Plain


def differences(expected: Outcome, found: Outcome) -> tuple[Difference, ...]:
    """All of them, sorted by field; a page that is read where an error was expected, or the other way round, is one of its own."""
    if (expected.trouble is None) != (found.trouble is None):
        return (Difference("(outcome)", _in_short(expected), _in_short(found)),)
    return tuple(_within("", dict(expected.body), dict(found.body)))


def _in_short(outcome: Outcome) -> str:
    if outcome.trouble is None:
        return f"{len(outcome.body)} fields"
    return " ".join(part for part in (outcome.trouble.error, outcome.trouble.target, outcome.trouble.raw) if part)


def _within(path: str, expected: Plain, found: Plain) -> Iterator[Difference]:
    """Down through objects, and through lists of one length; lists of two lengths differ as a whole."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            below = f"{path}.{key}" if path else key
            yield from _within(below, expected.get(key, MISSING), found.get(key, MISSING))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _within(f"{path}[{place}]", one, other)
    elif expected != found or type(expected) is not type(found):
        yield Difference(path, expected, found)


def plain(value: object) -> Plain:
    """Money as it is printed, moments in Asia/Shanghai, sets sorted; a known fact without the moment, which is the frozen one."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case Money():
            return str(value)
        case datetime():
            return value.astimezone(SHANGHAI).isoformat()
        case _:
            return _of_parts(value)


def _of_parts(value: object) -> Plain:
    match value:
        case Known():
            return {"value": plain(value.value), "source": value.source.value}
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case AbstractSet():
            return sorted(map(plain, value))
        case Sequence():
            return [plain(one) for one in value]
        case _:
            raise TypeError(f"nothing is known of how to write down a {type(value).__name__}")
