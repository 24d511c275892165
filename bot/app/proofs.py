"""What reads the proofs of a home, and what is said where nothing does."""

from __future__ import annotations

from bot.config import Settings
from bot.domain.decision import Reason
from bot.evidence.darkroom import Darkroom
from bot.evidence.reading import StoredPictureReader
from bot.ocr import engine
from bot.ports.evidence import EvidenceStore, PictureReader


def reader_of(store: EvidenceStore, darkroom: Darkroom) -> PictureReader | None:
    """None where the extra is not installed; the engine itself is loaded at the first picture."""
    return StoredPictureReader(store, darkroom, engine.reader) if engine.installed() else None


def note(settings: Settings) -> Reason | None:
    """For whoever reads the report: no picture was read, although nobody switched it off."""
    if settings.evidence.read == "off" or engine.installed():
        return None
    return Reason(code="proof.none_read_required" if settings.evidence.read == "required" else "proof.none_read_auto")
