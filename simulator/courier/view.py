"""What the tracking page says about one waybill, as plain values for its template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulator.courier.wording import STATES, TONES, UNKNOWN, intercept_word
from simulator.world.model import Parcel, ParcelState

_ROAD: Final = (ParcelState.PICKED_UP, ParcelState.IN_TRANSIT, ParcelState.DELIVERING, ParcelState.SIGNED)
_ROAD_BACK: Final = (ParcelState.PICKED_UP, ParcelState.IN_TRANSIT, ParcelState.RETURNING, ParcelState.RETURN_SIGNED)


@dataclass(frozen=True)
class Stop:
    """One dot of the way."""

    word: str
    reached: bool


@dataclass(frozen=True)
class Waybill:
    """One article; `facts` are (label, value), `nodes` are (time, city, state, text), newest first."""

    number: str
    state: str = ""
    tone: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    nodes: tuple[tuple[str, str, str, str], ...] = ()
    road: tuple[Stop, ...] = ()
    known: bool = True


def waybill(number: str, parcel: Parcel | None) -> Waybill:
    """The article of a number; unknown numbers get an empty one."""
    if parcel is None:
        return Waybill(number, known=False)
    nodes = ((moment(node.at), node.city, STATES[node.state], node.text) for node in reversed(parcel.nodes))
    return Waybill(
        number, STATES[parcel.state], TONES.get(parcel.state, "blue"), _facts(parcel), tuple(nodes), _road(parcel)
    )


def _facts(parcel: Parcel) -> tuple[tuple[str, str], ...]:
    return (
        ("快递公司", parcel.courier),
        ("状态", STATES[parcel.state]),
        ("寄件城市", parcel.from_city),
        ("收件城市", parcel.to_city),
        ("揽收重量", kilograms(parcel.pickup_weight_g)),
        ("到件重量", kilograms(parcel.arrival_weight_g)),
        ("下单时间", moment(parcel.created_at)),
        ("签收人", parcel.signer or UNKNOWN),
        ("签收城市", parcel.signed_city or UNKNOWN),
        ("签收凭证", parcel.proof or UNKNOWN),
        ("拦截状态", intercept_word(parcel.intercept)),
    )


def _road(parcel: Parcel) -> tuple[Stop, ...]:
    back = parcel.state in {ParcelState.RETURNING, ParcelState.RETURN_SIGNED, ParcelState.REJECTED}
    road = _ROAD_BACK if back else _ROAD
    here = road.index(parcel.state) if parcel.state in road else (1 if back else -1)
    return tuple(Stop(STATES[state], place <= here) for place, state in enumerate(road))


def kilograms(weight_g: int | None) -> str:
    """Grams as 「1.25kg」 (at least two decimals, grams kept), None as 「—」."""
    if weight_g is None:
        return UNKNOWN
    text = f"{weight_g // 1000}.{weight_g % 1000:03d}"
    return f"{text.removesuffix('0')}kg"


def moment(at: datetime) -> str:
    """A time as 「2026-11-22 10:00:00」."""
    return at.strftime("%Y-%m-%d %H:%M:%S")
