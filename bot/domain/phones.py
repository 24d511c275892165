"""Mobile numbers of the mainland: one pattern for whatever hides them in logs and on tapes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

PHONE: Final = re.compile(
    r"(1(?:(?<![0-9]1)|(?<=(?<![0-9])861)|(?<=(?<![0-9])86[ -]1))[3-9][0-9])[ -]?([0-9]{4})[ -]?([0-9]{4})(?![0-9])"
)
"""In one piece or as 3-4-4, also behind the country's code; its groups are the three parts. That it begins with a letter makes it fast."""

_FOREIGN: Final = re.compile(r"[^\D0-9]")


def plain_digits(raw: str) -> str:
    """Full-width and other digits as ASCII, character by character, so that a number is found in any of them."""
    return raw if raw.isascii() else _FOREIGN.sub(lambda hit: str(unicodedata.decimal(hit[0])), raw)
