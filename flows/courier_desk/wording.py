"""The Chinese words of the courier's desktop client, as tables to the canonical nouns (docs/desktop.md; domain.md 4.2)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from bot.domain.case import InterceptState

CONFIRM: Final = "拦截确认"
"""Title of the window that asks once more."""

CONFIRMED: Final = re.compile(r"确认拦截运单([0-9A-Za-z]+),费用(¥[0-9,]+\.[0-9]{2})\?", re.ASCII)
"""What it asks, white space and full-width forms folded."""

UNASKED: Final = MappingProxyType({"快递资讯": "news.close", "发现新版本": "update.later"})
"""Windows that nobody asked for, by title, and the button that sends each away without doing anything else."""

REFUSED: Final = "账号或密码错误"
NETWORK: Final = "网络异常"
SUBMITTED: Final = "已提交拦截申请"
NO_SUCH_WAYBILL: Final = "查无此单"

STATES: Final = MappingProxyType(
    {
        "无": InterceptState.NONE,
        "已申请": InterceptState.REQUESTED,
        "已登记": InterceptState.ACCEPTED,
        "拦截中": InterceptState.INTERCEPTING,
        "拦截成功": InterceptState.RETURNING,
        "退回中": InterceptState.RETURNING,
        "已退回": InterceptState.RETURNED_SIGNED,
        "拦截失败": InterceptState.FAILED,
    }
)
"""The word up to its first colon: 「拦截失败：已派送」 carries its reason behind it."""
