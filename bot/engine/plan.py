"""What the chosen strategy asks for beyond its verb, in exact sums and finished sentences."""

from __future__ import annotations

from typing import assert_never

from bot.domain.decision import Plan
from bot.domain.money import Money
from bot.engine.facts import Facts
from bot.engine.messages import fill
from bot.engine.parameters import Parameters
from bot.engine.policy import (
    AgreeRefundStrategy,
    AgreeReturnStrategy,
    InterceptStrategy,
    RefuseStrategy,
    RemarkStrategy,
)

Acting = AgreeRefundStrategy | AgreeReturnStrategy | RefuseStrategy | InterceptStrategy | RemarkStrategy


def plan_of(strategy: Acting, facts: Facts, amount: Money, parameters: Parameters) -> Plan:
    """The plan for a claim of `amount`. Raises MissingPlace when nothing fills a place of one of its texts."""
    match strategy:
        case AgreeRefundStrategy():
            remark = fill(strategy.remark, facts, parameters)
            return Plan(strategy=strategy.id, amount=amount, remark=remark, strategy_cap_day=strategy.cap_day)
        case AgreeReturnStrategy():
            message, remark = (fill(text, facts, parameters) for text in (strategy.message, strategy.remark))
            return Plan(strategy=strategy.id, amount=amount, message=message, remark=remark)
        case RefuseStrategy():
            return _refusal(strategy, facts, amount, parameters)
        case InterceptStrategy():
            fee = min(strategy.max_fee, Money(amount.fen * strategy.max_fee_percent // 100))
            return Plan(strategy=strategy.id, max_fee=fee, strategy_cap_day=strategy.cap_day)
        case RemarkStrategy():
            return Plan(strategy=strategy.id, remark=fill(strategy.remark, facts, parameters))
        case _:
            assert_never(strategy)


def _refusal(strategy: RefuseStrategy, facts: Facts, amount: Money, parameters: Parameters) -> Plan:
    return Plan(
        strategy=strategy.id,
        amount=amount,
        refusal=strategy.refusal,
        message=fill(strategy.message, facts, parameters),
        proofs=strategy.proofs,
        without_proof_allowed=strategy.without_proof_allowed,
    )
