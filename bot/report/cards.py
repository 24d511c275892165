"""One case as the report tells it: the decision in plain words, what it rests on, pictures, receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.base import Sha256
from bot.domain.decision import Reason, Verdict
from bot.domain.facts import Known
from bot.domain.outcome import CaseStatus
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.card import Card, buyer_of, order_of
from bot.report.details import Details
from bot.report.ending import OPEN, amount_of, claim_of, ending_of
from bot.report.grounds import Grounds
from bot.report.phrases import Words
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
        details = Details(self.words, self.run.trails.get(line.case, {}))
        grounds = Grounds(self.words, line.decision, self.run.facts(line), buyer)
        receipts = Receipts(self.words, self.thumbs)
        return Card(
            anchor=self.anchor(line),
            ending=ending,
            label=self.words.name(ending),
            open=ending in OPEN,
            case_id=masking.cut(masking.visible(line.case.aftersale_id), 48),
            amount=str(amount_of(line, ending)) if claim_of(line) else "—",
            kind=self.kind(line),
            headline=self.headline(line, buyer),
            outcome=tuple(self._outcome(line, buyer)),
            strategy=grounds.strategy,
            because=tuple(grounds.because(_headline(line))),
            found=tuple(grounds.found()),
            flip=grounds.flip,
            matched=grounds.others(Verdict.MATCHED),
            undecided=grounds.others(Verdict.UNDECIDED),
            lost=grounds.others(Verdict.LOST),
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


def _key(reason: Reason) -> tuple[str, ...]:
    return (reason.code, *sorted(reason.params.values()))


def _headline(line: CaseLine) -> Reason | None:
    """Where a person has to look, what stopped the robot comes before what it had decided."""
    decided = line.decision.reasons if line.decision else ()
    order = (*line.reasons, *decided) if line.status in _STOPPED else (*decided, *line.reasons)
    return order[0] if order else None
