"""Looks at bytes before any decoder does: size, magic bytes, foreign content in or behind the picture (F48, F49, S13, S14)."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from bot.errors import EvidenceRefused
from bot.evidence.tail import tail_of

MAX_BYTES = 20 * 1024 * 1024
"""Per picture, before it is read; a phone's photo has 3 to 12 MB."""

MAX_PIXELS = 64_000_000
"""Before it is decoded: a 50 MP phone photo passes, a bomb does not; 192 MB as RGB."""

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
"""Media type to Pillow's name: the only decoders that are ever asked (S13: a FITS bomb came through an open list)."""

_MAGIC = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}

_ACTIVE = re.compile(rb"<script|<html|<!doctype|<\?php|<iframe|<svg[\s>]", re.IGNORECASE)
"""Text that a browser or server might run; compressed picture data holds seven such bytes in a row by chance never."""

_COMPANION = re.compile(rb"\xff\xd8\xff|....ftyp|\x00{2}\x01.\n\x0e\x00\x00\x00Image_UTC_Data", re.DOTALL)
"""What phones put behind a JPEG: a second JPEG (HDR map), a motion photo's film, Samsung's trailer. Dropped by re-encoding."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture is: media type by its own bytes, size in pixels."""

    media_type: str
    width: int
    height: int


def media_type_of(data: bytes) -> str:
    """Media type by magic bytes and nothing else.

    Raises:
        EvidenceRefused: no bytes, too many, not one of the four formats, or another format in the same bytes.
    """
    if not data:
        raise EvidenceRefused("no bytes", code="evidence.empty")
    refuse_size(len(data))
    for media_type, magic in _MAGIC.items():
        if magic.match(data):
            _refuse_polyglot(data, media_type)
            return media_type
    raise EvidenceRefused(f"starts with {data[:8]!r}", code="evidence.no_picture")


def refuse_size(size: int) -> None:
    """Asked before a file is read, and again of its bytes."""
    if size > MAX_BYTES:
        raise EvidenceRefused(f"{size} bytes, at most {MAX_BYTES}", code="evidence.too_many_bytes")


def refuse_pixels(width: int, height: int) -> None:
    """Asked before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise EvidenceRefused(f"{width} x {height} pixels, at most {MAX_PIXELS}", code="evidence.too_many_pixels")


def header(data: bytes) -> Seen:
    """Media type and size from the header alone: enough for a picture that we took ourselves.

    Raises:
        EvidenceRefused: as `media_type_of`, or the header cannot be read, or too many pixels.
    """
    media_type = media_type_of(data)
    with opened(data, media_type) as picture:
        return Seen(media_type, *picture.size)


def opened(data: bytes, media_type: str) -> Image.Image:
    """Pillow's picture, header read, nothing decoded; only the decoder of its own magic bytes is asked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=[FORMATS[media_type]])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise EvidenceRefused(str(bomb), code="evidence.too_many_pixels") from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as broken:
        raise EvidenceRefused(f"header: {broken}", code="evidence.broken") from broken
    refuse_pixels(*picture.size)
    return picture


def _refuse_polyglot(data: bytes, media_type: str) -> None:
    active = _ACTIVE.search(data)
    if active:
        raise EvidenceRefused(f"{active[0]!r} at byte {active.start()}", code="evidence.polyglot")
    tail = tail_of(data, media_type).lstrip(b"\x00")
    if tail and not (media_type == "image/jpeg" and _is_companion(tail)):
        raise EvidenceRefused(f"{len(tail)} bytes behind the picture: {tail[:8]!r}", code="evidence.polyglot")


def _is_companion(tail: bytes) -> bool:
    """A film's first box begins with its length, whose leading zeros the caller has stripped."""
    return bool(_COMPANION.match(tail)) or tail[1:5] == b"ftyp" or tail.endswith(b"SEFT")
