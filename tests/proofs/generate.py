"""Proofs by seed: good ones, and all the ways in which a proof is none."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageFilter

from bot.domain.proofs import ProofFacts
from tests.proofs.draw import STYLES, Drawn, Style
from tests.proofs.truth import Truth, truth, with_wrong_number, with_wrong_weight


class Right(StrEnum):
    """What the check should say: take it, never take it, or either (a good one that is hard to read)."""

    YES = "yes"
    NO = "no"
    EITHER = "either"


@dataclass(frozen=True)
class Specimen:
    kind: str
    style: Style
    facts: ProofFacts
    picture: bytes
    right: Right


def specimens(seed: int, count: int) -> Iterator[Specimen]:
    """`count` of them, four of ten good."""
    dice = random.Random(seed)
    for number in range(count):
        ten, place = divmod(number, 10)
        kind = "good" if place < 4 else _BAD[(ten * 6 + place) % len(_BAD)]
        yield specimen(dice, kind)


def specimen(dice: random.Random, kind: str) -> Specimen:
    style = dice.choice(_WEIGHED if kind == "wrong_weight" else STYLES)
    true = truth(dice)
    drawn, right = _KINDS[kind](dice, style, true)
    return Specimen(kind, style, true.facts(), _saved(dice, drawn), right)


def _good(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    return style.draw(dice, true)[0], Right.YES


def _wrong_number(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    return style.draw(dice, with_wrong_number(dice, true))[0], Right.NO


def _wrong_weight(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    return style.draw(dice, with_wrong_weight(dice, true))[0], Right.NO


def _foreign(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    """Another case's proof, whole and clear."""
    del true
    return style.draw(dice, truth(dice))[0], Right.NO


def _cropped(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    """Cut through the number: at least two of its letters are gone."""
    picture, (left, _top, right, _bottom) = style.draw(dice, true)
    letter = (right - left) / 15
    cut = int(left + letter * dice.uniform(4, 12.5))
    return picture.crop((0, 0, cut, picture.height)), Right.NO


def _covered(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    """A thumb over the middle of the number."""
    picture, (left, top, right, bottom) = style.draw(dice, true)
    letter = (right - left) // 15
    start = left + letter * dice.randrange(3, 9)
    picture.paste("#c08060", (start, top - 4, start + 3 * letter, bottom + 4))
    return picture, Right.NO


def _maybe_wrong(dice: random.Random, style: Style, true: Truth) -> tuple[Drawn, Right]:
    """Half of the spoiled pictures are of a wrong parcel: those must never be taken."""
    if dice.random() < 0.5:
        return style.draw(dice, with_wrong_number(dice, true)), Right.NO
    return style.draw(dice, true), Right.EITHER


def _blurred(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    (picture, _), right = _maybe_wrong(dice, style, true)
    return picture.filter(ImageFilter.GaussianBlur(dice.uniform(0.8, 4.0))), right


def _tiny(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    """A thumbnail that was enlarged again."""
    (picture, _), right = _maybe_wrong(dice, style, true)
    factor = dice.uniform(0.35, 0.7)
    small = picture.resize((int(picture.width * factor), int(picture.height * factor)), Image.Resampling.BILINEAR)
    return small.resize(picture.size, Image.Resampling.BICUBIC), right


def _tilted(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    (picture, _), right = _maybe_wrong(dice, style, true)
    angle = dice.uniform(-5, 5)
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white"), right


def _turned(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    (picture, _), right = _maybe_wrong(dice, style, true)
    return picture.rotate(dice.choice((90, 180, 270)), expand=True), right


def _noise(dice: random.Random, style: Style, true: Truth) -> tuple[Image.Image, Right]:
    """A cat, as far as a reader of text is concerned."""
    del style, true
    small = Image.frombytes("RGB", (12, 9), dice.randbytes(12 * 9 * 3))
    return small.resize((640, 480), Image.Resampling.BICUBIC), Right.NO


_KINDS: dict[str, Callable[[random.Random, Style, Truth], tuple[Image.Image, Right]]] = {
    "good": _good,
    "wrong_number": _wrong_number,
    "wrong_weight": _wrong_weight,
    "foreign": _foreign,
    "cropped": _cropped,
    "covered": _covered,
    "blurred": _blurred,
    "tiny": _tiny,
    "tilted": _tilted,
    "turned": _turned,
    "noise": _noise,
}
KINDS = tuple(_KINDS)
_BAD = KINDS[1:]
_WEIGHED = tuple(style for style in STYLES if style.name in {"label", "sheet", "weighed"})


def _saved(dice: random.Random, picture: Image.Image) -> bytes:
    """As phones and programs save: JPEG of some quality, or PNG."""
    out = io.BytesIO()
    if dice.random() < 0.5:
        picture.convert("RGB").save(out, "JPEG", quality=dice.randrange(55, 93))
    else:
        picture.save(out, "PNG")
    return out.getvalue()
