"""What happens to robot and shops on the day beside its cases: outage, sleep of the PC, challenge, change of policy, and the rest."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from simulator.scenarios.day import DAY
from tests.conftest import Simulator

FEE_BEFORE, FEE_AFTER = 'max_fee = "20.00"', 'max_fee = "19.00"'
"""The change of policy: visible in its hash, and of no weight for any label (no fee of the day lies between)."""

SLEEP_AT_H, SLEEP_H = 2.5, 2.0
POLICY_AT_H = 9.0


def plan(simulator: Simulator) -> None:
    """Put what happens to the shops on the simulator's own timeline."""
    shops = [shop["shop_id"] for shop in simulator.said["shops"]]

    def at(hour: float) -> str:
        return (DAY + timedelta(hours=hour)).isoformat()

    events: list[dict[str, object]] = [
        {"kind": "outage", "at": at(14), "minutes": 20, "how": "5xx"},
        {"kind": "challenge", "at": at(16), "which": "slider", "shop": shops[0]},
        {"kind": "session_loss", "at": at(18)},
        {"kind": "colleague", "at": at(19), "minutes": 60, "every_s": 600, "shop": shops[-1]},
        {"kind": "courier_slow", "at": at(21.5), "minutes": 10, "seconds": 3},
    ]
    for event in events:
        simulator.post("timeline", **event)


@dataclass
class Plant:
    """Something that the harness does at its moment; `done` once it has."""

    at: datetime
    says: str
    act: Callable[[], object]
    done: bool = False


@dataclass
class Script:
    """The harness's own part, told to the timeline as notes, so that one list has the whole day."""

    simulator: Simulator
    home: Path
    pid: int
    kills: tuple[float, ...] = ()
    """Hours of the day at which the robot is killed without warning; its children find out by themselves."""
    asleep: list[int] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)

    def __post_init__(self) -> None:
        for hour, says, act in (
            (SLEEP_AT_H, "the PC goes to sleep", self.sleep),
            (SLEEP_AT_H + SLEEP_H, "the PC wakes up", self.wake),
            (POLICY_AT_H, "the merchant changes the policy", self.change_policy),
            *((hour, "the robot is killed", self.kill) for hour in self.kills),
        ):
            self.plants.append(Plant(DAY + timedelta(hours=hour), says, act))

    def look(self, now: datetime) -> None:
        """Do what is due."""
        for plant in self.plants:
            if not plant.done and plant.at <= now:
                plant.act()
                plant.done = True
                self.simulator.post("timeline", kind="note", says=plant.says)

    def sleep(self) -> None:
        """Every process of the robot stands still, itself first, so that it starts no other one meanwhile."""
        os.kill(self.pid, signal.SIGSTOP)
        self.asleep = [self.pid]
        for child in psutil.Process(self.pid).children(recursive=True):
            child.suspend()
            self.asleep.append(child.pid)

    def wake(self) -> None:
        """The same processes go on."""
        for pid in reversed(self.asleep):
            try:
                psutil.Process(pid).resume()
            except psutil.Error:
                continue
        self.asleep = []

    def kill(self) -> None:
        """No signal that anything could answer."""
        os.kill(self.pid, signal.SIGKILL)

    def change_policy(self) -> None:
        """As an editor saves: the whole file at once."""
        file = self.home / "policy.toml"
        fresh = file.with_suffix(".new")
        fresh.write_text(file.read_text(encoding="utf-8").replace(FEE_BEFORE, FEE_AFTER), encoding="utf-8")
        fresh.replace(file)
