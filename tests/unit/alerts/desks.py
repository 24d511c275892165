"""An alarm desk over a real ledger, with channels that remember, fail or hang as they are told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from bot.alerts.channels import ChannelFailed
from bot.alerts.desk import AlarmDesk
from bot.alerts.ladder import Ladder
from bot.alerts.links import AckLinks
from bot.alerts.log import LogNotifier
from bot.alerts.message import Message, Writer
from bot.catalogue import Catalogue
from bot.ledger import SqlLedger
from tests.unit.ledger.story import CountingIds, StandingClock


@dataclass
class Mouth:
    """A channel."""

    said: list[Message] = field(default_factory=list)
    trouble: BaseException | None = None
    hangs: bool = False

    async def send(self, message: Message) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble:
            raise self.trouble
        self.said.append(message)

    def fail(self) -> None:
        self.trouble = ChannelFailed("HTTP 500")


@dataclass
class Office:
    """One process's: the ledger outlives it."""

    ledger: SqlLedger
    clock: StandingClock
    desk: AlarmDesk
    mouths: dict[str, Mouth]

    async def wait(self, seconds: float) -> None:
        """Time passes, then somebody ticks."""
        self.clock.pass_s(seconds)
        await self.desk.tick()

    def heard(self, name: str) -> list[str]:
        return [message.text for message in self.mouths[name].said]


def office_at(
    folder: Path,
    ladder: Ladder,
    names: tuple[str, ...] = ("desk", "group", "mail", "phone"),
    clock: StandingClock | None = None,
    links: AckLinks | None = None,
) -> Office:
    clock = clock or StandingClock()
    ids = CountingIds(f"{clock.monotonic():.0f}-")
    ledger = SqlLedger(folder / "ledger.db", clock, ids)
    mouths = {name: Mouth() for name in names}
    writer = Writer(Catalogue("en"), {"taobao/1001": "the shop"}, links or AckLinks(b""))
    desk = AlarmDesk(ledger, LogNotifier(folder, clock), clock, ids, ladder, mouths, writer)
    return Office(ledger, clock, desk, mouths)
