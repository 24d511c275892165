"""What we know, from whom, and when: `Known` with a source, or `Unknown` with a why. Missing is never "no"."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field
from typing_extensions import TypeAliasType

from bot.domain.base import Frozen

T = TypeVar("T")


class Source(StrEnum):
    """Who said it."""

    SHOP = "shop"
    COURIER = "courier"
    WAREHOUSE = "warehouse"
    HISTORY = "history"
    DERIVED = "derived"


class Known(Frozen, Generic[T]):
    """A value with its source and the moment it was seen."""

    kind: Literal["known"] = "known"
    value: T
    source: Source
    seen_at: datetime


class Unknown(Frozen):
    """Nothing to rest on: `why` is a key of the message catalogue, `raw` the text that could not be understood."""

    kind: Literal["unknown"] = "unknown"
    why: str
    source: Source
    raw: str = ""


Fact = TypeAliasType("Fact", Annotated[Known[T] | Unknown, Field(discriminator="kind")], type_params=(T,))
"""Not a plain alias: pydantic's Known[T] is Known itself, so a plain union would forget T."""


def value_or_none(fact: Fact[T]) -> T | None:
    """The value of a known fact; None for an unknown one, where the why does not matter."""
    return fact.value if isinstance(fact, Known) else None
