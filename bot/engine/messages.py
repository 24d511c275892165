"""Texts that go to buyer, platform or colleagues: templates of the policy, filled from facts; a missing one is not guessed."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.domain.base import SHANGHAI
from bot.domain.courier import SignerKind
from bot.domain.facts import Fact, Unknown
from bot.engine.facts import Facts
from bot.engine.parameters import Parameters

PLACES: Mapping[str, str] = {
    "amount": "amount",
    "waybill": "waybill",
    "signed_at": "signed_at",
    "signer": "signer",
    "city": "sign_city",
    "return_waybill": "return_waybill",
    "return_signed_at": "return_signed_at",
    "counted": "counted",
    "weight": "return_weight",
    "expected": "expected_weight",
}
"""What a template may name in braces, and the fact that fills it. Weights are printed in grams."""

LONGEST_REFUSAL = 200
SHORTEST_REFUSAL = 2
LONGEST_REMARK = 300


class MissingPlace(Exception):
    """A place of a template has no fact to fill it; `place` names it, `fact` is the one that is missing."""

    def __init__(self, place: str, fact: str) -> None:
        super().__init__(place)
        self.place = place
        self.fact = fact


def places_of(template: str) -> tuple[str, ...]:
    """The names in braces.

    Raises:
        ValueError: a name that no fact fills, or anything but a bare name between braces.
    """
    found = []
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if name not in PLACES or spec or conversion:
            raise ValueError(f"{{{name}}} is no place to fill; known are {', '.join(sorted(PLACES))}")
        found.append(name)
    return tuple(found)


def _checked(template: str) -> str:
    places_of(template)
    return template


RefusalText = Annotated[str, Field(min_length=SHORTEST_REFUSAL), AfterValidator(_checked)]
BuyerText = Annotated[str, Field(max_length=LONGEST_REFUSAL), AfterValidator(_checked)]
RemarkText = Annotated[str, Field(min_length=1, max_length=LONGEST_REMARK), AfterValidator(_checked)]
"""Lengths are checked once more after filling: a place may be longer than its name."""


def fill(template: str, facts: Facts, parameters: Parameters) -> str:
    """The template with every place filled. Raises MissingPlace."""
    return template.format_map({place: _value(place, facts, parameters) for place in places_of(template)})


def _value(place: str, facts: Facts, parameters: Parameters) -> str:
    name = PLACES[place]
    fact: Fact[object] = getattr(facts, name)
    if isinstance(fact, Unknown):
        raise MissingPlace(place, name)
    return _printed(place, fact.value, parameters)


def _printed(place: str, value: object, parameters: Parameters) -> str:
    if isinstance(value, SignerKind):
        if value not in parameters.signer_words:
            raise MissingPlace(place, PLACES[place])
        return parameters.signer_words[value]
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return str(value)
