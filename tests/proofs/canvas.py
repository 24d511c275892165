"""A sheet to write Chinese on, with the machine's own font."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_WINDOWS = (Path("C:/Windows/Fonts/msyh.ttc"), Path("C:/Windows/Fonts/simsun.ttc"))


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Raises FileNotFoundError on a machine without a Chinese font."""
    return ImageFont.truetype(font_file(), size)


@cache
def font_file() -> str:
    """Whatever this machine draws Chinese with."""
    for file in _WINDOWS:
        if file.is_file():
            return str(file)
    asked = ["fc-list", ":lang=zh-cn", "file"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    if not found:
        raise FileNotFoundError("no Chinese font on this machine")
    return min(found).strip().rstrip(":")


class Pen:
    """Writes and draws on one sheet."""

    def __init__(self, sheet: Image.Image) -> None:
        self.draw = ImageDraw.Draw(sheet)
        self.font = font

    def text(self, at: tuple[int, int], text: str, *, size: int = 18, fill: str = "#222222") -> None:
        self.draw.text(at, text, font=font(size), fill=fill)


def canvas(width: int, height: int, paper: str = "white") -> tuple[Image.Image, Pen]:
    sheet = Image.new("RGB", (width, height), paper)
    return sheet, Pen(sheet)
