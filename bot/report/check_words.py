"""Findings of `policy check` in words: which strategies, which line of the file, why, and which case shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.catalogue import Catalogue, Language
from bot.config.documents import Document
from bot.config.lines import KeyPath
from bot.domain.facts import Fact, Known, Unknown
from bot.engine.check import Case, Finding, Kind, Pattern, Trait
from bot.engine.conditions import When
from bot.engine.flip import as_code
from bot.engine.policy import Policy
from bot.engine.reasons import of_fact
from bot.engine.scenes import WAITS
from bot.engine.strategies import Strategy

_BARE = frozenset({"type", "state"})
"""Facts whose words say of themselves what they are about."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language, one policy, and the file it was read from."""

    say: Catalogue
    policy: Policy
    document: Document

    def headline(self, finding: Finding) -> str:
        """What is wrong, in one sentence."""
        about = [self._strategy(name) for name in finding.strategies]
        names = [self._quoted(one) for one in about]
        verbs = [self.say.name(one.verb) for one in about]
        params = {
            "strategy": names[0] if names else "",
            "others": self._listed(names[1:]),
            "all": self._listed(names),
            "verb": verbs[0] if verbs else "",
            "other_verb": verbs[1] if verbs[1:] else "",
            "conditions": self._listed([_key(name) for name in finding.conditions]),
            "claim": self.claim(finding),
            "count": len(finding.patterns),
        }
        return self.say.text_of(f"check.{finding.kind.value}", **params)

    def claim(self, finding: Finding) -> str:
        """Type and state of the claims in question, where the finding has some."""
        traits = [trait for trait in self._first(finding) if trait.fact in {"type", "state"}]
        return self.say.text_of("check.and").join(self._values(trait) for trait in traits) or self.say.text_of(
            "check.any"
        )

    def _first(self, finding: Finding) -> Sequence[Trait]:
        return finding.patterns[0].traits if finding.patterns else ()

    def because(self, finding: Finding) -> Iterator[str]:
        """Further sentences."""
        yield from (self.say.text(reason) for reason in finding.because)
        if not finding.proven:
            yield self.say.text_of("check.not_proven")

    def traits(self, pattern: Pattern, finding: Finding) -> str:
        """What a kind of case has; type and state stand in the headline of a hole already."""
        if pattern.whose:
            return self._placed(pattern.whose)
        hidden = {"type", "state"} if finding.kind is Kind.HOLE else set()
        told = [self._trait(trait) for trait in pattern.traits if trait.fact not in hidden]
        return self.say.text_of("check.semicolon").join(told) or self.say.text_of("check.all_of_them")

    def _trait(self, trait: Trait) -> str:
        if trait.asked:
            answer = " / ".join(self._told(trait.values))
            return self.say.text_of("check.as_asked", condition=_key(trait.asked), answer=answer)
        if len(trait.values) == 1:
            return self._single(trait.fact, trait.values[0])
        return self.say.text_of("check.trait", fact=trait.fact, values=self._values(trait))

    def _single(self, fact: str, code: str) -> str:
        """「只申请部分退款」 rather than 「全额退款：否」."""
        if fact in _BARE:
            return self.say.text_of(code)
        kind, _, value = code.rpartition(".")
        sentence = f"fact.{fact}.{value}" if kind == "answer" else f"fact.{fact}"
        if not self.say.has(sentence):
            return self.say.text_of("check.trait", fact=fact, values=self.say.text_of(code))
        return self.say.text_of(sentence, value=value)

    def _values(self, trait: Trait) -> str:
        if trait.values and not trait.others:
            return self.say.text_of("check.any")
        if len(trait.values) > max(2, len(trait.others)):
            return self.say.text_of("check.not", values=" / ".join(self._told(trait.others)))
        return " / ".join([*self._told(trait.values), *(self._span(low, high) for low, high in trait.spans)])

    def _told(self, codes: Sequence[str]) -> Iterator[str]:
        return (self.say.text_of(code) for code in codes)

    def _span(self, low: str, high: str) -> str:
        if low == high:
            return low
        code = "span" if low and high else "span_from" if low else "span_to"
        return self.say.text_of(f"check.{code}", low=low, high=high)

    def example(self, case: Case) -> str:
        """The case as a sentence."""
        told = [self._fact(name, getattr(case.facts, name)) for name in case.telling]
        return self.say.text_of("check.semicolon").join(told)

    def _fact(self, name: str, fact: Fact[Any]) -> str:
        if name == "amount" and isinstance(fact, Known):
            return str(fact.value)
        if name in _BARE and isinstance(fact, Known):
            return self.say.text_of(as_code(fact))
        return self.say.text(of_fact(name, fact))

    def facts(self, case: Case) -> Mapping[str, Any]:
        """The case as facts: the value of each, null where nobody knows it."""
        return {name: None if isinstance(fact, Unknown) else _plain(as_code(fact)) for name, fact in case.facts.items()}

    def line(self, finding: Finding) -> int:
        """Where its author looks first; 0 for what stands nowhere."""
        if not finding.strategies:
            return 0
        path = self.path(finding.strategies[0])
        keys = [(*path, *_key(name).split(".")) for name in finding.conditions]
        lines = [self.document.lines.near(key) for key in keys if key in self.document.lines]
        return max(lines, default=self.line_of(finding.strategies[0]))

    def line_of(self, strategy: str) -> int:
        """The line of a strategy's id."""
        return self.document.lines.near((*self.path(strategy), "id"))

    def path(self, strategy: str) -> KeyPath:
        """Its [[strategy]] or [[scene]] in the file."""
        for table in ("strategy", "scene"):
            for place, entry in enumerate(self.document.data.get(table, ())):
                if entry.get("id") in {strategy, strategy.removesuffix(WAITS)}:
                    return (table, place)
        return ()

    def _strategy(self, name: str) -> Strategy:
        return next(one for one in self.policy.strategies if one.id == name)

    def _quoted(self, strategy: Strategy) -> str:
        return self.say.text_of("check.quoted", name=own_words(strategy.name, self.say.language), id=strategy.id)

    def _placed(self, name: str) -> str:
        quoted = self._quoted(self._strategy(name))
        return self.say.text_of("check.placed", strategy=quoted, line=self.line_of(name))

    def _listed(self, names: Sequence[str]) -> str:
        return self.say.text_of("check.comma").join(names)


def own_words(name: str, language: Language) -> str:
    """Of a name in both languages, 「中文 / English」, the operator's half."""
    chinese, slash, english = name.rpartition(" / ")
    return (chinese if language is Language.ZH else english) if slash else name


def _key(condition: str) -> str:
    """As it is written in the file."""
    return f"when.{condition}" if condition in When.model_fields else condition


def _plain(code: str) -> Any:
    """`answer.yes` → true, `parcel_status.signed` → "signed", numbers as they are printed."""
    answers = {"answer.yes": True, "answer.no": False}
    return (
        answers[code] if code in answers else code.rpartition(".")[2] if code.isascii() and code[0].isalpha() else code
    )
