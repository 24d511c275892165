"""Calling a person: one alarm, its reason, where to look."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey


class Urgency(StrEnum):
    """How loud."""

    INFO = "info"
    WARN = "warn"
    CALL = "call"


class Alarm(Frozen):
    """Something a person should know or do."""

    urgency: Urgency
    shop: ShopKey
    reason: Reason
    case_id: str = ""


class Notifier(Protocol):
    """Takes alarms; must not raise for a broken channel, but say so in the log."""

    def notify(self, alarm: Alarm) -> None: ...
