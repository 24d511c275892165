"""Holds what was read on a picture against what it has to show; exact, and never by a guess.

A waybill matches digit by digit, full-width letters and blanks apart. One that could be ours, were a letter read otherwise, is
unsure; any other waybill speaks against the picture, whatever else stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from bot.domain.lines import Line
from bot.domain.proofs import Against, Demand, Judgement, ProofFacts, ProofStanding
from bot.engine.proofs import wording
from bot.engine.proofs.sheet import Cell, Sheet
from bot.engine.proofs.waybills import SURE, Numbers, is_waybill, numbers_of, plain

_SURE_MOMENT = 0.5
"""Of the worst digit of a moment: the one behind the blank is read at 0.68 on clear pictures, and the whole has to say the very minute."""


def judge_proof(demands: Sequence[Demand], facts: ProofFacts, lines: Sequence[Line]) -> Judgement:
    """One picture. `demands` that rest on a fact nobody knows are left out (`demanded`)."""
    sheet = Sheet(lines)
    numbers = numbers_of(sheet, facts)
    asked = demanded(demands, facts)
    answers = {demand: _CHECKS[demand](_Asked(sheet, facts, numbers, asked)) for demand in asked}
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
    demands: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    shown: bool
    against: tuple[Against, ...] = ()
    unsure: tuple[str, ...] = ()


def _waybill(asked: _Asked) -> _Answer:
    return _Answer(plain(asked.facts.waybill) in asked.numbers.own)


def _return_waybill(asked: _Asked) -> _Answer:
    return _Answer(plain(asked.facts.return_waybill) in asked.numbers.own)


def _signed_in(row: Sequence[Cell]) -> str:
    """The word by which a row says that the parcel was signed for."""
    found = (wording.SIGNED.search(wording.NOT_SIGNED.sub("|", cell.text)) for cell in row)
    return next((one[0] for one in found if one), "")


def _by_another(asked: _Asked) -> str:
    """Label and value may be two cells."""
    rows = ("".join(cell.text for cell in row) for row in asked.sheet.told())
    return next((found[0] for found in map(wording.SIGNED_BY_ANOTHER.search, rows) if found), "")


def _signed(asked: _Asked) -> _Answer:
    """Whoever took it, a picture that says it was not the buyer is no proof against the buyer."""
    if another := _by_another(asked):
        return _Answer(shown=False, against=(Against(demand=Demand.SIGNED, wanted="", seen=another),))
    return _Answer(any(map(_signed_in, asked.sheet.told())))


def _on_the_way(asked: _Asked) -> _Answer:
    """Not both: what was signed for is on its way no more."""
    if signed := next(filter(None, map(_signed_in, asked.sheet.told())), _by_another(asked)):
        return _Answer(shown=False, against=(Against(demand=Demand.ON_THE_WAY, wanted="", seen=signed),))
    texts = (wording.NOT_SIGNED.sub("|", cell.text) for row in asked.sheet.told() for cell in row)
    return _Answer(any(map(wording.ON_THE_WAY.search, texts)))


def _signed_at(asked: _Asked) -> _Answer:
    return _moment(asked, Demand.SIGNED_AT, asked.facts.signed_at)


def _latest_at(asked: _Asked) -> _Answer:
    return _moment(asked, Demand.LATEST_AT, next(iter(asked.facts.moments), None))


def _moment(asked: _Asked, demand: Demand, wanted: datetime | None) -> _Answer:
    """Shown where it stands there; against the picture where days stand there and none is one of the parcel's."""
    if wanted is None:  # `demanded` has left it out
        return _Answer(shown=True)
    seen = tuple(asked.sheet.moments())
    if right := [one for one in seen if one.is_of(wanted)]:
        return _clear_once(((one.text, one.sure) for one in right), _SURE_MOMENT)
    dated = [one for one in seen if one.hour is not None]
    days = {(at.month, at.day) for at in asked.facts.moments}
    if not days or any((one.month, one.day) in days for one in dated):
        return _Answer(shown=False)
    clear = [one for one in dated if one.sure >= _SURE_MOMENT]
    told = tuple(Against(demand=demand, wanted=f"{wanted:%Y-%m-%d %H:%M}", seen=one.text) for one in clear[:1])
    return _Answer(shown=False, against=told, unsure=() if clear else tuple(one.text for one in dated))


def _clear_once(found: Iterable[tuple[str, float]], enough: float = SURE) -> _Answer:
    """What stands there is shown if it was read for certain at one place, else doubtful, if it stands there at all."""
    seen = tuple(found)
    shown = any(sure >= enough for _, sure in seen)
    return _Answer(shown, unsure=() if shown else tuple(text for text, _ in seen))


def _city(asked: _Asked) -> _Answer:
    name = asked.facts.city.removesuffix(wording.CITY_MARK)
    rows = tuple(asked.sheet.told())
    signed_for = Demand.SIGNED in asked.demands
    found = (one for row in (_where_signed(rows) if signed_for else rows) for one in asked.sheet.named(row, name))
    return _clear_once(
        (one.text, one.sure) for one in found if not (signed_for and wording.SENT_FROM.search(one.before))
    )


def _where_signed(rows: Sequence[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """Rows that say where it was signed for: those that say signed, or, where one names no city, the one above and the two below (the moment stands between them), up to another scan."""
    for place, row in enumerate(rows):
        if _signed_in(row):
            yield row
            if not any(wording.CITY.search(cell.text) for cell in row):
                yield from takewhile(_no_other_scan, rows[max(place - 1, 0) : place])
                yield from takewhile(_no_other_scan, rows[place + 1 : place + 3])


def _no_other_scan(row: Sequence[Cell]) -> bool:
    return not any(wording.ON_THE_WAY.search(cell.text) for cell in row)


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
    """A figure that seems right is doubtful only where no other is clear; another one always."""
    wanted = asked.facts.counted
    counts = tuple(asked.sheet.counts())
    right = _clear_once((str(one.figure), one.sure) for one in counts if one.figure == wanted)
    other = [one for one in counts if one.figure != wanted]
    clear = [str(one.figure) for one in other if one.sure >= SURE]
    told = tuple(Against(demand=Demand.COUNTED, wanted=str(wanted), seen=figure) for figure in clear[:1])
    return _Answer(right.shown, told, (*right.unsure, *(str(one.figure) for one in other if one.sure < SURE)))


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
