"""Asks the courier for parcels in batches: while one question is on its way, the next ones gather."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.domain.courier import Trail
from bot.domain.facts import Fact, Source, Unknown
from bot.errors import RefundPilotError
from bot.ports.desks import CourierDesk
from bot.runner.bugs import as_error

BATCH = 50
"""Waybills that a courier's page takes at once (docs/simulator.md)."""


class TrailBook:
    """One sweep's view of the couriers. `trails` never raises for a courier in trouble: the answer is `Unknown`."""

    def __init__(self, desk: CourierDesk) -> None:
        self._desk = desk
        self._asked: dict[str, asyncio.Future[Fact[Trail]]] = {}
        self._turn = asyncio.Lock()

    async def trails(self, waybills: Sequence[str]) -> Mapping[str, Fact[Trail]]:
        """One answer per waybill, read now: answers are not kept, parcels move."""
        loop = asyncio.get_running_loop()
        waits = {number: self._asked.setdefault(number, loop.create_future()) for number in waybills}
        while not all(future.done() for future in waits.values()):
            async with self._turn:
                await self._ask()
        return {number: future.result() for number, future in waits.items()}

    async def _ask(self) -> None:
        batch = dict(list(self._asked.items())[:BATCH])
        if not batch:
            return
        for number in batch:
            del self._asked[number]
        try:
            answers = await self._desk.trails(tuple(batch))
        except Exception as trouble:  # noqa: BLE001 - a bug in the desk is no trail either, and nobody may wait for it for ever
            answers = {number: _unreachable(as_error(trouble)) for number in batch}
        except BaseException:
            # who was called away takes only the question along: whoever else waits for it asks anew
            self._asked = batch | self._asked
            raise
        for number, future in batch.items():
            if not future.done():
                future.set_result(answers.get(number, Unknown(why="fact.courier.silent", source=Source.COURIER)))


def _unreachable(error: RefundPilotError) -> Unknown:
    return Unknown(why="fact.courier.unreachable", source=Source.COURIER, raw=str(error))
