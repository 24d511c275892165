"""Signing in to the courier's portal, in the one tab that all its desks share, and not again once it refused the account."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import Page

from bot.browser.act import whichever
from bot.browser.rules import origin_of
from bot.browser.session import BrowserSession
from bot.browser.targets import Targets
from bot.errors import PageError, SessionExpired, SignInRefused
from bot.ports.clock import Clock
from flows.courier.endpoints import LOGIN
from flows.navigation import Visit, visit
from flows.sign_in import LANDING_S, SignInForm, refused, type_login
from flows.spec import Login, Site


class Portal:
    """One account at the portal; not for two users at once."""

    def __init__(self, site: Site, login: Login, clock: Clock, targets: Targets, browser: BrowserSession) -> None:
        self.targets = targets
        self.clock = clock
        self._site = site
        self._login = login
        self._browser = browser
        self._tab: Page | None = None
        self._led_nowhere = False

    async def go(self, path: str) -> tuple[Page, Visit]:
        """Load a page of the portal, signing in once if it asks for that.

        Raises:
            SignInRefused: the portal refuses the account, now or in an earlier session: every try counts towards a lock. Or the sign-in belongs
                to another origin.
            SessionExpired: the portal asks to sign in again right after a sign-in.
            PageError: the portal does not answer, or not with a page.
        """
        if (refusal := self._browser.refusal) is not None:
            raise refusal.with_traceback(None)
        page = await self._page()
        visited = await visit(page, self._address(path), self.clock)
        if _at_sign_in(page):
            await self._sign_in(page)
            visited = await visit(page, self._address(path), self.clock)
            if _at_sign_in(page):
                raise SessionExpired("the courier's portal forgot the sign-in", page=page.url)
        return page, visited

    async def _page(self) -> Page:
        if self._tab is None or self._tab.is_closed():
            self._tab = await self._browser.new_tab()
        return self._tab

    def _address(self, path: str) -> str:
        return f"{self._site.url.rstrip('/')}{path}"

    async def _sign_in(self, page: Page) -> None:
        form = SignInForm("sign_in", origin_of(self._site.url), LOGIN)
        answer = await type_login(page, self.targets, form, self._login)
        read = self.targets.read
        match landed := await whichever(page, [read("session.header"), read("sign_in.problem")], LANDING_S):
            case "session.header":
                self._led_nowhere = False
            case "" if not self._led_nowhere:
                self._led_nowhere = True
                raise PageError("the sign-in led nowhere", page=page.url)
            case _:
                # once may be a slow page; twice in a row is a refusal that we cannot read
                trouble = await refused(page, answer, "the courier's portal")
                if isinstance(trouble, SignInRefused):
                    self._browser.was_refused(trouble, certain=bool(landed))
                raise trouble


def _at_sign_in(page: Page) -> bool:
    return urlsplit(page.url).path == LOGIN
