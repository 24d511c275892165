"""Reads with patience: read again twice, sign in once, wait as told, call a person for a challenge; clicks are never here."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.case import Snapshot
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.errors import (
    ChallengeRequired,
    PageError,
    PageHung,
    RateLimited,
    RefundPilotError,
    SessionExpired,
    SignInRefused,
    WrongShop,
)
from bot.ports.desks import CasePage, Listing
from bot.ports.notifier import Alarm, Urgency
from bot.runner.brakes import Brakes
from bot.runner.bugs import as_error, let_go
from bot.runner.consequences import Consequence, consequence
from bot.runner.orders import Kit, Orders
from bot.runner.watchdog import Watchdog
from bot.runner.witness import Witness

T = TypeVar("T")

READS = 3
"""One read and two more (F10, F12)."""

SIGN_INS = 3
"""Expiries that one read survives before a person is called; each is one re-sign-in."""

HEED_S = 0.5
"""How often a wait for a person asks whether it should end; what is left of it is told once a second."""

GRACE_S = 30
"""A wait for a person that the browser does not end is over so long after its time: its driver has hung (F9)."""

LAST_CALL_S = 60
"""So long before the wait for a person ends, the window comes forward once more: by then it may lie under others."""

ENTERED = tuple(kind.code for kind in (ChallengeRequired, SignInRefused, WrongShop))
"""What people were called about is over once the robot is in the shop."""

LONGEST_WAIT_S = 60
"""A server that asks for a longer pause than this has its say at the next sweep (F14)."""


class Reading:
    """One shop's reads during one sweep. Sign-in is single-flight; a renewed context does not count as a bad read."""

    def __init__(self, kit: Kit, orders: Orders, brakes: Brakes, watchdog: Watchdog) -> None:
        self._kit = kit
        self._orders = orders
        self._brakes = brakes
        self._watchdog = watchdog
        self._witness = Witness(kit, orders)
        self._signing_in = watchdog.entering
        self._signed_in = 0
        self._nobody_came = False
        self._renewals = 0

    @property
    def generation(self) -> int:
        """Of what pages stand in: a page of an older one died with its context, or with its browser."""
        return self._renewals + self._watchdog.kills

    async def renew(self) -> None:
        """A fresh browser context; reads that were under way start over and are not blamed.

        Never under a person's hands: while a challenge stands, its page stays (F21).
        """
        async with self._signing_in:
            self._renewals += 1
            async with self._watchdog.reading(self._orders.work_limit_s, entering=True):
                await self._kit.floor.renew()

    async def sign_in(self, seen: int = 0) -> None:
        """Ensure the session once for all who found it gone after sign-in number `seen`; a challenge waits for a person."""
        async with self._signing_in:
            if seen < self._signed_in:
                return
            await self._ensure()
            self._signed_in += 1
            for code in ENTERED:
                self._kit.notifier.passed(code, self._orders.shop)

    async def _ensure(self, tries_left: int = READS - 1) -> None:
        """A sign-in page that fails is tried again as any read is, also one that died under a person's hands; a refused password never."""
        try:
            await self._enter()
        except (PageError, SessionExpired) as error:
            if not tries_left:
                raise
            await self._kit.clock.sleep(pause_s(error))
            await self._ensure(tries_left - 1)

    async def _enter(self) -> None:
        try:
            async with self._watchdog.reading(self._orders.work_limit_s, entering=True):
                await self._kit.floor.session.ensure()
        except ChallengeRequired as error:
            await self._call_person(error)

    async def open(self, case: CaseKey) -> tuple[CasePage, Snapshot]:
        """The case's page in a tab of its own, and what it says; raises what is left after the patience is used up."""
        return await self.patiently(lambda: self._open_once(case))

    async def _open_once(self, case: CaseKey) -> tuple[CasePage, Snapshot]:
        async with self._watchdog.reading(self._orders.read_limit_s):
            page = await self._kit.floor.refunds.open(case)
            try:
                return page, await self._read(page)
            except BaseException:
                await let_go(page)
                raise

    async def list(self, told: Callable[[int, int], None], known: frozenset[str] | None) -> Listing:
        """The shop's list, as `RefundDesk.list_pending`; each page of it has the same time. Raises as `open`."""

        async def once() -> Listing:
            async with self._watchdog.reading(self._orders.work_limit_s) as feed:

                def turned(read: int, total: int) -> None:
                    feed()
                    told(read, total)

                return await self._kit.floor.refunds.list_pending(turned, known)

        return await self.patiently(once)

    async def _read(self, page: CasePage) -> Snapshot:
        try:
            return await page.read()
        except RefundPilotError as error:
            await self._witness.look(page, error)
            raise

    async def patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        """Run a read; the table of consequences says how often it may run again."""
        reads = sign_ins = 0
        while True:
            generation, signed_in = self.generation, self._signed_in
            try:
                return await read()
            except RefundPilotError as error:
                if generation != self.generation and not isinstance(error, PageHung):
                    continue
                match consequence(error):
                    case Consequence.SIGN_IN if sign_ins < SIGN_INS:
                        sign_ins += 1
                        await self.sign_in(signed_in)
                    case Consequence.CALL_PERSON if sign_ins < SIGN_INS:
                        sign_ins += 1
                        await self.sign_in(signed_in)
                    case Consequence.READ_AGAIN if (reads := reads + 1) < READS:
                        await self._kit.clock.sleep(0.2 * 2**reads)
                    case Consequence.WAIT_AND_READ if (reads := reads + 1) < READS:
                        await self._kit.clock.sleep(pause_s(error))
                    case _:
                        raise
            except Exception as bug:
                if generation == self.generation:
                    raise as_error(bug) from bug

    async def _call_person(self, error: ChallengeRequired) -> None:
        """One call and one wait a sweep: where nobody came, whoever meets the challenge next leaves at once."""
        if self._nobody_came:
            raise error
        self._kit.heed_stop()
        reason = Reason(code=error.reason_code, params=error.params)
        with self._brakes.person_at_work():
            # the hand is held first: taking a picture lasts long enough for a click
            error.sight = error.sight or await self._kit.floor.session.sight()
            picture = self._witness.keep(error)
            call = Alarm(urgency=Urgency.CALL, shop=self._orders.shop, reason=reason, picture=picture)
            self._kit.notifier.notify(call)
            async with self._kit.aside(self._orders.shop):
                window = await self._present()
                if not window:
                    self._kit.progress.note(Reason(code="person.no_window"))
                self._nobody_came = not await self._person(window=window)
        if self._nobody_came:
            raise error

    async def _person(self, *, window: bool) -> bool:
        """Whether somebody came in time; the operator may end the wait, his way out must not take ten minutes."""
        shop, clock, tell = self._orders.shop, self._kit.clock, self._kit.progress.person
        until = clock.monotonic() + self._orders.challenge_wait_s
        coming = asyncio.ensure_future(self._kit.floor.session.await_person(self._orders.challenge_wait_s))
        told, once_more = None, window and self._orders.challenge_wait_s > 2 * LAST_CALL_S
        try:
            while not coming.done() and clock.monotonic() < until + GRACE_S:
                self._kit.heed_stop()
                if (left := max(0, math.ceil(until - clock.monotonic()))) != told:
                    tell(shop, told := left, window=window)
                if once_more and left <= LAST_CALL_S:
                    once_more = False
                    await self._present()
                await asyncio.wait({coming}, timeout=HEED_S)
            return coming.done() and coming.result()
        finally:
            tell(shop, None)
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _present(self) -> bool:
        """The page in front of the person; False where it has no window, or the browser does not say in time."""
        try:
            async with asyncio.timeout(self._orders.read_limit_s):
                return await self._kit.floor.session.present()
        except TimeoutError:
            return False


def pause_s(error: RefundPilotError) -> float:
    """Seconds until the server may be asked again: as it told (F14), else one."""
    return float(min(error.wait_s, LONGEST_WAIT_S)) if isinstance(error, RateLimited) else 1.0
