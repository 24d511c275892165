"""What the chosen strategy asks for beyond its verb, in exact sums and finished sentences."""

from __future__ import annotations

from typing import assert_never

from bot.domain.decision import Plan
from bot.domain.money import Money
from bot.engine.facts import Facts
from bot.engine.messages import OFFER, fill
from bot.engine.offers import next_offer
from bot.engine.parameters import Parameters
from bot.engine.strategies import (
    AgreeRefundStrategy,
    AgreeReturnStrategy,
    ComplainStrategy,
    InterceptStrategy,
    NegotiateStrategy,
    RefuseStrategy,
    RemarkStrategy,
)

Acting = (
    AgreeRefundStrategy
    | AgreeReturnStrategy
    | RefuseStrategy
    | InterceptStrategy
    | NegotiateStrategy
    | ComplainStrategy
    | RemarkStrategy
)


def plan_of(strategy: Acting, facts: Facts, amount: Money, parameters: Parameters) -> Plan:  # noqa: PLR0911 - one way out a strategy
    """The plan for a claim of `amount`. Raises MissingPlace when nothing fills a place of one of its texts, and NoOffer."""
    match strategy:
        case AgreeRefundStrategy():
            remark = fill(strategy.remark, facts, parameters)
            return Plan(strategy=strategy.id, amount=amount, remark=remark, strategy_cap_day=strategy.cap_day)
        case AgreeReturnStrategy():
            message, remark = (fill(text, facts, parameters) for text in (strategy.message, strategy.remark))
            return Plan(
                strategy=strategy.id, amount=amount, message=message, remark=remark, strategy_cap_day=strategy.cap_day
            )
        case RefuseStrategy():
            return _refusal(strategy, facts, amount, parameters)
        case NegotiateStrategy():
            return _offer(strategy, facts, amount, parameters)
        case ComplainStrategy():
            return _complaint(strategy, facts, amount, parameters)
        case InterceptStrategy():
            return Plan(strategy=strategy.id, max_fee=strategy.takes(amount), strategy_cap_day=strategy.cap_day)
        case RemarkStrategy():
            return Plan(strategy=strategy.id, remark=fill(strategy.remark, facts, parameters))
        case _:
            assert_never(strategy)


def _offer(strategy: NegotiateStrategy, facts: Facts, claim: Money, parameters: Parameters) -> Plan:
    offer = next_offer(strategy.offers, strategy.bounds, claim, facts)
    message = fill(strategy.message, facts, parameters, **{OFFER: str(offer)})
    return Plan(strategy=strategy.id, amount=offer, message=message, strategy_cap_day=strategy.cap_day)


def _complaint(strategy: ComplainStrategy, facts: Facts, claim: Money, parameters: Parameters) -> Plan:
    message = fill(strategy.message, facts, parameters)
    return Plan(strategy=strategy.id, amount=claim, scene=strategy.scene, message=message, proofs=strategy.proofs)


def _refusal(strategy: RefuseStrategy, facts: Facts, amount: Money, parameters: Parameters) -> Plan:
    return Plan(
        strategy=strategy.id,
        amount=amount,
        refusal=strategy.refusal,
        message=fill(strategy.message, facts, parameters),
        proofs=strategy.proofs,
        without_proof_allowed=strategy.without_proof_allowed,
    )
