"""Figures of the whole shop that a judgement may rest on; they come from refundpilot.toml, or nobody knows them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

from bot.domain.base import Frozen

_PERCENT = re.compile(r"(?P<whole>100|\d{1,2})(?:\.(?P<part>\d{1,2}))?%?", re.ASCII)


def read_percent(value: object) -> int:
    """「"69.9"」 as hundredths of a percent: 6990. A float has no exact value and is refused, as with money (F55)."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    bp = int(found["whole"]) * 100 + int((found["part"] or "0").ljust(2, "0")) if found else 10_001
    if bp > 10_000:
        raise ValueError(f'a share is written in quotes, in percent, such as "69.9", not {value!r}')
    return bp


Share = Annotated[int, BeforeValidator(read_percent)]
"""Hundredths of a percent."""


class Figures(Frozen):
    """`good_review_bp`: the shop's share of good reviews in hundredths of a percent, None where the settings do not say.

    `taken_over`: the platform refunds unshipped orders itself; `until_takeover`: how many more liable cases start that.
    """

    good_review_bp: int | None = None
    taken_over: bool | None = None
    until_takeover: int | None = None


NO_FIGURES = Figures()
