"""Column types that carry the domain's own values, so that no other module converts money or moments by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, String, TypeDecorator
from sqlalchemy.ext.compiler import compiles

from bot.domain.base import SHANGHAI
from bot.domain.money import Money


def moment(value: datetime) -> str:
    """ISO text in Asia/Shanghai with microseconds: one width and one offset, so that text order is time order.

    Raises:
        ValueError: for a naive datetime (S24).
    """
    if value.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {value!r}")
    return value.astimezone(SHANGHAI).isoformat(timespec="microseconds")


class Moment(TypeDecorator[datetime]):
    """Aware datetime kept as sortable text."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        _ = dialect
        return None if value is None else moment(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        _ = dialect
        return None if value is None else datetime.fromisoformat(value).astimezone(SHANGHAI)


class Fen(TypeDecorator[Money]):
    """Money kept as integer fen, also through SUM."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        _ = dialect
        return None if value is None else value.fen

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        _ = dialect
        return None if value is None else Money(int(value))


class Within(ColumnElement[str]):
    """One text out of a column of JSON, NULL where there is none: the database looks, and a large body stays where it is."""

    inherit_cache = False
    type = String()

    def __init__(self, column: ColumnElement[Any], *path: str) -> None:
        self.column = column
        self.path = path


@compiles(Within)
def _looked_up(within: Within, compiler: Any, **how: Any) -> str:
    return f"json_extract({compiler.process(within.column, **how)}, '$.{'.'.join(within.path)}')"


@compiles(Within, "postgresql")
def _looked_up_there(within: Within, compiler: Any, **how: Any) -> str:
    return f"(CAST({compiler.process(within.column, **how)} AS JSON) #>> '{{{','.join(within.path)}}}')"
