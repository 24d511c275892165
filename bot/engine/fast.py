"""The verdict without its explanation: each policy compiled into answer tables, proven equal to the full engine by tests.

Every fact that a policy asks has one table: from its value to the set of strategies that this value rules out, as the bits
of a number. Judging a case is then one look-up and one `|` a fact, whatever the number of strategies; what rests on several
facts (caps of the day, detectors, expressions) is asked as it is. What follows from the two sets that are left, the hits and
the open ones, is remembered: a policy sees few different pairs of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from bot.domain.action import Verb
from bot.domain.decision import Answer, Verdict
from bot.domain.facts import Fact, Known, Unknown
from bot.domain.money import Money
from bot.engine.asking import CapDay, Condition
from bot.engine.facts import VALUE_TYPES, Facts
from bot.engine.messages import LONGEST_REFUSAL, LONGEST_REMARK, places_of
from bot.engine.policy import Policy
from bot.engine.ruling import LOOKED_AT, OFFERED, PROMISES_MONEY, Cause, Ruling, checked, may_wait
from bot.engine.standing import Standing
from bot.engine.strategies import (
    AgreeRefundStrategy,
    AgreeReturnStrategy,
    HoldStrategy,
    InterceptStrategy,
    RefuseStrategy,
    RemarkStrategy,
    Strategy,
)

_POLICIES = 16
"""Compiled policies that are kept."""

_PAIRS = 50_000
"""Pairs of hits and open strategies that a policy remembers; then it begins anew: memory stays bounded."""

Bits = int
Told = tuple[Cause, int]
"""A cause, and the place of the strategy that it names (-1: none)."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What a ruling comes to; `strategy` names who acts, waits or calls a person, and is empty for any other hold."""

    verb: Verb
    cause: Cause
    strategy: str = ""


_NAMES_ITS_OWN = frozenset({Cause.DECIDED, Cause.STRATEGY, Cause.WAITS})
_BROKEN = Gist(Verb.HOLD, Cause.BROKEN)
_LATE = Gist(Verb.HOLD, Cause.LATE)
_NOT_PENDING = Gist(Verb.HOLD, Cause.NOT_PENDING)


def gist_of(ruling: Ruling) -> Gist:
    """The same of a full ruling."""
    named = ruling.cause in _NAMES_ITS_OWN and ruling.standings
    return Gist(ruling.verb, ruling.cause, ruling.standings[0].strategy.id if named else "")


def verdict_of(facts: Facts, policy: Policy) -> Gist:
    """`gist_of(rule(stand_all(facts, policy), …))`, some thirty times as fast (docs/benchmarks.md)."""
    return compiled(policy).verdict(facts)


def compiled(policy: Policy) -> Compiled:
    """The policy's tables; policies of one hash share them."""
    found = _KEPT.pop(policy.hash, None) or Compiled(policy)
    _KEPT[policy.hash] = found
    while len(_KEPT) > _POLICIES:
        del _KEPT[next(iter(_KEPT))]
    return found


_KEPT: dict[str, Compiled] = {}


class Compiled:
    """One policy's tables. Place 0 is the first strategy of `policy.ranked`, and the lowest bit."""

    def __init__(self, policy: Policy) -> None:
        self._parameters = policy.parameters
        self._ranked = policy.ranked
        self._strategies: Sequence[Strategy] = [one.strategy for one in policy.ranked]
        self._all: Bits = (1 << len(self._strategies)) - 1
        self._persons = _bits(
            n for n, one in enumerate(self._strategies) if isinstance(one, HoldStrategy) and not one.waits
        )
        self._holds = _bits(n for n, one in enumerate(self._strategies) if one.verb is Verb.HOLD)
        ranks = [one.rank for one in policy.ranked]
        self._level = [_bits(m for m, rank in enumerate(ranks) if rank == mine) for mine in ranks]
        self._up_to = [_bits(m for m, rank in enumerate(ranks) if rank <= mine) for mine in ranks]
        self._of_verb = [
            _bits(m for m, one in enumerate(self._strategies) if one.verb is mine.verb) for mine in self._strategies
        ]
        self._plain = [isinstance(one, _PLAIN) and _finished(one) for one in self._strategies]
        single, self._whole = _sorted(self._strategies)
        self._tables = [_table(name, asked) for name, asked in single.items()]
        self._asking = [_bits(n for n, _ in asked) for asked in single.values()]
        self._facts = _getter(tuple(single))
        self._told: dict[tuple[Bits, Bits], Told] = {}

    def verdict(self, facts: Facts) -> Gist:
        """The verdict on these facts; whatever a rule raises holds the case (S19)."""
        try:
            return self._verdict(facts)
        except Exception:  # noqa: BLE001 - S19: as in the full engine
            return _BROKEN

    def _verdict(self, facts: Facts) -> Gist:
        state = facts.state
        if isinstance(state, Known) and state.value not in LOOKED_AT:
            return _NOT_PENDING
        lost = unknown = 0
        for fact, table, asking in zip(self._facts(facts), self._tables, self._asking, strict=True):
            if type(fact) is Unknown:
                unknown |= asking
            else:
                lost |= table(fact.value)  # type: ignore[union-attr]  # not Unknown; isinstance would cost as much as the table
        for condition, asking in self._whole:
            if asking & ~lost or not isinstance(condition, CapDay):  # a cap cannot break, any other one might
                answer = condition.answer(facts)
                if answer is Answer.NO:
                    lost |= asking
                elif answer is Answer.UNKNOWN:
                    unknown |= asking
        matched, undecided = self._all & ~(lost | unknown), unknown & ~lost
        cause, place = self._told.get((matched, undecided)) or self._remember(matched, undecided)
        if cause is Cause.DECIDED:
            return self._acting(place, facts)
        if cause is Cause.WAITS and not may_wait(facts):
            return _LATE
        return Gist(Verb.HOLD, cause, self._strategies[place].id if place >= 0 else "")

    def _remember(self, matched: Bits, undecided: Bits) -> Told:
        if len(self._told) >= _PAIRS:
            self._told.clear()
        told = self._told[matched, undecided] = self._ruled(matched, undecided)
        return told

    def _ruled(self, matched: Bits, undecided: Bits) -> Told:
        """As `ruling.rule` from where nothing is broken up to the strategy that would act."""
        best = _first(matched)
        person = _first(matched & self._persons)
        if person >= 0 and self._level[person] >> best & 1 and self._holds >> best & 1:
            return Cause.STRATEGY, person
        if undecided & (self._up_to[best] if matched else self._all):
            return Cause.MISSING, -1
        if not matched:
            return Cause.NO_MATCH, -1
        if matched & self._level[best] & ~self._of_verb[best]:
            return Cause.CONFLICT, -1
        return (Cause.WAITS if self._holds >> best & 1 else Cause.DECIDED), best

    def _acting(self, place: int, facts: Facts) -> Gist:
        """The last checks; a strategy whose texts have no gap needs no plan to be made for them."""
        strategy: Any = self._strategies[place]
        if self._plain[place] and _sound(strategy.verb, facts):
            return Gist(strategy.verb, Cause.DECIDED, strategy.id)
        standing = Standing(self._ranked[place].rank, strategy, Verdict.MATCHED)
        return gist_of(checked(standing, strategy, facts, self._parameters))


def _bits(places: Iterable[int]) -> Bits:
    return sum(1 << place for place in set(places))


def _first(bits: Bits) -> int:
    """The lowest place in it; -1 for none."""
    return (bits & -bits).bit_length() - 1


def _getter(names: tuple[str, ...]) -> Callable[[Facts], tuple[Fact[Any], ...]]:
    """All of them in one call; `attrgetter` of a single name would give no tuple."""
    if not names:
        return lambda _facts: ()
    return attrgetter(*names) if len(names) > 1 else lambda facts: (getattr(facts, names[0]),)


Asked = list[tuple[int, Condition]]


def _sorted(strategies: Sequence[Strategy]) -> tuple[dict[str, Asked], list[tuple[Condition, Bits]]]:
    """Conditions on one fact by that fact, and the others, each with the strategies that ask it."""
    single: dict[str, Asked] = {}
    whole: list[tuple[Condition, Bits]] = []
    for place, strategy in enumerate(strategies):
        for condition in strategy.conditions:
            if type(condition) is Condition:
                single.setdefault(condition.test.fact, []).append((place, condition))
            else:
                _ask_once(whole, condition, 1 << place)
    return single, whole


def _ask_once(whole: list[tuple[Condition, Bits]], condition: Condition, bit: Bits) -> None:
    for n, (known, bits) in enumerate(whole):
        if type(known) is type(condition) and known == condition:
            whole[n] = (known, bits | bit)
            return
    whole.append((condition, bit))


def _table(name: str, asked: Asked) -> Callable[[Any], Bits]:
    """From a known value to the strategies it rules out: by word, by the interval of a number, else by asking."""
    try:
        return _made(VALUE_TYPES[name], asked)
    except Exception:  # noqa: BLE001 - S19: a rule that raises does so again when it is asked, and then holds the case
        return lambda value: _ruled_out(value, asked)


def _made(kind: type, asked: Asked) -> Callable[[Any], Bits]:
    if kind is bool or issubclass(kind, StrEnum):
        values = (False, True) if kind is bool else tuple(kind)
        return {value: _ruled_out(value, asked) for value in values}.__getitem__
    edges = sorted({edge for _, condition in asked for edge in condition.edges})
    if edges and all(condition.edges for _, condition in asked):
        return _by_interval(edges, [_ruled_out(edge, asked) for edge in edges])
    return lambda value: _ruled_out(value, asked)


def _by_interval(edges: Sequence[Any], masks: Sequence[Bits]) -> Callable[[Any], Bits]:
    """Between an edge and the next one nothing changes; below the first all is as at the first."""
    below_too = (masks[0], *masks)
    if isinstance(edges[0], Money):
        fen = [edge.fen for edge in edges]
        return lambda value: below_too[bisect_right(fen, value.fen)]
    return lambda value: below_too[bisect_right(edges, value)]


def _ruled_out(value: Any, asked: Asked) -> Bits:
    lost = 0
    for place, condition in asked:
        if not condition.test.holds(value, condition.wanted):
            lost |= 1 << place
    return lost


_PLAIN = (AgreeRefundStrategy, AgreeReturnStrategy, RefuseStrategy, InterceptStrategy, RemarkStrategy)


def _finished(strategy: Strategy) -> bool:
    """Its texts are sent as they stand: nothing to fill, nothing too long."""
    message, remark = getattr(strategy, "message", ""), getattr(strategy, "remark", "")
    gaps = (*places_of(message), *places_of(remark))
    return not gaps and len(message) <= LONGEST_REFUSAL and len(remark) <= LONGEST_REMARK


def _sound(verb: Verb, facts: Facts) -> bool:
    return (
        _is(facts.unknown_labels, value=False)
        and _is(getattr(facts, OFFERED[verb]), value=True)
        and (verb not in PROMISES_MONEY or _is(facts.within_refundable, value=True))
        and facts.amount.__class__ is not Unknown
    )


def _is(fact: Fact[bool], *, value: bool) -> bool:
    return fact.__class__ is not Unknown and fact.value is value  # type: ignore[union-attr]  # not Unknown
