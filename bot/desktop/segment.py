"""Where text may stand on a flat window, in milliseconds: so that what changed is read, and not the whole page again."""

from __future__ import annotations

from typing import Any

from PIL.Image import Image

from bot.desktop import vision
from bot.desktop.boxes import height, same_row, width
from bot.domain.lines import Box

_EDGE = 40
"""Grey levels that a letter's edge differs by; a shadow differs by less."""
_LONGEST = (45, 30)
"""Pixels: what runs on further than this, across or down, is a border and no letter."""
_LOWEST, _TALLEST = 8, 60
_RIM = 2
_GAP = 5
"""Pixels between two parts of a letter, or two letters."""
_SPACE = 0.8
"""Heights between two words of one line, as behind a full-width colon; a label and its entry stand further apart."""


def text_boxes(image: Image) -> tuple[Box, ...]:
    """Boxes of single lines, from top to bottom; some of them may turn out to hold none."""
    cv2, np = vision.tools()
    grey = np.asarray(image.convert("L"))
    pixel, across, down, gap = (
        cv2.getStructuringElement(cv2.MORPH_RECT, size)
        for size in ((3, 3), (_LONGEST[0], 1), (1, _LONGEST[1]), (_GAP, 3))
    )
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, pixel)
    _, ink = cv2.threshold(edges, _EDGE, 255, cv2.THRESH_BINARY)
    for steps, line in (((1, 0), across), ((0, 1), down)):
        ink = cv2.subtract(ink, cv2.dilate(cv2.morphologyEx(_steps(grey, steps), cv2.MORPH_OPEN, line), pixel))
    _count, _labels, found, _middles = cv2.connectedComponentsWithStats(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, gap))
    parts = [Box(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _area in found[1:] if h <= _TALLEST]
    lines = _joined([part for part in parts if not any(_frames(part, other) for other in parts)])
    fit = (box for box in lines if height(box) >= _LOWEST and width(box) >= _LOWEST)
    return tuple(sorted(fit, key=lambda box: (box.top, box.left)))


def _steps(grey: Any, way: tuple[int, int]) -> Any:
    """Where a pixel differs from its neighbour below or to the right: a border without a gap, and the heads of "0000" with gaps."""
    cv2, np = vision.tools()
    beside = np.roll(grey, (-way[0], -way[1]), (0, 1))
    _, ink = cv2.threshold(cv2.absdiff(grey, beside), _EDGE, 255, cv2.THRESH_BINARY)
    return ink


def _frames(outer: Box, inner: Box) -> bool:
    """What is left of a border around a text."""
    beside = outer.left + _RIM < inner.left and inner.right < outer.right - _RIM
    return beside and outer.top + _RIM < inner.top and inner.bottom < outer.bottom - _RIM


def _joined(parts: list[Box]) -> list[Box]:
    """Parts that stand close beside each other in one row, as one."""
    lines: list[Box] = []
    for part in sorted(parts, key=lambda box: box.left):
        near = [line for line in lines if same_row(line, part) and part.left - line.right <= _reach(line, part)]
        if not near:
            lines.append(part)
            continue
        lines = [line for line in lines if line not in near]
        every = [*near, part]
        lines.append(
            Box(
                min(one.left for one in every),
                min(one.top for one in every),
                max(one.right for one in every),
                max(one.bottom for one in every),
            )
        )
    return lines


def _reach(one: Box, other: Box) -> float:
    return max(height(one), height(other)) * _SPACE
