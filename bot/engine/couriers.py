"""Whether two names mean one courier: by the families of couriers.toml, else by one holding the other, else nobody knows."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from bot.domain.base import Frozen
from bot.engine.claim import plain

_LATIN = re.compile(r"[a-z0-9]+")
_SHORTEST = 2
"""Fewer letters than this that two names share tell nothing."""

_Names = Annotated[tuple[Annotated[str, Field(min_length=2)], ...], Field(min_length=1)]


class General(Frozen):
    """Words that tell no courier from another."""

    words: _Names


class Couriers(Frozen):
    """The whole of couriers.toml; see there."""

    families: dict[str, _Names]
    general: General


@cache
def couriers() -> Couriers:
    """The table that ships. Raises ValidationError for a file that does not fit its types."""
    text = (files("bot.engine") / "couriers.toml").read_text(encoding="utf-8")
    return Couriers.model_validate(tomllib.loads(text))


def same_courier(left: str, right: str) -> bool | None:
    """Two names mean one courier; None where they cannot be compared.

    Another courier is only said of two names that each belong to exactly one family: what nobody listed accuses nobody.
    """
    mine, others = families_of(left), families_of(right)
    if mine & others:
        return True
    if len(mine) == len(others) == 1:
        return False
    first, second = own_letters(left), own_letters(right)
    shorter, longer = sorted((first, second), key=len)
    return True if len(shorter) >= _SHORTEST and shorter in longer else None


@lru_cache(maxsize=256)
def families_of(name: str) -> frozenset[str]:
    """The families that a name speaks of; several where it names several couriers."""
    bare, words = plain(name), _words(name)
    table: Mapping[str, _Names] = couriers().families
    return frozenset(
        family
        for family, names in table.items()
        if any(one in words if one.isascii() else one in bare for one in names)
    )


def _words(name: str) -> frozenset[str]:
    """Latin words of a name, and all of its letters as one: "J&T Express" is also jtexpress."""
    parts = unicodedata.normalize("NFKC", name).split()
    return frozenset(word for part in (*parts, name) for word in _LATIN.findall(plain(part)))


def own_letters(name: str) -> str:
    """What is left of a name without the words that any courier's name may have."""
    bare = plain(name)
    for word in couriers().general.words:
        bare = bare.replace(word, "")
    return bare
