"""Opens a picture with Pillow, the one decoder of its own magic bytes; imported in the darkroom's child process alone."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from bot.errors import EvidenceRefused
from bot.evidence.checks import header

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
"""Media type to Pillow's name: the only decoders that are ever asked (S13: a FITS bomb came through an open list)."""


def opened(data: bytes) -> Image.Image:
    """Pillow's picture, header read, nothing decoded.

    Raises:
        EvidenceRefused: as `checks.header`; animated; or Pillow reads the header otherwise than we did.
    """
    seen = header(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=[FORMATS[seen.media_type]])
            animated = seen.media_type != "image/jpeg" and getattr(picture, "is_animated", False)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise EvidenceRefused(str(bomb), code="evidence.too_many_pixels") from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as broken:
        raise EvidenceRefused(f"header: {broken}", code="evidence.broken") from broken
    if picture.size != (seen.width, seen.height):
        raise EvidenceRefused(f"two sizes: {picture.size} and {seen.width} x {seen.height}", code="evidence.broken")
    if animated:  # a person at the platform may see another frame than we checked
        raise EvidenceRefused("more than one frame", code="evidence.animated")
    return picture
