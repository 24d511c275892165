"""What stands on a picture, as a reader of text saw it: lines with their places and how sure it was."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels of the picture, right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `confidence` from 0 to 1, the mean of its characters.

    `sure`: how certain each character of `text` is; empty where the reader does not tell.
    """

    text: str
    box: Box
    confidence: float
    sure: tuple[float, ...] = ()
