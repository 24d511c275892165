"""One case as the report tells it: the decision in plain words, what it rests on, pictures, receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.base import Sha256
from bot.domain.decision import Decision, Reason, StrategyTrace, Verdict
from bot.domain.facts import Known
from bot.domain.outcome import CaseStatus
from bot.engine.conditions import TESTS
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.card import Because, Card, Other, buyer_of, order_of
from bot.report.details import Details
from bot.report.ending import OPEN, amount_of, claim_of, ending_of
from bot.report.phrases import Words, exact
from bot.report.receipts import Receipts
from bot.report.source import ShopRun
from bot.report.thumbs import Thumb

_STOPPED = frozenset({CaseStatus.HELD, CaseStatus.FAILED, CaseStatus.FOREIGN})


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes the cards of one run."""

    run: ShopRun
    words: Words
    thumbs: Mapping[Sha256, Thumb]
    prefix: str

    def all(self) -> tuple[Card, ...]:
        """Every case of the run, in the ledger's order."""
        return tuple(self.card(line) for line in self.run.lines)

    def anchor(self, line: CaseLine) -> str:
        """The case's place in the page; ids come from a page, so only digits and plain letters get in."""
        plain = "".join(each for each in line.case.aftersale_id if each.isascii() and each.isalnum())
        return f"{self.prefix}-{plain}"

    def card(self, line: CaseLine) -> Card:
        buyer, ending = buyer_of(line), ending_of(line, acting=self.run.acting)
        decision, headline = line.decision, self.headline(line, buyer)
        details = Details(self.words, self.run.trails.get(line.case, {}))
        receipts = Receipts(self.words, self.thumbs)
        return Card(
            anchor=self.anchor(line),
            ending=ending,
            label=self.words.name(ending),
            open=ending in OPEN,
            case_id=masking.cut(masking.visible(line.case.aftersale_id), 48),
            amount=str(amount_of(line, ending)) if claim_of(line) else "—",
            kind=self.kind(line),
            headline=headline,
            outcome=tuple(self._outcome(line, buyer)),
            strategy=self._strategy(decision),
            because=tuple(self._because(line, buyer)),
            flip=self.words.flip(decision.flip) if decision and decision.flip else "",
            matched=self._others(decision, Verdict.MATCHED, buyer),
            undecided=self._others(decision, Verdict.UNDECIDED, buyer),
            lost=self._others(decision, Verdict.LOST, buyer),
            money=details.money(line),
            about=tuple(details.about(line, buyer)),
            parcels=tuple(details.parcels(line)),
            talk=tuple(details.talk(line, buyer)),
            shots=receipts.shots(line),
            proofs=tuple(receipts.proof(line, *pair) for pair in line.receipts),
            find=" ".join((line.case.aftersale_id, order_of(line), masking.name(buyer))),
        )

    def headline(self, line: CaseLine, buyer: str) -> str:
        """What became of the case in one sentence: the decision's own, or what kept it from being carried out."""
        first = _headline(line)
        return self.words.reason(first, buyer) if first else self.words.text("nothing_said")

    def kind(self, line: CaseLine) -> str:
        """What the buyer asks for; an unknown label as the page printed it."""
        if line.snapshot is not None and isinstance(line.snapshot.type, Known):
            return self.words.name(line.snapshot.type.value)
        return masking.text(line.row.type_text, longest=40) if line.row else ""

    def _outcome(self, line: CaseLine, buyer: str) -> Iterator[str]:
        """What came of the case beyond its decision and headline: a change on the page, a brake."""
        known = {_key(reason) for reason in line.decision.reasons} if line.decision else set()
        for reason in line.reasons:
            if _key(reason) not in known and reason != _headline(line):
                yield self.words.reason(reason, buyer)

    def _strategy(self, decision: Decision | None) -> str:
        return self.words.strategy(decision.plan.strategy) if decision and decision.plan else ""

    def _because(self, line: CaseLine, buyer: str) -> Iterator[Because]:
        facts = self.run.facts(line)
        for reason in line.decision.reasons if line.decision else ():
            if reason == _headline(line):
                continue
            text, source, seen = self.words.reason(reason, buyer), "", ""
            fact = getattr(facts, fact_of(reason), None) if facts else None
            if fact is not None:
                source = self.words.name(fact.source)
                seen = exact(fact.seen_at) if isinstance(fact, Known) else ""
            yield Because(text, source, seen, head=not fact_of(reason))

    def _others(self, decision: Decision | None, verdict: Verdict, buyer: str) -> tuple[Other, ...]:
        chosen = decision.plan.strategy if decision and decision.plan else ""
        traces = decision.traces if decision else ()
        return tuple(
            self._other(trace, buyer) for trace in traces if trace.verdict is verdict and trace.strategy != chosen
        )

    def _other(self, trace: StrategyTrace, buyer: str) -> Other:
        told = " · ".join(self.words.reason(reason, buyer) for reason in trace.because)
        return Other(self.words.strategy(trace.strategy), self.words.name(trace.verb), told)


def fact_of(reason: Reason) -> str:
    """The fact that a reason speaks of, by its code (bot/engine/reasons.py); empty for a headline."""
    family, _, rest = reason.code.partition(".")
    name = rest.removesuffix(".yes").removesuffix(".no").removesuffix(".unknown")
    match family:
        case "fact":
            return name
        case "test":
            return TESTS[name].fact if name in TESTS else ""
        case "missing":
            return reason.params.get("fact", "")
        case _:
            return ""


def _key(reason: Reason) -> tuple[str, ...]:
    return (reason.code, *sorted(reason.params.values()))


def _headline(line: CaseLine) -> Reason | None:
    """Where a person has to look, what stopped the robot comes before what it had decided."""
    decided = line.decision.reasons if line.decision else ()
    order = (*line.reasons, *decided) if line.status in _STOPPED else (*decided, *line.reasons)
    return order[0] if order else None
