"""What a tape has to know of a platform: which keys are noise, which name the case, which hide a secret or a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Datum(StrEnum):
    """What kind of a person's datum a value is; its pseudonym keeps the kind and nothing else."""

    BUYER = "buyer"
    PERSON = "person"
    ACCOUNT = "account"
    PHONE = "phone"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class TapeRules:
    """One platform's table.

    `ignored`: keys of queries and bodies that differ from one sweep to the next and mean nothing (nonces, times, cache
    busters). `cases`: keys that name the case. `secrets`: keys whose value is a secret, in bodies, queries and headers.
    `people`: labels on pages and keys of answers whose value tells of a person. `words`: values there that are nobody's
    (in half width), such as the courier's word for "the buyer himself".
    """

    ignored: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    people: Mapping[str, Datum] = field(default_factory=dict)
    words: frozenset[str] = frozenset()

    def __or__(self, other: TapeRules) -> TapeRules:
        """All that either knows."""
        return TapeRules(
            self.ignored | other.ignored,
            self.cases | other.cases,
            self.secrets | other.secrets,
            {**self.people, **other.people},
            self.words | other.words,
        )
