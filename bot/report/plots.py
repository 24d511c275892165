"""Columns as inline SVG, drawn here: geometry in numbers, so that the page needs no script and no library; each with its table.

Own lines instead of a library: the pages forbid inline styles (S8), which is how plotting libraries paint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 460
HEIGHT: Final = 210
"""Units of the drawing; text in it is 12 units high, so it is read in half a page and on a phone."""

_LEFT: Final = 50
_TOP: Final = 12
_BOTTOM: Final = 26
_GAP: Final = 0.26
"""Share of a column's place that stays free."""

_STEPS: Final = (1, 2, 2.5, 5, 10)
_THINNEST: Final = 1.5
"""Height of the smallest part: what exists can be seen."""


@dataclass(frozen=True, slots=True)
class Series:
    """One colour: its values stand on those of the series before it."""

    label: str
    tone: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle with the words for it."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word below a column (`at` its middle) or beside a line (`at` its height); a minor one is left out on a phone."""

    at: float
    text: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A whole drawing: what the template reads. `alt` says it in a sentence, `rows` in a table."""

    title: str
    note: str
    alt: str
    parts: tuple[Part, ...]
    below: tuple[Tick, ...]
    beside: tuple[Tick, ...]
    legend: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def empty(self) -> bool:
        return not self.parts


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a drawing."""

    title: str
    note: str
    alt: str
    first: str
    """Heading of the table's first column."""


def columns(
    words: Words, labels: Sequence[str], series: Sequence[Series], show: Callable[[int], str], every: int = 1
) -> Plot:
    """One column a label, its series on top of one another.

    Args:
        words: around it.
        labels: below the columns; only each `every`-th is shown.
        series: as many values each as there are labels.
        show: a value in words.
        every: so many columns share one label.
    """
    used = [one for one in series if any(one.values)]
    top = ceiling(max((sum(values) for values in zip(*(one.values for one in used), strict=True)), default=0))
    place = (WIDTH - _LEFT) / max(1, len(labels))
    high = HEIGHT - _TOP - _BOTTOM
    parts: list[Part] = []
    for number, label in enumerate(labels):
        base = float(HEIGHT - _BOTTOM)
        for one in used:
            if value := one.values[number]:
                tall = max(_THINNEST, value * high / top)
                base -= tall
                words_of = f"{label} · {one.label} {show(value)}"
                left = round(_LEFT + place * (number + _GAP / 2), 1)
                parts.append(
                    Part(left, round(base, 1), round(place * (1 - _GAP), 1), round(tall, 1), one.tone, words_of)
                )
    shown = [number for number in range(len(labels)) if number % every == 0]
    return Plot(
        title=words.title,
        note=words.note,
        alt=words.alt,
        parts=tuple(parts),
        below=tuple(
            Tick(round(_LEFT + place * (n + 0.5), 1), labels[n], order % 2 == 1) for order, n in enumerate(shown)
        ),
        beside=tuple(Tick(round(HEIGHT - _BOTTOM - high * share, 1), show(round(top * share))) for share in (0, 0.5, 1))
        if used
        else (),
        legend=tuple((one.tone, one.label) for one in used) if len(series) > 1 else (),
        head=(words.first, *(one.label for one in used)),
        rows=tuple((label, *(show(one.values[n]) for one in used)) for n, label in enumerate(labels)),
    )


def ceiling(most: int) -> int:
    """A round even number that the highest column stays below."""
    size = 2
    while True:
        for step in _STEPS:
            if most <= step * size:
                return int(step * size)
        size *= 10
