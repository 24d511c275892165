"""What is otherwise on a page since somebody looked at it: each part that the fingerprint rests on, with both values where they are short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.domain.case import Snapshot
from bot.domain.decision import Reason
from bot.domain.facts import Known, Unknown
from bot.domain.money import Money
from bot.engine.flip import as_code

_SETS = ("service_tags", "controls")
_SHORT = 40
"""Characters of a text that a sentence quotes; of a longer one it says that it is another."""


def changes(before: Snapshot, now: Snapshot) -> Iterator[Reason]:
    """One reason a part, in the order of the page's fields; nothing where the fingerprints are equal."""
    was, shows = before.marks(), now.marks()
    for name in (*was, *_SETS):
        other = getattr(before, name) != getattr(now, name) if name in _SETS else was[name] != shows[name]
        if other:
            yield _told(name, getattr(before, name), getattr(now, name))


def _told(name: str, was: object, now: object) -> Reason:
    texts = [_text(value) for value in (was, now)]
    if None in texts:
        return Reason(code="hand.other_part", params={"part": name})
    return Reason(code="hand.other_value", params={"part": name, "was": str(texts[0]), "now": str(texts[1])})


def _text(value: object) -> str | None:
    """A short value in words or as a code of the catalogue; None for what is too much for a sentence."""
    match value:
        case Known() | Unknown():
            fact: Any = value
            return as_code(fact) if not isinstance(fact, Known) or not isinstance(fact.value, tuple) else None
        case Money() | int():
            return str(value)
        case str() if len(value) <= _SHORT:
            return f"“{value}”"
        case _:
            return None
