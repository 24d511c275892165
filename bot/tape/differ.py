"""When two decisions are the same decision, and where they are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bot.domain.decision import Decision

_OWN: Final = {"fingerprint", "policy_hash"}
"""Hashes of what was scrubbed, and of a file's bytes: they differ where nothing else does."""

_MOST: Final = 6
_LONGEST: Final = 100


def same_decision(one: Decision, other: Decision) -> bool:
    """Verb, plan, reasons, traces with their facts, flip, findings and the moment: everything but hashes."""
    return _told(one) == _told(other)


def parted(then: Decision, now: Decision) -> list[str]:
    """`path: recorded → now` of the first few places in which two decisions differ."""
    found = [f"{path}: {_short(was)} → {_short(is_)}" for path, was, is_ in _walk("", _told(then), _told(now))]
    return found[:_MOST]


def _told(decision: Decision) -> dict[str, Any]:
    return decision.model_dump(mode="json", exclude=_OWN)


def _short(value: Any) -> str:
    return str(value)[:_LONGEST]


def _walk(path: str, was: Any, is_: Any) -> Iterator[tuple[str, Any, Any]]:
    match was, is_:
        case dict(), dict():
            for key in was.keys() | is_.keys():
                yield from _walk(f"{path}.{key}".lstrip("."), was.get(key), is_.get(key))
        case list(), list() if len(was) == len(is_):
            for place, (one, other) in enumerate(zip(was, is_, strict=True)):
                yield from _walk(f"{path}[{place}]", one, other)
        case _ if was != is_:
            yield path, was, is_
        case _:
            return
