"""What the pages showed of a case: sums, claim, parcels as the courier tells them, negotiation; strangers' words masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.domain.action import ComplaintScene
from bot.domain.case import ComplaintState, OfferState, Snapshot
from bot.domain.courier import Trail, TrailNode
from bot.domain.facts import Fact, Known
from bot.domain.money import Money
from bot.ports.ledger import CaseLine
from bot.report import masking
from bot.report.card import Pair, order_of
from bot.report.ending import claim_of
from bot.report.phrases import Words, when
from bot.report.source import unknown_words

_LAST_SCANS = 3
_LAST_WORDS = 6
"""Scans of a parcel and lines of 协商记录 that a card shows, the newest."""


@dataclass(frozen=True, slots=True)
class Details:
    """Words for one case; `trails`: the courier's word by waybill."""

    words: Words
    trails: Mapping[str, Fact[Trail]]

    def money(self, line: CaseLine) -> tuple[Pair, ...]:
        seen, claim = line.snapshot, claim_of(line)
        sums: list[tuple[str, Money | None]] = [("claimed", claim)]
        if seen is not None:
            sums += [("paid", seen.paid), ("refunded_before", seen.refunded), ("refundable", seen.refundable)]
            sums += [("difference_due", seen.difference_due)]
        return tuple(self._pair(key, str(amount)) for key, amount in sums if amount is not None)

    def about(self, line: CaseLine, buyer: str) -> Iterator[Pair]:
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
        yield from self._tried(seen)
        if seen.seller_remark:
            yield self._pair("seller_remark", masking.text(seen.seller_remark, buyer=buyer, longest=160), strange=True)
        for label in unknown_words(seen, self.trails):
            yield self._pair("unknown_label", masking.text(label, buyer=buyer, longest=80), strange=True)

    def _tried(self, seen: Snapshot) -> Iterator[Pair]:
        """What the shop tried beside yes and no: its offers to the buyer, its complaint to the platform."""
        for offer in seen.negotiable.offers if seen.negotiable else ():
            yield self._pair("offer", f"{when(offer.at)} {offer.amount} · {self._known(offer.state)}")
        filed = seen.complaint
        if filed is not None and filed.scene is not None:
            yield self._pair("complaint", f"{self._known(filed.scene)} · {self._known(filed.state)}", strange=True)

    def _known(self, fact: Fact[OfferState] | Fact[ComplaintState] | Fact[ComplaintScene]) -> str:
        return self.words.name(fact.value) if isinstance(fact, Known) else masking.text(fact.raw, longest=60)

    def _then(self, line: CaseLine) -> str:
        deadline = line.snapshot.deadline if line.snapshot else None
        if deadline is None or not isinstance(deadline.action, Known):
            return ""
        return f" · {self.words.text('then', what=self.words.name(deadline.action.value))}"

    def parcels(self, line: CaseLine) -> Iterator[Pair]:
        seen, trails = line.snapshot, self.trails
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
            yield from self._warehouse(seen)

    def _warehouse(self, seen: Snapshot) -> Iterator[Pair]:
        """What the shop's warehouse has written down; weights in grams."""
        record = seen.warehouse
        at = when(record.outbound_at) if record.outbound_at else ""
        yield self._pair("warehouse_out", _joined(self._answer(record.outbound), at, _grams(record.outbound_weight_g)))
        if seen.returned is not None:
            counted = "" if record.counted is None else self.words.text("counted", count=record.counted)
            taken = _joined(self._answer(record.inbound), counted, _grams(record.inbound_weight_g))
            yield self._pair("warehouse_in", taken)

    def _answer(self, fact: Fact[bool]) -> str:
        if isinstance(fact, Known):
            return self.words.text("yes" if fact.value else "no")
        return _joined(self.words.say.text_of(fact.why), masking.text(fact.raw, longest=60))

    def _status(self, trail: Trail) -> str:
        status = trail.status
        return self.words.name(status.value) if isinstance(status, Known) else masking.text(status.raw, longest=60)

    def talk(self, line: CaseLine, buyer: str) -> Iterator[Pair]:
        for said in (line.snapshot.negotiation if line.snapshot else ())[:_LAST_WORDS]:
            role = masking.text(said.role, buyer=buyer, longest=20)
            yield Pair(f"{when(said.at)} {role}", masking.text(said.text, buyer=buyer), strange=True)

    def _pair(self, key: str, value: str, *, strange: bool = False) -> Pair:
        return self.words.pair(key, value, strange=strange)


def _scan(node: TrailNode) -> str:
    return node.text if node.city in node.text else f"{node.city} {node.text}"


def _grams(weight: int | None) -> str:
    return "" if weight is None else f"{weight:,} g"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
