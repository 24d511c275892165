"""Strict grammars for what Chinese back ends print: moments, countdowns, weights, whole numbers; anything else is an error.

Every grammar raises ValueError with the raw text in it: "not read" is never zero, never a default (design.md 4.1, F55).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from bot.domain.base import SHANGHAI
from bot.domain.text import half_width
from bot.errors import Unreadable

T = TypeVar("T")

_WHOLE: Final = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?", re.ASCII)
_GRAMS: Final = re.compile(r"(0|[1-9]\d{0,6})\s?(?:克|g)", re.ASCII | re.IGNORECASE)
_KILOS: Final = re.compile(r"(0|[1-9]\d{0,3})(?:\.(\d{1,3}))?\s?(?:千克|公斤|kg)", re.ASCII | re.IGNORECASE)
_LEFT: Final = re.compile(
    r"还剩 ?(?=\d)(?:(?P<days>\d{1,3}) ?天 ?)?(?:(?P<hours>\d{1,3}) ?(?:小时|时) ?)?(?:(?P<minutes>\d{1,2}) ?(?:分钟|分) ?)?"
    r"(?:(?P<seconds>\d{1,2}) ?秒 ?)?",
    re.ASCII,
)
"""With one blank wherever there was white space: digits that it parts are two numbers, not one."""


def plain(text: str) -> str:
    """Full-width forms to half-width, outer white space off."""
    return half_width(text).strip()


def whole(text: str, unit: str = "") -> int:
    """A count such as 「3」 or, with its unit, 「3 次」: ASCII digits, no sign, no separator."""
    bare = plain(text).removesuffix(unit).strip() if unit else plain(text)
    if _WHOLE.fullmatch(bare) is None or (unit and not plain(text).endswith(unit)):
        raise ValueError(f"not a whole number{f' of {unit}' if unit else ''}: {text!r}")
    return int(bare)


def moment(text: str) -> datetime:
    """「2026-11-22 10:00:00」, seconds optional, as Asia/Shanghai."""
    bare = plain(text)
    if _MOMENT.fullmatch(bare) is None:
        raise ValueError(f"not a moment: {text!r}")
    try:
        return datetime.fromisoformat(bare).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise ValueError(f"not a moment: {text!r}: {error}") from error


def grams(text: str) -> int:
    """「450克」 or 「1.25kg」 as whole grams."""
    bare = plain(text)
    if found := _GRAMS.fullmatch(bare):
        return int(found[1])
    if found := _KILOS.fullmatch(bare):
        return int(found[1]) * 1000 + int((found[2] or "0").ljust(3, "0"))
    raise ValueError(f"not a weight: {text!r}")


def countdown(text: str) -> tuple[timedelta, str]:
    """「还剩 1 天 3 时 20 分，逾期…」 as the time left and the words behind the comma."""
    head, _, tail = plain(text).partition(",")
    found = _LEFT.fullmatch(" ".join(head.split()))
    if found is None:
        raise ValueError(f"not a countdown: {text!r}")
    return timedelta(**{unit: int(number) for unit, number in found.groupdict().items() if number}), tail.strip()


def server_moment(date_header: str) -> datetime:
    """The `Date` header of a response, in Asia/Shanghai: the clock by which the server's countdowns run."""
    try:
        told = parsedate_to_datetime(date_header)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a Date header: {date_header!r}") from error
    if told.tzinfo is None:
        raise ValueError(f"not a Date header: {date_header!r}: it names no zone")
    return told.astimezone(SHANGHAI)


def printed(read: Callable[[str], T], label: str, text: str) -> T:
    """Apply a grammar to what stands beside a label; its ValueError becomes Unreadable with the label and the raw text."""
    try:
        return read(text)
    except ValueError as error:
        raise Unreadable(f"{label}: {error}", target=label, raw=text) from error
