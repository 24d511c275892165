"""Lines as a reader would give them, written as text with places."""

from __future__ import annotations

from bot.domain.lines import Box, Line

_LETTER, _HEIGHT = 10, 20


def line(
    text: str, left: int = 20, top: int = 20, *, sure: float = 1.0, doubt: tuple[int, float] | None = None
) -> Line:
    """`doubt`: a letter by its place, and how certain it is."""
    scores = [sure] * len(text)
    if doubt:
        scores[doubt[0]] = doubt[1]
    return Line(text, Box(left, top, left + _LETTER * len(text), top + _HEIGHT), sure, tuple(scores))


def page(*rows: str | tuple[str, ...]) -> tuple[Line, ...]:
    """One row under the other; cells of a row beside one another."""
    found = []
    for number, row in enumerate(rows):
        for column, text in enumerate((row,) if isinstance(row, str) else row):
            found.append(line(text, 20 + 250 * column, 20 + 40 * number))
    return tuple(found)
