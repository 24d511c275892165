"""Reads the server back after an action may have left: fresh pages, a quiet wait, never a second click."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.action import Action, Intercept
from bot.domain.case import Snapshot
from bot.domain.ids import CaseKey
from bot.domain.outcome import Outcome
from bot.errors import ChallengeRequired, LedgerError, NotAvailable, PageHung, SessionError, Stopped
from bot.ports.desks import CasePage
from bot.runner.bugs import as_error, let_go
from bot.runner.orders import Kit, Orders
from bot.runner.reading import Reading
from bot.runner.verify import read_intercept, read_outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """What the server shows; `picture` is the PNG taken of that very page."""

    outcome: Outcome
    snapshot: Snapshot | None
    picture: bytes | None


UNREADABLE = Finding(Outcome.UNREADABLE, None, None)


class ReadBack:
    """Outcome by the server's own word (reliability.md 3.1 rules 7, 8; 3.3)."""

    def __init__(self, kit: Kit, orders: Orders, reading: Reading) -> None:
        self._kit = kit
        self._orders = orders
        self._reading = reading

    async def at_once(self, page: CasePage, action: Action) -> Finding:
        """The ordinary way: the tab that clicked is navigated afresh. Trouble here, a bug included, is no verdict yet."""
        try:
            return await self._finding(page, await page.reload(), action)
        except (LedgerError, Stopped):
            raise
        except Exception as trouble:  # noqa: BLE001 - the request may have left: only the server's word ends it
            as_error(trouble)
            return UNREADABLE

    async def in_doubt(self, case: CaseKey, action: Action) -> Finding:
        """The old context dies first, so that nothing more can leave; not-applied needs two reads a quiet wait apart.

        Raises:
            ChallengeRequired, SessionError: nothing can be told yet; the mark stays SENT, and recovery reads on (reliability.md 3.3).
            LedgerError, Stopped.
        """
        await self._let_die()
        first = await self._look(case, action)
        if first.outcome in (Outcome.APPLIED, Outcome.FOREIGN):
            return first
        await self._kit.clock.sleep(self._orders.quiet_wait_s)
        second = await self._look(case, action)
        if second.outcome is Outcome.NOT_APPLIED and first.outcome is not Outcome.NOT_APPLIED:
            # only one of two reads could be read: one more, so that two stand a quiet wait apart
            await self._kit.clock.sleep(self._orders.quiet_wait_s)
            return await self._look(case, action)
        return second

    async def _let_die(self) -> None:
        """Without a browser context of which it is certain that it is new, no page tells anything."""
        try:
            await self._reading.renew()
        except PageHung:
            return  # it died with its browser
        except (LedgerError, Stopped):
            raise
        except Exception as trouble:
            raise SessionError(f"no fresh browser context: {as_error(trouble)}") from trouble

    async def _look(self, case: CaseKey, action: Action) -> Finding:
        try:
            page, snapshot = await self._reading.open(case)
            try:
                return await self._finding(page, snapshot, action)
            finally:
                await let_go(page)
        except (LedgerError, Stopped, ChallengeRequired):
            # behind a challenge nothing can be told yet
            raise
        except Exception as trouble:  # noqa: BLE001 - a page that cannot be read proves nothing, whatever it raises
            as_error(trouble)
            return UNREADABLE

    async def _finding(self, page: CasePage, snapshot: Snapshot, action: Action) -> Finding:
        if isinstance(action, Intercept) and action.desk:
            return await self._at_desk(snapshot, action)
        return await self._pictured(read_outcome(action, snapshot), snapshot, page.picture)

    async def _at_desk(self, snapshot: Snapshot, action: Intercept) -> Finding:
        """The desk's word in the place of the shop's page, which may not know of it yet, or never."""
        try:
            desk = self._kit.desk_of(action)
        except NotAvailable:
            desk = None
        if desk is None:
            return Finding(Outcome.UNREADABLE, snapshot, None)
        outcome = read_intercept(await desk.follow(action.waybill), snapshot)
        return await self._pictured(outcome, snapshot, lambda: desk.picture(action.waybill))

    async def _pictured(self, outcome: Outcome, snapshot: Snapshot, take: Callable[[], Awaitable[bytes]]) -> Finding:
        """What was read stands; the picture of it is worth one try."""
        if not self._orders.pictures or outcome is not Outcome.APPLIED:
            return Finding(outcome, snapshot, None)
        try:
            return Finding(outcome, snapshot, await take())
        except (LedgerError, Stopped):
            raise
        except Exception as trouble:  # noqa: BLE001 - the money has moved, whatever became of its picture
            as_error(trouble)
            return Finding(outcome, snapshot, None)
