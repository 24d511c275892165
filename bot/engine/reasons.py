"""Why, in sentences: codes of the message catalogue with what fills them, for a decision and for every strategy.

The first reason of a decision starts with one of: `decided.` (act), `hold.` (a person), `wait.` (look again later, nobody
is called), `not_pending.` (somebody else settled the case, or it waits for the buyer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from bot.domain.decision import Answer, Finding, Reason, StrategyTrace, Verdict
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.engine.asking import CapDay, Condition, Detected, Scored
from bot.engine.detectors import findings
from bot.engine.expressions import FreeCondition
from bot.engine.facts import Facts
from bot.engine.ruling import Cause, Ruling
from bot.engine.standing import Standing

_RAW = 80
"""Characters of a page's text that a reason quotes."""


def of_fact(name: str, fact: Fact[Any]) -> Reason:
    """What is known of a fact, or that it is missing and why."""
    if isinstance(fact, Unknown):
        code = "missing.raw" if fact.raw else "missing.fact"
        params = {"fact": name, "why": fact.why}
        return Reason(code=code, params=params | ({"raw": fact.raw[:_RAW]} if fact.raw else {}))
    if isinstance(fact.value, bool):
        return Reason(code=f"fact.{name}.{_yes_no(fact.value)}")
    return Reason(code=f"fact.{name}", params={"value": shown(fact.value)})


def _yes_no(value: bool) -> str:  # noqa: FBT001 - a word for a value
    return Answer.YES.value if value else Answer.NO.value


def shown(value: object) -> str:
    """A fact's value as reasons carry it: an enum by its value, money as printed, the rest as text."""
    return value.value if isinstance(value, StrEnum) else str(value)


def of_condition(condition: Condition, answer: Answer, facts: Facts) -> Reason:
    """A condition's answer; a number's bound is told beside it."""
    if isinstance(condition, CapDay):
        return _of_cap(condition, answer, facts)
    if isinstance(condition, FreeCondition):
        return _of_expression(condition, answer, facts)
    fact: Fact[Any] = getattr(facts, condition.test.fact)
    if isinstance(fact, Known) and condition.test.edge:
        params = {"value": shown(fact.value), "wanted": shown(condition.wanted)}
        return Reason(code=f"test.{condition.name}.{answer.value}", params=params)
    return of_fact(condition.test.fact, fact)


def _of_cap(cap: CapDay, answer: Answer, facts: Facts) -> Reason:
    """What is spent, what this would take, and the cap; where the ledger was not asked, that the books will tell."""
    if isinstance(facts.amount, Unknown):
        return of_fact("amount", facts.amount)
    if isinstance(facts.spent, Unknown) and answer is Answer.UNKNOWN:
        return of_fact("spent", facts.spent)
    code = "unasked" if isinstance(facts.spent, Unknown) and answer is Answer.YES else answer.value
    sums = {"spent": cap.spent(facts), "value": cap.takes(facts.amount.value), "wanted": cap.wanted}
    return Reason(code=f"test.cap_day.{code}", params={name: shown(value) for name, value in sums.items()})


def _of_expression(condition: FreeCondition, answer: Answer, facts: Facts) -> Reason:
    """The expression with its answer; where it is unknown, the first fact that is missing."""
    asked = [(name, getattr(facts, name)) for name in condition.asked]
    missing = [of_fact(name, fact) for name, fact in asked if isinstance(fact, Unknown)]
    values = ", ".join(f"{name} = {shown(fact.value)}" for name, fact in asked if isinstance(fact, Known))
    params = {"wanted": condition.wanted, "value": values}
    return missing[0] if missing else Reason(code=f"test.expression.{answer.value}", params=params)


def _answers(standing: Standing, answer: Answer, facts: Facts) -> tuple[Reason, ...]:
    return _once(reason for one in standing.that(answer) for reason in _told(one, answer, facts))


def _told(condition: Condition, answer: Answer, facts: Facts) -> Iterator[Reason]:
    """A condition's answer; of detectors each one that made it so, and what it saw."""
    match condition:
        case Detected():
            yield from _of_findings(condition.findings(facts), facts)
        case Scored():
            sure, possible = condition.score(facts)
            sums = {"value": str(sure), "possible": str(possible), "wanted": shown(condition.wanted)}
            yield Reason(code=f"test.score_at_least.{answer.value}", params=sums)
            yield from _of_findings((one for one in findings(facts) if one.answer is Answer.YES), facts)
        case _:
            yield of_condition(condition, answer, facts)
            if condition.name == "unknown_labels" and answer is Answer.YES:
                yield from _couriers_words(facts)


def _couriers_words(facts: Facts) -> Iterator[Reason]:
    """Words of the courier that nobody knows, as they stand there; those of the shop's page stand in its card in the report."""
    for name, fact in facts.items():
        if isinstance(fact, Unknown) and (fact.why, fact.source) == ("unknown.label", Source.COURIER):
            yield of_fact(name, fact)


def _of_findings(found: Iterable[Finding], facts: Facts) -> Iterator[Reason]:
    """The loudest answer among them, and the facts behind it: one yes says more than what is unknown, that more than a no."""
    heard = tuple(found)
    loudest = next((one for one in _LOUDEST if any(finding.answer is one for finding in heard)), None)
    for finding in (finding for finding in heard if finding.answer is loudest):
        yield found_out(finding)
        if finding.answer is not Answer.NO:
            yield from (of_fact(name, getattr(facts, name)) for name in finding.facts)


def found_out(finding: Finding) -> Reason:
    """What a detector says, in one sentence."""
    return Reason(code=f"finding.{finding.answer.value}", params={"detector": finding.name.value})


_LOUDEST = (Answer.YES, Answer.UNKNOWN, Answer.NO)


_TELLING = {Verdict.MATCHED: Answer.YES, Verdict.LOST: Answer.NO, Verdict.UNDECIDED: Answer.UNKNOWN}


def trace(standing: Standing, facts: Facts) -> StrategyTrace:
    """One strategy's standing with the answers that made it so."""
    strategy = standing.strategy
    because = _because(standing, facts)
    return StrategyTrace(strategy=strategy.id, verb=strategy.verb, verdict=standing.verdict, because=because)


def _because(standing: Standing, facts: Facts) -> tuple[Reason, ...]:
    if standing.broken:
        return (broken_rule(standing),)
    if standing.behind:
        return (Reason(code="scene.hit", params={"strategy": standing.behind}),)
    return _answers(standing, _TELLING[standing.verdict], facts)


def broken_rule(standing: Standing) -> Reason:
    """A rule raised: its name and what it said (S19)."""
    return Reason(code="hold.broken", params={"strategy": standing.strategy.name, "detail": standing.broken})


def explain(ruling: Ruling, facts: Facts) -> tuple[Reason, ...]:
    """The reasons of a ruling: the headline first, then what it rests on, each sentence once."""
    return _once(_EXPLAINED.get(ruling.cause, _with_fact)(ruling, facts))


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple({(reason.code, *reason.params.values()): reason for reason in reasons}.values())


def _headline(ruling: Ruling, code: str) -> Reason:
    """The code with the names of the strategies that made it so, and the sums where there are any."""
    params = {"strategy": ", ".join(one.strategy.name for one in ruling.standings)} if ruling.standings else {}
    plan = ruling.plan
    sums = {"amount": plan.amount, "fee": plan.max_fee} if plan else {}
    return Reason(code=code, params=params | {key: str(value) for key, value in sums.items() if value is not None})


def _decided(ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    yield _headline(ruling, f"decided.{ruling.verb.value}")
    yield from _answers(ruling.standings[0], Answer.YES, facts)


def _held(ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    """Every strategy that calls a person is told, and what was missing, so that the person looks at all of it at once."""
    for one in ruling.standings:
        yield Reason(code="hold.strategy", params={"strategy": one.strategy.name})
        yield from _answers(one, Answer.YES, facts)
    for one in ruling.open_above:
        yield from _answers(one, Answer.UNKNOWN, facts)


def _waits(ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    yield _headline(ruling, "wait.strategy")
    yield from _answers(ruling.standings[0], Answer.YES, facts)


def _missing(ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    yield _headline(ruling, "hold.missing")
    for one in ruling.standings:
        yield from _answers(one, Answer.UNKNOWN, facts)


def _uncovered(ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    """No strategy; those that only the day's cap kept from the case are told."""
    yield Reason(code="hold.no_match")
    for one in ruling.standings:
        yield from _answers(one, Answer.NO, facts)


def _settled_elsewhere(ruling: Ruling, _facts: Facts) -> Iterator[Reason]:
    yield Reason(code=f"not_pending.{ruling.named}")


def _all_broken(ruling: Ruling, _facts: Facts) -> Iterator[Reason]:
    return (broken_rule(one) for one in ruling.standings)


def _with_fact(ruling: Ruling, facts: Facts) -> Iterator[Reason]:
    """The headline, and the one fact that the cause speaks of."""
    yield _headline(ruling, f"hold.{ruling.cause.value}")
    if ruling.named:
        yield of_fact(ruling.named, getattr(facts, ruling.named))
    if ruling.cause is Cause.UNKNOWN_LABELS:
        yield from _couriers_words(facts)


_EXPLAINED: Mapping[Cause, Callable[[Ruling, Facts], Iterator[Reason]]] = {
    Cause.DECIDED: _decided,
    Cause.STRATEGY: _held,
    Cause.WAITS: _waits,
    Cause.MISSING: _missing,
    Cause.NOT_PENDING: _settled_elsewhere,
    Cause.BROKEN: _all_broken,
    Cause.NO_MATCH: _uncovered,
}
