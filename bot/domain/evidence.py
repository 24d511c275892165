"""A picture that proves something: kept by content hash, with what is known of how it was made."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from bot.domain.base import Frozen, Sha256


class EvidenceKind(StrEnum):
    """What the picture shows."""

    BEFORE = "before"
    AFTER = "after"
    TRAIL = "trail"
    WEIGHTS = "weights"
    INBOX = "inbox"
    FAILURE = "failure"


class Evidence(Frozen):
    """One kept picture; `size` in bytes, `width` and `height` in pixels."""

    sha256: Sha256
    kind: EvidenceKind
    media_type: str
    size: int
    width: int
    height: int
    origin: str
    taken_at: datetime


class PictureLimits(Frozen):
    """What a platform takes (domain.md 2.3): bytes per picture, pictures per refusal, media types."""

    max_bytes: int
    max_count: int
    media_types: frozenset[str]
