"""The Chinese words of the courier's portal (docs/simulator.md, "The courier portal"; domain.md 4.1, 4.2)."""

from __future__ import annotations

from typing import Final

from simulator.world.model import Intercept, InterceptState, ParcelState

UNKNOWN: Final = "—"
STATES: Final = {
    ParcelState.NO_TRACE: "无轨迹",
    ParcelState.PICKED_UP: "已揽收",
    ParcelState.IN_TRANSIT: "运输中",
    ParcelState.DELIVERING: "派送中",
    ParcelState.SIGNED: "已签收",
    ParcelState.RETURNING: "退回中",
    ParcelState.RETURN_SIGNED: "退件已签收",
    ParcelState.REJECTED: "拒签",
}
TONES: Final = {
    ParcelState.NO_TRACE: "gray",
    ParcelState.SIGNED: "green",
    ParcelState.RETURNING: "amber",
    ParcelState.RETURN_SIGNED: "amber",
    ParcelState.REJECTED: "red",
}
_INTERCEPTS: Final = {
    InterceptState.REQUESTED: "已登记",
    InterceptState.ACCEPTED: "已登记",
    InterceptState.INTERCEPTING: "拦截中",
    InterceptState.RETURNING: "退回中",
    InterceptState.RETURNED_SIGNED: "已退回",
    InterceptState.FAILED: "拦截失败：",
}
REASONS: Final = ("退款拦截", "地址错误", "其他")
"""Why a parcel is to come back, as the desktop client's form offers it."""
BAD_REASON: Final = "请选择拦截原因"
BAD_REQUEST: Final = "请求参数有误"


def intercept_word(intercept: Intercept | None) -> str:
    """无, a state, or 「拦截失败：reason」."""
    if intercept is None:
        return "无"
    reason = intercept.reason if intercept.state is InterceptState.FAILED else ""
    return _INTERCEPTS[intercept.state] + reason
