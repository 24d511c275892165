"""The evidence store on disk: pictures by content hash under one root, append-only (S12)."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from bot.domain.base import Sha256
from bot.domain.evidence import Evidence, EvidenceKind, PictureLimits
from bot.errors import EvidenceRefused
from bot.evidence.checks import header, refuse_polyglot
from bot.evidence.darkroom import Darkroom
from bot.evidence.files import write_once
from bot.evidence.inbox import read_inbox
from bot.ports.clock import Clock

_SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class FileEvidence:
    """`root/ab/abcd….png`: the name is the hash of the bytes, the suffix only serves people who open the folder.

    Of a picture that we took ourselves only the header is checked, in this process; one of kind INBOX is a stranger's, and
    is decoded once, whole, in the darkroom before it is kept; whoever waits for the darkroom does so in a thread. Every picture is on the disk before `put` returns, those of a
    case's way too: receipts name them, and an audit after a power cut must find them (I14).
    """

    def __init__(self, root: Path, inbox: Path, clock: Clock, darkroom: Darkroom | None = None) -> None:
        self._root = root
        self._inbox = inbox
        self._clock = clock
        self._darkroom = darkroom or Darkroom()

    def put(self, data: bytes, kind: EvidenceKind, origin: str) -> Evidence:
        """Check and keep; the same bytes are kept once. Raises EvidenceRefused."""
        return self._keep(data, kind, origin, self._clock.now())

    def get(self, sha256: Sha256) -> bytes:
        """The bytes, hashed again. Raises EvidenceRefused when they are gone or altered (F47)."""
        if not _HASH.fullmatch(sha256):
            raise EvidenceRefused(f"no hash: {sha256[:80]!r}", code="evidence.missing")
        for suffix in _SUFFIX.values():
            path = self._path(sha256, suffix)
            if path.is_file():
                return _unaltered(path.read_bytes(), sha256)
        raise EvidenceRefused(f"picture {sha256} is not there", code="evidence.missing")

    async def fit(self, evidence: Evidence, limits: PictureLimits) -> Evidence:
        """Itself if it fits (and, for a stranger's picture, carries no metadata), else re-encoded. Raises EvidenceRefused."""
        fits = evidence.size <= limits.max_bytes and evidence.media_type in limits.media_types
        if fits and _is_ours(evidence.kind):
            return evidence
        data = await asyncio.to_thread(
            self._darkroom.fit, self.get(evidence.sha256), limits.max_bytes, limits.media_types
        )
        if hashlib.sha256(data).hexdigest() == evidence.sha256:
            return evidence
        return self._made(data, evidence.kind, f"fit:{evidence.sha256}", evidence.taken_at)

    async def stack(self, parts: Sequence[Evidence], kind: EvidenceKind, origin: str) -> Evidence:
        """Several pictures one under the other in one, as old as its newest part. Raises EvidenceRefused."""
        data = await asyncio.to_thread(self._darkroom.stack, [self.get(part.sha256) for part in parts])
        return self._made(data, kind, origin, max(part.taken_at for part in parts))

    async def inbox(self, order_id: str) -> tuple[Evidence, ...]:
        """The pictures that people gave for the order, by file name. Raises EvidenceRefused for whatever is no picture."""
        return await asyncio.to_thread(self._inbox_of, order_id)

    def _inbox_of(self, order_id: str) -> tuple[Evidence, ...]:
        return tuple(
            self._keep(file.data, EvidenceKind.INBOX, f"inbox:{file.name}", file.at)
            for file in read_inbox(self._inbox, order_id)
        )

    def close(self) -> None:
        """End the darkroom's child, if one was ever started."""
        self._darkroom.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self, data: bytes, kind: EvidenceKind, origin: str, at: datetime) -> Evidence:
        if not _is_ours(kind):
            refuse_polyglot(data, header(data).media_type)
            self._darkroom.inspect(data)
        return self._made(data, kind, origin, at)

    def _made(self, data: bytes, kind: EvidenceKind, origin: str, at: datetime) -> Evidence:
        seen, sha256 = header(data), Sha256(hashlib.sha256(data).hexdigest())
        path = self._path(sha256, _SUFFIX[seen.media_type])
        try:
            write_once(path, data)
        except OSError as full:
            raise EvidenceRefused(f"the picture could not be written: {full.strerror}", code="evidence.disk") from full
        return Evidence(
            sha256=sha256, kind=kind, media_type=seen.media_type, size=len(data), width=seen.width, height=seen.height,
            origin=origin, taken_at=at,
        )  # fmt: skip

    def _path(self, sha256: str, suffix: str) -> Path:
        return self._root / sha256[:2] / f"{sha256}{suffix}"


def _is_ours(kind: EvidenceKind) -> bool:
    return kind is not EvidenceKind.INBOX


def _unaltered(data: bytes, sha256: Sha256) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise EvidenceRefused(f"picture {sha256} was altered", code="evidence.altered")
    return data
