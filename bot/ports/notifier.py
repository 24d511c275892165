"""Calling a person: one alarm, its reason, where to look."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime

from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.money import Money


class Urgency(StrEnum):
    """How loud."""

    INFO = "info"
    WARN = "warn"
    CALL = "call"


LOUDNESS = {urgency: place for place, urgency in enumerate(Urgency)}
"""Which of two is louder."""


class Alarm(Frozen):
    """Something a person should know or do.

    `amount`: the money that is at stake; `deadline`: until when something can be done about it, on the shop's clock; None
    where nobody can say. `picture`: the path of a picture that shows it; empty where there is none.
    """

    urgency: Urgency
    shop: ShopKey
    reason: Reason
    case_id: str = ""
    amount: Money | None = None
    deadline: AwareDatetime | None = None
    picture: str = ""


class Notifier(Protocol):
    """Takes alarms; must not raise for a broken channel or ledger, but say so in the log."""

    def notify(self, alarm: Alarm) -> None: ...

    def passed(self, code: str, shop: ShopKey) -> None:
        """What alarms of this code told of the shop is over: nobody need answer them, and it is news when it comes back."""
