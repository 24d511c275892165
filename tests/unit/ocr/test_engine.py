"""The real engine on a few small pictures, and a PC that has none."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image

from bot.ocr import engine
from bot.ports.ocr import Box, Line, OcrMissing, ToldReader
from tests.conftest import ROOT
from tests.proofs.canvas import canvas

needs_engine = pytest.mark.skipif(not engine.installed(), reason="the extra `ocr` is not installed")
NUMBER = "运单号：SF1234567890123"


def page() -> Image.Image:
    sheet, pen = canvas(420, 120)
    pen.text((20, 20), NUMBER)
    pen.text((20, 70), "到站重量：1.25kg")
    return sheet


@needs_engine
def test_lines_of_a_page_are_read_from_top_to_bottom_with_their_places() -> None:
    first, second = engine.reader().lines(page())
    assert (first.text, second.text) == (NUMBER, "到站重量：1.25kg")
    assert first.box.bottom <= second.box.top
    assert min(first.confidence, second.confidence) > 0.9


@needs_engine
def test_one_cropped_line_is_read_without_looking_for_it() -> None:
    assert engine.reader().line(page().crop((15, 15, 405, 48))).text == NUMBER


@needs_engine
def test_picture_without_text_has_no_lines() -> None:
    assert engine.reader().lines(Image.new("RGB", (120, 80), "white")) == ()


@needs_engine
def test_reader_is_loaded_once_per_process() -> None:
    assert engine.reader() is engine.reader()


@needs_engine
@pytest.mark.skipif(sys.platform != "linux", reason="other systems take large blocks back by themselves")
def test_what_pages_took_is_given_back_once_they_were_read() -> None:
    """In a process of its own, where nobody else takes memory."""
    program = (
        "import resource, psutil\n"
        "from bot.ocr.engine import reader\n"
        "from tests.proofs.canvas import canvas\n"
        "for wide, high in (1200, 900), (1000, 1200), (420, 120):\n"
        "    sheet, pen = canvas(wide, high)\n"
        f"    [pen.text((20, top), {NUMBER!r}) for top in range(20, high - 40, 120)]\n"
        "    reader().lines(sheet)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, psutil.Process().memory_info().rss)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    peak, held = map(int, told.split())
    assert held < peak / 2


def test_pc_without_the_extra_says_so_and_nothing_else_breaks() -> None:
    """In a process of its own: what is imported here cannot be unimported."""
    program = (
        "import sys; sys.modules['rapidocr'] = None\n"
        "from bot.ocr import engine; from bot.ports.ocr import OcrMissing\n"
        "try: engine.reader()\n"
        "except OcrMissing as missing: print(missing.reason_code)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.strip() == OcrMissing.code


def test_fake_says_what_it_was_told_for_a_picture_of_that_size() -> None:
    told = Line("x", Box(0, 0, 5, 5), 1.0)
    fake = ToldReader({(10, 10): (told,)})
    assert fake.line(Image.new("RGB", (10, 10))) is told
    assert fake.lines(Image.new("RGB", (11, 10))) == ()
    assert fake.line(Image.new("RGB", (11, 10))).text == ""
