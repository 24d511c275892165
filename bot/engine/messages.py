"""Texts that go to buyer, platform or colleagues: templates of the policy, filled from facts; a missing one is not guessed."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

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
SHORTEST_COMPLAINT = 5
LONGEST_REMARK = 300


class MissingPlace(Exception):
    """A place of a template has no fact to fill it; `place` names it, `fact` is the one that is missing."""

    def __init__(self, place: str, fact: str) -> None:
        super().__init__(place)
        self.place = place
        self.fact = fact


OFFER = "offer"
"""The place for the sum of an offer: no fact of the case, but what the strategy makes of it."""


def places_of(template: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    """The names in braces; `more` are places that the verb fills itself.

    Raises:
        ValueError: a name that no fact fills, or anything but a bare name between braces.
    """
    found = []
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        known = {*PLACES, *more}
        if name not in known or spec or conversion:
            raise ValueError(f"{{{name}}} is no place to fill; known are {', '.join(sorted(known))}")
        found.append(name)
    return tuple(found)


def _checked(template: str, more: tuple[str, ...] = ()) -> str:
    try:
        places_of(template, more)
    except ValueError as error:
        context = {"detail": str(error), "known": ", ".join(sorted({*PLACES, *more}))}
        raise PydanticCustomError("place", "{detail}", context) from None
    return template


def _checked_offer(template: str) -> str:
    return _checked(template, (OFFER,))


RefusalText = Annotated[str, Field(min_length=SHORTEST_REFUSAL), AfterValidator(_checked)]
BuyerText = Annotated[str, Field(max_length=LONGEST_REFUSAL), AfterValidator(_checked)]
OfferText = Annotated[str, Field(max_length=LONGEST_REFUSAL), AfterValidator(_checked_offer)]
ComplaintText = Annotated[str, Field(min_length=SHORTEST_COMPLAINT), AfterValidator(_checked)]
RemarkText = Annotated[str, Field(min_length=1, max_length=LONGEST_REMARK), AfterValidator(_checked)]
"""Lengths are checked once more after filling: a place may be longer than its name."""


def fill(template: str, facts: Facts, parameters: Parameters, **own: str) -> str:
    """The template with every place filled, `own` ones with what is given. Raises MissingPlace."""
    places = places_of(template, own)
    return template.format_map({one: own[one] if one in own else _value(one, facts, parameters) for one in places})


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
