"""The frozen pydantic base that every noun of the domain shares."""

from __future__ import annotations

from typing import NewType
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The one time zone of the trade (F37): the PC's own zone never enters a decision."""

Sha256 = NewType("Sha256", str)


class Frozen(BaseModel):
    """Immutable, closed to unknown keys, strict about aware datetimes through the field types."""

    model_config = ConfigDict(frozen=True, extra="forbid")
