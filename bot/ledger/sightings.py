"""How each case looked from when on: one row for every change that a history may ask about, on the shop's own clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select

from bot.domain.case import Row, ShopParcel, Snapshot
from bot.domain.courier import Trail
from bot.domain.facts import Fact, Known
from bot.domain.pictures import bands
from bot.ledger.schema import picture_bands, sightings
from bot.ledger.statements import CASE, case_values, inserting, of, where
from bot.ledger.store import Tx

E = TypeVar("E", bound=StrEnum)

_NEWEST = select(sightings).where(where(sightings, *CASE)).order_by(sightings.c.seq.desc()).limit(1)
_KNOWN = select(picture_bands.c.picture).where(where(picture_bands, *CASE)).distinct()


@dataclass(frozen=True, slots=True)
class Place:
    """Which event told it, and when that was on the shop's clock."""

    seq: int
    at: datetime


def listed(tx: Tx, place: Place, rows: Sequence[Row]) -> None:
    """Cases that the list showed for the first time; of whom they are only their pages say."""
    if rows:
        tx.db.execute(inserting(sightings), [_of_row(place, row) for row in rows])


def _of_row(place: Place, row: Row) -> dict[str, object]:
    blank = dict.fromkeys(("buyer", "type", "state", "forward", "returned", "intercept"), "")
    told = {"order_id": row.order_id, "amount": row.amount, "applied_at": row.applied_at}
    return {"seq": place.seq, "at": place.at, **case_values(row.key), **blank, **told}


def read(tx: Tx, place: Place, snapshot: Snapshot, trails: Mapping[str, Fact[Trail]], buyer: str) -> None:
    """A case's page was read: `buyer` is the token. What looks as it did before is not written again."""
    looks = {
        "order_id": snapshot.order_id,
        "buyer": buyer,
        "type": _word(snapshot.type),
        "state": _word(snapshot.state),
        "amount": snapshot.amount,
        "applied_at": snapshot.applied_at,
        "forward": _number(snapshot.forward),
        "returned": _number(snapshot.returned),
        "intercept": _intercept(snapshot, trails),
    }
    if not _as_before(tx, snapshot, looks):
        tx.add(sightings, {"seq": place.seq, "at": place.at, **case_values(snapshot.key), **looks})
    _keep_pictures(tx, place, snapshot)


def _as_before(tx: Tx, snapshot: Snapshot, looks: Mapping[str, object]) -> bool:
    newest = tx.db.execute(_NEWEST, of(case_values(snapshot.key))).mappings().one_or_none()
    return newest is not None and all(newest[name] == value for name, value in looks.items())


def _intercept(snapshot: Snapshot, trails: Mapping[str, Fact[Trail]]) -> str:
    """The courier's word where there is one, else the shop's, which may lag (domain.md 4.1)."""
    parcel = snapshot.forward
    if parcel is None:
        return ""
    trail = trails.get(parcel.waybill)
    told = _word(trail.value.intercept) if isinstance(trail, Known) else ""
    return told or _word(parcel.intercept)


def _word(fact: Fact[E]) -> str:
    return fact.value.value if isinstance(fact, Known) else ""


def _number(parcel: ShopParcel | None) -> str:
    return waybill(parcel.waybill) if parcel else ""


def waybill(text: str) -> str:
    """A waybill as it is compared: no blanks around it, capital letters."""
    return text.strip().upper()


def _keep_pictures(tx: Tx, place: Place, snapshot: Snapshot) -> None:
    if not isinstance(snapshot.picture_hashes, Known):
        return
    known = set(tx.db.execute(_KNOWN, of(case_values(snapshot.key))).scalars())
    fresh = [picture for picture in dict.fromkeys(snapshot.picture_hashes.value) if picture and picture not in known]
    told = {"seq": place.seq, "at": place.at, **case_values(snapshot.key)}
    rows = [{**told, "picture": picture, "band": band} for picture in fresh for band in bands(picture)]
    if rows:
        tx.db.execute(inserting(picture_bands), rows)
