"""Strategies: for each verb what a merchant may ask of it, typed on load; a refusal names its proof, an offer its bounds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from bot.domain.action import ComplaintScene, RefusalReason, Verb
from bot.domain.base import Frozen
from bot.domain.case import ComplaintState
from bot.domain.decision import ProofKind
from bot.domain.money import Money
from bot.engine.asking import CapDay, Condition, Test
from bot.engine.autonomy import Autonomy
from bot.engine.conditions import TESTS, Flag, Sum, When, at_most, conditions_of
from bot.engine.expressions import Expression, free_condition
from bot.engine.grounds import PROOF_OF, gives_cause, proven
from bot.engine.messages import BuyerText, ComplaintText, OfferText, RefusalText, RemarkText
from bot.engine.offers import Bounds, Ladder
from bot.engine.parameters import Percent
from bot.engine.scenes import DEFAULT_DAY


def _something(when: When) -> When:
    if not conditions_of(when):
        raise PydanticCustomError("no_condition", "a strategy without a condition would take every case")
    return when


AMOUNT = Test("amount", at_most, edge=True)


class StrategyBase(Frozen):
    """What every strategy has. A hold is on unless switched off; anything else is off until switched on (domain.md 43)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    active: Flag | None = None
    priority: Annotated[int, Strict(), Field(ge=1, le=100_000)] | None = None
    when: Annotated[When, AfterValidator(_something)]
    expression: Expression | None = None
    autonomy: Autonomy | None = None

    verb: Verb

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All that must hold, the caps of a case and of the day included: above them it is not hit (domain.md 45, 52)."""
        cap: Money | None = getattr(self, "max_amount", None)
        limit = () if cap is None else (Condition("max_amount", AMOUNT, cap),)
        free = () if self.expression is None else (free_condition(self.expression),)
        return (*conditions_of(self.when), *free, *limit, *self._day(), *self._own())

    def _day(self) -> Iterator[Condition]:
        cap: Money | None = getattr(self, "cap_day", None)
        if cap is not None:
            yield CapDay("cap_day", AMOUNT, cap, self.id, self.takes, self.last)

    def _own(self) -> Iterator[Condition]:
        """What a verb asks by itself, whatever the policy says."""
        return iter(())

    def takes(self, amount: Money) -> Money:
        """What a claim of `amount` takes from the day's cap."""
        return amount

    def last(self, room: Money) -> Money | None:
        """The largest claim that takes at most `room`; None where any does."""
        return room

    @property
    def on(self) -> bool:
        return self.verb is Verb.HOLD if self.active is None else self.active


class AgreeRefundStrategy(StrategyBase):
    """Pay back what is claimed, or confirm the receipt of a return; `remark` is left on the case afterwards."""

    verb: Literal[Verb.AGREE_REFUND]
    max_amount: Sum
    cap_day: Sum = DEFAULT_DAY
    remark: RemarkText = ""


class AgreeReturnStrategy(StrategyBase):
    """Let the buyer send the goods back."""

    verb: Literal[Verb.AGREE_RETURN]
    max_amount: Sum
    cap_day: Sum | None = None
    message: BuyerText = ""
    remark: RemarkText = ""


_NO_PROOF = 'a refusal names its proofs: "{refusal}" needs "{proof}" among them, or the strategy says without_proof_allowed = true'
_NO_GROUND = (
    "a refusal rests on what happened, never on the buyer's record, words or score alone, nor on the claim alone:"
    " add a condition that speaks against the claim, about the parcel, the return, the money or the goods (domain.md 5)"
)


class RefuseStrategy(StrategyBase):
    """Say no, with a reason of the platform's list, a message and proof (domain.md 33 to 35)."""

    verb: Literal[Verb.REFUSE]
    refusal: RefusalReason
    message: RefusalText
    proofs: tuple[ProofKind, ...] = ()
    without_proof_allowed: Flag = False
    max_amount: Sum | None = None

    @model_validator(mode="after")
    def _proven(self) -> Self:
        needed = PROOF_OF[self.refusal]
        if needed not in self.proofs and not self.without_proof_allowed:
            raise PydanticCustomError(
                "refusal_proof", _NO_PROOF, {"refusal": self.refusal.value, "proof": needed.value}
            )
        if not proven(self.conditions):
            raise PydanticCustomError("refusal_ground", _NO_GROUND)
        return self


class NegotiateStrategy(StrategyBase):
    """Offer the buyer a part of the claim, rung by rung, each only after he declined the one before (domain.md 28).

    No offer passes `max_offer` nor `max_offer_percent` of the claim. When no rung is left a person decides.
    """

    verb: Literal[Verb.NEGOTIATE]
    offers: Ladder
    max_offer: Sum
    max_offer_percent: Percent = 100
    message: OfferText = ""
    max_amount: Sum | None = None
    cap_day: Sum = DEFAULT_DAY

    @property
    def bounds(self) -> Bounds:
        return Bounds(most=self.max_offer, percent=self.max_offer_percent)

    def takes(self, amount: Money) -> Money:
        """The largest offer that may be made."""
        return self.bounds.of(amount)

    def last(self, room: Money) -> Money | None:
        return _claim_for(room, self.max_offer, self.max_offer_percent)


class ComplainStrategy(StrategyBase):
    """Complain to the platform, once, with proof (domain.md 4); where a complaint was filed, the strategy is not hit."""

    verb: Literal[Verb.COMPLAIN]
    scene: ComplaintScene
    message: ComplaintText
    proofs: Annotated[tuple[ProofKind, ...], Field(min_length=1)]
    max_amount: Sum | None = None

    def _own(self) -> Iterator[Condition]:
        yield Condition("complaint", TESTS["complaint"], (ComplaintState.NONE,))

    @model_validator(mode="after")
    def _grounded(self) -> Self:
        if not gives_cause(self.conditions):
            raise PydanticCustomError(
                "complaint_ground",
                "a complaint rests on something the buyer did, never on his record or on the claim alone",
            )
        return self


class InterceptStrategy(StrategyBase):
    """Ask the courier to bring the parcel back, for at most `max_fee` and `max_fee_percent` of the refund."""

    verb: Literal[Verb.INTERCEPT]
    max_fee: Sum
    max_fee_percent: Percent = 100
    max_amount: Sum | None = None
    cap_day: Sum = DEFAULT_DAY

    def takes(self, amount: Money) -> Money:
        """The highest fee that the courier may ask."""
        return min(self.max_fee, Money(amount.fen * self.max_fee_percent // 100))

    def last(self, room: Money) -> Money | None:
        return _claim_for(room, self.max_fee, self.max_fee_percent)


def _claim_for(room: Money, most: Money, percent: int) -> Money | None:
    """The largest claim of which `percent`, but at most `most`, fits into `room`; None where any does."""
    if most <= room or not percent:
        return None
    return Money(((room.fen + 1) * 100 - 1) // percent)


class RemarkStrategy(StrategyBase):
    """Leave a note for colleagues and nothing else."""

    verb: Literal[Verb.REMARK]
    remark: RemarkText


class HoldStrategy(StrategyBase):
    """Call a person, `owner` where it names one; or, with `waits`, only look again later because something is still on its way."""

    verb: Literal[Verb.HOLD]
    waits: Flag = False
    owner: Annotated[str, Field(min_length=1, max_length=80)] | None = None


Strategy = (
    AgreeRefundStrategy
    | AgreeReturnStrategy
    | RefuseStrategy
    | InterceptStrategy
    | NegotiateStrategy
    | ComplainStrategy
    | RemarkStrategy
    | HoldStrategy
)
