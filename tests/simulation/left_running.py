"""A service in a home of its own, over a clock that only moves when everybody waits, with hands that a test gives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from bot.app.service import Service
from bot.app.service.desk import Hands
from bot.app.service.marks import Marks
from bot.app.sweeping import shops_of
from bot.app.wiring import House, open_house
from bot.browser.launch import BrowserHost
from bot.config import load_home, read_sandbox, write_home
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey
from bot.ports.clock import Clock
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.status import RunOptions, RunResult
from bot.ports.wanted import Wanted
from tests.simulation.model_world import START

SPINS = 10
"""Turns of the loop in which everybody who can go on does, before time moves."""

HANGS_S = 120
"""Of real time: a test that takes longer will not end by itself."""


class SteppedClock:
    """Time moves to the next sleeper's moment once nobody else has anything to do."""

    def __init__(self) -> None:
        self._s = 0.0
        self._wakes: list[float] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self._s)

    def monotonic(self) -> float:
        return self._s

    async def sleep(self, seconds: float) -> None:
        wake = self._s + seconds
        self._wakes.append(wake)
        try:
            while self._s < wake:
                for _ in range(SPINS):
                    await asyncio.sleep(0)
                if wake == min(self._wakes):
                    self._s = max(self._s, wake)
        finally:
            self._wakes.remove(wake)

    def pass_time(self, seconds: float) -> None:
        """The PC sleeps: nobody is asked."""
        self._s += seconds


@dataclass
class FakeHost:
    """As much of a BrowserHost as the service itself touches."""

    alive: bool = True
    worn: bool = False
    in_flight: bool = False
    generation: int = 1
    kept: dict[str, object] | None = None
    options: object = None
    limits: object = None
    signed_in: dict[str, datetime] = field(default_factory=dict)
    refused: dict[str, object] = field(default_factory=dict)
    silent: dict[str, datetime] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        self.signed_in.pop(name, None)

    async def restart(self, seen: int) -> None:
        self.alive, self.worn, self.generation = True, False, seen + 1


@dataclass
class FakeSweeps:
    """`sweep_shops` without a shop: takes its time, remembers what was wanted and when, ends as it is told."""

    clock: Clock
    takes_s: float = 1.0
    stopped: Reason | None = None
    before: Callable[[Wanted], Awaitable[None]] | None = None
    swept: list[tuple[float, Wanted]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, house: House, host: BrowserHost, wanted: Wanted, *_: object, **__: object) -> SweepResult:
        self.swept.append((self.clock.monotonic(), wanted))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.before is not None:
                await self.before(wanted)
            await self.clock.sleep(self.takes_s)
        finally:
            self.at_once -= 1
        names = [str(entry.key) for entry in shops_of(house.home, wanted)]
        told = {"seen": 1, "stopped": self.stopped, "whole_list": not wanted.sparing.quick}
        shops = tuple(ShopSweep(shop=name, **told) for name in names)
        return SweepResult(run_id="run-1", shops=shops, report="", exit_code=ExitCode.DONE)

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.swept]


SHEET = {
    "url": "http://127.0.0.1:4001",
    "probe": "http://127.0.0.1:4001/__probe__",
    "courier": "http://127.0.0.1:4002",
    "courier_account": "kd",
    "courier_password": "canary-courier",
}


def make_home(folder: Path, *shops: str, platform: str = "model", schedule: str = "") -> Path:
    """A home with these shops; `schedule` stands in the place of the shipped `[schedule]`."""
    frame = {"platform": platform, "account": "ops", "password": "canary-Pa55"}
    told = [{**frame, "shop_id": name, "name": name, "account": f"ops-{name}"} for name in shops or ("s1",)]
    files = write_home(folder, read_sandbox(json.dumps({**SHEET, "shops": told})), posture="act")
    change_schedule(folder, schedule)
    return files.root


def change_schedule(home: Path, schedule: str) -> None:
    """Write other lines into the place of `[schedule]`."""
    file = home / "refundpilot.toml"
    text = file.read_text(encoding="utf-8")
    head, _, rest = text.partition("[schedule]\n")
    _, mark, tail = rest.partition("# ---- shops ----\n")
    file.write_text(f"{head}[schedule]\n{schedule}\n{mark}{tail}", encoding="utf-8")


STILL = 'follow_up = "never"\nreconcile = "never"\naudit = "never"\nretention = "never"\n'


class Left:
    """One start of a service in a home."""

    def __init__(self, house: House, service: Service, host: FakeHost, stop: asyncio.Event) -> None:
        self.house, self.service, self.host, self.stop = house, service, host, stop

    async def run(self, for_s: float | None = None, *, until_idle: bool = False) -> RunResult:
        async with asyncio.timeout(HANGS_S):
            return await self.service.run(RunOptions(for_s=for_s, until_idle=until_idle))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[RunResult]]:
        """In the background; stopped in good order at the end."""
        task = asyncio.create_task(self.run())
        try:
            yield task
        finally:
            self.stop.set()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def beat(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self.house.home.files.heartbeat.read_text(encoding="utf-8")))


@contextmanager
def left_running(home: Path, clock: Clock, hands: Hands) -> Iterator[Left]:
    """The house is opened as `refundpilot run` opens it."""
    marks, host, stop = Marks(), FakeHost(), asyncio.Event()
    with open_house(load_home(home, last_good_policy=True, last_good_settings=True), clock, marks.open_ledger) as house:
        service = Service(house, cast("BrowserHost", host), NullProgress(), stop, marks, hands)
        yield Left(house, service, host, stop)


def alarms(home: Path) -> list[str]:
    """Codes of the alarms that went out, oldest first."""
    file = home / "logs" / "alarms.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line)["reason"]["code"] for line in lines]


def every(rhythm: str) -> str:
    return f'sweep = "{rhythm}"\n{STILL}'


def hands(sweeps: FakeSweeps) -> Hands:
    return Hands(sweep=sweeps, chores={})


async def spin(until: Callable[[], bool]) -> None:
    """Let the service work until something is so."""
    async with asyncio.timeout(HANGS_S):
        while not until():  # noqa: ASYNC110 - what is waited for is told by nobody, and the clock is no real one
            await asyncio.sleep(0)


def verdict(shop: str, clock: SteppedClock) -> HandVerdict:
    case = CaseKey(platform="model", shop_id=shop, aftersale_id="7")
    told = {"by": "Li", "why": "known", "fingerprint": "f" * 64, "decided_at": clock.now()}
    return HandVerdict(case=case, verb=Verb.AGREE_REFUND, **told)


def without_browser(service: Service) -> None:
    """Changed settings are taken without one: there is none to adapt here."""

    async def nothing(*_: object) -> None:
        return

    service._worker._adopt_browser = nothing  # type: ignore[method-assign] # only what comes before and after is the claim


class PowerCut(BaseException):
    """The process is gone."""
