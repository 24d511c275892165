"""Reading text off a picture, whatever engine does it; with a fake that says what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PIL.Image import Image

from bot.domain.lines import Box, Line
from bot.errors import OcrMissing

__all__ = ["Box", "Line", "OcrMissing", "TextReader", "ToldReader"]


class TextReader(Protocol):
    """Thread-safe and slow (half a second a page): whoever runs an event loop asks it in a thread."""

    def lines(self, image: Image) -> tuple[Line, ...]:
        """Every line that is found, from top to bottom; none on a picture without text."""

    def line(self, image: Image) -> Line:
        """What stands on a picture that was cropped to one line; an empty text where nothing can be read."""


class ToldReader:
    """A fake: the lines it was told for pictures of a size, and none for any other."""

    def __init__(self, told: Mapping[tuple[int, int], tuple[Line, ...]]) -> None:
        self._told = told

    def lines(self, image: Image) -> tuple[Line, ...]:
        """By the picture's size: (width, height)."""
        return self._told.get(image.size, ())

    def line(self, image: Image) -> Line:
        """The first of them."""
        found = self.lines(image)
        return found[0] if found else Line("", Box(0, 0, *image.size), 0.0)
