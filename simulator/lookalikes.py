"""Digits that a tired eye, or a machine that reads pictures, takes for one another."""

from __future__ import annotations

from typing import Final

LOOKS_LIKE: Final = {"0": "8", "1": "7", "2": "7", "3": "8", "4": "9", "5": "6", "6": "5", "7": "1", "8": "3", "9": "0"}


def twin_at(number: str, place: int) -> str:
    """The number whose digit at a place is another that looks like it."""
    return f"{number[:place]}{LOOKS_LIKE[number[place]]}{number[place + 1 :]}"
