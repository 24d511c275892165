"""What a decision rests on, in words: its reasons with who said them and when, and the strategies that did not decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.decision import Answer, Decision, Finding, Reason, StrategyTrace, Verdict
from bot.domain.facts import Known
from bot.engine.conditions import TESTS
from bot.engine.facts import Facts
from bot.engine.reasons import found_out, of_fact
from bot.report.card import Because, Other
from bot.report.phrases import Words, exact


@dataclass(frozen=True, slots=True)
class Grounds:
    """One decision's; `facts` None where another policy decided: then no source can be told. `buyer` is masked in all of it."""

    words: Words
    decision: Decision | None
    facts: Facts | None
    buyer: str

    @property
    def strategy(self) -> str:
        """The name of the strategy that acts; empty for a hold."""
        return self.words.strategy(self._chosen) if self._chosen else ""

    @property
    def _chosen(self) -> str:
        return self.decision.plan.strategy if self.decision and self.decision.plan else ""

    def because(self, headline: Reason | None) -> Iterator[Because]:
        """All reasons but the one that is told as the headline."""
        for reason in self.decision.reasons if self.decision else ():
            if reason != headline:
                yield self._because(reason)

    def _because(self, reason: Reason) -> Because:
        text, name = self.words.reason(reason, self.buyer), fact_of(reason)
        fact = getattr(self.facts, name, None) if self.facts else None
        if fact is None:
            return Because(text, head=not name)
        seen = exact(fact.seen_at) if isinstance(fact, Known) else ""
        return Because(text, self.words.name(fact.source), seen)

    def found(self) -> Iterator[Because]:
        """What the detectors say yes to, whoever asked them or nobody, each with the facts behind it."""
        for finding in self.decision.findings if self.decision else ():
            if finding.answer is Answer.YES:
                yield Because(self.words.reason(found_out(finding)), head=True)
                yield from (self._because(of_fact(name, getattr(self.facts, name))) for name in self._known(finding))

    def _known(self, finding: Finding) -> tuple[str, ...]:
        return finding.facts if self.facts else ()

    def others(self, verdict: Verdict) -> tuple[Other, ...]:
        """Strategies that stood so towards the case and did not decide it."""
        traces = self.decision.traces if self.decision else ()
        return tuple(
            self._other(trace) for trace in traces if trace.verdict is verdict and trace.strategy != self._chosen
        )

    def _other(self, trace: StrategyTrace) -> Other:
        told = " · ".join(self.words.reason(reason, self.buyer) for reason in trace.because)
        return Other(self.words.strategy(trace.strategy), self.words.name(trace.verb), told)

    @property
    def flip(self) -> str:
        """The nearest change that would have decided otherwise; empty where there is none."""
        return self.words.flip(self.decision.flip) if self.decision and self.decision.flip else ""


_CAPS = {"max_amount": "amount", "cap_day": "spent"}
"""Conditions that stand beside the table of conditions, and the fact that each rests on first."""


def fact_of(reason: Reason) -> str:
    """The fact that a reason speaks of, by its code (bot/engine/reasons.py); empty for a headline."""
    family, _, rest = reason.code.partition(".")
    name = rest.removesuffix(".yes").removesuffix(".no").removesuffix(".unknown")
    match family:
        case "fact":
            return name
        case "test":
            return TESTS[name].fact if name in TESTS else _CAPS.get(name, "")
        case "missing":
            return reason.params.get("fact", "")
        case _:
            return ""
