"""What a sweep may be recorded on or replayed from; a plain sweep turns an empty reel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app.reporting import write_report
from bot.app.wiring import House, OpenLedger
from bot.browser.gate import Heads
from bot.domain.ids import RunId
from bot.ledger import SqlLedger
from bot.ports.clock import Clock
from bot.ports.results import ShopSweep
from bot.runner.orders import Orders


class Reel:
    """Of a plain sweep: nothing is recorded, nothing replayed. `clock` None: the PC's own."""

    def __init__(self, heads: Heads | None = None, clock: Clock | None = None) -> None:
        self.heads = heads or Heads()
        self.clock = clock
        self.open_ledger: OpenLedger = SqlLedger

    def furnish(self, house: House) -> House:
        """The house with whatever has to stand in another's place."""
        return house

    def brief(self, orders: Orders) -> Orders:
        """The orders of a sweep, with whatever has to be as it was when it was recorded."""
        return orders

    @asynccontextmanager
    async def take(self, house: House, orders: Orders) -> AsyncIterator[None]:
        """Around the sweep of one shop."""
        del house, orders
        yield

    def report(self, house: House, results: Mapping[RunId, ShopSweep]) -> Path | None:
        """Where it is told what the sweeps did. Raises LedgerError."""
        return write_report(house, results)
