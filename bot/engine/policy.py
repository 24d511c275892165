"""The merchant's policy: parameters, strategies and scenes in their order; anything it does not know is refused by name."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, Strict, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.engine.autonomy import Autonomy, Terms
from bot.engine.conditions import When
from bot.engine.parameters import Parameters
from bot.engine.scenes import FORMS, Form, Forms, Scene, by_priority, lacks, spelled
from bot.engine.strategies import (
    AgreeRefundStrategy,
    AgreeReturnStrategy,
    ComplainStrategy,
    HoldStrategy,
    InterceptStrategy,
    NegotiateStrategy,
    RefuseStrategy,
    RemarkStrategy,
    Strategy,
)
from bot.errors import ConfigError

RANK_STEP = 10
"""Without a `priority`, the first strategy of the file ranks 10, the next 20 …; the smaller number goes first."""

_SCENE_STEP = 0.001
"""Scenes stand close behind their `scene_priority`, before the next whole number."""


def _some(strategies: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
    if not strategies:
        raise PydanticCustomError("no_strategy", "a policy has at least one [[strategy]]")
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
        """Raises ValidationError at each later one of the same id."""
        seen: set[str] = set()
        twice: list[InitErrorDetails] = []
        for place, name in self._ids():
            if name in seen:
                error = PydanticCustomError("same_id", "two strategies share the id {id}", {"id": name})
                twice.append(InitErrorDetails(type=error, loc=(*place, "id"), input=name))
            seen.add(name)
        if twice:
            raise ValidationError.from_exception_data("policy", twice)
        return self

    def _ids(self) -> Iterator[tuple[tuple[str, int], str]]:
        """Every strategy's place and id; a scene's come to one or two."""
        yield from ((("strategy", place), one.id) for place, one in enumerate(self.strategy))
        yield from ((("scene", place), one.id) for place, form in enumerate(self.scene) for one in _compiled(form))

    @cached_property
    def strategies(self) -> tuple[Strategy, ...]:
        """All of them, switched on or not: those of the file, then what the scenes come to."""
        return tuple(one.strategy for one in self.placed)

    @cached_property
    def by_id(self) -> Mapping[str, Strategy]:
        """The same by their ids."""
        return {one.id: one for one in self.strategies}

    @cached_property
    def ranked(self) -> tuple[Ranked, ...]:
        """Strategies that are switched on, first things first; equal ranks in the order of the file."""
        return tuple(sorted((one for one in self.placed if one.strategy.on), key=lambda one: one.rank))

    @cached_property
    def placed(self) -> tuple[Ranked, ...]:
        """All of them with their ranks, switched on or not, in the order of the file."""
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
        return {one.id: self._version(one) for one in wanted if (one.autonomy or self.terms.default) is Autonomy.EARNED}

    def _version(self, strategy: Strategy) -> str:
        """Of its rules and of the numbers and words that facts are made with: under other ones it hits other cases."""
        rules = strategy.model_dump(mode="json", exclude=set(_NO_RULE))
        said = self.parameters.model_dump(mode="json", exclude_defaults=True)
        text = json.dumps([rules, said], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

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
    return ConfigError(text, target=_path(first["loc"]), raw=_raw(first["input"]), hint=_nearest(first))


def _raw(value: object) -> str:
    try:
        return str(value)[:200]
    except (ValueError, RecursionError):  # thousands of digits or brackets
        return type(value).__name__


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
