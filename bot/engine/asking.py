"""How a condition is answered: yes, no or unknown, by one fact or by several, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.decision import Answer, Detector, Finding, Verdict
from bot.domain.facts import Fact, Known, Unknown
from bot.domain.money import ZERO, Money
from bot.engine import detectors
from bot.engine.facts import Facts
from bot.engine.past import UNASKED


@dataclass(frozen=True, slots=True)
class Test:
    """How a condition is answered: by `holds(fact's value, value in the policy)`.

    `edge`: the answer of a number changes between the policy's value and the next larger one; where it changes elsewhere,
    `points` gives the fact's values on both sides of each change.
    """

    fact: str
    holds: Callable[[Any, Any], bool]
    edge: bool = False
    points: Callable[[Any], tuple[Any, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a strategy asks: the policy's `wanted` put to a fact by a test."""

    name: str
    test: Test
    wanted: Any

    def edges_in(self, facts: Facts) -> Mapping[str, Sequence[Any]]:
        """Further values of facts asked, by fact, between which the answer changes where the others are as in this case."""
        _ = facts
        return {}

    @property
    def asked(self) -> tuple[str, ...]:
        """The facts that the answer rests on."""
        return (self.test.fact,)

    def edges_of(self, fact: str) -> tuple[Any, ...]:
        """Values of one of those facts between which the answer may change."""
        return self.edges if fact == self.test.fact else ()

    @property
    def edges(self) -> tuple[Any, ...]:
        """The fact's values between which the answer changes; nothing for yes, no and words."""
        if self.test.points is not None:
            return self.test.points(self.wanted)
        if not self.test.edge:
            return ()
        return self.wanted, self.wanted + (Money(1) if isinstance(self.wanted, Money) else 1)

    def answer(self, facts: Facts) -> Answer:
        """Yes or no for a known fact, unknown for a missing one."""
        fact: Fact[Any] = getattr(facts, self.test.fact)
        if isinstance(fact, Unknown):
            return Answer.UNKNOWN
        return Answer.YES if self.test.holds(fact.value, self.wanted) else Answer.NO


@dataclass(frozen=True, slots=True)
class CapDay(Condition):
    """Spent + this ≤ cap (domain.md 45, 52): what the strategy has posted and pending today, and what it `takes` of the amount.

    Where nobody asked the ledger, nothing counts as spent: the books still refuse an intent that is over the cap (OverCap).
    """

    strategy: str
    takes: Callable[[Money], Money]
    last: Callable[[Money], Money | None]
    """The largest amount of which at most so much is taken; None where any amount will do."""

    def room(self, facts: Facts) -> Money:
        """What is left of the cap."""
        return self.wanted - self.spent(facts)  # type: ignore[no-any-return]  # `wanted` is Money here

    def spent(self, facts: Facts) -> Money:
        """Posted and pending of the strategy today."""
        return ZERO if isinstance(facts.spent, Unknown) else facts.spent.value.by(self.strategy)

    def edges_in(self, facts: Facts) -> Mapping[str, Sequence[Any]]:
        largest = self.last(self.room(facts))
        return {} if largest is None else {"amount": (largest, largest + Money(1))}

    def answer(self, facts: Facts) -> Answer:
        if isinstance(facts.amount, Unknown) or (isinstance(facts.spent, Unknown) and facts.spent != UNASKED):
            return Answer.UNKNOWN
        return Answer.YES if self.takes(facts.amount.value) <= self.room(facts) else Answer.NO


@dataclass(frozen=True, slots=True)
class Detected(Condition):
    """One of the detectors in `wanted` says yes; or, for `not_detected`, all of them say no."""

    @property
    def asked(self) -> tuple[str, ...]:
        return detectors.rests_on(self.wanted)

    def edges_of(self, fact: str) -> tuple[Any, ...]:
        return detectors.edges_of(self.wanted, fact)

    def findings(self, facts: Facts) -> tuple[Finding, ...]:
        """What its detectors say."""
        return tuple(detectors.find(one, facts) for one in self.wanted)

    def answer(self, facts: Facts) -> Answer:
        said = {finding.answer for finding in self.findings(facts)}
        if Answer.YES not in said and Answer.UNKNOWN in said:
            return Answer.UNKNOWN
        wanted = self.name == "detected"
        return Answer.YES if (Answer.YES in said) is wanted else Answer.NO


@dataclass(frozen=True, slots=True)
class Scored(Condition):
    """The weights of what was detected reach `wanted`; open while what nobody knows could still make it so."""

    @property
    def asked(self) -> tuple[str, ...]:
        return "weights", *detectors.rests_on(tuple(Detector))

    def edges_of(self, fact: str) -> tuple[Any, ...]:
        return detectors.edges_of(tuple(Detector), fact)

    def score(self, facts: Facts) -> tuple[int, int]:
        """Added up over what says yes, and over what may yet say yes."""
        weights = facts.weights.value if isinstance(facts.weights, Known) else {}
        said = [(finding.answer, weights.get(finding.name, 0)) for finding in detectors.findings(facts)]
        sure = sum(weight for answer, weight in said if answer is Answer.YES)
        return sure, sure + sum(weight for answer, weight in said if answer is Answer.UNKNOWN)

    def answer(self, facts: Facts) -> Answer:
        sure, possible = self.score(facts)
        if sure >= self.wanted:
            return Answer.YES
        return Answer.NO if possible < self.wanted else Answer.UNKNOWN


def all_of(answers: tuple[Answer, ...]) -> Verdict:
    """Three-valued AND: one no settles it; without a no, one unknown leaves it open."""
    if Answer.NO in answers:
        return Verdict.LOST
    return Verdict.UNDECIDED if Answer.UNKNOWN in answers else Verdict.MATCHED
