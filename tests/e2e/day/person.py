"""The scripted person of the day, outside the robot: hears its alarms, passes challenges, settles cases, says that it was heard."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx

from bot.alerts.ladder import ladder_of, next_step
from bot.clock import SystemClock, SystemIds
from bot.config import load_home
from bot.domain.base import SHANGHAI
from bot.ledger import SqlLedger, SqlReader
from bot.ports.alarms import AlarmEntry
from tests.conftest import Simulator

CHALLENGE = "error.session.challenge"
FIRST, LAST = datetime(2000, 1, 1, tzinfo=SHANGHAI), datetime(2100, 1, 1, tzinfo=SHANGHAI)
SOONEST_S, LATEST_S = 60, 360
"""Seconds of the day until somebody has put down what they were doing."""


@dataclass(frozen=True)
class Call:
    """One alarm as a person hears it; `number` is what an answer names."""

    number: int
    at: datetime
    urgency: str
    code: str
    shop_id: str
    aftersale_id: str
    duties: str = ""
    """Of runs that did not take place: which."""


class Bell(Protocol):
    """Where alarms come from, and where an answer goes."""

    def calls(self) -> list[Call]:
        """Every alarm so far, oldest first."""
        ...

    def acknowledge(self, call: Call, note: str) -> None:
        """Say that somebody takes care of it."""
        ...

    def escalated(self) -> set[int]:
        """Numbers of alarms that nobody answered and that went on to the next rung of the ladder."""
        ...

    def not_due_yet(self, now: datetime) -> set[int]:
        """Numbers of alarms that nobody answered and that were told, which the ladder tells again after `now`."""
        ...


class LedgerBell:
    """The alarms of a home as its ledger has them, answered beside the robot as `refundpilot alarms ack` does."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / "ledger.db"

    def calls(self) -> list[Call]:
        return [
            Call(
                one.number,
                one.raised_at,
                one.alarm.urgency,
                one.alarm.reason.code,
                one.alarm.shop.shop_id,
                one.alarm.case_id,
                one.alarm.reason.params.get("duties", ""),
            )
            for one in self._entries()
        ]

    def acknowledge(self, call: Call, note: str) -> None:
        with SqlLedger(self._file, SystemClock(), SystemIds()) as ledger:
            ledger.acknowledge_alarms(call.number, "the person of the day", note)

    def escalated(self) -> set[int]:
        """What was told a second time, on the same rung or the next."""
        return {one.number for one in self._open() if sum(sent.ok for sent in one.sendings) > 1}

    def not_due_yet(self, now: datetime) -> set[int]:
        """By the ladder of the home's settings: a warning is told again after a day, a call after half an hour."""
        ladder = ladder_of(load_home(self._home, with_logins=False).settings)
        told = [one for one in self._open() if any(sent.ok for sent in one.sendings)]
        return {one.number for one in told if (step := next_step(one, ladder)) is not None and step.at > now}

    def _open(self) -> tuple[AlarmEntry, ...]:
        if not self._file.exists():
            return ()
        with SqlReader(self._file) as reader:
            return reader.open_alarms()

    def _entries(self) -> tuple[AlarmEntry, ...]:
        if not self._file.exists():
            return ()
        with SqlReader(self._file) as reader:
            return reader.alarms_between(FIRST, LAST)


@dataclass
class Person:
    """Answers each alarm once, some minutes after it came; leaves a few to the ladder."""

    simulator: Simulator
    bell: Bell
    seed: int = 1
    ignores: float = 0.0
    """How many of the alarms nobody hears: those must climb."""
    answered: dict[int, datetime] = field(default_factory=dict)
    settled: dict[str, datetime] = field(default_factory=dict)
    _due: dict[int, datetime | None] = field(default_factory=dict)

    def look(self, now: datetime) -> None:
        """Hear what is new, and do what is due by `now` of the day."""
        for call in self.bell.calls():
            if call.number not in self._due:
                self._due[call.number] = self._when(call)
            due = self._due[call.number]
            if due is not None and due <= now and call.number not in self.answered:
                self._answer(call, now)

    def _when(self, call: Call) -> datetime | None:
        own = random.Random(f"{self.seed}/{call.number}")
        if own.random() < self.ignores:
            return None
        return call.at + timedelta(seconds=own.uniform(SOONEST_S, LATEST_S))

    def _answer(self, call: Call, now: datetime) -> None:
        note = "somebody looks"
        if call.code == CHALLENGE:
            note = self._passes(call.shop_id)
        elif call.aftersale_id:
            note = self._settles(call.aftersale_id, now)
        self.bell.acknowledge(call, note)
        self.answered[call.number] = now

    def _settles(self, aftersale_id: str, now: datetime) -> str:
        """Finds out what is owed, in the shop's own back end; a case that is over needs nobody."""
        asked = self.simulator.probe.post("/__probe__/colleague", json={"aftersale_id": aftersale_id})
        if asked.is_success:
            self.settled[aftersale_id] = now
        return "settled" if asked.is_success else "needed nobody any more"

    def _passes(self, shop_id: str) -> str:
        """Signs in at their own desk and passes whatever is asked, slider or code; then the robot may sign in as well."""
        for shop in self.simulator.said["shops"]:
            if shop["shop_id"] == shop_id:
                with httpx.Client(base_url=self.simulator.url, timeout=30, trust_env=False) as desk:
                    login = {"account": shop["account"], "password": shop["password"]}
                    desk.post("/login/submit", json=login)
                    desk.post("/login/slider", json={"track": [0, 8, 21, 40, 63, 82, 95, 100]})
                    desk.post("/login/sms", json={"send": True})
                    for code in re.findall(r"\b\d{6}\b", json.dumps(self.simulator.get("phone")["sign_in"])):
                        desk.post("/login/sms", json={"code": code})
        return "passed the check"
