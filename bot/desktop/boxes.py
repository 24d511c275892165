"""Rectangles in pixels: parts of one, rows of lines, and where to press."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.lines import Box, Line
from bot.ports.desktop import Point

Share = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of a window, 0 to 1: a scaled window has the same ones."""


def height(box: Box) -> int:
    return box.bottom - box.top


def width(box: Box) -> int:
    return box.right - box.left


def size(box: Box) -> tuple[int, int]:
    return width(box), height(box)


def centre(box: Box) -> Point:
    return Point((box.left + box.right) // 2, (box.top + box.bottom) // 2)


def meet(one: Box, other: Box) -> bool:
    """They share at least a pixel."""
    across = max(one.left, other.left) < min(one.right, other.right)
    down = max(one.top, other.top) < min(one.bottom, other.bottom)
    return across and down


def moved(box: Box, left: int, top: int) -> Box:
    """The same size, so much further right and down."""
    return Box(box.left + left, box.top + top, box.right + left, box.bottom + top)


def grown(box: Box, by: int, within: Box) -> Box:
    """Wider on every side, never beyond `within`."""
    return Box(
        max(box.left - by, within.left),
        max(box.top - by, within.top),
        min(box.right + by, within.right),
        min(box.bottom + by, within.bottom),
    )


def part(whole: Box, share: Share) -> Box:
    """That share of it."""
    left, top, right, bottom = share
    return Box(
        whole.left + round(width(whole) * left),
        whole.top + round(height(whole) * top),
        whole.left + round(width(whole) * right),
        whole.top + round(height(whole) * bottom),
    )


def holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of `inner` lies in `outer`."""
    middle = centre(inner)
    return outer.left <= middle.x < outer.right and outer.top <= middle.y < outer.bottom


def same_row(one: Box, other: Box) -> bool:
    """Whether the middle of the lower one is within the height of the other, and the other way round."""
    return one.top <= centre(other).y < one.bottom or other.top <= centre(one).y < other.bottom


def rows(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that stand beside each other, from the top down, each row from left to right."""
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: centre(one.box).y):
        if found and same_row(found[-1][0].box, line.box):
            found[-1].append(line)
        else:
            found.append([line])
    return [sorted(row, key=lambda one: one.box.left) for row in found]
