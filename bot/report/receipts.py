"""Receipts and pictures of a case: what was clicked, what the server shows of it, what was sent along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.domain.action import (
    AgreeRefund,
    AgreeReturn,
    Complain,
    Intent,
    Intercept,
    Negotiate,
    Refuse,
    Remark,
    proofs_sent,
)
from bot.domain.base import Sha256
from bot.domain.evidence import Evidence
from bot.domain.outcome import Receipt
from bot.ports.ledger import CaseLine
from bot.report import masking, proofs
from bot.report.card import Pair, Proof, Shot, buyer_of
from bot.report.phrases import Words, exact
from bot.report.thumbs import NOTHING, Thumb


@dataclass(frozen=True, slots=True)
class Receipts:
    """Words and small pictures for the receipts of one run."""

    words: Words
    thumbs: Mapping[Sha256, Thumb]

    def shots(self, line: CaseLine) -> tuple[Shot, ...]:
        """The case's pictures but for those that were sent: these stand with their receipt."""
        sent = _sent(line)
        return tuple(self.shot(line, picture) for picture in _in_time(line) if picture.sha256 not in sent)

    def shot(self, line: CaseLine, picture: Evidence) -> Shot:
        thumb = self.thumbs.get(picture.sha256, NOTHING)
        return Shot(
            self.words.name(picture.kind),
            exact(picture.taken_at),
            thumb,
            picture.sha256[:12],
            proofs.said(self.words, line, picture.sha256),
        )

    def proof(self, line: CaseLine, intent: Intent, receipt: Receipt) -> Proof:
        sent = proofs_sent(intent.action)
        pictures = [picture for picture in line.evidence if picture.sha256 in sent]
        pairs = (*self._done(intent, buyer_of(line)), *self._read_back(receipt))
        return Proof(
            self.words.name(intent.action.verb),
            receipt.presumed,
            pairs,
            tuple(self.shot(line, picture) for picture in pictures),
        )

    def _done(self, intent: Intent, buyer: str) -> Iterator[Pair]:
        """What was clicked, beyond its verb."""
        match intent.action:
            case Refuse(reason=reason, message=message):
                yield self.words.pair("refusal_reason", self.words.name(reason))
                yield from self._said(message, buyer)
            case Complain(scene=scene, message=message):
                yield self.words.pair("complaint_scene", self.words.name(scene))
                yield from self._said(message, buyer)
            case Negotiate(amount=amount, message=message):
                yield self.words.pair("offer", str(amount))
                yield from self._said(message, buyer)
            case AgreeReturn(message=message):
                yield from self._said(message, buyer)
            case Intercept(waybill=waybill, fee=fee):
                yield self.words.pair("waybill", masking.text(waybill, longest=40))
                yield self.words.pair("fee", str(fee))
            case Remark(text=text):
                yield self.words.pair("remark", masking.text(text, buyer=buyer), strange=True)
            case AgreeRefund(confirms_receipt=confirms):
                if confirms:
                    yield self.words.pair("confirms", self.words.text("yes"))
            case _:
                assert_never(intent.action)

    def _said(self, message: str, buyer: str) -> Iterator[Pair]:
        if message:
            yield self.words.pair("message", masking.text(message, buyer=buyer), strange=True)

    def _read_back(self, receipt: Receipt) -> Iterator[Pair]:
        yield self.words.pair("server_state", self.words.name(receipt.state))
        yield self.words.pair("server_amount", str(receipt.amount))
        yield self.words.pair("proven_at", exact(receipt.proven_at))
        yield self.words.pair("version", masking.text(receipt.version, longest=40))
        yield self.words.pair("intent", masking.visible(receipt.intent))


def _in_time(line: CaseLine) -> Sequence[Evidence]:
    """The picture before stands before the picture after."""
    return sorted(line.evidence, key=lambda picture: picture.taken_at)


def _sent(line: CaseLine) -> frozenset[Sha256]:
    """Hashes of what was uploaded: told with the receipt, not among the other pictures."""
    return frozenset(sha256 for intent, _ in line.receipts for sha256 in proofs_sent(intent.action))
