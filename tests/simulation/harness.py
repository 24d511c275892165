"""Runs sweeps over the model shop, crashes them at the ledger's marks, and asks the server's own log what happened."""

from __future__ import annotations

import asyncio
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.alerts.log import AlarmBook
from bot.domain.action import Verb
from bot.domain.ids import RunId
from bot.domain.money import Money
from bot.engine.policy import Policy, parse_policy
from bot.ledger import SqlLedger
from bot.ports.desks import InterceptDesk
from bot.ports.evidence import PictureReader
from bot.ports.notifier import Alarm
from bot.ports.progress import NullProgress
from bot.ports.results import ShopSweep
from bot.runner.orders import Kit, Orders, Posture
from bot.runner.sweep import Sweep
from tests.simulation.model_floor import ModelFloor
from tests.simulation.model_shop import KINDS, SHOP, ModelShop
from tests.simulation.model_stores import MemoryEvidence, MemoryFailures, ModelCourier
from tests.simulation.model_world import Chance, CountingIds, Crash, VirtualClock

ROOT = Path(__file__).parents[2]
VERBS = frozenset(Verb) - {Verb.HOLD}
MARKS = ("arm", "fire", "sent", "settle", "void")


class Switch:
    """Kill switch for tests."""

    def __init__(self) -> None:
        self.on = False

    def engaged(self) -> bool:
        return self.on


class CrashingLedger:
    """The real ledger, with a power cut before or after any of its marks."""

    def __init__(self, ledger: SqlLedger, crash: Callable[[str], bool]) -> None:
        self._ledger = ledger
        self._crash = crash

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ledger, name)
        if name not in MARKS:
            return method

        def cut(*args: Any) -> Any:
            if self._crash(f"before {name}"):
                raise Crash(name)
            answer = method(*args)
            if self._crash(f"after {name}"):
                raise Crash(name)
            return answer

        return cut


def balanced_policy() -> Policy:
    return parse_policy(tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8")))


POLICY = balanced_policy()


@dataclass
class World:
    """One seed's shop and ledger; `sweep` may be called again after a crash, as a restart would.

    `crash_at`: a point of the ledger, such as "after sent", where it crashes once; where one is named, none is drawn.
    """

    seed: int
    cases: int = 12
    rates: dict[str, float] = field(default_factory=dict)
    crash_rate: float = 0.0
    kinds: tuple[str, ...] = KINDS
    crashes_left: int = 3
    crash_at: str = ""

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.ids = CountingIds()
        self.chance = Chance(self.seed, self.rates)
        self.shop = ModelShop(self.clock, self.chance, self.cases, self.kinds)
        self.evidence = MemoryEvidence()
        self.failures = MemoryFailures()
        self.ledger = SqlLedger(":memory:", self.clock, self.ids)
        self.book = AlarmBook()
        self.kill = Switch()
        self.stop = asyncio.Event()
        self.floor: ModelFloor | None = None  # another floor than the shop's plain one
        self.desks: tuple[InterceptDesk, ...] = ()
        self.progress = NullProgress()
        self.reader: PictureReader | None = None
        self.must_read = False
        self.crashed_at: Counter[str] = Counter()

    def _crash(self, point: str) -> bool:
        if self.crash_at:
            hit = point == self.crash_at and not self.crashed_at[point]
        else:
            hit = self.crashes_left > 0 and self.chance.random.random() < self.crash_rate
            self.crashes_left -= hit
        self.crashed_at.update([point] if hit else [])
        return hit

    def orders(self, **changed: Any) -> Orders:
        told: dict[str, Any] = {
            "run": RunId(self.ids.fresh("run")),
            "shop": SHOP,
            "posture": Posture.ACT,
            "verbs": VERBS,
            "policy": POLICY,
            "config_hash": "c",
            "shop_cap_day": Money(10_000_000),
            "buyer_cap_day": Money(1_000_000),
            "owner": "desk",
            "lease_owner": "pc",
            "pictures": False,
        }
        return Orders(**(told | changed))

    def kit(self) -> Kit:
        return Kit(
            ledger=CrashingLedger(self.ledger, self._crash),  # type: ignore[arg-type] # it hands every call through
            evidence=self.evidence,
            failures=self.failures,
            notifier=self.book,
            clock=self.clock,
            ids=self.ids,
            kill=self.kill,
            progress=self.progress,
            floor=self.floor or ModelFloor(self.shop),
            courier=ModelCourier(self.shop),
            stop=self.stop,
            desks=self.desks,
            reader=self.reader,
            must_read=self.must_read,
        )

    async def sweep(self, **changed: Any) -> ShopSweep:
        return await Sweep(self.kit(), self.orders(**changed), "model").run()

    async def sweep_through_crashes(self, **changed: Any) -> ShopSweep:
        while True:
            try:
                return await self.sweep(**changed)
            except Crash:
                self.clock.pass_time(1)

    @property
    def troubles(self) -> list[Alarm]:
        """Alarms but those about signs of abuse, which tell of a case and of nothing that went wrong."""
        return [alarm for alarm in self.book.alarms if alarm.reason.code != "risk.found"]

    @property
    def ours(self) -> Counter[tuple[str, Verb]]:
        return Counter((effect.case, effect.verb) for effect in self.shop.effects if effect.actor == "bot")
