"""What a refusal or a complaint may rest on: what happened, never who the buyer is (domain.md 5: "raise evidence bar, never sole ground")."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.asking import Condition, Detected
from bot.engine.detectors import OF_THE_BUYER

RECORD = frozenset({"serial_buyer", "clean_buyer", "claims_burst", "insured_often", "threat", "rival_words", "weights"})
"""Facts about the buyer: his record, his other orders, his manners."""

EVIDENCE = frozenset({
    "duplicate",
    "difference_matches",
    "no_reason_excluded",
    "left_warehouse",
    "parcel_status",
    "signer",
    "in_buyers_hands",
    "sign_city_matches",
    "signed_before_claim",
    "came_back_fits",
    "waybill_elsewhere",
    "picture_elsewhere",
    "order_overclaimed",
    "return_status",
    "return_waybill_new",
    "return_origin_matches",
    "return_city_matches",
    "return_trail_sound",
    "stocked",
    "counted_fits",
    "return_weight_fits",
    "return_empty",
    "return_courier_matches",
    "return_light",
    "counted_short",
    "return_weight_short",
    "return_unbrought",
    "return_loops",
    "return_too_fast",
    "return_signed_away",
    "return_stale",
    "counted",
    "return_weight",
})  # fmt: skip
"""Facts about what happened: the parcel, the return, the money, the goods."""


_ACCUSING = {"serial_buyer": True, "threat": True, "clean_buyer": False}
"""Plain conditions about the buyer, and the wanted value that speaks against him."""


def accuses(condition: Condition) -> bool:
    """It may hold because of who the buyer is; of detectors one is enough, so that one about persons among them accuses."""
    if isinstance(condition, Detected):
        return condition.name == "detected" and not OF_THE_BUYER.isdisjoint(condition.wanted)
    if condition.name in _ACCUSING:
        return bool(condition.wanted is _ACCUSING[condition.name])
    return not RECORD.isdisjoint(condition.asked)


def proves(condition: Condition) -> bool:
    """It holds only where something about the parcel, the return, the money or the goods is so."""
    if isinstance(condition, Detected):
        return condition.name == "detected" and OF_THE_BUYER.isdisjoint(condition.wanted)
    return not EVIDENCE.isdisjoint(condition.asked) and RECORD.isdisjoint(condition.asked)


def rests_on_record_alone(conditions: Iterable[Condition]) -> bool:
    """Among what the strategy asks, something accuses the buyer and nothing proves what happened."""
    asked = tuple(conditions)
    return any(accuses(one) for one in asked) and not any(proves(one) for one in asked)


def gives_cause(conditions: Iterable[Condition]) -> bool:
    """A complaint's ground: something that happened, or a threat in this very case; his record elsewhere is none."""
    return any(proves(one) or (one.name == "threat" and one.wanted is True) for one in conditions)
