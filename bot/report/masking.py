"""Strangers' words made fit for a page: buyers masked (S23), control and direction characters made visible, long ones cut."""

from __future__ import annotations

import re
import unicodedata

from bot.config.redact import SECRETS
from bot.domain.phones import plain_digits

STARS = "***"
LONGEST = 280
"""Characters of a buyer's text that the report shows."""

_LONGEST_READ = 4_000
"""Characters of a text that are looked at at all: nobody can make a report slow by writing much."""

_DIGIT = r"[\s\-.·]{0,2}"
_PHONE = re.compile(
    rf"(?<![0-9])((?:\+?86{_DIGIT})?1{_DIGIT}[3-9]{_DIGIT}[0-9])(?:{_DIGIT}[0-9]){{4}}{_DIGIT}((?:[0-9]{_DIGIT}){{3}}[0-9])(?![0-9])"
)
_LANDLINE = re.compile(r"(?<![0-9])(0[0-9]{2,3}-?[0-9])[0-9]{4,5}([0-9]{2})(?![0-9])")
_UNIT = r"[0-9A-Za-z一二三四五六七八九十\-]{1,8} ?(?:号楼|号|栋|幢|座|单元|室|楼|层)"
_STREET = re.compile(
    rf"([\u4e00-\u9fff]{{1,10}}?(?:路|街|巷|弄|胡同|大道|小区|花园|新村|公寓|大厦))[\u4e00-\u9fffA-Za-z0-9 ]{{0,12}}?{_UNIT}(?:[\u4e00-\u9fff ]{{0,8}}?{_UNIT})*"
)
"""A street with a house's number, or more of it; the first character is left."""

_HIDDEN = frozenset("\u061c\u200b\u200e\u200f\u2028\u2029\u2060\ufeff") | {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Characters that turn the direction of what follows, or cannot be seen at all."""


def name(buyer: str) -> str:
    """First and last character of a buyer's name; of two characters the first; of one none."""
    plain = visible(buyer.strip())
    match len(plain):
        case 0:
            return ""
        case 1:
            return STARS
        case 2:
            return plain[0] + STARS
        case _:
            return f"{plain[0]}{STARS}{plain[-1]}"


def text(raw: str, *, buyer: str = "", longest: int = LONGEST) -> str:
    """One line of a stranger's text: no secret, phone, address or buyer's name in it, nothing invisible, not too long."""
    plain = " ".join(visible(plain_digits(raw[:_LONGEST_READ])).split())
    if len(buyer) > 1:
        plain = plain.replace(visible(plain_digits(buyer)), name(buyer))
    return cut(private(SECRETS(plain)), longest)


def cut(plain: str, longest: int) -> str:
    """At most so many characters, an ellipsis included."""
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def visible(raw: str) -> str:
    """Control and direction characters as ⟨U+…⟩; line ends and tabs as spaces."""
    return "".join(_seen(character) for character in raw)


def _seen(character: str) -> str:
    if character in "\t\n\r":
        return " "
    if character in _HIDDEN or unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}:
        return f"⟨U+{ord(character):04X}⟩"
    return character


def private(plain: str) -> str:
    """The text with phone numbers, landlines and house numbers starred, whatever its length."""
    phones = _PHONE.sub(rf"\1{STARS}*\2", plain)
    landlines = _LANDLINE.sub(rf"\1{STARS}*\2", phones)
    return _STREET.sub(lambda found: f"{found[1][0]}{STARS}{found[0][-1]}", landlines)
