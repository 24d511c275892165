"""How the skin prints money, weights, times and countdowns (docs/simulator.md)."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.skins.taobao.wording import UNKNOWN


def yuan(fen: int | None) -> str:
    """Fen as 「¥1,299.00」, None as 「—」."""
    return UNKNOWN if fen is None else f"¥{fen // 100:,}.{fen % 100:02d}"


def grams(weight: int | None) -> str:
    """Grams as 「450克」, None as 「—」."""
    return UNKNOWN if weight is None else f"{weight}克"


def moment(at: datetime | None) -> str:
    """A time as 「2026-11-22 10:00:00」, None as 「—」."""
    return UNKNOWN if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def countdown(deadline: datetime | None, now: datetime) -> str:
    """Time left as 「还剩 1 天 3 时 20 分」 (whole minutes, rounded down, never negative), None as 「—」."""
    if deadline is None:
        return UNKNOWN
    minutes = max(deadline - now, timedelta()) // timedelta(minutes=1)
    return f"还剩 {minutes // 1440} 天 {minutes % 1440 // 60} 时 {minutes % 60} 分"
