"""Pictures from the store to lines: through the darkroom, turned upright, known again by their looks."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from PIL import Image, ImageDraw

from bot.domain.evidence import EvidenceKind
from bot.domain.lines import Box, Line
from bot.domain.pictures import ALIKE, distance
from bot.errors import EvidenceRefused, OcrMissing
from bot.evidence.darkroom import Darkroom
from bot.evidence.reading import StoredPictureReader, lines_of, print_of
from bot.evidence.store import FileEvidence
from bot.ports.ocr import TextReader, ToldReader

SIZE = (120, 60)
CLEAR = tuple(Line(f"第{n}行清楚的文字", Box(0, 20 * n, 100, 20 * n + 15), 0.99) for n in range(3))
MUDDY = (Line("ノ七」", Box(0, 0, 15, 50), 0.4),)


class Uprighting:
    """Reads clearly only a picture that stands as asked: `turns` quarter turns to the left from where it lies."""

    def __init__(self, turns: int) -> None:
        self._marks = [Image.new("RGB", SIZE, "white")]
        self._marks[0].putpixel((0, 0), (255, 0, 0))
        self._upright = self._marks[0].rotate(90 * turns, expand=True)
        self.asked = 0

    def lines(self, image: Image.Image) -> tuple[Line, ...]:
        self.asked += 1
        return CLEAR if image.tobytes() == self._upright.tobytes() else MUDDY

    def line(self, image: Image.Image) -> Line:
        raise AssertionError("whole pictures are read")

    @property
    def picture(self) -> Image.Image:
        return self._marks[0]


def png(size: tuple[int, int] = SIZE) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("turns", "reads"), [(0, 1), (1, 2), (3, 3), (2, 4)])
def test_picture_is_turned_until_it_can_be_read(turns: int, reads: int) -> None:
    engine = Uprighting(turns)
    assert lines_of(engine.picture, engine) == CLEAR
    assert engine.asked == reads


def test_picture_that_no_turn_makes_clear_keeps_the_best_that_was_read() -> None:
    assert lines_of(Image.new("RGB", SIZE), ToldReader({SIZE: MUDDY})) == MUDDY


async def test_kept_picture_is_read_from_its_pixels(store: FileEvidence, darkroom: Darkroom) -> None:
    kept = store.put(png(), EvidenceKind.INBOX, "inbox:a.png")
    engine: TextReader = ToldReader({SIZE: CLEAR})
    read = await StoredPictureReader(store, darkroom, lambda: engine).read(kept)
    assert (read.lines, read.print) == (CLEAR, "")


async def test_picture_that_is_gone_is_refused_not_read(store: FileEvidence, darkroom: Darkroom) -> None:
    kept = store.put(png(), EvidenceKind.TRAIL, "courier:1")
    gone = kept.model_copy(update={"sha256": "0" * 64, "taken_at": datetime.fromisoformat("2026-03-01T09:30:00+08:00")})
    with pytest.raises(EvidenceRefused):
        await StoredPictureReader(store, darkroom, lambda: ToldReader({})).read(gone)


async def test_missing_engine_is_told_at_the_first_picture(store: FileEvidence, darkroom: Darkroom) -> None:
    def missing() -> TextReader:
        raise OcrMissing("no engine")

    reader = StoredPictureReader(store, darkroom, missing)
    with pytest.raises(OcrMissing):
        await reader.read(store.put(png(), EvidenceKind.TRAIL, "courier:1"))


def test_looks_survive_another_size_and_compression() -> None:
    picture = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(picture)
    for step in range(12):
        pen.rectangle((step * 50, (step * 97) % 400, step * 50 + 60, (step * 97) % 400 + 70), fill=(step * 20, 90, 40))
    out = io.BytesIO()
    picture.resize((320, 240)).save(out, "JPEG", quality=60)
    again = print_of(Image.open(out))
    assert distance(print_of(picture), again) <= ALIKE
    assert distance(print_of(picture.rotate(180)), again) > ALIKE


DOUBTFUL = Line("运单号：SF1234567890123", Box(10, 10, 110, 30), 0.96, (1.0,) * 10 + (0.5,) + (1.0,) * 8)


class SecondLooks:
    """Finds one doubtful line, and says of it what it is told, look by look."""

    def __init__(self, *said: tuple[str, float]) -> None:
        self._said = iter(said)

    def lines(self, image: Image.Image) -> tuple[Line, ...]:
        return (*CLEAR, DOUBTFUL)

    def line(self, image: Image.Image) -> Line:
        text, sure = next(self._said)
        return Line(text, Box(0, 0, *image.size), sure)


def test_doubtful_number_is_certain_when_two_more_looks_say_the_same() -> None:
    seen = lines_of(Image.new("RGB", SIZE), SecondLooks((DOUBTFUL.text, 0.99), (DOUBTFUL.text, 0.98)))
    assert min(seen[-1].sure) == 0.98


@pytest.mark.parametrize(
    "looks",
    [
        ((DOUBTFUL.text, 0.99), ("运单号：SF1234561890123", 0.99)),
        ((DOUBTFUL.text, 0.99), (DOUBTFUL.text, 0.9)),
        (("", 0.0), (DOUBTFUL.text, 0.99)),
    ],
)
def test_number_that_one_look_reads_otherwise_or_badly_stays_doubtful(looks: tuple[tuple[str, float], ...]) -> None:
    assert lines_of(Image.new("RGB", SIZE), SecondLooks(*looks))[-1] == DOUBTFUL
