"""Alarms as the ledger keeps them: raised, sent, acknowledged; what nobody has answered is still there after a restart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import AwareDatetime

from bot.domain.base import Frozen
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm

BY_ITSELF: Final = "refundpilot"
"""Who answered an alarm that time, or its case, made needless."""

_DIGITS: Final = 18
"""A number of more is none that a ledger could have given."""


def number_of(told: str) -> int | None:
    """An alarm's number as somebody wrote it; None: no alarm can have it."""
    return int(told) if told.isdecimal() and len(told) <= _DIGITS else None


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alarm is about: two of one key are the same alarm. `rest`: how long an answer to it holds unless it gets worse."""

    key: str
    rest: timedelta


class Sending(Frozen):
    """One try to tell somebody: on which rung of the ladder, over which channel, in which message; `detail`: why it failed."""

    rung: int
    channel: str
    at: AwareDatetime
    ok: bool
    message: str = ""
    detail: str = ""


class AlarmEntry(Frozen):
    """One alarm with its story. `alarm` has the gravest that was said of it while it was open; `times`: how often it was raised.

    `case_over`: its case has come to its end since; only of those that are open.
    """

    number: int
    alarm: Alarm
    raised_at: AwareDatetime
    last_at: AwareDatetime
    times: int = 1
    sendings: tuple[Sending, ...] = ()
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    case_over: bool = False


@dataclass(frozen=True, slots=True)
class NearHold:
    """A case that waits for a person, close to its deadline; `observed`: the robot would act on it, and only looked."""

    case: CaseKey
    amount: Money | None
    deadline: datetime
    observed: bool = False


@dataclass(frozen=True, slots=True)
class NearCase:
    """A case that is the robot's to work on, close to its deadline; `looked_at`: when it was last read, or met where it never was."""

    case: CaseKey
    amount: Money
    deadline: datetime
    looked_at: datetime


class AlarmBooks(Protocol):
    """Raises LedgerError when the store cannot commit."""

    def raise_alarm(self, alarm: Alarm, subject: Subject) -> bool:
        """Write it down; False where it is no news: open already, or answered and not worse since (`Subject.rest`)."""

    def open_alarms(self) -> tuple[AlarmEntry, ...]:
        """Those that nobody has acknowledged, the oldest first."""

    def sent_alarms(self, numbers: Sequence[int], sending: Sending) -> None:
        """One message that told of these, or failed to."""

    def acknowledge_alarms(self, wanted: int | str, by: str, note: str = "") -> tuple[int, ...]:
        """Answer one by its number, or all that a message told of by the message's id; those that were open come back."""

    def last_messages(self, now: datetime) -> Mapping[str, datetime]:
        """By channel: when something was last said there; without what a clock that was set back since has ahead of `now`."""

    def next_deadline(self, shop: ShopKey, now: datetime) -> datetime | None:
        """The first deadline after `now` of a case of the shop that has no end yet; None where none is known."""

    def near_holds(self, now: datetime, until: datetime) -> tuple[NearHold, ...]:
        """Cases with a person, and those of a list that were only observed, whose deadline lies between the two."""

    def near_cases(self, now: datetime, until: datetime) -> tuple[NearCase, ...]:
        """Cases of a shop's list that no person holds and that have no end yet, whose deadline lies between the two, the nearest first."""

    def close_moot(self, code: str, standings: Collection[CaseStatus], before: datetime) -> tuple[int, ...]:
        """Alarms of this code, raised before then, whose case stands so by now are answered by that; their numbers."""


class ChannelTest(Frozen):
    """What came of a test message; `why` is empty where it got through."""

    channel: str
    why: str = ""


class AlarmsTested(Frozen):
    """`refundpilot alarms test`."""

    channels: tuple[ChannelTest, ...]
    exit_code: ExitCode


class AlarmsResult(Frozen):
    """`refundpilot alarms list`: what nobody has answered yet, the oldest first."""

    alarms: tuple[AlarmEntry, ...]
    exit_code: ExitCode = ExitCode.DONE
