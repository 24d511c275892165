"""One case as the report tells it: the decision in plain words, what it rests on, pictures, receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.domain.action import AgreeRefund, AgreeReturn, Intent, Intercept, Refuse, Remark
from bot.domain.base import Sha256
from bot.domain.case import Snapshot, Warehouse
from bot.domain.courier import Trail, TrailNode
from bot.domain.decision import Decision, Reason, StrategyTrace, Verdict
from bot.domain.evidence import Evidence
from bot.domain.facts import Fact, Known
from bot.domain.money import Money
from bot.domain.outcome import Receipt
from bot.engine.conditions import TESTS
from bot.engine.reasons import of_fact
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.ending import OPEN, Ending, amount_of, claim_of, ending_of
from bot.report.phrases import Words, exact, when
from bot.report.source import ShopRun
from bot.report.thumbs import NOTHING, Thumb

_LAST_SCANS = 3
_LAST_WORDS = 6
"""Scans of a parcel and lines of 协商记录 that a card shows, the newest."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what stands beside it; `strange`: a stranger's words, kept apart from the page's direction."""

    label: str
    value: str
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Because:
    """One reason, with who said it and when; `head`: it names a strategy and the following ones belong to it."""

    text: str
    source: str = ""
    seen: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A strategy that did not decide, and why."""

    name: str
    verb: str
    because: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with its caption."""

    label: str
    taken: str
    thumb: Thumb
    sha256: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt and the action it proves."""

    verb: str
    presumed: bool
    pairs: tuple[Pair, ...]
    sent: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything of one case, in words."""

    anchor: str
    ending: Ending
    label: str
    open: bool
    case_id: str
    amount: str
    kind: str
    headline: str
    outcome: tuple[str, ...]
    strategy: str
    because: tuple[Because, ...]
    flip: str
    matched: tuple[Other, ...]
    undecided: tuple[Other, ...]
    lost: tuple[Other, ...]
    money: tuple[Pair, ...]
    about: tuple[Pair, ...]
    parcels: tuple[Pair, ...]
    talk: tuple[Pair, ...]
    shots: tuple[Shot, ...]
    proofs: tuple[Proof, ...]
    find: str


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
        money = self._money(line)
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
            money=money,
            about=tuple(self._about(line, buyer)),
            parcels=tuple(self._parcels(line)),
            talk=tuple(self._talk(line, buyer)),
            shots=tuple(self._shot(picture) for picture in _in_time(line) if picture.sha256 not in _sent(line)),
            proofs=tuple(self._proof(line, *pair) for pair in line.receipts),
            find=" ".join((line.case.aftersale_id, order_of(line), masking.name(buyer))),
        )

    def headline(self, line: CaseLine, buyer: str) -> str:
        """The decision in one sentence; where the case never came to one, what was said instead."""
        reasons = line.decision.reasons if line.decision else line.reasons
        return self.words.reason(reasons[0], buyer) if reasons else self.words.text("nothing_said")

    def kind(self, line: CaseLine) -> str:
        """What the buyer asks for; an unknown label as the page printed it."""
        if line.snapshot is not None and isinstance(line.snapshot.type, Known):
            return self.words.name(line.snapshot.type.value)
        return masking.text(line.row.type_text, longest=40) if line.row else ""

    def _outcome(self, line: CaseLine, buyer: str) -> Iterator[str]:
        """What came of the case beyond its decision: a hold of the runner's, a change on the page, a brake."""
        known = set(_keys(line.decision.reasons)) if line.decision else set()
        for reason in line.reasons:
            if _key(reason) not in known:
                yield self.words.reason(reason, buyer)

    def _strategy(self, decision: Decision | None) -> str:
        return self.words.strategy(decision.plan.strategy) if decision and decision.plan else ""

    def _because(self, line: CaseLine, buyer: str) -> Iterator[Because]:
        facts = self.run.facts(line)
        for reason in line.decision.reasons[1:] if line.decision else ():
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

    def _money(self, line: CaseLine) -> tuple[Pair, ...]:
        seen, claim = line.snapshot, claim_of(line)
        sums: list[tuple[str, Money | None]] = [("claimed", claim)]
        if seen is not None:
            sums += [("paid", seen.paid), ("refunded_before", seen.refunded), ("refundable", seen.refundable)]
            sums += [("difference_due", seen.difference_due)]
        return tuple(self._pair(key, str(amount)) for key, amount in sums if amount is not None)

    def _about(self, line: CaseLine, buyer: str) -> Iterator[Pair]:
        text = self.words.text
        yield self._pair("order", masking.cut(masking.visible(order_of(line)), 48))
        if line.row is not None and line.snapshot is None:
            yield self._pair("state", masking.text(line.row.state_text, longest=60), strange=True)
        seen = line.snapshot
        if seen is not None:
            yield self._pair("applied", when(seen.applied_at))
            if seen.deadline is not None:
                yield self._pair("deadline", f"{when(seen.deadline.at)}{self._then(line)}")
            yield self._pair("buyer", masking.name(buyer), strange=True)
            yield self._pair(
                "record", text("record_of", cases=seen.buyer.aftersales_90d, refusals=seen.buyer.refusals_90d)
            )
            for goods in seen.goods:
                named = masking.text(f"{goods.name} {goods.spec}", longest=90)
                yield self._pair("goods", f"{named} × {goods.quantity} · {goods.unit_price}", strange=True)
            yield self._pair("reason", masking.text(seen.reason, buyer=buyer, longest=80), strange=True)
            if seen.buyer_text:
                yield self._pair("buyer_text", masking.text(seen.buyer_text, buyer=buyer), strange=True)
            yield from self._marks(seen, buyer)
        if line.owner:
            yield self._pair("owner", masking.text(line.owner, longest=40))

    def _marks(self, seen: Snapshot, buyer: str) -> Iterator[Pair]:
        """What else the page says of the case: promises, marks, notes, money that went back, words nobody knows."""
        tags = [*(self.words.name(tag) for tag in sorted(seen.service_tags)), *seen.platform_tags]
        if tags:
            yield self._pair("tags", masking.text(" · ".join(tags), buyer=buyer, longest=120), strange=True)
        for payment in seen.payments:
            kind = masking.text(payment.kind, longest=40)
            yield self._pair("paid_back", f"{when(payment.at)} {kind} {payment.amount}", strange=True)
        if seen.seller_remark:
            yield self._pair("seller_remark", masking.text(seen.seller_remark, buyer=buyer, longest=160), strange=True)
        for label in seen.unknown_labels:
            yield self._pair("unknown_label", masking.text(label, buyer=buyer, longest=80), strange=True)

    def _then(self, line: CaseLine) -> str:
        deadline = line.snapshot.deadline if line.snapshot else None
        if deadline is None or not isinstance(deadline.action, Known):
            return ""
        return f" · {self.words.text('then', what=self.words.name(deadline.action.value))}"

    def _parcels(self, line: CaseLine) -> Iterator[Pair]:
        seen, trails = line.snapshot, self.run.trails.get(line.case, {})
        for key, parcel in (("parcel", seen.forward), ("return_parcel", seen.returned)) if seen else ():
            if parcel is None:
                continue
            number = masking.text(f"{parcel.courier} {parcel.waybill}", longest=60)
            trail = trails.get(parcel.waybill)
            if not isinstance(trail, Known):
                yield self._pair(key, number, strange=True)
                continue
            yield self._pair(key, f"{number} · {self._status(trail.value)}", strange=True)
            for node in trail.value.nodes[:_LAST_SCANS]:
                yield Pair(when(node.at), masking.text(_scan(node), longest=120), strange=True)
        if seen:
            yield from self._warehouse(seen.warehouse)

    def _warehouse(self, record: Warehouse) -> Iterator[Pair]:
        """What the shop's warehouse has written down; weights in grams."""
        out = self._answer("left_warehouse", record.outbound)
        at = when(record.outbound_at) if record.outbound_at else ""
        yield self._pair("warehouse_out", _joined(out, at, _grams(record.outbound_weight_g)))
        back = self._answer("stocked", record.inbound)
        counted = "" if record.counted is None else self.words.text("counted", count=record.counted)
        yield self._pair("warehouse_in", _joined(back, counted, _grams(record.inbound_weight_g)))

    def _answer(self, name: str, fact: Fact[bool]) -> str:
        return self.words.reason(of_fact(name, fact))

    def _status(self, trail: Trail) -> str:
        status = trail.status
        return self.words.name(status.value) if isinstance(status, Known) else masking.text(status.raw, longest=60)

    def _talk(self, line: CaseLine, buyer: str) -> Iterator[Pair]:
        for said in (line.snapshot.negotiation if line.snapshot else ())[:_LAST_WORDS]:
            role = masking.text(said.role, buyer=buyer, longest=20)
            yield Pair(f"{when(said.at)} {role}", masking.text(said.text, buyer=buyer), strange=True)

    def _shot(self, picture: Evidence) -> Shot:
        thumb = self.thumbs.get(picture.sha256, NOTHING)
        return Shot(self.words.name(picture.kind), exact(picture.taken_at), thumb, picture.sha256[:12])

    def _proof(self, line: CaseLine, intent: Intent, receipt: Receipt) -> Proof:
        sent = dict.fromkeys(intent.action.proofs) if isinstance(intent.action, Refuse) else {}
        pictures = [picture for picture in line.evidence if picture.sha256 in sent]
        pairs = (*self._done(intent, buyer_of(line)), *self._read_back(receipt))
        return Proof(self.words.name(intent.action.verb), receipt.presumed, pairs, tuple(map(self._shot, pictures)))

    def _done(self, intent: Intent, buyer: str) -> Iterator[Pair]:
        """What was clicked, beyond its verb."""
        match intent.action:
            case Refuse(reason=reason, message=message):
                yield self._pair("refusal_reason", self.words.name(reason))
                yield self._pair("message", masking.text(message, buyer=buyer), strange=True)
            case AgreeReturn(message=message):
                if message:
                    yield self._pair("message", masking.text(message, buyer=buyer), strange=True)
            case Intercept(waybill=waybill, fee=fee):
                yield self._pair("waybill", masking.text(waybill, longest=40))
                yield self._pair("fee", str(fee))
            case Remark(text=text):
                yield self._pair("remark", masking.text(text, buyer=buyer), strange=True)
            case AgreeRefund(confirms_receipt=confirms):
                if confirms:
                    yield self._pair("confirms", self.words.text("yes"))
            case _:
                assert_never(intent.action)

    def _read_back(self, receipt: Receipt) -> Iterator[Pair]:
        yield self._pair("server_state", self.words.name(receipt.state))
        yield self._pair("server_amount", str(receipt.amount))
        yield self._pair("proven_at", exact(receipt.proven_at))
        yield self._pair("version", masking.text(receipt.version, longest=40))
        yield self._pair("intent", masking.visible(receipt.intent))

    def _pair(self, key: str, value: str, *, strange: bool = False) -> Pair:
        return Pair(self.words.text(f"label.{key}"), value, strange)


def buyer_of(line: CaseLine) -> str:
    """The buyer's name as the shop knows it; never printed unmasked."""
    return line.snapshot.buyer.name if line.snapshot else ""


def order_of(line: CaseLine) -> str:
    """The order's number, empty for a row that nobody can read."""
    return line.snapshot.order_id if line.snapshot else line.row.order_id if line.row else ""


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


def _in_time(line: CaseLine) -> Sequence[Evidence]:
    """The picture before stands before the picture after."""
    return sorted(line.evidence, key=lambda picture: picture.taken_at)


def _scan(node: TrailNode) -> str:
    return node.text if node.city in node.text else f"{node.city} {node.text}"


def _grams(weight: int | None) -> str:
    return "" if weight is None else f"{weight:,} g"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _key(reason: Reason) -> tuple[str, ...]:
    return (reason.code, *sorted(reason.params.values()))


def _keys(reasons: Sequence[Reason]) -> Iterator[tuple[str, ...]]:
    return map(_key, reasons)


def _sent(line: CaseLine) -> frozenset[Sha256]:
    """Hashes of what was uploaded: told with the receipt, not among the other pictures."""
    return frozenset(
        sha256 for intent, _ in line.receipts if isinstance(intent.action, Refuse) for sha256 in intent.action.proofs
    )
