"""One look at a window: its picture, the lines on it, and what of them is a target; pure."""

from __future__ import annotations

from dataclasses import dataclass

from PIL.Image import Image

from bot.desktop import boxes
from bot.desktop.reading import plain
from bot.desktop.targets import ScreenTarget
from bot.domain.lines import Box, Line
from bot.errors import TargetAmbiguous, TargetMissing
from bot.ports.desktop import Point, WindowSeen


@dataclass(frozen=True, slots=True)
class Look:
    """`lines` in pixels of the picture, whose corner is the window's."""

    window: WindowSeen
    image: Image
    lines: tuple[Line, ...]

    @property
    def all(self) -> Box:
        return Box(0, 0, *self.image.size)


def here(look: Look, target: ScreenTarget) -> list[Line]:
    """The lines within the target's region."""
    region = boxes.part(look.all, target.region)
    return [line for line in look.lines if boxes.holds(region, line.box)]


def says(look: Look, words: str) -> bool:
    """Whether some line begins with these words."""
    return any(plain(line.text).startswith(plain(words)) for line in look.lines)


def button(look: Look, target: ScreenTarget) -> Line:
    """The one line with exactly the target's words; raises TargetMissing, TargetAmbiguous."""
    return _one([line for line in here(look, target) if plain(line.text) == plain(target.text)], look, target)


def has(look: Look, target: ScreenTarget) -> bool:
    """Whether the target's words stand in its region exactly once."""
    return len([line for line in here(look, target) if plain(line.text) == plain(target.text)]) == 1


def chosen(look: Look, target: ScreenTarget) -> bool:
    """Whether one line ends with the target's words: a choice may have been read as one line with its label."""
    return len([line for line in here(look, target) if plain(line.text).endswith(plain(target.text))]) == 1


def label_box(look: Look, target: ScreenTarget) -> Box:
    """Where the label of an entry stands; what the entry holds may have been read as one line with it."""
    label = plain(target.text)
    box = _one([line for line in here(look, target) if _is_label(plain(line.text), label)], look, target).box
    return Box(box.left, box.top, round(box.left + boxes.height(box) * _ems(label)), box.bottom)


def entry(label: Box, target: ScreenTarget) -> Point:
    """Where the entry right of a label is clicked."""
    return Point(round(label.right + boxes.height(label) * target.reach), boxes.centre(label).y)


def labelled(look: Look, target: ScreenTarget) -> Line:
    """The one line that begins with the target's label and a colon; raises TargetMissing, TargetAmbiguous."""
    label = f"{plain(target.text)}:"
    return _one([line for line in here(look, target) if plain(line.text).startswith(label)], look, target)


def value_of(line: Line, target: ScreenTarget) -> str:
    """What stands behind the label's colon."""
    return plain(line.text).removeprefix(f"{plain(target.text)}:")


def _one(found: list[Line], look: Look, target: ScreenTarget) -> Line:
    if len(found) == 1:
        return found[0]
    kind = TargetAmbiguous if found else TargetMissing
    raise kind(
        f"{target.key}: {target.text!r} stands {len(found)} times, once was expected",
        target=target.key,
        page=look.window.title,
        raw=" | ".join(line.text for line in look.lines)[:500],
    )


def _is_label(text: str, label: str) -> bool:
    """The label alone, or with what its entry holds: never a sentence that begins with it, or a label with a value of its own."""
    rest = text.removeprefix(label) if text.startswith(label) else None
    return rest is not None and (not rest or (rest[0] != ":" and not _is_square(rest[0])))


def _is_square(character: str) -> bool:
    """Chinese, as high as wide."""
    return ord(character) > 0x2E7F


def _ems(text: str) -> float:
    """Width in heights: Chinese characters are square, others half as wide."""
    return sum(1.0 if _is_square(character) else 0.55 for character in text)
