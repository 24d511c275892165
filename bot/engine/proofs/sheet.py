"""A picture's lines as a sheet: cells in rows, labels with their values, numbers with how certain each is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.lines import Box, Line
from bot.engine.proofs import wording

_NUMBER = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", re.ASCII)
_COUNT = re.compile(r"[:为]?(\d{1,4})(?![\d.]|,\d)", re.ASCII)
_SAME_ROW = 0.5
"""Part of the lower one's height that two cells of one row share."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line, full-width letters made plain; `text` without blanks, `sure` one number for each of its letters."""

    text: str
    spaced: str
    sure: tuple[float, ...]
    box: Box

    @property
    def height(self) -> int:
        return self.box.bottom - self.box.top


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits; `before`: what stands before it, in its cell or as its label; `sure` of its worst letter."""

    text: str
    before: str
    sure: float


@dataclass(frozen=True, slots=True)
class Weight:
    """A printed weight in grams, None where it is no whole gram; `label` as in `Token.before`."""

    grams: int | None
    text: str
    label: str
    sure: float


@dataclass(frozen=True, slots=True)
class Count:
    """A printed count; `sure` of its worst digit."""

    figure: int
    sure: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A printed moment: to the minute where a time stands there, without a year where none does; `sure` of its worst digit."""

    year: int | None
    month: int
    day: int
    hour: int | None
    minute: int | None
    sure: float

    @property
    def text(self) -> str:
        """As people write it: the blank between day and time is often lost in reading."""
        day = "-".join(f"{one:02}" for one in (self.year, self.month, self.day) if one is not None)
        return day if self.hour is None or self.minute is None else f"{day} {self.hour:02}:{self.minute:02}"

    def is_of(self, at: datetime) -> bool:
        """Whether it says what `at` says, as far as it goes."""
        mine = (self.year, self.month, self.day, self.hour, self.minute)
        theirs = (at.year, at.month, at.day, at.hour, at.minute)
        return all(printed is None or printed == there for printed, there in zip(mine, theirs, strict=True))


def cell_of(line: Line) -> Cell:
    """Normalised letter by letter, so that each keeps its certainty."""
    sure = line.sure or (line.confidence,) * len(line.text)
    letters = [
        (plain, score)
        for letter, score in zip(line.text, sure, strict=True)
        for plain in unicodedata.normalize("NFKC", letter)
    ]
    kept = [(plain, score) for plain, score in letters if not plain.isspace()]
    spaced = " ".join("".join(plain for plain, _ in letters).split())
    return Cell("".join(plain for plain, _ in kept), spaced, tuple(score for _, score in kept), line.box)


class Sheet:
    """All that was read on one picture."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.rows = _rows([cell for cell in map(cell_of, lines) if cell.text])

    @property
    def cells(self) -> Iterator[Cell]:
        """Row by row, from the left."""
        for row in self.rows:
            yield from row

    def told(self) -> Iterator[tuple[Cell, ...]]:
        """Rows that tell of the parcel: without the road that a portal draws with all its stages."""
        for row in self.rows:
            if sum(any(stage in cell.text for cell in row) for stage in wording.STAGES) < 3 or not _short(row):
                yield row

    def named(self, row: Sequence[Cell], name: str) -> Iterator[Token]:
        """Wherever the name stands in a row."""
        for place, cell in enumerate(row):
            for found in re.finditer(re.escape(name), cell.text):
                before = cell.text[: found.start()] or self._label(row, place)
                yield Token(name, before, min(cell.sure[found.start() : found.end()]))

    def tokens(self) -> Iterator[Token]:
        """Every run of letters and digits that is no part of a moment."""
        for row in self.rows:
            for place, cell in enumerate(row):
                bare = wording.CLOCK.sub(lambda found: " " * len(found[0]), cell.text)
                for found in _NUMBER.finditer(bare):
                    before = cell.text[: found.start()] or self._label(row, place)
                    yield Token(found[0], before, min(cell.sure[found.start() : found.end()]))

    def weights(self) -> Iterator[Weight]:
        for row in self.rows:
            for place, cell in enumerate(row):
                for found in wording.WEIGHT.finditer(cell.text):
                    grams = Decimal(found[1].replace(",", "")) * wording.GRAMS[found[2].lower()]
                    before = cell.text[: found.start()] or self._label(row, place)
                    whole = int(grams) if grams == int(grams) else None
                    yield Weight(whole, found[0], before, min(cell.sure[found.start() : found.end()]))

    def counts(self) -> Iterator[Count]:
        """Figures that stand behind or beside a label of counting."""
        for row in self.rows:
            for cell, beside in zip(row, (*row[1:], None), strict=True):
                if found := wording.COUNT_LABEL.search(cell.text):
                    inside = found.end() < len(cell.text)
                    there, start = (cell, found.end()) if inside else (beside, 0)
                    if there and (figure := _COUNT.match(there.text, start)):
                        yield Count(int(figure[1]), min(there.sure[figure.start(1) : figure.end(1)]))

    def moments(self) -> Iterator[Moment]:
        for cell in self.cells:
            yield from _moments(cell)

    def _label(self, row: Sequence[Cell], place: int) -> str:
        """What names a cell that starts with its value: the cell to its left, else the one right above it."""
        if place:
            return row[place - 1].text
        cell = row[place]
        above = [one for one in self.cells if _stands_above(one, cell)]
        return above[-1].text if above else ""


def _rows(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], ...]:
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda one: (one.box.top + one.box.bottom, one.box.left)):
        if rows and _beside(rows[-1][0], cell):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return tuple(tuple(sorted(row, key=lambda one: one.box.left)) for row in rows)


def _beside(one: Cell, other: Cell) -> bool:
    shared = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    return shared >= _SAME_ROW * min(one.height, other.height)


def _stands_above(one: Cell, cell: Cell) -> bool:
    gap = cell.box.top - one.box.bottom
    overlaps = one.box.left < cell.box.right and cell.box.left < one.box.right
    return overlaps and -one.height // 2 <= gap <= 2 * cell.height and one.box.top < cell.box.top


def _short(row: Sequence[Cell]) -> bool:
    return all(len(cell.text) <= 8 for cell in row)


def _moments(cell: Cell) -> Iterator[Moment]:
    scores = iter(cell.sure)
    sure = [1.0 if letter == " " else next(scores) for letter in cell.spaced]
    rest = cell.spaced
    for pattern in (wording.MOMENT, wording.MOMENT_LOOSE, wording.MOMENT_YEARLESS):
        for found in pattern.finditer(rest):
            figures = [int(one) for one in found.groups() if one]
            year = None if pattern is wording.MOMENT_YEARLESS else figures.pop(0)
            month, day, *clock = figures
            hour, minute = clock or (None, None)
            digits = (place for place in range(found.start(), found.end()) if rest[place].isdigit())
            yield Moment(year, month, day, hour, minute, min(sure[place] for place in digits))
        rest = pattern.sub(lambda found: "|" * len(found[0]), rest)
