"""Looks at bytes before any decoder does: size, magic bytes, foreign content in or behind the picture (F48, F49, S13, S14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import EvidenceRefused
from bot.evidence.layout import size_of, tail_of

MAX_BYTES = 20 * 1024 * 1024
"""Per picture, before it is read; a phone's photo has 3 to 12 MB."""

MAX_PIXELS = 64_000_000
"""Before it is decoded: a 50 MP phone photo passes, a bomb does not; 192 MB as RGB."""

_MAGIC = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}

_ACTIVE = re.compile(rb"<script[\s>]|<html[\s>]|<!doctype\s|<\?php\s|<iframe\s|<svg\s[^<>]{0,300}xmlns", re.IGNORECASE)
"""Text that a browser or server might run. Each is long enough that compressed data of 3 MB holds one by chance once in a million pictures."""

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
        EvidenceRefused: no bytes, too many, or not one of the four formats.
    """
    if not data:
        raise EvidenceRefused("no bytes", code="evidence.empty")
    refuse_size(len(data))
    for media_type, magic in _MAGIC.items():
        if magic.match(data):
            return media_type
    raise EvidenceRefused(f"starts with {data[:8]!r}", code="evidence.no_picture")


def header(data: bytes) -> Seen:
    """Media type and size from the first bytes: enough for a picture that we took ourselves.

    Raises:
        EvidenceRefused: as `media_type_of`, or the header tells no size, or too many pixels.
    """
    media_type = media_type_of(data)
    size = size_of(data, media_type)
    if size is None:
        raise EvidenceRefused("the header tells no size", code="evidence.broken")
    refuse_pixels(*size)
    return Seen(media_type, *size)


def refuse_size(size: int) -> None:
    """Asked before a file is read, and again of its bytes."""
    if size > MAX_BYTES:
        raise EvidenceRefused(f"{size} bytes, at most {MAX_BYTES}", code="evidence.too_many_bytes")


def refuse_pixels(width: int, height: int) -> None:
    """Asked before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise EvidenceRefused(f"{width} x {height} pixels, at most {MAX_PIXELS}", code="evidence.too_many_pixels")


def refuse_polyglot(data: bytes, media_type: str) -> None:
    """Asked of a stranger's picture: something to run inside it, or something else behind it (S14)."""
    active = _ACTIVE.search(data)
    if active:
        raise EvidenceRefused(f"{active[0][:8]!r} at byte {active.start()}", code="evidence.polyglot")
    tail = tail_of(data, media_type).lstrip(b"\x00")
    if tail and not (media_type == "image/jpeg" and _is_companion(tail)):
        raise EvidenceRefused(f"{len(tail)} bytes behind the picture: {tail[:8]!r}", code="evidence.polyglot")


def _is_companion(tail: bytes) -> bool:
    """A film's first box begins with its length, whose leading zeros the caller has stripped."""
    return bool(_COMPANION.match(tail)) or tail[1:5] == b"ftyp" or tail.endswith(b"SEFT")
