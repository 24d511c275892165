"""Holds what was read on a picture against what it has to show; exact, and never by a guess.

A waybill matches digit by digit, full-width letters and blanks apart. One that could be ours, were a letter read otherwise, is
unsure; any other waybill speaks against the picture, whatever else stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lines import Line
from bot.domain.proofs import Against, Demand, Judgement, ProofFacts, ProofStanding
from bot.engine.proofs import wording
from bot.engine.proofs.sheet import Sheet
from bot.engine.proofs.waybills import SURE, Numbers, is_waybill, numbers_of, plain


def judge_proof(demands: Sequence[Demand], facts: ProofFacts, lines: Sequence[Line]) -> Judgement:
    """One picture. `demands` that rest on a fact nobody knows are left out (`demanded`)."""
    sheet = Sheet(lines)
    numbers = numbers_of(sheet, facts)
    asked = demanded(demands, facts)
    answers = {demand: _CHECKS[demand](_Asked(sheet, facts, numbers)) for demand in asked}
    shown = tuple(demand for demand in asked if answers[demand].shown)
    missing = tuple(demand for demand in asked if not answers[demand].shown)
    against = (*numbers.against, *(one for answer in answers.values() for one in answer.against))
    unsure = tuple(dict.fromkeys((*numbers.unsure, *(one for answer in answers.values() for one in answer.unsure))))
    readable = any(True for _ in sheet.cells)
    standing = _standing(missing=bool(missing), against=bool(against), unsure=bool(unsure) or not readable)
    return Judgement(
        standing=standing,
        shown=shown,
        missing=missing,
        against=_once(against),
        unsure=unsure,
        read=tuple(_read(sheet)),
    )


def demanded(demands: Sequence[Demand], facts: ProofFacts) -> tuple[Demand, ...]:
    """What can be demanded: a fact that nobody knows cannot be held against a picture. A waybill always is."""
    return tuple(demand for demand in demands if demand not in _RESTS_ON or _RESTS_ON[demand](facts))


_RESTS_ON: Mapping[Demand, Callable[[ProofFacts], bool]] = {
    Demand.SIGNED_AT: lambda facts: facts.signed_at is not None,
    Demand.LATEST_AT: lambda facts: bool(facts.moments),
    Demand.CITY: lambda facts: bool(facts.city),
    Demand.WEIGHT: lambda facts: bool(facts.weights_g),
    Demand.COUNTED: lambda facts: facts.counted is not None,
    Demand.GOODS: lambda facts: bool(facts.goods),
}


def _standing(*, missing: bool, against: bool, unsure: bool) -> ProofStanding:
    if against:
        return ProofStanding.CONTRADICTS
    if unsure:
        return ProofStanding.UNREADABLE
    return ProofStanding.PART if missing else ProofStanding.OK


@dataclass(frozen=True, slots=True)
class _Asked:
    sheet: Sheet
    facts: ProofFacts
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class _Answer:
    shown: bool
    against: tuple[Against, ...] = ()
    unsure: tuple[str, ...] = ()


def _waybill(asked: _Asked) -> _Answer:
    return _Answer(plain(asked.facts.waybill) in asked.numbers.own)


def _return_waybill(asked: _Asked) -> _Answer:
    return _Answer(plain(asked.facts.return_waybill) in asked.numbers.own)


def _texts(asked: _Asked) -> Iterator[str]:
    for cell in asked.sheet.told():
        yield wording.NOT_SIGNED.sub("|", cell.text)


def _is_signed(asked: _Asked) -> str:
    found = (wording.SIGNED.search(text) for text in _texts(asked))
    return next((one[0] for one in found if one), "")


def _signed(asked: _Asked) -> _Answer:
    return _Answer(bool(_is_signed(asked)))


def _on_the_way(asked: _Asked) -> _Answer:
    """Not both: what was signed for is on its way no more."""
    signed = _is_signed(asked)
    if signed:
        return _Answer(shown=False, against=(Against(demand=Demand.ON_THE_WAY, wanted="", seen=signed),))
    return _Answer(any(wording.ON_THE_WAY.search(text) for text in _texts(asked)))


def _signed_at(asked: _Asked) -> _Answer:
    return _moment(asked, Demand.SIGNED_AT, asked.facts.signed_at)


def _latest_at(asked: _Asked) -> _Answer:
    return _moment(asked, Demand.LATEST_AT, next(iter(asked.facts.moments), None))


def _moment(asked: _Asked, demand: Demand, wanted: datetime | None) -> _Answer:
    """Shown where it stands there; against the picture where days stand there and none is one of the parcel's."""
    seen = tuple(asked.sheet.moments())
    if wanted is None or any(one.is_of(wanted) for one in seen):  # None: `demanded` has left it out
        return _Answer(shown=True)
    dated = [one for one in seen if one.hour is not None]
    days = {at.date() for at in asked.facts.moments}
    if dated and days and not any((one.month, one.day) in {(day.month, day.day) for day in days} for one in dated):
        told = Against(demand=demand, wanted=f"{wanted:%Y-%m-%d %H:%M}", seen=dated[0].text)
        return _Answer(shown=False, against=(told,))
    return _Answer(shown=False)


def _city(asked: _Asked) -> _Answer:
    name = asked.facts.city.removesuffix(wording.CITY_MARK)
    return _Answer(any(name in cell.text for cell in asked.sheet.told()))


def _weight(asked: _Asked) -> _Answer:
    """By value and unit. A weighed figure that nobody else has is another parcel's; one that seems right is doubtful only where no other is clear."""
    known = asked.facts.weights_g | asked.facts.other_weights_g
    shown, against, unsure, likely = False, [], [], []
    for one in asked.sheet.weights():
        weighed = wording.WEIGHT_LABEL.search(one.label) and not wording.LOOSE_WEIGHT.search(one.label)
        if one.grams in known and one.sure >= SURE:
            shown |= one.grams in asked.facts.weights_g
        elif one.grams in known:
            likely += [one.text] if one.grams in asked.facts.weights_g else []
        elif weighed and one.sure < SURE:
            unsure.append(one.text)
        elif weighed:
            wanted = " / ".join(f"{grams}g" for grams in sorted(asked.facts.weights_g))
            against.append(Against(demand=Demand.WEIGHT, wanted=wanted, seen=one.text))
    return _Answer(shown, tuple(against), (*unsure, *(() if shown else likely)))


def _counted(asked: _Asked) -> _Answer:
    figures = tuple(asked.sheet.counts())
    other = [figure for figure in figures if figure != asked.facts.counted]
    told = tuple(
        Against(demand=Demand.COUNTED, wanted=str(asked.facts.counted), seen=str(figure)) for figure in other[:1]
    )
    return _Answer(asked.facts.counted in figures, told)


def _goods(asked: _Asked) -> _Answer:
    texts = [cell.text for cell in asked.sheet.cells]
    return _Answer(any(plain(name) and plain(name) in text for name in asked.facts.goods for text in texts))


_CHECKS: Mapping[Demand, Callable[[_Asked], _Answer]] = {
    Demand.WAYBILL: _waybill,
    Demand.RETURN_WAYBILL: _return_waybill,
    Demand.SIGNED: _signed,
    Demand.SIGNED_AT: _signed_at,
    Demand.ON_THE_WAY: _on_the_way,
    Demand.LATEST_AT: _latest_at,
    Demand.CITY: _city,
    Demand.WEIGHT: _weight,
    Demand.COUNTED: _counted,
    Demand.GOODS: _goods,
}


def _once(against: Iterable[Against]) -> tuple[Against, ...]:
    return tuple(dict.fromkeys(against))


def _read(sheet: Sheet) -> Iterator[str]:
    """Numbers that look like waybills, weights and moments: nothing of people."""
    found = [token.text for token in sheet.tokens() if is_waybill(token)]
    found += [weight.text for weight in sheet.weights()]
    found += [moment.text for moment in sheet.moments()]
    yield from dict.fromkeys(found)
