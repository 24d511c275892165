"""One shop's back office in the browser: its pages, and what must be true of each of them before it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.act import is_there
from bot.browser.contracts import Contracts
from bot.browser.guard import Guard
from bot.browser.read import PageData, read_page
from bot.browser.session import BrowserSession
from bot.browser.targets import Targets
from bot.errors import ChallengeRequired, PageError, SessionExpired
from bot.ports.clock import Clock
from flows.navigation import Visit, visit
from flows.spec import Site
from flows.taobao.endpoints import LOGIN
from flows.taobao.parse import check_shop

CHALLENGES: Final = ("challenge.slider", "challenge.sms")


@dataclass(slots=True)
class Office:
    """The open session of one shop and all that its desks share."""

    site: Site
    clock: Clock
    targets: Targets
    guard: Guard
    contracts: Contracts
    _browser: BrowserSession | None = field(default=None)
    _ahead: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """The shop's own time: its last Date header carried forward; the PC's until the shop has said one (F36)."""
        return self.clock.now() + self._ahead

    @property
    def browser(self) -> BrowserSession:
        """The living session; there is one between the floor's `__aenter__` and `__aexit__`."""
        if self._browser is None:
            raise RuntimeError("the floor is closed")
        return self._browser

    def lend(self, browser: BrowserSession | None) -> None:
        """Give the office its session, or take it back."""
        self._browser = browser

    def address(self, path: str) -> str:
        """The full address of one of this shop's pages."""
        return f"{self.site.url.rstrip('/')}{path}"

    async def go(self, page: Page, path: str) -> Visit:
        """Load one of the shop's pages, signed in.

        Raises:
            SessionExpired: the back end asks to sign in (F19).
            ChallengeRequired: it asks for something that only a person may pass (F21).
            RateLimited, PageError, WrongPage: as `visit`.
        """
        visited = await visit(page, self.address(path), self.clock)
        self._ahead = visited.at - self.clock.now()
        await self.expect_signed_in(page)
        return visited

    async def expect_signed_in(self, page: Page) -> None:
        """Raises SessionExpired or ChallengeRequired when the page is a sign-in or a challenge."""
        if not urlsplit(page.url).path.startswith(LOGIN):
            return
        try:
            await page.wait_for_load_state("domcontentloaded")
        except BrowserError as error:
            raise PageError(f"the sign-in page did not load: {error.message.splitlines()[0]}", page=page.url) from error
        if await self.challenged(page):
            raise ChallengeRequired("the back end asks for a check that only a person may pass", page=page.url)
        raise SessionExpired("the back end asks to sign in", page=page.url)

    async def explain(self, page: Page) -> None:
        """After trouble: raises SessionExpired or ChallengeRequired when that was because the page left for the sign-in.

        The document itself is asked: right after a page took itself away its address is still the old one here.
        """
        try:
            await page.evaluate("location.href")
        except BrowserError:
            return
        await self.expect_signed_in(page)

    async def challenged(self, page: Page) -> bool:
        """Whether a slider or an SMS form stands on the page."""
        return any([await is_there(page, self.targets.read(key)) for key in CHALLENGES])

    async def read(self, page: Page, *, settled: bool = True) -> PageData:
        """All of a page, once its header was found to name our shop; not `settled`: what loads late is not asked for, nor taped.

        Raises:
            SessionExpired, ChallengeRequired: the page went away to the sign-in meanwhile (its own XHR found out first).
            WrongShop, WrongPage.
        """
        try:
            data = await read_page(page)
        except PageError:
            await self.explain(page)
            raise
        if settled:
            await self.browser.has_read(page, data)
        check_shop(data, self.site.name)
        return data
