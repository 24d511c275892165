"""Taobao/Tmall as a platform: the floor of one shop, and how it is opened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from bot.browser.contracts import load_contracts
from bot.browser.targets import load_targets
from bot.ports.desks import RefundDesk, SessionDesk
from flows.spec import Login, PlatformSpec, Site, Stop, Workplace
from flows.taobao.endpoints import guard_rules
from flows.taobao.office import Office
from flows.taobao.pages import PAGES
from flows.taobao.refunds import Refunds
from flows.taobao.session import Session
from flows.taobao.tape import TAPE
from flows.taobao.tour import walk

NAME: Final = "taobao"


class Floor:
    """The ShopFloor: all desks of one shop over one browser session."""

    session: SessionDesk
    refunds: RefundDesk

    def __init__(self, workplace: Workplace, site: Site, login: Login) -> None:
        """Raises ConfigError for selectors that cannot be used; no browser is touched before `async with`."""
        self.guard = workplace.guard(guard_rules(site.url))
        self._workplace = workplace
        targets = load_targets(NAME, workplace.selectors)
        contracts = load_contracts(targets, workplace.selectors)
        self._office = Office(site, workplace.clock, targets, self.guard, contracts)
        self.session = self._session = Session(self._office, login)
        self.refunds = Refunds(self._office)

    def now(self) -> datetime:
        """The shop's own time."""
        return self._office.now()

    def walk(self) -> AsyncGenerator[Stop]:
        """A tour of the open floor; see `tour.walk`."""
        return walk(self._office, self.session)

    async def renew(self) -> None:
        """A fresh context with the kept sign-in; every tab is gone."""
        await self._office.browser.renew()

    async def abandon(self) -> None:
        """Nothing of it is left; what it held at the gate was never sent."""
        await asyncio.to_thread(self._workplace.host.kill)

    async def __aenter__(self) -> Self:
        self._office.lend(await self._workplace.session(self.guard))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        browser = self._office.browser
        self._office.lend(None)
        await browser.close()


async def _tour(workplace: Workplace, site: Site, login: Login) -> AsyncGenerator[Stop]:
    """See `tour.walk`. Raises SessionError, PageError."""
    floor = Floor(workplace, site, login)
    async with floor:
        async for stop in floor.walk():
            yield stop


SPEC: Final = PlatformSpec(name=NAME, guard_rules=guard_rules, open_shop=Floor, pages=PAGES, tape=TAPE, tour=_tour)
