"""Platforms' own rules for refunds as data (profiles.toml), and for whom a platform would decide a claim (domain.md 10 to 13)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field, Strict, TypeAdapter

from bot.domain.base import Frozen
from bot.domain.case import AftersaleType, CaseState, Snapshot, TimeoutAction
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.figures import Figures, Share
from bot.engine.combine import known_or

_HOUR_S = 3600

_WHY = "unknown.platform_rules"
_NO_RULES = Unknown(why=_WHY, source=Source.DERIVED)


class Lean(StrEnum):
    """For whom a platform decides; open where it favours nobody, or where both have to agree."""

    BUYER = "buyer"
    SELLER = "seller"
    OPEN = "open"


class Rule(Frozen):
    """One rule of a platform: all that it names must hold."""

    to: Lean
    marked: bool | None = None
    barred: bool | None = None
    good_review_below: Share | None = None

    def answers(self, marked: Fact[bool], barred: Fact[bool], figures: Figures) -> Iterator[bool | None]:
        """One answer for each thing named; None where it is not known."""
        for wanted, fact in ((self.marked, marked), (self.barred, barred)):
            if wanted is not None:
                yield None if isinstance(fact, Unknown) else fact.value is wanted
        if self.good_review_below is not None:
            share = figures.good_review_bp
            yield None if share is None else share < self.good_review_below


class Profile(Frozen):
    """One platform's rules; hours by kind of claim. See profiles.toml for what each key means."""

    answer_h: dict[AftersaleType, Annotated[int, Strict(), Field(gt=0)]] = Field(default_factory=dict)
    at_timeout: TimeoutAction | None = None
    both_must_agree: Annotated[bool, Strict()] | None = None
    lean: tuple[Rule, ...] = ()


_PROFILES: TypeAdapter[dict[str, Profile]] = TypeAdapter(dict[str, Profile])


@cache
def profiles() -> Mapping[str, Profile]:
    """Every platform that is known, by its name. Raises ValidationError for a file that does not fit its types."""
    return read_profiles(tomllib.loads((files("bot.engine") / "profiles.toml").read_text(encoding="utf-8")))


def read_profiles(data: Mapping[str, Any]) -> Mapping[str, Profile]:
    """Profiles from plain data. Raises ValidationError."""
    return _PROFILES.validate_python(data)


def leans(snapshot: Snapshot, marked: Fact[bool], barred: Fact[bool], figures: Figures) -> Fact[Lean]:
    """For whom the platform would decide: by the first rule that fits; unknown from the first one that may fit."""
    profile = profiles().get(snapshot.key.platform)
    for rule in profile.lean if profile else ():
        answers = tuple(rule.answers(marked, barred, figures))
        if all(answers):
            return Known(value=rule.to, source=Source.DERIVED, seen_at=snapshot.seen_at)
        if False not in answers:
            return _NO_RULES
    return _NO_RULES


def limit_shortened(snapshot: Snapshot) -> Fact[bool]:
    """The platform gave the seller less time than it gives as a rule, which it does case by case (domain.md 11).

    Hours from application to the end of the printed countdown, begun ones counted: a printed minute less is no shortening.
    """
    limit = _limit_h(snapshot)
    if limit is None or snapshot.deadline is None:
        return _NO_RULES
    granted = -int((snapshot.applied_at - snapshot.deadline.at).total_seconds() // _HOUR_S)
    return Known(value=granted < limit, source=Source.DERIVED, seen_at=snapshot.seen_at)


_AWAITED = (AftersaleType.REFUND_UNSHIPPED, AftersaleType.REFUND_SHIPPED)
"""Claims that a platform's rule agrees to when the first answer is late; what becomes of a return, pages say (domain.md 2.2)."""


def timeout_action(snapshot: Snapshot) -> Fact[TimeoutAction]:
    """What happens when nobody answers: as the page prints it, else by the platform's own rule (domain.md 11)."""
    if snapshot.deadline is not None and isinstance(snapshot.deadline.action, Known):
        return snapshot.deadline.action
    profile, kind, state = profiles().get(snapshot.key.platform), snapshot.type, snapshot.state
    waits = isinstance(state, Known) and state.value is CaseState.WAIT_SELLER
    ruled = profile and waits and isinstance(kind, Known) and kind.value in _AWAITED
    return known_or(profile.at_timeout if profile and ruled else None, _WHY, Source.DERIVED, snapshot.seen_at)


def both_must_agree(snapshot: Snapshot) -> Fact[bool]:
    """Nothing is paid on this platform without the seller's yes (domain.md 13)."""
    profile = profiles().get(snapshot.key.platform)
    return known_or(profile.both_must_agree if profile else None, _WHY, Source.DERIVED, snapshot.seen_at)


def _limit_h(snapshot: Snapshot) -> int | None:
    """The rule's hours for this claim; only while the seller's first answer is due."""
    kind, state = snapshot.type, snapshot.state
    if isinstance(kind, Unknown) or isinstance(state, Unknown) or state.value is not CaseState.WAIT_SELLER:
        return None
    profile = profiles().get(snapshot.key.platform)
    return profile.answer_h.get(kind.value) if profile else None


def good_review(snapshot: Snapshot, figures: Figures) -> Fact[int]:
    """The shop's share of good reviews in hundredths of a percent."""
    return known_or(figures.good_review_bp, "unknown.no_figures", Source.SHOP, snapshot.seen_at)
