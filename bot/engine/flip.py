"""The nearest flip: the smallest single change of one fact that would have decided otherwise, found by judging again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from bot.domain.action import Verb
from bot.domain.decision import Answer, Flip
from bot.domain.facts import Fact, Known, Unknown
from bot.domain.money import Money
from bot.engine.asking import Condition
from bot.engine.expressions import FreeCondition
from bot.engine.facts import VALUE_TYPES, Facts
from bot.engine.measures import possible
from bot.engine.offers import HAGGLED, offer_edges
from bot.engine.policy import Policy, Ranked
from bot.engine.ruling import OFFERED, Cause, Ruling, rule
from bot.engine.standing import Standing, stand
from bot.engine.strategies import NegotiateStrategy

__all__ = ["COSTS", "VALUE_TYPES", "Change", "as_code", "changes_of", "nearest_flip"]

_HOURS_OF_A_DAY = 24
_DAYS_OF_A_YEAR = 365
_DISTANCE = attrgetter("cost")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])", re.ASCII)
"""Where a class name is split to make the catalogue's code of an enum."""

COSTS: Mapping[str, float] = MappingProxyType(
    {
        "type": 5.0,
        "state": 5.0,
        "unknown_labels": 3.0,
        "within_refundable": 3.0,
        "parcel_status": 2.0,
        "return_status": 2.0,
        "today": 2.0,
        "refusal_barred": 2.0,
        **dict.fromkeys(OFFERED.values(), 2.0),
        "goods_status": 1.5,
        "intercept_state": 1.5,
    }
)
"""How far a change of this fact is from what is; any other yes, no or word costs 1.

Another kind of claim is another case, and what the page offers is no fact about the buyer: both explain little. Where a
parcel is decides much at once, so a detail of it (who signed, in which city) is the nearer change. A number costs its
relative change: an amount that had to be 3 % smaller is nearer than another signer.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One fact with another value, and how far away it is."""

    name: str
    value: Any
    cost: float

    def of(self, facts: Facts, moment: datetime) -> Facts:
        """The facts as they would then be."""
        fact: Fact[Any] = getattr(facts, self.name)
        fresh: Known[Any] = Known(value=self.value, source=fact.source, seen_at=getattr(fact, "seen_at", moment))
        return replace(facts, **{self.name: fresh})


def nearest_flip(
    facts: Facts, policy: Policy, standings: Sequence[Standing], ruling: Ruling, now: datetime
) -> Flip | None:
    """The cheapest change that gives another verb; None where no single change does.

    Equal costs: one that leads to an act first, then what the deciding strategy itself asked, then the order of `Facts`.
    """
    for flips in _nearest_first(facts, policy, standings, ruling, now):
        if flips:
            change, again = min(flips, key=lambda one: _nearness(one, ruling))
            return _told(change, again, facts, now)
    return None


def _nearest_first(
    facts: Facts, policy: Policy, standings: Sequence[Standing], ruling: Ruling, now: datetime
) -> Iterator[list[tuple[Change, Ruling]]]:
    """What flips, one list for each distance: whoever stops at the first that holds something judges no farther change."""
    movable, moved = _movable(standings), _moved_edges(standings, facts)
    changes = [
        change
        for name in _in_order({*movable, *_checked(ruling)})
        for change in changes_of(name, getattr(facts, name), (*policy.edges.get(name, ()), *moved.get(name, ())))
    ]

    def again(change: Change) -> Ruling:
        changed = change.of(facts, now)
        return rule(_restand(standings, movable.get(change.name, ()), changed), changed, policy.parameters)

    for _, level in groupby(sorted(changes, key=_DISTANCE), key=_DISTANCE):
        judged = [(change, again(change)) for change in level]
        yield [(change, other) for change, other in judged if other.verb is not ruling.verb]


def _moved_edges(standings: Sequence[Standing], facts: Facts) -> dict[str, set[Any]]:
    """Numbers at which something changes in this case alone: what is left of a cap, what an expression or an offer makes of it."""
    found: dict[str, set[Any]] = {}
    for strategy in (standing.strategy for standing in standings):
        whole = [condition.edges_in(facts) for condition in strategy.conditions if type(condition) is not Condition]
        offers = (
            [offer_edges(strategy.offers, strategy.bounds, facts)] if isinstance(strategy, NegotiateStrategy) else []
        )
        for name, values in (entry for further in (*whole, *offers) for entry in further.items()):
            found.setdefault(name, set()).update(values)
    return found


def _movable(standings: Sequence[Standing]) -> dict[str, list[int]]:
    """Which standings could change with each fact: where another fact said no as well, a strategy stays lost anyway.

    An expression may also break, and then holds the case whatever else was said.
    """
    movable: dict[str, list[int]] = {}
    for place, standing in enumerate(standings):
        against = [set(condition.asked) for condition in standing.that(Answer.NO)]
        conditions = standing.strategy.conditions
        names = set.intersection(*against) if against else {name for one in conditions for name in one.asked}
        may_break = {name for one in conditions if isinstance(one, FreeCondition) for name in one.asked}
        for name in names | may_break:
            movable.setdefault(name, []).append(place)
    return movable


def _restand(standings: Sequence[Standing], movable: Sequence[int], facts: Facts) -> tuple[Standing, ...]:
    moved = list(standings)
    for place in movable:
        moved[place] = stand(Ranked(moved[place].rank, moved[place].strategy), facts)
    return tuple(moved)


def _checked(ruling: Ruling) -> tuple[str, ...]:
    """Facts that this ruling looked at by itself, beside what strategies asked."""
    if ruling.cause is Cause.DECIDED:
        haggled = HAGGLED if ruling.verb is Verb.NEGOTIATE else ()
        return "state", "unknown_labels", "within_refundable", OFFERED[ruling.verb], *haggled
    if ruling.cause is Cause.NO_OFFER:
        return HAGGLED
    return ("state",) if ruling.cause is Cause.NOT_PENDING else (ruling.named,)


def _in_order(names: set[str]) -> tuple[str, ...]:
    return tuple(name for name in VALUE_TYPES if name in names)


def changes_of(name: str, fact: Fact[Any], edges: Sequence[Any]) -> Iterator[Change]:
    """Every other value that a fact can have; of numbers only those of `edges`, since nothing changes between them."""
    was = None if isinstance(fact, Unknown) else fact.value
    kind = VALUE_TYPES[name]
    values = (False, True) if kind is bool else tuple(kind) if issubclass(kind, StrEnum) else edges
    for value in values:
        if value != was and possible(name, value):
            yield Change(name, value, _cost(name, was, value))


def _cost(name: str, was: object, value: object) -> float:
    if isinstance(was, Money) and isinstance(value, Money):
        return abs(value.fen - was.fen) / max(was.fen, 1)
    if isinstance(was, int) and isinstance(value, int) and not isinstance(value, bool):
        return abs(value - was) / max(abs(was), _HOURS_OF_A_DAY)
    if isinstance(was, date) and isinstance(value, date):
        return COSTS.get(name, 1.0) + abs((value - was).days) / _DAYS_OF_A_YEAR
    return COSTS.get(name, 1.0)


def _nearness(flip: tuple[Change, Ruling], ruling: Ruling) -> tuple[bool, int]:
    change, again = flip
    asked = [name for one in ruling.standings[:1] for condition in one.strategy.conditions for name in condition.asked]
    return again.verb is Verb.HOLD, asked.index(change.name) if change.name in asked else len(asked)


def _told(change: Change, again: Ruling, facts: Facts, now: datetime) -> Flip:
    strategy = again.standings[0].strategy.id if again.standings else ""
    was, would_be = (as_code(getattr(side, change.name)) for side in (facts, change.of(facts, now)))
    return Flip(fact=change.name, was=was, would_be=would_be, verb=again.verb, strategy=strategy)


def as_code(fact: Fact[Any]) -> str:
    """A value as a code of the catalogue (`answer.yes`, `parcel_status.signed`), or as plain text where it is a number."""
    if isinstance(fact, Unknown):
        return f"answer.{Answer.UNKNOWN.value}"
    if isinstance(fact.value, bool):
        return f"answer.{Answer.YES.value if fact.value else Answer.NO.value}"
    if isinstance(fact.value, StrEnum):
        return f"{_HUMP.sub('_', type(fact.value).__name__).lower()}.{fact.value.value}"
    return str(fact.value)
