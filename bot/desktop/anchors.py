"""A button found by a picture of it, where its words cannot be read; matched once, with confidence."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image as Pictures
from PIL.Image import Image

from bot.desktop import boxes, vision
from bot.desktop.targets import ScreenTarget
from bot.domain.lines import Box
from bot.errors import TargetAmbiguous, TargetMissing


def anchored(image: Image, target: ScreenTarget) -> Box:
    """Where the target's picture stands in its region of the window.

    Raises:
        TargetMissing, TargetAmbiguous: not once.
        NotAvailable: nothing here can compare pictures.
    """
    region = boxes.part(Box(0, 0, *image.size), target.region)
    part = image.crop((region.left, region.top, region.right, region.bottom)).convert("L")
    needles = _needles(target.folder / target.anchor)
    found = _merged([place for needle in needles for place in _places(part, needle, target.confidence)])
    if len(found) != 1:
        kind = TargetAmbiguous if found else TargetMissing
        raise kind(f"{target.key}: its picture stands {len(found)} times, once was expected", target=target.key)
    return boxes.moved(found[0], region.left, region.top)


@cache
def _needles(file: Path) -> tuple[Image, ...]:
    """The picture, and the same button at other scale factors: `close@1.25.png` beside `close.png`."""
    return tuple(_grey(one) for one in (file, *sorted(file.parent.glob(f"{file.stem}@*{file.suffix}"))))


def _grey(file: Path) -> Image:
    with Pictures.open(file) as picture:
        return picture.convert("L")


def _places(hay: Image, needle: Image, confidence: float) -> list[Box]:
    if needle.width > hay.width or needle.height > hay.height:
        # the engine tells this as a mistake of the caller; here it is a window that became small
        return []
    cv2, np = vision.tools()
    scores: Any = cv2.matchTemplate(np.asarray(hay), np.asarray(needle), cv2.TM_CCOEFF_NORMED)
    tops, lefts = np.where(scores >= confidence)
    return [
        Box(int(left), int(top), int(left) + needle.width, int(top) + needle.height)
        for left, top in zip(lefts, tops, strict=True)
    ]


def _merged(found: list[Box]) -> list[Box]:
    """Neighbouring pixels match almost as well: places that overlap are one."""
    kept: list[Box] = []
    for box in found:
        if not any(boxes.holds(one, box) for one in kept):
            kept.append(box)
    return kept
