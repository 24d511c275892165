"""Reads windows: a page as a whole by the reader of text, or quickly, line by line, where pixels that were read before are not read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b

from PIL.Image import Image, Resampling

from bot.desktop import boxes
from bot.domain.lines import Box, Line
from bot.domain.text import half_width
from bot.ports.ocr import TextReader

FindBoxes = Callable[[Image], Sequence[Box]]
"""Where lines of text may stand."""

_KEPT = 4000
_MARGIN = 4
"""Pixels around a line that is read by itself: letters at the edge are read better with some air."""
_LARGER = 2
_OTHER_MARGINS = (8, 2, 0)
"""The same for further readings: another margin, since another scale alone repeats the mistake (measured)."""


class Reading:
    """Blocking: asked in a thread. `find` None: every look reads the whole page."""

    def __init__(self, reader: TextReader, find: FindBoxes | None) -> None:
        self._reader = reader
        self._find = find
        self._read: OrderedDict[bytes, Line] = OrderedDict()

    def page(self, image: Image) -> tuple[Line, ...]:
        """All of it, by the reader's own eye for where lines are: most of a second on an idle PC."""
        return self._reader.lines(image)

    def quick(self, image: Image, regions: Sequence[Box]) -> tuple[Line, ...]:
        """The lines in these regions; the page as a whole where nothing here can tell where lines are."""
        if self._find is None:
            return self.page(image)
        wanted = [box for box in self._find(image) if any(boxes.holds(region, box) for region in regions)]
        lines = (Line(read.text, box, read.confidence) for box in wanted if (read := self.line(image, box)).text)
        return tuple(lines)

    def line(self, image: Image, box: Box) -> Line:
        """One line by itself, enlarged; the very same pixels were read before."""
        cut = _cut(image, box, _MARGIN)
        key = blake2b(repr(cut.size).encode() + cut.tobytes(), digest_size=16).digest()
        if key not in self._read:
            self._read[key] = self._reader.line(_larger(cut))
            if len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return self._read[key]

    def certain(self, image: Image, line: Line) -> str:
        """What a line says, by two readings of differently cut pictures that agree; empty where no two of them do.

        Now and then a reading has a digit too many: cut out otherwise, the same mistake was not seen again.
        """
        seen = {plain(line.text)}
        for margin in _OTHER_MARGINS:
            text = plain(self._reader.line(_larger(_cut(image, line.box, margin))).text)
            if text and text in seen:
                return text
            seen.add(text)
        return ""


def plain(text: str) -> str:
    """Full-width forms folded and white space gone: how wide a gap is, readings disagree on."""
    return "".join(half_width(text).split())


def _larger(image: Image) -> Image:
    return image.resize((image.width * _LARGER, image.height * _LARGER), Resampling.LANCZOS)


def _cut(image: Image, box: Box, margin: int) -> Image:
    part = boxes.grown(box, margin, Box(0, 0, *image.size))
    return image.crop((part.left, part.top, part.right, part.bottom))
