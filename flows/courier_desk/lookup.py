"""Searching a waybill in the client: the result that stands there is the one asked for, and younger than the question."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desktop.look import Look, has, says
from bot.desktop.reading import plain
from bot.errors import NotAllowed, TargetAmbiguous, TargetMissing, Unreadable
from flows.courier_desk import wording
from flows.courier_desk.office import Office
from flows.courier_desk.parse import resembles, result, value

STALE_S = 2.5
"""A slow client goes on showing what stood there before a question for up to two seconds."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the client says of one waybill; each word was read twice. `obstacle`: why it cannot be intercepted, empty: it can."""

    look: Look
    state: str
    obstacle: str


class Lookup:
    """Remembers what was asked last: the same number may still stand there from before."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._asked = ""

    async def search(self, waybill: str) -> Found:
        """Raises NotAllowed: the courier knows no such waybill. PageError, SessionExpired, NotAvailable."""
        office, targets = self._office, self._office.targets
        if not has(await office.look(), targets["search.ask"]):
            await office.bring("tabs.search", lambda look: has(look, targets["search.ask"]) or None)
        may_be_old = self._asked in {"", waybill}
        self._asked = waybill
        await office.program.fill(await office.main(), targets["search.number"], waybill)
        await office.press("search.ask")
        fresh_from = office.clock.monotonic() + (STALE_S if may_be_old else 0)

        def answered(look: Look) -> Look | None:
            old = office.busy(look) or office.clock.monotonic() < fresh_from
            return look if not old and self._answers(look, waybill) else None

        return await self._read(await office.until("search.ask", answered), waybill)

    def _answers(self, look: Look, waybill: str) -> bool:
        if says(look, wording.NO_SUCH_WAYBILL):
            return True
        try:
            shown = result(look, self._office.targets)
        except (TargetMissing, TargetAmbiguous):
            return False
        # whether it is this very number is for two readings to say
        return resembles(value(plain(shown.number.text), self._office.targets["result.number"]), waybill)

    async def _read(self, look: Look, waybill: str) -> Found:
        if says(look, wording.NO_SUCH_WAYBILL):
            raise NotAllowed("the courier knows no such waybill", code="intercept.no_such_waybill", raw=waybill)
        program, targets = self._office.program, self._office.targets
        shown = result(look, targets)
        number = value(await program.certain(look, shown.number), targets["result.number"])
        if number != waybill:
            raise Unreadable(f"{number} stands there", target="result.number", page=look.window.title, raw=number)
        state = value(await program.certain(look, shown.state), targets["result.intercept"])
        obstacle = await program.certain(look, shown.obstacle) if shown.obstacle else ""
        return Found(look, state, value(obstacle, targets["result.obstacle"]))
