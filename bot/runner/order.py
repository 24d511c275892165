"""Order of work: money at risk × time left, and what will not be reached in time, said before it happens (design.md 4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.case import Row

LAST_CALL_S = 2 * 3600
"""I22: nothing may wait silently closer than two hours to its deadline, so these come before all money."""

_NO_DEADLINE_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """`rows` in the order of work; `late`: those that the deadline will reach first at the given pace."""

    rows: tuple[Row, ...]
    late: tuple[Row, ...]


def plan(rows: Iterable[Row], now: datetime, seconds_per_case: float) -> WorkPlan:
    """Last calls first by deadline, then by fen at risk per second left; ties by id so that one list gives one order."""
    ordered = tuple(sorted(rows, key=lambda row: _rank(row, now)))
    late = tuple(row for place, row in enumerate(ordered, start=1) if _left_s(row, now) < place * seconds_per_case)
    return WorkPlan(rows=ordered, late=late)


def _left_s(row: Row, now: datetime) -> float:
    return (row.deadline_at - now).total_seconds() if row.deadline_at else _NO_DEADLINE_S


def _rank(row: Row, now: datetime) -> tuple[int, float, str]:
    left = _left_s(row, now)
    if left < LAST_CALL_S:
        return (0, left, row.key.aftersale_id)
    return (1, -row.amount.fen / left, row.key.aftersale_id)
