"""Reads kept pictures: pixels out of the darkroom, lines by an engine in a thread, turned upright where a picture lies on its side."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from bot.domain.evidence import Evidence
from bot.domain.lines import Line
from bot.domain.pictures import SIDE, picture_hash
from bot.evidence.darkroom import Darkroom
from bot.ports.evidence import EvidenceStore, PictureText
from bot.ports.ocr import TextReader

_CLEAR = 0.9
_ENOUGH = 12
"""Letters that were read clearly: with fewer the picture may lie on its side or upside down."""
_TURNS = (90, 270, 180)

_FIGURE = re.compile(r"\d{2}", re.ASCII)
_LARGER, _EDGE = (1.5, 2.0), 6
_AGAIN = 0.97
"""Mean certainty of the letters of a second look."""


class StoredPictureReader:
    """`bot.ports.evidence.PictureReader` over a store; `engine` is asked for at the first picture."""

    def __init__(self, store: EvidenceStore, darkroom: Darkroom, engine: Callable[[], TextReader]) -> None:
        self._store = store
        self._darkroom = darkroom
        self._engine = engine

    async def read(self, evidence: Evidence) -> PictureText:
        """See the port."""
        return await asyncio.to_thread(self._read, evidence)

    def _read(self, evidence: Evidence) -> PictureText:
        pixels = self._darkroom.raster(self._store.get(evidence.sha256))
        picture = Image.open(io.BytesIO(pixels), formats=["PPM"])
        return PictureText(lines_of(picture, self._engine()), print_of(picture))


def lines_of(picture: Image.Image, engine: TextReader) -> tuple[Line, ...]:
    """As it stands, or, where next to nothing is clear, turned the way in which most is; doubtful numbers looked at again."""
    best, lines = picture, engine.lines(picture)
    for turn in () if _is_clear(lines) else _TURNS:
        turned = picture.rotate(turn, expand=True)
        found = engine.lines(turned)
        if _clear_letters(found) > _clear_letters(lines) or _is_clear(found):
            best, lines = turned, found
        if _is_clear(found):
            break
    return tuple(_looked_at_again(best, line, engine) if _is_doubtful(line) else line for line in lines)


def _is_doubtful(line: Line) -> bool:
    """A figure of which one letter or another is not clear."""
    return _FIGURE.search(line.text) is not None and min(line.sure, default=line.confidence) < _CLEAR


def _looked_at_again(picture: Image.Image, line: Line, engine: TextReader) -> Line:
    """Certain where two looks at the line alone, larger, both say the very same letters again; else as doubtful as it was."""
    place = line.box
    crop = picture.crop((place.left - _EDGE, place.top - _EDGE, place.right + _EDGE, place.bottom + _EDGE))
    looks = [
        engine.line(crop.resize((round(crop.width * larger), round(crop.height * larger)), Image.Resampling.BICUBIC))
        for larger in _LARGER
    ]
    said = "".join(line.text.split())
    if any("".join(look.text.split()) != said or look.confidence < _AGAIN for look in looks):
        return line
    sure = min(look.confidence for look in looks)
    return replace(line, confidence=sure, sure=(sure,) * len(line.text))


def print_of(picture: Image.Image) -> str:
    """Its perceptual hash; empty for one too flat to be known again."""
    small = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return picture_hash(small.tobytes())


def _is_clear(lines: Sequence[Line]) -> bool:
    """Enough of it clear, most of it, and more lines lying than standing."""
    clear, letters = _clear_letters(lines), sum(len(line.text) for line in lines)
    lying = sum(line.box.right - line.box.left >= line.box.bottom - line.box.top for line in lines)
    return clear >= _ENOUGH and 2 * clear >= letters and 2 * lying > len(lines)


def _clear_letters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines if line.confidence >= _CLEAR)
