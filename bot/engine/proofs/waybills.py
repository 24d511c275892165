"""The waybills on a picture: ours letter by letter, what could be ours, and any other, which speaks against it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.proofs import Against, Demand, ProofFacts
from bot.engine.proofs import wording
from bot.engine.proofs.sheet import Sheet, Token

SURE = 0.9
"""Of the worst letter of a number: below it the number counts as not read (measured on blurred labels: docs/evidence.md)."""

_SHAPE = re.compile(r"(?=.{12,18}$)[A-Za-z]{0,4}\d{8,16}(?:-\d{1,2})*", re.ASCII)
"""How couriers number: digits, often behind letters. Orders of a shop have 19 digits, phones 11."""

_ALIKE = str.maketrans("OoQDIlL|iZzSsBGqg", "00001111122558699")
"""Letters and digits that one is taken for the other: O and 0, l and 1."""

_PART = 6
"""So many digits of a waybill in a row are a piece of it, cut off or covered."""


def plain(number: str) -> str:
    """A number as it is compared: full-width letters made plain, no blanks."""
    return "".join(unicodedata.normalize("NFKC", number).split())


@dataclass(frozen=True, slots=True)
class Numbers:
    """The waybills on a picture: those of the case, and what else looks like one."""

    own: frozenset[str]
    against: tuple[Against, ...]
    unsure: tuple[str, ...]


def numbers_of(sheet: Sheet, facts: ProofFacts) -> Numbers:
    ours = frozenset(filter(None, map(plain, (facts.waybill, facts.return_waybill))))
    known = ours | frozenset(map(plain, facts.ids))
    own: set[str] = set()
    against: list[Against] = []
    unsure: list[str] = []
    likely: list[str] = []
    for token in sheet.tokens():
        if token.text in ours:
            (own.add if token.sure >= SURE else likely.append)(token.text)
        elif token.text in known - ours:
            continue
        elif _could_be_ours(token, ours):
            unsure.append(token.text)
        elif is_waybill(token):
            wanted = " / ".join(sorted(ours))
            against.append(Against(demand=Demand.WAYBILL, wanted=wanted, seen=token.text))
    return Numbers(frozenset(own), tuple(against), (*unsure, *(text for text in likely if text not in own)))


def _could_be_ours(token: Token, ours: Iterable[str]) -> bool:
    """Ours itself read badly, ours but for letters that look alike, or a piece of ours."""
    text = token.text
    if is_waybill(token) and token.sure < SURE:
        return True
    for number in ours:
        if text.translate(_ALIKE) == number.translate(_ALIKE):
            return True
        if len(text) >= _PART and (text in number or number in text):
            return True
    return False


def is_waybill(token: Token) -> bool:
    """By its label, where it has one; else by its shape."""
    digits = sum(letter.isdigit() for letter in token.text)
    if wording.WAYBILL_LABEL.search(token.before):
        return digits >= _PART
    if wording.OTHER_LABEL.search(token.before):
        return False
    return _SHAPE.fullmatch(token.text) is not None
