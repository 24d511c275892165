"""The shipped balanced policy as somebody in a hurry would write it: an if-chain over plain values, for `decisions.py` to race.

Two-valued: a missing fact is None and so never equal to what is asked. No explanation, no caps of the day, and the policy's
numbers are part of the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REFUND_ONLY = ("refund_unshipped", "refund_shipped")
MOVING = ("picked_up", "in_transit")
NOT_THERE_YET = ("no_scan", "picked_up", "in_transit", "out_for_delivery")
SURE = ("buyer", "family", "locker_taken", "station_taken")
UNDER_WAY = ("requested", "accepted", "intercepting", "returning")
SMALL, LARGE = 1_000, 200_000


def decide(c: Mapping[str, Any], large: int = LARGE) -> str:
    """The strategy that takes the case, first things first; empty = none. From more than `large` fen on a person decides."""
    if for_person := _for_person(c, large):
        return for_person
    if c["type"] in REFUND_ONLY:
        return _refund_only(c)
    if c["type"] == "return_refund":
        return _returns(c)
    if c["difference_matches"] is True and c["state"] == "wait_seller":
        return "difference"
    if c["hours_left"] is not None and c["hours_left"] <= 12:
        return "deadline_near"
    return "difference_odd" if c["difference_matches"] is False else ""


def _for_person(c: Mapping[str, Any], large: int) -> str:  # noqa: PLR0911 - an if-chain is what races here
    if c["unknown_labels"]:
        return "unknown_label"
    if c["platform_marked"]:
        return "marked"
    if c["threat"]:
        return "threat"
    if c["state"] == "platform":
        return "platform"
    if not c["within_refundable"]:
        return "too_much"
    if c["duplicate"]:
        return "duplicate"
    if c["order_overclaimed"]:
        return "other_claims"
    if c["type"] in ("exchange", "resend", "repair"):
        return "service"
    if c["amount"] is not None and c["amount"] > large:
        return "large"
    return "serial" if c["serial_buyer"] else ""


def _refund_only(c: Mapping[str, Any]) -> str:
    if c["state"] == "wait_seller":
        left = c["hours_left"] or 0
        if c["parcel_status"] in ("returning", "rejected") and left > 12:
            return "wait_coming_back"
        if c["intercept_state"] in UNDER_WAY and c["parcel_status"] in NOT_THERE_YET and left > 12:
            return "wait_intercept"
        if acted := _unshipped(c) if c["type"] == "refund_unshipped" else _shipped(c):
            return acted
    return _refund_for_person(c)


def _at_most(amount: int | None, most: int) -> bool:
    return amount is not None and amount <= most


def _unshipped(c: Mapping[str, Any]) -> str:
    if c["goods_status"] not in ("not_received", "returned") or c["full"] is not True:
        return ""
    if c["goods_status"] == "not_received":
        if c["ship_status"] == "unshipped" and c["parcel_status"] == "no_scan" and c["left_warehouse"] is False:
            return "unshipped_full"
        if c["parcel_status"] in MOVING and c["intercept_state"] == "none" and not c["other_goods"]:
            return "unshipped_scanned"
    return "came_back" if c["parcel_status"] == "returned_signed" and c["came_back_fits"] is True else ""


def _shipped(c: Mapping[str, Any]) -> str:
    small = _at_most(c["amount"], SMALL)
    if c["goods_status"] == "received":
        return "small_received" if small and c["clean_buyer"] and c["parcel_status"] == "signed" else ""
    if c["goods_status"] == "not_received" and c["intercept_state"] == "none":
        if c["parcel_status"] in MOVING and small and c["clean_buyer"]:
            return "small_in_transit"
        if c["parcel_status"] in MOVING and not small and c["full"] and not c["other_goods"]:
            return "in_transit"
        if (
            c["parcel_status"] == "signed"
            and c["signer"] in SURE
            and c["sign_city_matches"] is True
            and c["refusal_barred"] is False
        ):
            return "signed_for"
    if c["full"] and c["parcel_status"] == "returned_signed" and c["came_back_fits"] is True:
        return "came_back"
    return ""


def _refund_for_person(c: Mapping[str, Any]) -> str:  # noqa: C901, PLR0911, PLR0912 - as above
    unshipped, parcel = c["type"] == "refund_unshipped", c["parcel_status"]
    if unshipped and c["left_warehouse"]:
        return "unshipped_out"
    if unshipped and c["full"] is False:
        return "unshipped_partial"
    if unshipped and parcel == "signed":
        return "unshipped_signed"
    if unshipped and c["ship_status"] in ("shipped", "signed"):
        return "shipped_meanwhile"
    if not unshipped and parcel == "no_scan":
        return "no_scan"
    if not unshipped and parcel in MOVING and c["full"] is False:
        return "partial_in_transit"
    if not unshipped and parcel in MOVING and _at_most(c["amount"], SMALL) and not c["clean_buyer"]:
        return "small_not_clean"
    if not unshipped and c["goods_status"] == "returned" and parcel in (*NOT_THERE_YET[:3], "signed"):
        return "says_returned"
    if parcel == "out_for_delivery":
        return "delivering"
    if c["intercept_state"] == "failed":
        return "intercept_failed"
    if parcel in MOVING and c["other_goods"]:
        return "shared_parcel"
    if c["hours_left"] is not None and c["hours_left"] <= 12:
        return "deadline_near"
    if parcel == "returned_signed":
        return "came_back_odd"
    if not unshipped and c["goods_status"] == "not_received" and parcel == "signed":
        return "signed_doubtful"
    return "received_claim" if not unshipped and c["goods_status"] == "received" else ""


def _returns(c: Mapping[str, Any]) -> str:
    acted = _wanted(c) if c["state"] == "wait_seller" else _arrived(c)
    if acted:
        return acted
    if c["hours_left"] is not None and c["hours_left"] <= 12:
        return "deadline_near"
    return "return_not_due" if c["state"] == "wait_seller" else "return_doubtful"


def _wanted(c: Mapping[str, Any]) -> str:
    if c["goods_status"] != "received" or c["ship_status"] != "signed" or c["parcel_status"] != "signed":
        return ""
    if c["ground"] == "quality":
        return "return_quality"
    return "return_no_reason" if c["ground"] == "no_reason" and not c["no_reason_excluded"] else ""


def _arrived(c: Mapping[str, Any]) -> str:
    left = c["hours_left"] or 0
    if c["return_status"] in NOT_THERE_YET and c["return_waybill_new"] is True and left > 24:
        return "wait_return"
    sound = c["return_waybill_new"] is True and c["return_city_matches"] is True and c["return_trail_sound"] is True
    if c["return_status"] != "signed" or not sound:
        return ""
    if c["stocked"] is False:
        return "wait_stocking" if left > 24 else ""
    fits = c["counted_fits"] is True and c["return_weight_fits"] is True and c["return_origin_matches"] is True
    if c["stocked"] and fits:
        return "return_whole"
    return "return_empty" if c["stocked"] and c["return_empty"] is True else ""
