"""No picture goes out unread: each is held against what it has to show, and the fewest that show all of it are chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.base import Sha256
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import SEVERAL
from bot.domain.evidence import Evidence, EvidenceKind
from bot.domain.facts import Fact
from bot.domain.ids import RunId
from bot.domain.proofs import Demand, ProofCheck, ProofFacts, ProofLook, ProofStanding, Served
from bot.engine.proofs.choose import choose
from bot.engine.proofs.facts import proof_facts
from bot.engine.proofs.judge import demanded, judge_proof
from bot.errors import OcrMissing, ProofRefused
from bot.ports.evidence import PictureReader, PictureText
from bot.runner.orders import Kit

OK = "proof.ok"

_WORST_FIRST = (ProofStanding.CONTRADICTS, ProofStanding.USED, ProofStanding.UNREADABLE)
_OWN = frozenset({Demand.WAYBILL, Demand.RETURN_WAYBILL})


@dataclass(frozen=True, slots=True)
class Asked:
    """What one act wants proven: `needs_given`: a picture of the inbox has to be among them; `most`: how many go out at all."""

    snapshot: Snapshot
    trails: Mapping[str, Fact[Trail]]
    demands: tuple[Demand, ...]
    needs_given: bool
    most: int


class ProofDesk:
    """Reads and chooses for one sweep of one shop; a picture is read once."""

    def __init__(self, kit: Kit, run: RunId, reader: PictureReader) -> None:
        self._kit = kit
        self._run = run
        self._reader = reader
        self._texts: dict[Sha256, PictureText] = {}

    async def chosen(self, asked: Asked, own: Sequence[Evidence], given: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """All of `own`, which the robot took, and of `given`, which people put there, the fewest that do.

        Raises:
            ProofRefused: one of ours does not stand, or all together do not suffice; told in the ledger first.
        """
        facts = proof_facts(asked.snapshot, asked.trails)
        demands = demanded(asked.demands, facts)
        ours = [await self._look(asked, facts, picture) for picture in own]
        bad = [look for look in ours if look.standing in _WORST_FIRST]
        theirs = [] if bad else await self._given(asked, facts, given, _shown(ours))
        usable = [place for place, look in enumerate(theirs) if look.standing not in _WORST_FIRST]
        room = max(0, asked.most - len(own))
        shows = [frozenset(theirs[place].shown) for place in usable]
        places = None if bad else choose(demands, _shown(ours), shows, int(asked.needs_given), room)
        sent = frozenset(usable[place] for place in places or ())
        looks = [look.model_copy(update={"sent": places is not None}) for look in ours]
        looks += [look.model_copy(update={"sent": place in sent}) for place, look in enumerate(theirs)]
        pictures = [*own, *given]
        refusal = None if places is not None else _refusal(asked, demands, looks, pictures)
        self._tell(asked, demands, looks, pictures, refusal, [looks[len(ours) + place] for place in sorted(sent)])
        if refusal is not None:
            raise refusal
        return (*own, *(given[place] for place in sorted(sent)))

    async def _given(
        self, asked: Asked, facts: ProofFacts, given: Sequence[Evidence], shown: frozenset[Demand]
    ) -> list[ProofLook]:
        """In their order, until one alone shows what ours lack: no smaller set can be found."""
        lacking = frozenset(demanded(asked.demands, facts)) - shown
        looks: list[ProofLook] = []
        if not lacking and not asked.needs_given:
            return looks
        for picture in given:
            look = await self._look(asked, facts, picture)
            looks.append(look)
            if lacking <= frozenset(look.shown) and look.standing not in _WORST_FIRST:
                break
        return looks

    async def _look(self, asked: Asked, facts: ProofFacts, picture: Evidence) -> ProofLook:
        text = self._texts.get(picture.sha256)
        if text is None:
            text = self._texts[picture.sha256] = await self._read(asked, picture)
        judged = judge_proof(asked.demands, facts, text.lines)
        used_for = ""
        if picture.kind is EvidenceKind.INBOX and judged.standing not in _WORST_FIRST:
            used_for = self._used(asked, picture, text.print, names_us=not _OWN.isdisjoint(judged.shown))
        told = dict(judged) | ({"standing": ProofStanding.USED} if used_for else {})
        return ProofLook(**told, sha256=picture.sha256, print=text.print, used_for=used_for)

    async def _read(self, asked: Asked, picture: Evidence) -> PictureText:
        """An engine that is installed and does not start holds the case: other cases need no reading."""
        try:
            return await self._reader.read(picture)
        except OcrMissing as missing:
            raise unread(asked.snapshot, str(missing)) from missing

    def _used(self, asked: Asked, picture: Evidence, looks: str, *, names_us: bool) -> str:
        """One that names our own waybill may look like another case's: pages of one courier do. The very same bytes may not."""
        snapshot = asked.snapshot
        found: Served | None = self._kit.ledger.served(snapshot.key, snapshot.order_id, picture.sha256, looks)
        return found.aftersale_id if found is not None and (found.same or not names_us) else ""

    def _tell(
        self,
        asked: Asked,
        demands: tuple[Demand, ...],
        looks: Sequence[ProofLook],
        pictures: Sequence[Evidence],
        refusal: ProofRefused | None,
        given: Sequence[ProofLook],
    ) -> None:
        for picture in pictures[: len(looks)]:  # who is called to a refusal has to see what was refused
            self._kit.ledger.keep(self._run, asked.snapshot.key, picture)
        outcome = refusal.reason_code if refusal else OK
        told = ProofCheck(demands=demands, outcome=outcome, looks=tuple(looks))
        self._kit.ledger.proofs_read(self._run, asked.snapshot.key, asked.snapshot.order_id, told, given)


def unread(snapshot: Snapshot, why: str) -> ProofRefused:
    """Nothing here reads pictures, and they have to be read."""
    return ProofRefused(why, case=snapshot.key.aftersale_id, code="proof.unread", told={})


def _shown(looks: Sequence[ProofLook]) -> frozenset[Demand]:
    return frozenset(demand for look in looks for demand in look.shown)


def _refusal(
    asked: Asked, demands: Sequence[Demand], looks: Sequence[ProofLook], pictures: Sequence[Evidence]
) -> ProofRefused:
    """The worst picture's word, else what all together do not show."""
    case = asked.snapshot.key.aftersale_id
    for standing in _WORST_FIRST:
        # not strict: further pictures of the inbox were not looked at any more
        for look, picture in zip(looks, pictures, strict=False):
            if look.standing is standing:
                told = {"picture": picture.origin, **_TELLS[standing](look)}
                return ProofRefused(f"{standing}: {told}", case=case, code=f"proof.{standing}", told=told)
    missing = [demand for demand in demands if demand not in _shown(looks)]
    told = {"missing": SEVERAL.join(missing), "order": asked.snapshot.order_id}
    return ProofRefused(f"not shown: {', '.join(missing)}", case=case, code="proof.missing", told=told)


def _against(look: ProofLook) -> dict[str, str]:
    first = look.against[0]
    return {"demand": first.demand, "wanted": first.wanted or "—", "seen": first.seen}


_TELLS: Mapping[ProofStanding, Callable[[ProofLook], dict[str, str]]] = {
    ProofStanding.CONTRADICTS: _against,
    ProofStanding.USED: lambda look: {"other": look.used_for},
    ProofStanding.UNREADABLE: lambda look: {"unsure": " · ".join(look.unsure) or "—"},
}
