"""A case's file in words of one language: the report's own card, what may be decided on it, and its story by time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.catalogue import Catalogue
from bot.console.drawing import headline
from bot.domain.action import Verb
from bot.domain.base import Sha256
from bot.domain.case import Control, Snapshot
from bot.domain.ids import RunId
from bot.domain.money import Money
from bot.domain.outcome import UNPROVEN
from bot.ports.ledger import Judged
from bot.ports.office import OFFERED, OPEN
from bot.ports.office_views import CaseFile, Happening, UnderWay
from bot.ports.results import ShopSweep
from bot.report import masking
from bot.report.card import Card
from bot.report.cards import Cards
from bot.report.phrases import Words, exact
from bot.report.source import ShopRun
from bot.report.thumbs import Thumb

_CONTROLS: Mapping[Verb, frozenset[Control]] = {
    Verb.AGREE_REFUND: frozenset({Control.AGREE_REFUND, Control.CONFIRM_RECEIPT}),
    Verb.AGREE_RETURN: frozenset({Control.AGREE_RETURN}),
    Verb.REFUSE: frozenset({Control.REFUSE, Control.REFUSE_RECEIPT}),
    Verb.INTERCEPT: frozenset({Control.INTERCEPT}),
    Verb.NEGOTIATE: frozenset({Control.NEGOTIATE}),
}
"""What the page has to offer for each verb."""

_THUMB = 520


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of the story."""

    at: str
    what: str
    detail: str
    by: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision of the story."""

    at: str
    verb: str
    headline: str
    strategy: str
    policy: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the page of a case reads."""

    file: CaseFile
    card: Card
    say: Catalogue
    words: Words
    now: datetime

    @classmethod
    def of(cls, file: CaseFile, say: Catalogue, now: datetime) -> Dossier:
        """In one language. Slow parts of it (facts gathered anew) are why this runs in a thread."""
        line = file.line
        words = Words.of(say, file.policy, *file.kept.values())
        decided = line.decision.policy_hash if line.decision else file.policy.hash
        run = ShopRun(
            run=RunId(""),
            sweep=ShopSweep(shop=str(line.case.shop), name=file.shop_name, posture="act"),
            policy=file.policy,
            policy_hash=decided,
            opened_at=now,
            closed_at=now,
            lines=(line,),
            trails={line.case: file.trails},
            kept=file.kept,
        )
        thumbs = {one.sha256: _thumb(one.sha256, one.width, one.height) for one in line.evidence}
        return cls(file, Cards(run, words, thumbs, "c").card(line), say, words, now)

    @property
    def seen(self) -> Snapshot | None:
        return self.file.line.snapshot

    @property
    def buyer(self) -> str:
        return self.seen.buyer.name if self.seen else ""

    @property
    def fingerprint(self) -> str:
        """Of what the person sees: another one on the page means that nothing is done."""
        return self.seen.fingerprint if self.seen else ""

    @property
    def why_held(self) -> str:
        return headline(self.file.line.reasons, self.words, self.buyer)

    @property
    def open(self) -> bool:
        """It has no end yet."""
        return self.file.line.status in OPEN

    @property
    def under_way(self) -> UnderWay | None:
        """What somebody decided already; nothing else is decided meanwhile."""
        return self.file.under_way

    @property
    def unproven(self) -> bool:
        """Nobody knows whether an earlier click landed."""
        return any(reason.code in UNPROVEN for reason in self.file.line.reasons)

    def offered(self, verb: Verb) -> bool:
        """The shop's page offered it when it was read; what nobody can tell the outcome of is read back before anything else."""
        if verb is Verb.HOLD:
            return self.unproven
        return not self.unproven and self.seen is not None and bool(_CONTROLS[verb] & self.seen.controls)

    @property
    def verbs(self) -> tuple[tuple[Verb, bool], ...]:
        """What may be decided, and whether the page offered it."""
        return tuple((verb, self.offered(verb)) for verb in (*OFFERED, Verb.HOLD))

    @property
    def moments(self) -> Iterator[Moment]:
        """The newest first."""
        return (self._moment(event) for event in reversed(self.file.events))

    def _moment(self, event: Happening) -> Moment:
        what = self.say.text_of(f"console.event.{event.kind}")
        if event.kind == "office.did":
            what = self.say.text_of(f"console.did.{event.facts.get('did', '')}")
        detail = " · ".join(self._details(event.facts))
        by = " ".join(filter(None, (event.by, event.why)))
        return Moment(exact(event.at), what, detail, masking.text(by), event.seq, event.hash)

    def _details(self, facts: Mapping[str, Any]) -> Iterator[str]:
        """The few facts of an event that people ask for."""
        if verb := facts.get("verb"):
            yield self.say.text_of(f"verb.{verb}")
        if strategy := facts.get("strategy"):
            yield self.words.strategy(str(strategy))
        for name in ("amount", "spends"):
            if isinstance(facts.get(name), int):
                yield str(Money(facts[name]))
                break
        if status := facts.get("status"):
            yield self.say.text_of(f"case_status.{status}")

    @property
    def turns(self) -> Iterator[Turn]:
        """Every decision that is kept, the newest first."""
        return (self._turn(judged) for judged in reversed(self.file.decisions))

    def _turn(self, judged: Judged) -> Turn:
        made = judged.decision
        strategy = self.words.strategy(made.plan.strategy) if made.plan else ""
        return Turn(
            exact(made.decided_at),
            self.words.name(made.verb),
            self.words.reason(made.reasons[0], self.buyer) if made.reasons else "—",
            strategy,
            made.policy_hash,
        )

    @property
    def bare(self) -> Iterator[tuple[str, str]]:
        """The buyer's data in full: only for somebody who was written down."""
        seen = self.seen
        if seen is None:
            return
        yield "buyer", seen.buyer.name
        yield "reason", seen.reason
        yield "buyer_text", seen.buyer_text
        yield "seller_remark", seen.seller_remark
        yield "city", seen.receiver_city
        for parcel in (seen.forward, seen.returned):
            if parcel is not None:
                yield "parcel", f"{parcel.courier} {parcel.waybill} {parcel.latest}"
        for said in seen.negotiation:
            yield "talk", f"{said.role}: {said.text}"


def _thumb(sha256: Sha256, width: int, height: int) -> Thumb:
    scale = min(1.0, _THUMB / max(width, 1))
    return Thumb(f"/picture/{sha256}", max(1, round(width * scale)), max(1, round(height * scale)))
