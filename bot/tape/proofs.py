"""The evidence store of a sweep that is recorded, and of one that is replayed: its proofs are the same pictures."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from bot.domain.base import Sha256
from bot.domain.evidence import Evidence, EvidenceKind, PictureLimits
from bot.ports.evidence import EvidenceStore
from bot.tape.record import PROOFS, TapeRecorder
from bot.tape.tape import Tape


class RecordedEvidence:
    """Passes everything on, and tells the recorder of every picture that may go into an act."""

    def __init__(self, store: EvidenceStore, recorder: TapeRecorder) -> None:
        self._store = store
        self._recorder = recorder

    def put(self, data: bytes, kind: EvidenceKind, origin: str) -> Evidence:
        return self._told(self._store.put(data, kind, origin), origin)

    def get(self, sha256: Sha256) -> bytes:
        return self._store.get(sha256)

    async def fit(self, evidence: Evidence, limits: PictureLimits) -> Evidence:
        fitted = await self._store.fit(evidence, limits)
        return self._told(fitted, f"fit:{evidence.sha256}") if fitted.sha256 != evidence.sha256 else fitted

    async def stack(self, parts: Sequence[Evidence], kind: EvidenceKind, origin: str) -> Evidence:
        return self._told(await self._store.stack(parts, kind, origin), origin)

    async def inbox(self, order_id: str) -> tuple[Evidence, ...]:
        found = await self._store.inbox(order_id)
        return tuple(self._told(one, _inbox(order_id)) for one in found)

    def _told(self, evidence: Evidence, origin: str) -> Evidence:
        if evidence.kind in PROOFS:
            self._recorder.proof(evidence.kind, origin, evidence.taken_at, self._store.get(evidence.sha256))
        return evidence


class ReplayedEvidence:
    """Keeps what the replay takes, but shows for every proof the picture that the recorded sweep showed in its place."""

    def __init__(self, store: EvidenceStore, tape: Tape) -> None:
        self._store = store
        self._tape = tape
        self._waiting: dict[tuple[str, str], deque[bytes]] = defaultdict(deque)

    def begin(self, take: int) -> None:
        """Lay out the pictures of a take."""
        self._waiting.clear()
        for proof in self._tape.label.proofs:
            if proof.take == take:
                self._waiting[proof.kind, proof.origin].append(self._tape.pictures[proof.sha256])

    def put(self, data: bytes, kind: EvidenceKind, origin: str) -> Evidence:
        return self._store.put(self._recorded(kind, origin) or data, kind, origin)

    def get(self, sha256: Sha256) -> bytes:
        return self._store.get(sha256)

    async def fit(self, evidence: Evidence, limits: PictureLimits) -> Evidence:
        del limits  # they were kept to when it was recorded
        recorded = self._recorded(evidence.kind, f"fit:{evidence.sha256}")
        return self._store.put(recorded, evidence.kind, evidence.origin) if recorded else evidence

    async def stack(self, parts: Sequence[Evidence], kind: EvidenceKind, origin: str) -> Evidence:
        recorded = self._recorded(kind, origin)
        return self._store.put(recorded, kind, origin) if recorded else await self._store.stack(parts, kind, origin)

    async def inbox(self, order_id: str) -> tuple[Evidence, ...]:
        return tuple(self._kept_inbox(order_id))

    def _kept_inbox(self, order_id: str) -> Iterable[Evidence]:
        while recorded := self._recorded(EvidenceKind.INBOX, _inbox(order_id)):
            yield self._store.put(recorded, EvidenceKind.INBOX, _inbox(order_id))

    def _recorded(self, kind: EvidenceKind, origin: str) -> bytes:
        """The next one of that name; the last of it stays, as whatever is read does."""
        waiting = self._waiting.get((kind.value, origin))
        if not waiting:
            return b""
        return waiting.popleft() if len(waiting) > 1 or kind is EvidenceKind.INBOX else waiting[0]


def _inbox(order_id: str) -> str:
    return f"inbox:{order_id}"
