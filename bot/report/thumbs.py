"""Pictures for a page that has to travel alone: small copies as data URIs, the smaller the more there are."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from bot.domain.base import Sha256
from bot.errors import EvidenceRefused

Fetch = Callable[[Sha256], bytes]
"""Bytes by content hash. Raises EvidenceRefused."""

_LADDER = ((140, 960), (450, 720), (1200, 480))
"""Up to so many pictures: this width in pixels. That is 4 to 12 MB in the file; beyond the last, only that many are shown."""

MOST = _LADDER[-1][0]
_QUALITY = 50
_TALLEST = 3
"""Height at most so many times the width: a long trail stays readable, a paper roll does not get in."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS = 40_000_000
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Thumb:
    """A small copy; `uri` empty where the picture cannot be shown."""

    uri: str
    width: int
    height: int


NOTHING = Thumb("", 0, 0)


def thumbs(wanted: Iterable[Sha256], fetch: Fetch) -> Mapping[Sha256, Thumb]:
    """Small copies of the first `MOST` wanted pictures, each made once; one that is gone or altered is `NOTHING`."""
    order = list(dict.fromkeys(wanted))[:MOST]
    width = width_for(len(order))
    # Pillow lets go of the interpreter while it decodes and encodes, so threads do help
    with ThreadPoolExecutor(_THREADS) as pool:
        made = pool.map(lambda sha256: _thumb(sha256, fetch, width), order)
        return dict(zip(order, made, strict=True))


def width_for(count: int) -> int:
    """Pixels across, so that the file stays sane."""
    return next((width for most, width in _LADDER if count <= most), _LADDER[-1][1])


def _thumb(sha256: Sha256, fetch: Fetch, width: int) -> Thumb:
    try:
        return shrink(fetch(sha256), width)
    except (EvidenceRefused, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return NOTHING


def shrink(data: bytes, width: int) -> Thumb:
    """A WebP of at most that width, without metadata.

    The store has looked at these bytes before (S13); still only plain formats of a sane size are opened.

    Raises:
        OSError: no picture. ValueError: too many pixels. SyntaxError: Pillow's word for some broken PNGs.
    """
    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        if picture.width * picture.height > _MOST_PIXELS:
            raise ValueError(f"{picture.width}x{picture.height} pixels")
        small = picture.convert("RGB")
    small.thumbnail((width, width * _TALLEST), Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.info.clear()
    out = io.BytesIO()
    small.save(out, "WEBP", quality=_QUALITY, method=0)
    return Thumb(f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}", small.width, small.height)
