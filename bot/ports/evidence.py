"""Where pictures are kept, by content hash, and made fit for a platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.base import Sha256
from bot.domain.evidence import Evidence, EvidenceKind, PictureLimits
from bot.domain.lines import Line


class EvidenceStore(Protocol):
    """Append-only; the same bytes are kept once. What may take long is awaited: kill switch and permits go on meanwhile."""

    def put(self, data: bytes, kind: EvidenceKind, origin: str) -> Evidence:
        """Check (magic bytes, pixels, size; S13) and keep. Raises EvidenceRefused with the reason."""

    def get(self, sha256: Sha256) -> bytes: ...

    async def fit(self, evidence: Evidence, limits: PictureLimits) -> Evidence:
        """The same picture within the platform's limits: itself if it fits, else re-encoded without metadata. Raises EvidenceRefused."""

    async def stack(self, parts: Sequence[Evidence], kind: EvidenceKind, origin: str) -> Evidence:
        """Several pictures one under the other in one."""

    async def inbox(self, order_id: str) -> tuple[Evidence, ...]:
        """What people put into the inbox folder for this order, checked and kept. Raises EvidenceRefused for a file that is no picture."""


@dataclass(frozen=True, slots=True)
class PictureText:
    """What stands on a picture, and what it looks like: its perceptual hash (`bot.domain.pictures`)."""

    lines: tuple[Line, ...]
    print: str


class PictureReader(Protocol):
    """Reads kept pictures. Slow, so awaited: kill switch and permits go on meanwhile."""

    async def read(self, evidence: Evidence) -> PictureText:
        """Turned upright where it lay on its side. Raises EvidenceRefused when it cannot be opened, OcrMissing without an engine."""
