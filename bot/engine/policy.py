"""The merchant's policy: parameters and strategies, typed on load; anything it does not know is refused by name."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Strict, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails

from bot.domain.action import ComplaintScene, RefusalReason, Verb
from bot.domain.base import Frozen
from bot.domain.case import ComplaintState
from bot.domain.decision import ProofKind
from bot.domain.money import Money
from bot.engine.asking import CapDay, Condition, Test
from bot.engine.autonomy import Autonomy, Terms
from bot.engine.conditions import TESTS, Flag, Sum, When, at_most, conditions_of
from bot.engine.expressions import Expression, free_condition
from bot.engine.grounds import gives_cause, rests_on_record_alone
from bot.engine.messages import BuyerText, ComplaintText, OfferText, RefusalText, RemarkText
from bot.engine.offers import Bounds, Ladder
from bot.engine.parameters import Parameters, Percent
from bot.engine.scenes import DEFAULT_DAY, FORMS, Form, Forms, Scene, by_priority, lacks, spelled
from bot.errors import ConfigError

RANK_STEP = 10
"""Without a `priority`, the first strategy of the file ranks 10, the next 20 …; the smaller number goes first."""

_SCENE_STEP = 0.001
"""Scenes stand close behind their `scene_priority`, before the next whole number."""


def _something(when: When) -> When:
    if not conditions_of(when):
        raise ValueError("a strategy without a condition would take every case")
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
        if not self.proofs and not self.without_proof_allowed:
            raise ValueError("a refusal names its proofs, or says without_proof_allowed = true")
        if rests_on_record_alone(self.conditions):
            raise ValueError(
                "a refusal rests on what happened, never on the buyer's record, words or score alone:"
                " add a condition about the parcel, the return, the money or the goods (domain.md 5)"
            )
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
            raise ValueError("a complaint rests on something the buyer did, never on his record or on the claim alone")
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
    """Call a person; or, with `waits`, only look again later because something is still on its way."""

    verb: Literal[Verb.HOLD]
    waits: Flag = False


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


def _some(strategies: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
    if not strategies:
        raise ValueError("a policy has at least one [[strategy]]")
    return strategies


@dataclass(frozen=True, slots=True)
class Ranked:
    """A strategy with its rank; the smaller rank goes first. Strategies have whole numbers, scenes stand between them."""

    rank: float
    strategy: Strategy


class Policy(Frozen):
    """One merchant's rules. `name` is for people; `strategy` and `scene` in the order of the file.

    `scene_priority`: where all scenes stand among the strategies, the smaller first; without it behind all of them, so that
    no scene acts where a strategy calls a person.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    parameters: Parameters = Parameters()
    strategy: Annotated[tuple[Annotated[Strategy, Field(discriminator="verb")], ...], AfterValidator(_some)]
    scene_priority: Annotated[int, Strict(), Field(ge=1, le=100_000)] | None = None
    scene: Forms = ()
    autonomy: Terms | None = None

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [strategy.id for strategy in self.strategies]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two strategies share the id {', '.join(twice)}")
        return self

    @cached_property
    def strategies(self) -> tuple[Strategy, ...]:
        """All of them, switched on or not: those of the file, then what the scenes come to."""
        return tuple(one.strategy for one in self._placed)

    @cached_property
    def by_id(self) -> Mapping[str, Strategy]:
        """The same by their ids."""
        return {one.id: one for one in self.strategies}

    @cached_property
    def ranked(self) -> tuple[Ranked, ...]:
        """Strategies that are switched on, first things first; equal ranks in the order of the file."""
        return tuple(sorted((one for one in self._placed if one.strategy.on), key=lambda one: one.rank))

    @cached_property
    def _placed(self) -> tuple[Ranked, ...]:
        own = [Ranked(one.priority or place * RANK_STEP, one) for place, one in enumerate(self.strategy, start=1)]
        first = self.scene_priority or max(one.rank for one in own) + 1
        forms = enumerate(by_priority(self.scene), start=1)
        return *own, *(Ranked(first + place * _SCENE_STEP, one) for place, form in forms for one in _compiled(form))

    @cached_property
    def scene_of(self) -> Mapping[str, Scene]:
        """The scene that a strategy stands for, by the strategy's id; strategies of their own are not in it."""
        return {one["id"]: form.scene for form in self.scene for one in spelled(form)}

    @property
    def terms(self) -> Terms:
        """When a strategy has earned to act; the shipped terms where the file says nothing."""
        return self.autonomy or Terms()

    @cached_property
    def earning(self) -> Mapping[str, str]:
        """Strategies that have to earn their autonomy, each with its version: what was earned is not handed on to other rules."""
        wanted = (one for one in self.strategies if one.verb is not Verb.HOLD)
        return {one.id: _version(one) for one in wanted if (one.autonomy or self.terms.default) is Autonomy.EARNED}

    @cached_property
    def edges(self) -> Mapping[str, tuple[Any, ...]]:
        """Facts that strategies ask, each with the numbers at which an answer changes (none for yes, no and words)."""
        found: dict[str, set[Any]] = {}
        for ranked in self.ranked:
            for condition in ranked.strategy.conditions:
                for fact in condition.asked:
                    found.setdefault(fact, set()).update(condition.edges_of(fact))
        return {fact: tuple(sorted(numbers)) for fact, numbers in found.items()}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the policy says: comments, spacing and the order of keys do not change it (I11)."""
        body = self.model_dump(mode="json", exclude_none=True)
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


_NO_RULE = frozenset({"name", "active", "priority", "autonomy"})
"""What may change in a strategy without making it another one: it still hits the same cases and does the same."""


def _version(strategy: Strategy) -> str:
    text = json.dumps(strategy.model_dump(mode="json", exclude=set(_NO_RULE)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_STRATEGY: TypeAdapter[Strategy] = TypeAdapter(Annotated[Strategy, Field(discriminator="verb")])


def _compiled(form: Form) -> Iterator[Strategy]:
    return (_STRATEGY.validate_python(one) for one in spelled(form))


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """A policy from plain data, such as a TOML file holds.

    Raises:
        ConfigError: `target` is the path of the first bad key, as `strategy[0].when.amount_over` (counted from 0), `raw`
            what stood there, `hint` the nearest known key; the message names every bad key.
    """
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        raise _refused(error) from error


def _refused(error: ValidationError) -> ConfigError:
    found = error.errors(include_url=False)
    first = found[0]
    text = "; ".join(_told(one) for one in found)
    return ConfigError(text, target=_path(first["loc"]), raw=str(first["input"])[:200], hint=_nearest(first))


def _told(error: ErrorDetails) -> str:
    near = _nearest(error)
    hint = f" (did you mean {near}?)" if near else ""
    text = _UNKNOWN if error["type"] == "extra_forbidden" else error["msg"].removeprefix("Value error, ")
    if text is _UNKNOWN and (scene := scene_lacking(error["loc"])):
        text, hint = f"the scene {scene} has no {error['loc'][-1]} (domain.md 42)", ""
    return f"{_path(error['loc'])}: {text}{hint}"


_UNKNOWN = "unknown key"


def scene_lacking(loc: Sequence[int | str]) -> str:
    """The scene, where the unknown key is a field of other scenes; else empty."""
    named = loc[0] == "scene" and len(loc) > 3
    return str(loc[2]) if named and lacks(str(loc[2]), str(loc[-1])) else ""


_TAGS: Mapping[int | str, frozenset[int | str]] = {"strategy": frozenset(Verb), "scene": frozenset(Scene)}


def without_tag(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The location without the verb or scene that pydantic puts behind an entry's number: no such key stands in the file."""
    tagged = len(loc) > 2 and loc[2] in _TAGS.get(loc[0], ())
    return (*loc[:2], *loc[3:]) if tagged else loc


def _path(loc: Sequence[int | str]) -> str:
    text = ""
    for key in without_tag(tuple(loc)):
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _nearest(error: ErrorDetails) -> str:
    if error["type"] != "extra_forbidden":
        return ""
    return next(iter(difflib.get_close_matches(str(error["loc"][-1]), _known(error["loc"]), n=1, cutoff=0.5)), "")


_BY_TAG: Mapping[str, type[Frozen]] = {
    **FORMS,
    Verb.AGREE_REFUND: AgreeRefundStrategy,
    Verb.AGREE_RETURN: AgreeReturnStrategy,
    Verb.REFUSE: RefuseStrategy,
    Verb.INTERCEPT: InterceptStrategy,
    Verb.NEGOTIATE: NegotiateStrategy,
    Verb.COMPLAIN: ComplainStrategy,
    Verb.REMARK: RemarkStrategy,
    Verb.HOLD: HoldStrategy,
}


def _known(loc: Sequence[int | str]) -> list[str]:
    """The keys that may stand where an unknown one stood."""
    inside = [key for key in loc[:-1] if isinstance(key, str)]
    if "when" in inside:
        return list(When.model_fields)
    if inside[:1] in (["strategy"], ["scene"]):
        return list(_BY_TAG[inside[1]].model_fields)
    if inside[:1] == ["autonomy"]:
        return list(Terms.model_fields)
    return list((Parameters if inside else Policy).model_fields)
