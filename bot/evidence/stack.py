"""Puts several pictures one under the other, where a platform takes fewer pictures than we have proofs.

Runs in the darkroom's child process.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from bot.errors import EvidenceRefused
from bot.evidence.checks import media_type_of, refuse_pixels
from bot.evidence.decode import opened
from bot.evidence.fit import encoded, flat

_WIDEST = 1280
_GAP = 12
_TALLEST = 60_000
"""Pixels; a JPEG ends at 65,535."""


def stack(parts: Sequence[bytes]) -> bytes:
    """One picture, as wide as the widest part (at most 1,280 pixels), parts in the order given; PNG unless a part is a photo.

    Raises:
        EvidenceRefused: no parts, a part that cannot be decoded, or too many pixels altogether.
    """
    if not parts:
        raise EvidenceRefused("nothing to stack", code="evidence.empty")
    pictures = [flat(opened(part), _WIDEST) for part in parts]
    width = max(picture.width for picture in pictures)
    height = sum(picture.height for picture in pictures) + _GAP * (len(pictures) - 1)
    if height > _TALLEST:
        raise EvidenceRefused(f"{height} pixels tall, at most {_TALLEST}", code="evidence.too_many_pixels")
    refuse_pixels(width, height)
    sheet, top = Image.new("RGB", (width, height), "white"), 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height + _GAP
    photo = any(media_type_of(part) == "image/jpeg" for part in parts)
    return encoded(sheet, "image/jpeg" if photo else "image/png", 92)
