"""Before any new work: every intent without an outcome is resolved by its last durable mark (reliability.md 3.3)."""

from __future__ import annotations

from typing import assert_never

from bot.domain.action import Mark
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.domain.outcome import OpenIntent
from bot.runner.brakes import Brakes
from bot.runner.follow import follow_of
from bot.runner.orders import Kit, Orders
from bot.runner.readback import ReadBack
from bot.runner.settle import Ending, Settler


class Recovery:
    """Idempotent: what a crash or a stop leaves over is resolved by the next one."""

    def __init__(self, kit: Kit, orders: Orders, brakes: Brakes, readback: ReadBack, settler: Settler) -> None:
        self._kit = kit
        self._orders = orders
        self._brakes = brakes
        self._readback = readback
        self._settler = settler

    async def run(self) -> tuple[CaseKey, ...]:
        """Resolve all open intents of the shop; returns the cases that have to be looked at again: nothing of ours stands there."""
        found = self._kit.ledger.open_intents(self._orders.shop)
        return tuple([intent.case for intent in found if await self._came_to_nothing(intent)])

    async def _came_to_nothing(self, found: OpenIntent) -> bool:
        self._kit.heed_stop()
        match found.mark:
            case Mark.ARMED | Mark.FIRED:
                # before SENT the guard let nothing go, and the old browser died with its process (F2, F3)
                self._kit.ledger.void(found.id, Reason(code="recover.not_sent"), self._brakes.lease)
                return True
            case Mark.SENT:
                return await self._read_back(found) in (Ending.NOT_APPLIED, Ending.FOREIGN)
            case Mark.SETTLED | Mark.VOID | Mark.UNKNOWN:
                return False
            case _:
                assert_never(found.mark)

    async def _read_back(self, found: OpenIntent) -> Ending:
        intent = self._kit.ledger.intent(found.id)
        seen = await self._readback.in_doubt(found.case, intent.action)
        return self._settler.conclude(intent, seen, None, follow_of(intent.action), None, recovered=True).ending
