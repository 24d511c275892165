"""The ladder of offers that a negotiation climbs: what is offered next, and when nothing is (domain.md 28)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from bot.domain.base import Frozen
from bot.domain.case import OfferState
from bot.domain.facts import Fact, Known, value_or_none
from bot.domain.money import ZERO, Money
from bot.engine.conditions import read_yuan
from bot.engine.facts import Facts

V = TypeVar("V")

_PERCENT = re.compile(r"([1-9]\d?)\s*%", re.ASCII)

GOES_ON = frozenset({OfferState.NONE, OfferState.DECLINED})
"""Only a buyer's no leads to the next rung: what is open is waited for, and who said nothing is a person's."""


class NoOffer(Exception):
    """No rung is left that may be offered now; `fact` names what stands in the way."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class Rung(Frozen):
    """One offer: a share of the claim in percent, or a sum."""

    percent: int | None = None
    amount: Money | None = None

    def of(self, claim: Money) -> Money:
        """What is offered for a claim, down to the fen."""
        return self.amount if self.amount is not None else Money(claim.fen * (self.percent or 0) // 100)


def _read(written: object) -> object:
    """「"30%"」 of the claim (1 to 99), or an amount such as 「"12.00"」."""
    share = _PERCENT.fullmatch(written.strip()) if isinstance(written, str) else None
    if share is not None:
        return Rung(percent=int(share[1]))
    if isinstance(written, str) and "%" in written:
        raise ValueError(f'a share is written from "1%" to "99%", not {written!r}')
    amount = read_yuan(written)
    if not isinstance(amount, Money) or amount <= ZERO:
        raise ValueError("an offer is more than ¥0.00")
    return Rung(amount=amount)


def _rising(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    """Shares rise, and so do sums; how the two mix is seen when the claim is known."""
    shares = [rung.percent for rung in rungs if rung.percent is not None]
    sums = [rung.amount for rung in rungs if rung.amount is not None]
    if shares != sorted(set(shares)) or sums != sorted(set(sums)):
        raise ValueError("each offer is more than the one before it")
    return rungs


Ladder = Annotated[
    tuple[Annotated[Rung, BeforeValidator(_read)], ...], Field(min_length=1, max_length=10), AfterValidator(_rising)
]


class Bounds(Frozen):
    """What no offer of a strategy may pass, whatever its ladder says."""

    most: Money
    percent: int

    def of(self, claim: Money) -> Money:
        """The largest offer for a claim."""
        return min(self.most, Money(claim.fen * self.percent // 100))


def next_offer(ladder: tuple[Rung, ...], bounds: Bounds, claim: Money, facts: Facts) -> Money:
    """The sum to offer now: the rung after as many as were offered, within all bounds, more than ever before.

    Offers of colleagues count as rungs: nobody is offered twice what he declined.

    Raises:
        NoOffer: the last offer is open or lapsed, the ladder is climbed, the page or a bound leaves no more than before,
            or so much that it would be the whole claim: then a person decides.
    """
    if _value(facts.negotiation, "negotiation") not in GOES_ON:
        raise NoOffer("negotiation")
    made = _value(facts.offers_made, "offers_made")
    if made >= len(ladder):
        raise NoOffer("offers_made")
    offer = min(ladder[made].of(claim), bounds.of(claim), _value(facts.most_offered, "most_offered"))
    if not _value(facts.best_offer, "best_offer") < offer < claim:
        raise NoOffer("best_offer")
    return offer


def _value(fact: Fact[V], name: str) -> V:
    if not isinstance(fact, Known):
        raise NoOffer(name)
    return fact.value


HAGGLED = ("amount", "negotiation", "offers_made", "best_offer", "most_offered")
"""The facts that an offer is made from."""


def offer_edges(ladder: tuple[Rung, ...], bounds: Bounds, facts: Facts) -> dict[str, tuple[Any, ...]]:
    """Values of those that are numbers between which `next_offer` turns into none, the others being as in this case.

    What is offered and what is left of the claim above it both only grow with the claim, so that each begins to suffice once.
    """
    claim, best, most = map(value_or_none, (facts.amount, facts.best_offer, facts.most_offered))
    made = value_or_none(facts.offers_made)
    found: dict[str, tuple[Any, ...]] = {"offers_made": tuple(range(len(ladder) + 1))}
    if made is None or made >= len(ladder):
        return found

    def offered(for_: Money) -> Money:
        own = min(ladder[made].of(for_), bounds.of(for_))
        return own if most is None else min(own, most)

    if best is not None and most is not None:
        firsts = (_first(lambda of: best < offered(of)), _first(lambda of: offered(of) < of))
        found["amount"] = tuple(near for first in firsts for near in (first - _FEN, first))
    if claim is not None and most is not None:
        found["best_offer"] = (offered(claim) - _FEN, offered(claim))
    if claim is not None and best is not None:
        found["most_offered"] = (best, best + _FEN, claim - _FEN, claim)
    return found


_FEN = Money(1)
_LARGEST = Money(10**11)


def _first(enough: Callable[[Money], bool]) -> Money:
    """The smallest claim for which it holds, which it then does for every larger one; `_LARGEST` where it never does."""
    low, high = -1, _LARGEST.fen
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(Money(middle)) else (middle, high)
    return Money(high)
