"""What a decision comes to for the shop, and where two policies part: only that is a flip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.action import Verb
from bot.domain.decision import Plan, Reason
from bot.domain.facts import Unknown
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.engine.facts import Facts
from bot.engine.fast import Gist
from bot.engine.offers import next_offer
from bot.engine.ruling import Cause
from bot.engine.strategies import (
    AgreeRefundStrategy,
    HoldStrategy,
    InterceptStrategy,
    NegotiateStrategy,
    RefuseStrategy,
    Strategy,
)
from bot.ports.past import Head

_SPENDS = frozenset({Verb.AGREE_REFUND, Verb.NEGOTIATE})


class Course(StrEnum):
    """What happens to a case: one of the verbs, a wait, or a person."""

    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    REFUSE = "refuse"
    INTERCEPT = "intercept"
    REMARK = "remark"
    NEGOTIATE = "negotiate"
    COMPLAIN = "complain"
    WAIT = "wait"
    PERSON = "person"


ENDS = frozenset(Course) - {Course.REMARK, Course.WAIT, Course.PERSON}
"""Courses after which the case is out of the candidate's hands: what would have followed nobody has seen."""


_COURSES = {verb: Course(verb.value) for verb in Verb if verb is not Verb.HOLD}


@dataclass(frozen=True, slots=True)
class Deed:
    """A course, the strategy behind it (empty for a hold that none called for) and the money it gives away."""

    course: Course
    strategy: str = ""
    money: Money = ZERO
    unproven: bool = False

    def parts_from(self, other: Deed) -> bool:
        """Another course, another sum, or a refusal with proof and one without; the same by another strategy is no flip."""
        return (self.course, self.money, self.unproven) != (other.course, other.money, other.unproven)


def course_of(verb: Verb, *, waits: bool) -> Course:
    """A hold is a wait or a person's."""
    if verb is Verb.HOLD:
        return Course.WAIT if waits else Course.PERSON
    return _COURSES[verb]


def deed_of(decision: Head) -> Deed:
    """Of a stored decision."""
    head = decision.reasons[0].code if decision.reasons else ""
    return _deed(decision.verb, decision.plan, waits=head.startswith("wait."))


def deed_of_gist(gist: Gist, strategy: Strategy | None, facts: Facts) -> Deed:  # noqa: PLR0911 - one way out a strategy
    """Of a verdict without its plan; `strategy` is the one that it names."""
    course = course_of(gist.verb, waits=gist.cause is Cause.WAITS)
    if strategy is None or isinstance(facts.amount, Unknown):
        return Deed(course)
    claim = facts.amount.value
    match strategy:
        case AgreeRefundStrategy():
            return Deed(course, strategy.id, claim)
        case InterceptStrategy():
            return Deed(course, strategy.id, strategy.takes(claim))
        case NegotiateStrategy():
            return Deed(course, strategy.id, next_offer(strategy.offers, strategy.bounds, claim, facts))
        case RefuseStrategy():
            return Deed(course, strategy.id, unproven=not strategy.proofs)
        case HoldStrategy():
            return Deed(course)
        case _:
            return Deed(course, strategy.id)


def _deed(verb: Verb, plan: Plan | None, *, waits: bool) -> Deed:
    course = course_of(verb, waits=waits)
    if plan is None:
        return Deed(course)
    money = plan.amount if verb in _SPENDS else plan.max_fee if verb is Verb.INTERCEPT else None
    return Deed(course, plan.strategy, money or ZERO, unproven=verb is Verb.REFUSE and not plan.proofs)


@dataclass(frozen=True, slots=True)
class Flip:
    """One case on which the two part, as of the newest decision that was compared; `claim` is what the buyer asks for."""

    case: CaseKey
    at: datetime
    claim: Money
    was: Deed
    now: Deed
    why: tuple[Reason, ...]

    @property
    def moved(self) -> Money:
        """What leaves the shop more under the candidate; negative where it keeps more."""
        return self.now.money - self.was.money

    @property
    def risk(self) -> Money:
        """Money newly paid, or a claim newly refused without any proof."""
        unproven = self.now.unproven and not self.was.unproven
        return max(self.moved, self.claim if unproven else ZERO, ZERO)
