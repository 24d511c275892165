"""The report's sentences in one language: reasons, strategies, times and what is left of a countdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.catalogue import Catalogue, Language
from bot.domain.base import SHANGHAI
from bot.domain.decision import Flip, Reason
from bot.engine.policy import Policy
from bot.report import masking
from bot.report.card import Pair

_TWO_LANGUAGES = re.compile(r"(?P<zh>[^/]*[\u4e00-\u9fff][^/]*) / (?P<en>[^\u4e00-\u9fff/]+)")
_STRANGE = frozenset({"raw", "detail"})
"""Parameters of reasons that quote a page; the others are numbers, codes and names of ours."""

_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60


def in_language(name: str, language: Language) -> str:
    """A merchant's name for a strategy; of 「中文 / English」 (as the shipped policy names its own) the half to be read."""
    found = _TWO_LANGUAGES.fullmatch(name)
    return found[language.value].strip() if found else name


@dataclass(frozen=True, slots=True)
class Words:
    """Catalogue and the names of one policy's strategies, by id and by whole name."""

    say: Catalogue
    by_id: Mapping[str, str]
    by_name: Mapping[str, str]

    @classmethod
    def of(cls, say: Catalogue, policy: Policy, *others: Policy) -> Words:
        """`others` name the strategies that `policy` does not have."""
        all_of = [one for told in reversed((policy, *others)) for one in told.strategies]
        named = [(one.id, one.name, in_language(one.name, say.language)) for one in all_of]
        by_id = {id_: short for id_, _, short in named}
        # the longest first: a name may stand inside another
        named.sort(key=lambda one: len(one[1]), reverse=True)
        return cls(say, by_id, {whole: short for _, whole, short in named})

    def text(self, key: str, **params: object) -> str:
        """The entry `report.<key>`."""
        return self.say.text_of(f"report.{key}", **params)

    def name(self, member: Enum) -> str:
        """An enum's member in words."""
        return self.say.name(member)

    def pair(self, key: str, value: str, *, strange: bool = False) -> Pair:
        """A value under the label `report.label.<key>`."""
        return Pair(self.text(f"label.{key}"), value, strange)

    def cases(self, count: int) -> str:
        """So many cases."""
        return self.text("case_one") if count == 1 else self.text("case_many", count=count)

    def reason(self, reason: Reason, buyer: str = "") -> str:
        """A reason's sentence; what came from a page in it is masked and cut like any stranger's words."""
        params = {
            key: masking.text(value, buyer=buyer) if key in _STRANGE else value for key, value in reason.params.items()
        }
        if "strategy" in params:
            params["strategy"] = self.short(params["strategy"])
        return masking.visible(self.say.text(Reason(code=reason.code, params=params)))

    def strategy(self, strategy: str) -> str:
        """The strategy's name, or its id where the policy at hand does not know it."""
        return self.by_id.get(strategy, strategy)

    def short(self, names: str) -> str:
        """Names of strategies in a text, each in the language to be read."""
        for whole, short in self.by_name.items():
            names = names.replace(whole, short)
        return names

    def flip(self, flip: Flip) -> str:
        """The nearest change that would have decided otherwise, and by which strategy."""
        told = self.say.text_of("flip.text", fact=flip.fact, was=flip.was, would_be=flip.would_be, verb=flip.verb.value)
        return f"{told} ({self.strategy(flip.strategy)})" if flip.strategy else told

    def left(self, until: datetime, now: datetime) -> str:
        """What is left of a countdown in its two largest units."""
        seconds = int((until - now) / timedelta(seconds=1))
        if seconds <= 0:
            return self.text("left.none")
        days, hours, minutes = seconds // _DAY_S, seconds % _DAY_S // _HOUR_S, seconds % _HOUR_S // _MINUTE_S
        if days:
            return self.text("left.days", days=days, hours=hours)
        if hours:
            return self.text("left.hours", hours=hours, minutes=minutes)
        return self.text("left.minutes", minutes=minutes)


def when(moment: datetime) -> str:
    """To the minute, in Asia/Shanghai."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def exact(moment: datetime) -> str:
    """To the second, in Asia/Shanghai."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
