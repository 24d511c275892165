"""The merchant's policy: parameters and strategies, typed on load; anything it does not know is refused by name."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Strict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from bot.domain.action import RefusalReason, Verb
from bot.domain.base import Frozen
from bot.domain.decision import ProofKind
from bot.domain.money import ZERO, Money
from bot.engine.conditions import Condition, Flag, Test, When, Yuan, at_most, conditions_of
from bot.engine.messages import BuyerText, RefusalText, RemarkText
from bot.engine.parameters import Parameters, Percent
from bot.errors import ConfigError

RANK_STEP = 10
"""Without a `priority`, the first strategy of the file ranks 10, the next 20 …; the smaller number goes first."""

_DEFAULT_DAY = Money(5_000_000)
"""50,000 元 a strategy and day, the platform's own default (domain.md 45)."""


def _something(when: When) -> When:
    if not conditions_of(when):
        raise ValueError("a strategy without a condition would take every case")
    return when


def _positive(amount: Money) -> Money:
    if amount <= ZERO:
        raise ValueError("must be more than ¥0.00")
    return amount


Sum = Annotated[Yuan, AfterValidator(_positive)]


class StrategyBase(Frozen):
    """What every strategy has. A hold is on unless switched off; anything else is off until switched on (domain.md 43)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    active: Flag | None = None
    priority: Annotated[int, Strict(), Field(ge=1, le=100_000)] | None = None
    when: Annotated[When, AfterValidator(_something)]

    verb: Verb

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All that must hold, the cap of a single case included: above it the case is not hit (domain.md 45)."""
        cap: Money | None = getattr(self, "max_amount", None)
        limit = () if cap is None else (Condition("max_amount", Test("amount", at_most, edge=True), cap),)
        return (*conditions_of(self.when), *limit)

    @property
    def on(self) -> bool:
        return self.verb is Verb.HOLD if self.active is None else self.active


class AgreeRefundStrategy(StrategyBase):
    """Pay back what is claimed, or confirm the receipt of a return; `remark` is left on the case afterwards."""

    verb: Literal[Verb.AGREE_REFUND]
    max_amount: Sum
    cap_day: Sum = _DEFAULT_DAY
    remark: RemarkText = ""


class AgreeReturnStrategy(StrategyBase):
    """Let the buyer send the goods back."""

    verb: Literal[Verb.AGREE_RETURN]
    max_amount: Sum
    message: BuyerText = ""


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
        return self


class InterceptStrategy(StrategyBase):
    """Ask the courier to bring the parcel back, for at most `max_fee` and `max_fee_percent` of the refund."""

    verb: Literal[Verb.INTERCEPT]
    max_fee: Sum
    max_fee_percent: Percent = 100
    max_amount: Sum | None = None
    cap_day: Sum = _DEFAULT_DAY


class RemarkStrategy(StrategyBase):
    """Leave a note for colleagues and nothing else."""

    verb: Literal[Verb.REMARK]
    remark: RemarkText


class HoldStrategy(StrategyBase):
    """Call a person; or, with `waits`, only look again later because something is still on its way."""

    verb: Literal[Verb.HOLD]
    waits: Flag = False


Strategy = (
    AgreeRefundStrategy | AgreeReturnStrategy | RefuseStrategy | InterceptStrategy | RemarkStrategy | HoldStrategy
)


def _some(strategies: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
    if not strategies:
        raise ValueError("a policy has at least one [[strategy]]")
    return strategies


@dataclass(frozen=True, slots=True)
class Ranked:
    """A strategy with its rank; the smaller rank goes first."""

    rank: int
    strategy: Strategy


class Policy(Frozen):
    """One merchant's rules. `name` is for people; `strategy` in the order of the file."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    parameters: Parameters = Parameters()
    strategy: Annotated[tuple[Annotated[Strategy, Field(discriminator="verb")], ...], AfterValidator(_some)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [strategy.id for strategy in self.strategy]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two strategies share the id {', '.join(twice)}")
        return self

    @cached_property
    def ranked(self) -> tuple[Ranked, ...]:
        """Strategies that are switched on, first things first; equal ranks in the order of the file."""
        places = enumerate(self.strategy, start=1)
        ranked = [Ranked(one.priority or place * RANK_STEP, one) for place, one in places if one.on]
        return tuple(sorted(ranked, key=lambda one: one.rank))

    @cached_property
    def edges(self) -> Mapping[str, tuple[Any, ...]]:
        """Facts that strategies ask, each with the numbers at which an answer changes (none for yes, no and words)."""
        found: dict[str, set[Any]] = {}
        for ranked in self.ranked:
            for condition in ranked.strategy.conditions:
                found.setdefault(condition.test.fact, set()).update(condition.edges)
        return {fact: tuple(sorted(numbers)) for fact, numbers in found.items()}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the policy says: comments, spacing and the order of keys do not change it (I11)."""
        body = self.model_dump(mode="json", exclude_none=True)
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


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
    text = "unknown key" if error["type"] == "extra_forbidden" else error["msg"].removeprefix("Value error, ")
    return f"{_path(error['loc'])}: {text}{hint}"


def _keys(loc: Sequence[int | str]) -> Iterator[int | str]:
    """The location without the verb that pydantic puts behind a strategy's number."""
    return (key for place, key in enumerate(loc) if not (place == 2 and loc[0] == "strategy" and key in set(Verb)))


def _path(loc: Sequence[int | str]) -> str:
    text = ""
    for key in _keys(loc):
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def _nearest(error: ErrorDetails) -> str:
    if error["type"] != "extra_forbidden":
        return ""
    return next(iter(difflib.get_close_matches(str(error["loc"][-1]), _known(error["loc"]), n=1, cutoff=0.5)), "")


_BY_VERB: Mapping[str, type[StrategyBase]] = {
    Verb.AGREE_REFUND: AgreeRefundStrategy,
    Verb.AGREE_RETURN: AgreeReturnStrategy,
    Verb.REFUSE: RefuseStrategy,
    Verb.INTERCEPT: InterceptStrategy,
    Verb.REMARK: RemarkStrategy,
    Verb.HOLD: HoldStrategy,
}


def _known(loc: Sequence[int | str]) -> list[str]:
    """The keys that may stand where an unknown one stood."""
    inside = [key for key in loc[:-1] if isinstance(key, str)]
    if "when" in inside:
        return list(When.model_fields)
    if inside[:1] == ["strategy"]:
        return list(_BY_VERB[inside[1]].model_fields)
    return list((Parameters if inside else Policy).model_fields)
