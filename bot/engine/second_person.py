"""When one person is not enough: a table of what is asked for, and the reason why a verdict still lacks its second person."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.action import Verb
from bot.domain.decision import Plan, Reason
from bot.domain.hand import HandVerdict, Instead, same_person
from bot.domain.money import ZERO, Money


class Persons(StrEnum):
    """How many people stand behind a verdict."""

    ONE = "one"
    TWO_ABOVE = "two_above"
    TWO = "two"


NEEDED: Mapping[Verb | Instead, Persons] = {
    Verb.AGREE_REFUND: Persons.TWO_ABOVE,
    Verb.AGREE_RETURN: Persons.TWO_ABOVE,
    Verb.REFUSE: Persons.TWO_ABOVE,
    Verb.INTERCEPT: Persons.TWO_ABOVE,
    Verb.NEGOTIATE: Persons.TWO_ABOVE,
    Verb.COMPLAIN: Persons.TWO_ABOVE,
    Instead.WAIT: Persons.ONE,
    Instead.ELSEWHERE: Persons.ONE,
    Instead.RELEASE: Persons.TWO,
}
"""Above the limit any deed needs two; to let go of an action that nobody could tell the outcome of, always (S17)."""


def at_stake(verb: Verb, plan: Plan) -> Money:
    """What a verdict is about, in fen: the fee that an intercept may cost, else the sum that is agreed, offered or refused."""
    return (plan.max_fee if verb is Verb.INTERCEPT else plan.amount) or ZERO


def needs_two(verdict: HandVerdict, stake: Money, above: Money | None) -> bool:
    """`above`: the largest sum that one person decides alone; None where one is always enough for a deed."""
    needed = NEEDED.get(verdict.verb if verdict.deed else verdict.instead, Persons.TWO)
    return needed is Persons.TWO or (needed is Persons.TWO_ABOVE and above is not None and stake > above)


def lacks_person(verdict: HandVerdict, stake: Money, above: Money | None) -> Reason | None:
    """Why the verdict cannot be carried out by the people behind it; None where they suffice. Nobody approves their own."""
    if verdict.approved_by and same_person(verdict.by, verdict.approved_by):
        return Reason(code="hand.own_approval", params={"by": verdict.by})
    if verdict.approved_by or not needs_two(verdict, stake, above):
        return None
    if not verdict.deed:
        return Reason(code="hand.two_to_release")
    return Reason(code="hand.two_above", params={"amount": str(stake), "limit": str(above)})
