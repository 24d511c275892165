"""The Chinese words of the courier portal, as tables to the canonical nouns (domain.md 4; docs/simulator.md)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.domain.case import InterceptState
from bot.domain.courier import ParcelStatus, SignerKind
from bot.tape.rules import Datum

NONE: Final = frozenset({"", "无", "—", "-"})
"""What the portal prints where there is nothing."""

STATUS: Final = MappingProxyType(
    {
        "无轨迹": ParcelStatus.NO_SCAN,
        "已揽收": ParcelStatus.PICKED_UP,
        "运输中": ParcelStatus.IN_TRANSIT,
        "派送中": ParcelStatus.OUT_FOR_DELIVERY,
        "已签收": ParcelStatus.SIGNED,
        "退回中": ParcelStatus.RETURNING,
        "退件已签收": ParcelStatus.RETURNED_SIGNED,
        "拒签": ParcelStatus.REJECTED,
    }
)
SIGNERS: Final = MappingProxyType(
    {
        "本人": SignerKind.BUYER,
        "家人": SignerKind.FAMILY,
        "快递柜(取件码已取)": SignerKind.LOCKER_TAKEN,
        "驿站(已取件)": SignerKind.STATION_TAKEN,
        "快递柜": SignerKind.NOT_TAKEN,
        "快递柜(待取件)": SignerKind.NOT_TAKEN,
        "快递柜(未取)": SignerKind.NOT_TAKEN,
        "快递柜(未取件)": SignerKind.NOT_TAKEN,
        "驿站": SignerKind.NOT_TAKEN,
        "驿站(待取件)": SignerKind.NOT_TAKEN,
        "驿站(未取件)": SignerKind.NOT_TAKEN,
        "门口": SignerKind.DOORSTEP,
        "放门口": SignerKind.DOORSTEP,
        "他人": SignerKind.OTHER,
        "他人代收": SignerKind.OTHER,
        "商家仓库": SignerKind.OTHER,
    }
)
"""In half width, so that full-width brackets match as well."""

INTERCEPTS: Final = MappingProxyType(
    {
        "无": InterceptState.NONE,
        "已申请": InterceptState.REQUESTED,
        "已登记": InterceptState.ACCEPTED,
        "拦截中": InterceptState.INTERCEPTING,
        "退回中": InterceptState.RETURNING,
        "已退回": InterceptState.RETURNED_SIGNED,
        "拦截失败": InterceptState.FAILED,
    }
)
"""The word up to its first colon: 「拦截失败：已派送」 carries its reason behind it."""

NO_SUCH_WAYBILL: Final = "查无此单"

PEOPLE: Final = MappingProxyType(
    {
        "签收人": Datum.PERSON,
        "收件人": Datum.PERSON,
        "寄件人": Datum.PERSON,
        "联系电话": Datum.PHONE,
        "账号": Datum.ACCOUNT,
    }
)
"""Labels that tell of a person; whoever signs is told by a word of `SIGNERS`, or by name."""
