"""Makes a picture fit a platform's limits, without metadata and readable, the same way every time.

Runs in the darkroom's child process.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageOps

from bot.errors import EvidenceRefused
from bot.evidence.checks import media_type_of
from bot.evidence.decode import FORMATS, opened
from bot.evidence.layout import tail_of

READABLE_WIDTH = 560
"""Pixels below which a waybill number in a screenshot cannot be read any more; smaller pictures are never enlarged."""

_WIDEST = 1600
_SHRINK = (1.0, 0.85, 0.7, 0.6, 0.5, 0.42, 0.35)
_QUALITIES = (88, 80, 72, 64, 56, 48)
_COLOURS = (128, 32)
_PREFERRED = ("image/jpeg", "image/webp", "image/png")

_HARMLESS = frozenset({
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "gamma", "srgb", "transparency", "background", "version",
    "extension", "duration", "loop", "progressive", "progression", "adobe", "adobe_transform", "interlace", "aspect",
    "chromaticity", "icc_profile", "timestamp", "bbox",
})  # fmt: skip
"""What Pillow tells of a file that says nothing of people or places; anything else is metadata (S13)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the platform takes: bytes, and media types in no order."""

    max_bytes: int
    media_types: tuple[str, ...]


def fit(data: bytes, bounds: Bounds) -> bytes:
    """The same bytes when they fit and carry no metadata; else a JPEG (WEBP, PNG) within the bounds.

    Raises:
        EvidenceRefused: too large even at the least readable size, or a picture that cannot be decoded.
    """
    media_type = media_type_of(data)
    picture = opened(data)
    if media_type in bounds.media_types and len(data) <= bounds.max_bytes and is_clean(picture, data):
        return data
    target = next((name for name in _PREFERRED if name in bounds.media_types), None)
    if target is None:
        raise EvidenceRefused(f"platform takes {sorted(bounds.media_types)}", code="evidence.no_common_type")
    drawn = media_type == "image/png" and "image/png" in bounds.media_types
    largest = flat(picture, _WIDEST)
    for width in _widths(largest.width):
        small = narrowed(largest, width)
        found = (drawn and _drawn_that_fits(small, bounds.max_bytes)) or _first_that_fits(
            small, target, bounds.max_bytes
        )
        if found:
            return found
    raise EvidenceRefused(f"over {bounds.max_bytes} bytes at {READABLE_WIDTH} pixels width", code="evidence.cannot_fit")


def is_clean(picture: Image.Image, data: bytes) -> bool:
    """No EXIF, comment, text, XMP or companion picture: nothing that tells a place, a phone or a name."""
    return not (picture.info.keys() - _HARMLESS) and not tail_of(data, media_type_of(data))


def flat(picture: Image.Image, width: int) -> Image.Image:
    """Upright, opaque on white, RGB, at most `width` pixels wide."""
    picture.draft("RGB", (width, width))  # a JPEG is decoded at a half or less where that is enough
    upright = ImageOps.exif_transpose(picture)
    solid = Image.new("RGB", upright.size, "white")
    rgba = upright.convert("RGBA")
    solid.paste(rgba, mask=rgba.getchannel("A"))
    return narrowed(solid, width)


def narrowed(picture: Image.Image, width: int) -> Image.Image:
    """The same picture, at most `width` pixels wide; never enlarged."""
    if picture.width <= width:
        return picture
    return picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)


def _widths(own: int) -> Iterable[int]:
    """Narrower and narrower, never below what can be read; a picture that is smaller from the start keeps its width."""
    floor = min(own, READABLE_WIDTH)
    return dict.fromkeys(max(floor, round(own * factor)) for factor in (*_SHRINK, 0))


def _drawn_that_fits(picture: Image.Image, max_bytes: int) -> bytes | None:
    """A screenshot keeps its letters sharp with few colours at full width, where a JPEG would blur them."""
    for colours in _COLOURS:
        # no dithering: it adds noise that neither eyes nor the compressor like
        few = picture.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        data = encoded(few, "image/png", 0)
        if len(data) <= max_bytes:
            return data
    return None


def _first_that_fits(picture: Image.Image, media_type: str, max_bytes: int) -> bytes | None:
    """The best quality that fits; the worst is tried first, since most widths fail there and cost one try only."""
    worst = encoded(picture, media_type, _QUALITIES[-1])
    if len(worst) > max_bytes:
        return None
    tries = (encoded(picture, media_type, quality) for quality in _QUALITIES[:-1])
    return next((data for data in tries if len(data) <= max_bytes), worst)


def encoded(picture: Image.Image, media_type: str, quality: int) -> bytes:
    """The picture's bytes, no metadata (`info` emptied: Pillow writes some of it back); PNG knows no quality."""
    out = io.BytesIO()
    picture.info.clear()
    picture.save(
        out, FORMATS[media_type], **({} if media_type == "image/png" else {"quality": quality, "optimize": True})
    )
    return out.getvalue()
