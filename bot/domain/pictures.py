"""Pictures by what they look like: a hash of their grey steps that survives another size, another name, another compression."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

SIDE = 9
"""A picture is looked at as 9 × 9 grey pixels: 8 steps across in 8 rows, 8 steps down in 8 columns, 128 in all … """

BITS = 128
FLAT = 8
"""… of which a picture with fewer than so many steps says too little to be told from another (a blank sheet)."""

STEP = 4
"""Grey levels (of 255) that make a step: less is the noise of compression."""

ALIKE = 7
"""Bits that two hashes of one picture may differ in, at most; any two strange ones differ in some 40."""

_BAND_BITS = 16
_HEX = BITS // 4


def picture_hash(grey: Sequence[int]) -> str:
    """32 hex digits from 81 grey values (0 to 255, row by row); empty for a picture too flat to be known again.

    A difference hash (dHash) in both directions.

    Raises:
        ValueError: not 81 values.
    """
    if len(grey) != SIDE * SIDE:
        raise ValueError(f"{len(grey)} grey values, not {SIDE * SIDE}")
    rows = [grey[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    across = [right - left > STEP for row in rows[:-1] for left, right in pairwise(row)]
    down = [below - above > STEP for column in list(zip(*rows, strict=True))[:-1] for above, below in pairwise(column)]
    steps = [*across, *down]
    if sum(steps) < FLAT:
        return ""
    return f"{int(''.join('1' if step else '0' for step in steps), 2):0{_HEX}x}"


def distance(left: str, right: str) -> int:
    """Bits in which two hashes differ."""
    return (int(left, 16) ^ int(right, 16)).bit_count()


def bands(picture: str) -> tuple[str, ...]:
    """Eight pieces with their places: hashes that differ in at most `ALIKE` bits share at least one of them."""
    digits = _BAND_BITS // 4
    return tuple(f"{place}:{picture[place * digits : (place + 1) * digits]}" for place in range(BITS // _BAND_BITS))
