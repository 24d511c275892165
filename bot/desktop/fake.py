"""A screen in memory, for tests: windows of text boxes, a pointer, a clipboard; its pictures are read by a reader that goes with it.

Each character is painted as one cell of a colour of its own, so that a picture can be cut, covered, moved and enlarged as a real one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image as Pictures
from PIL.Image import Image

from bot.desktop import boxes
from bot.domain.lines import Box, Line
from bot.errors import Stopped
from bot.ports.clock import Clock
from bot.ports.desktop import CORNER, Point, Ready, WindowSeen

CELL, ROW = 6, 8
"""Width and height of one painted character, in pixels; lines stand twice as high apart."""
SCREEN = Box(0, 0, 640, 480)
_STEP = 45
"""Grey levels between two colours of a channel: what enlarging blurs stays nearer to its own."""
_ALPHABET: list[str] = []


@dataclass
class TextBox:
    """A text in a window, at cells of its grid; `press` is what a click on it does, `entry` whether it takes keys."""

    text: str
    column: int
    row: int
    press: Callable[[], None] | None = None
    entry: bool = False
    columns: int = 0

    def box(self) -> Box:
        left, top = self.column * CELL, self.row * ROW * 2
        wide = max(len(self.text), self.columns, 1)
        return Box(left, top, left + wide * CELL, top + ROW)


@dataclass
class FakeWindow:
    """`texts` are drawn anew at each picture: whoever plays the program changes them."""

    title: str
    box: Box
    handle: int = 0
    pid: int = 7
    process: str = "client.exe"
    texts: list[TextBox] = field(default_factory=list)
    holds_keys: bool = False

    def seen(self) -> WindowSeen:
        return WindowSeen(self.handle, self.title, self.process, self.pid, self.box)


class FakeDriver:
    """The DesktopDriver over it; the last window of the list is on top, and has the keys unless `keys` names another one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.stack: list[FakeWindow] = []
        self.keys: FakeWindow | None = None
        self.state = Ready.YES
        self.at = Point(50, 50)
        self.text = ""
        self.log: list[str] = []
        self.before_act: Callable[[str], None] = lambda _: None
        self._used_at = -1_000.0
        self._entry: TextBox | None = None
        self._marked = False
        self._handles = 100

    def open(self, window: FakeWindow) -> FakeWindow:
        self._handles += 1
        window.handle = self._handles
        self.stack.append(window)
        return window

    def close(self, window: FakeWindow) -> None:
        self.stack = [one for one in self.stack if one is not window]

    def person_moves(self, to: Point) -> None:
        """Somebody else's hand."""
        self.at, self._used_at = to, self._clock.monotonic()

    # ---- DesktopDriver ----

    def ready(self) -> Ready:
        return self.state

    def windows(self) -> tuple[WindowSeen, ...]:
        return tuple(one.seen() for one in reversed(self.stack))

    def focused(self) -> WindowSeen | None:
        if self.keys is not None:
            return self.keys.seen()
        return self.stack[-1].seen() if self.stack else None

    def focus(self, window: WindowSeen) -> None:
        found = [one for one in self.stack if one.handle == window.handle]
        if found and not any(one.holds_keys for one in self.stack):
            self.stack = [one for one in self.stack if one is not found[0]] + found
            self.keys = None
        self._used()

    def screenshot(self, box: Box) -> Image:
        picture = Pictures.new("RGB", boxes.size(SCREEN))
        for window in self.stack:
            picture.paste((0, 0, 0), (window.box.left, window.box.top, window.box.right, window.box.bottom))
            for text in window.texts:
                _paint(picture, text, window.box)
        return picture.crop((box.left, box.top, box.right, box.bottom))

    def click(self, point: Point) -> None:
        self._act("click")
        self.at = point
        self._entry, self._marked = None, False
        for window in reversed(self.stack):
            if not boxes.holds(window.box, Box(point.x, point.y, point.x + 1, point.y + 1)):
                continue
            inside = Box(point.x - window.box.left, point.y - window.box.top, 0, 0)
            hit = next((one for one in window.texts if _hit(one.box(), inside)), None)
            self.log.append(f"click {hit.text if hit else '-'} in {window.title}")
            if hit is not None and hit.entry:
                self._entry = hit
            elif hit is not None and hit.press is not None:
                hit.press()
            return

    def press(self, *keys: str) -> None:
        self._act("press")
        entry = self._entry
        if entry is None:
            return
        match keys:
            case ("shift", "home"):
                self._marked = True
            case ("ctrl", "v"):
                entry.text, self._marked = (self.text if self._marked else entry.text + self.text), False
            case ("ctrl", "c") if self._marked:
                self.text = entry.text
            case (one,) if len(one) == 1:
                entry.text, self._marked = ("" if self._marked else entry.text) + one, False
            case _:
                pass

    def pointer(self) -> Point:
        return self.at

    def idle_s(self) -> float | None:
        return self._clock.monotonic() - self._used_at

    def copy(self, text: str) -> None:
        self.text = text

    def clipboard(self) -> str:
        return self.text

    def _act(self, kind: str) -> None:
        self.before_act(kind)
        if self.at == Point(0, 0):
            raise Stopped("the pointer was pushed into a corner of the screen", code=CORNER)
        self._used()

    def _used(self) -> None:
        self._used_at = self._clock.monotonic()


class FakeReader:
    """Reads what FakeDriver paints; `garble` is what it takes a line for."""

    def __init__(self) -> None:
        self.garble: Callable[[str], str] = lambda text: text

    def lines(self, image: Image) -> tuple[Line, ...]:
        found, top, ink = [], 0, image.getchannel("R")
        while top < image.height:
            if ink.crop((0, top, image.width, top + 1)).getbbox() is None:
                top += 1
                continue
            found += [Line(self.garble(text), box, 1.0) for text, box in _row(image, top, 1)]
            top += ROW
        return tuple(found)

    def line(self, image: Image) -> Line:
        """Enlarged twice, as lines are that are read by themselves; what stands in the middle of it."""
        text = "".join(text for text, _ in _row(image, image.height // 2 - ROW, 2))
        return Line(self.garble(text), Box(0, 0, *image.size), 1.0)


def _paint(picture: Image, text: TextBox, window: Box) -> None:
    place = boxes.moved(text.box(), window.left, window.top)
    for number, character in enumerate(text.text):
        left = place.left + number * CELL
        picture.paste(_colour(character), (left, place.top, left + CELL, place.bottom))


def _colour(character: str) -> tuple[int, int, int]:
    if character not in _ALPHABET:
        _ALPHABET.append(character)
    rest, blue = divmod(_ALPHABET.index(character), 6)
    red, green = divmod(rest, 6)
    return ((red + 1) * _STEP, green * _STEP, blue * _STEP)


def _character(colour: tuple[int, int, int]) -> str:
    red, green, blue = (round(one / _STEP) for one in colour)
    place = ((red - 1) * 6 + green) * 6 + blue
    return _ALPHABET[place] if 0 <= place < len(_ALPHABET) else "?"


def _hit(box: Box, point: Box) -> bool:
    return box.left <= point.left < box.right and box.top <= point.top < box.bottom


def _row(image: Image, top: int, scale: int) -> list[tuple[str, Box]]:
    """The runs of characters of one row."""
    pixels: Any = image.convert("RGB").load()
    middle, cell = min(top + ROW * scale // 2, image.height - 1), CELL * scale
    found, x = [], 0
    while x < image.width:
        if pixels[x, middle][0] < _STEP // 2:
            x += 1
            continue
        start, text = x, ""
        while x + cell // 2 < image.width and pixels[x + cell // 2, middle][0] >= _STEP // 2:
            text += _character(pixels[x + cell // 2, middle])
            x += cell
        found.append((text, Box(start, top, x, top + ROW * scale)))
        x += 1
    return found
