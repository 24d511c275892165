"""The verdict over all strategies: who wins, who stands in the way, and the last checks before a hand may move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.action import Verb
from bot.domain.case import PENDING, CaseState
from bot.domain.decision import Answer, Plan, Verdict
from bot.domain.facts import Known, Unknown
from bot.domain.money import Money
from bot.engine.asking import CapDay
from bot.engine.facts import Facts
from bot.engine.messages import LONGEST_REFUSAL, LONGEST_REMARK, MissingPlace
from bot.engine.offers import NoOffer
from bot.engine.parameters import Parameters
from bot.engine.plan import Acting, plan_of
from bot.engine.policy import Policy
from bot.engine.standing import Standing, stand
from bot.engine.strategies import HoldStrategy


class Cause(StrEnum):
    """Why a ruling came out as it did; all but the first mean hold."""

    DECIDED = "decided"
    STRATEGY = "strategy"
    WAITS = "waits"
    LATE = "late"
    NOT_PENDING = "not_pending"
    BROKEN = "broken"
    MISSING = "missing"
    CONFLICT = "conflict"
    NO_MATCH = "no_match"
    UNKNOWN_LABELS = "unknown_labels"
    NOT_OFFERED = "not_offered"
    OVER_REFUNDABLE = "over_refundable"
    NO_OFFER = "no_offer"
    TEXT_MISSING = "text_missing"
    TEXT_TOO_LONG = "text_too_long"


@dataclass(frozen=True, slots=True)
class Ruling:
    """`standings` made it so; `open_above` could have come before them; `named` is the fact that a cause speaks of."""

    verb: Verb
    cause: Cause
    standings: tuple[Standing, ...] = ()
    plan: Plan | None = None
    named: str = ""
    open_above: tuple[Standing, ...] = ()


OFFERED: Mapping[Verb, str] = {
    Verb.AGREE_REFUND: "refund_offered",
    Verb.AGREE_RETURN: "return_offered",
    Verb.REFUSE: "refusal_offered",
    Verb.INTERCEPT: "intercept_offered",
    Verb.REMARK: "remark_offered",
    Verb.NEGOTIATE: "negotiation_offered",
    Verb.COMPLAIN: "complaint_offered",
}
"""The fact that says whether the page offers a verb's control."""

PROMISES_MONEY = frozenset({Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.NEGOTIATE})

LAST_HOURS = 2
"""With less than so many hours to the deadline, or nobody knows how many, a wait is a person's: no deadline passes in silence (I22)."""

LOOKED_AT = PENDING | {CaseState.PLATFORM}
"""States in which strategies are asked at all; an intervention of the platform is a person's, and never acted on below."""


def stand_all(facts: Facts, policy: Policy) -> tuple[Standing, ...]:
    """Every strategy that is switched on, first things first; all are evaluated, none stops the others."""
    return tuple(stand(ranked, facts) for ranked in policy.ranked)


def rule(standings: Sequence[Standing], facts: Facts, parameters: Parameters) -> Ruling:
    """One verb out of all standings. Hold wherever anything is broken, missing, in conflict or not covered."""
    if isinstance(facts.state, Known) and facts.state.value not in LOOKED_AT:
        return _hold(Cause.NOT_PENDING, named=facts.state.value)
    broken = tuple(one for one in standings if one.broken)
    if broken:
        return _hold(Cause.BROKEN, broken)
    matched = tuple(one for one in standings if one.verdict is Verdict.MATCHED)
    open_above = _undecided_above(standings, matched)
    persons = tuple(one for one in matched if _calls_person(one))
    if persons and _is_first(persons[0], matched):
        return Ruling(Verb.HOLD, Cause.STRATEGY, persons, open_above=open_above)
    if open_above:
        return _hold(Cause.MISSING, open_above)
    if not matched:
        return _hold(Cause.NO_MATCH, tuple(one for one in standings if _only_capped(one)))
    return _winner(matched, facts, parameters)


def _hold(cause: Cause, standings: tuple[Standing, ...] = (), *, named: str = "") -> Ruling:
    return Ruling(Verb.HOLD, cause, standings, named=named)


def _only_capped(standing: Standing) -> bool:
    """It would have been hit, had not the day's cap been reached (domain.md 52)."""
    against = standing.that(Answer.NO)
    return bool(against) and all(isinstance(condition, CapDay) for condition in against)


def _calls_person(standing: Standing) -> bool:
    return standing.strategy.verb is Verb.HOLD and not standing.strategy.waits


def _is_first(person: Standing, matched: Sequence[Standing]) -> bool:
    """A call for a person goes first, also before a wait of the same rank; against an act of its rank it is a conflict."""
    return person.rank == matched[0].rank and matched[0].strategy.verb is Verb.HOLD


def _undecided_above(standings: Sequence[Standing], matched: Sequence[Standing]) -> tuple[Standing, ...]:
    """Undecided strategies that would come first, or level with, the best match if the missing fact were known."""
    undecided = (one for one in standings if one.verdict is Verdict.UNDECIDED)
    return tuple(one for one in undecided if not matched or one.rank <= matched[0].rank)


def _winner(matched: Sequence[Standing], facts: Facts, parameters: Parameters) -> Ruling:
    best, level = matched[0], _level(matched)
    if any(one.strategy.verb is not best.strategy.verb for one in level):
        return _hold(Cause.CONFLICT, level)
    strategy = best.strategy
    if isinstance(strategy, HoldStrategy):
        return _hold(Cause.WAITS, (best,)) if may_wait(facts) else _hold(Cause.LATE, (best,), named="hours_left")
    return checked(best, strategy, facts, parameters)


def may_wait(facts: Facts) -> bool:
    """Somebody will look at the case again before its deadline."""
    return isinstance(facts.hours_left, Known) and facts.hours_left.value >= LAST_HOURS


def _level(matched: Sequence[Standing]) -> tuple[Standing, ...]:
    """The best match and those of the same rank."""
    return tuple(one for one in matched if one.rank == matched[0].rank)


def checked(best: Standing, strategy: Acting, facts: Facts, parameters: Parameters) -> Ruling:
    """The last checks, which no policy can switch off."""
    verb = strategy.verb
    if not _is(facts, "unknown_labels", value=False):
        return _hold(Cause.UNKNOWN_LABELS, (best,), named="unknown_labels")
    if not _is(facts, OFFERED[verb], value=True):
        return _hold(Cause.NOT_OFFERED, (best,), named=OFFERED[verb])
    if verb in PROMISES_MONEY and not _is(facts, "within_refundable", value=True):
        return _hold(Cause.OVER_REFUNDABLE, (best,), named="within_refundable")
    if isinstance(facts.amount, Unknown):
        return _hold(Cause.MISSING, (best,), named="amount")
    return _planned(best, strategy, facts, facts.amount.value, parameters)


def _is(facts: Facts, name: str, *, value: bool) -> bool:
    fact = getattr(facts, name)
    return isinstance(fact, Known) and fact.value is value


def _planned(best: Standing, strategy: Acting, facts: Facts, amount: Money, parameters: Parameters) -> Ruling:
    try:
        plan = plan_of(strategy, facts, amount, parameters)
    except MissingPlace as missing:
        return _hold(Cause.TEXT_MISSING, (best,), named=missing.fact)
    except NoOffer as none:
        return _hold(Cause.NO_OFFER, (best,), named=none.fact)
    if len(plan.message) > LONGEST_REFUSAL or len(plan.remark) > LONGEST_REMARK:
        return _hold(Cause.TEXT_TOO_LONG, (best,))
    return Ruling(strategy.verb, Cause.DECIDED, (best,), plan)
