"""Signing in to the back end, and the proof that we still are, in the shop we mean (design.md 4.1; F19 to F21, F60)."""

from __future__ import annotations

from playwright.async_api import Page

from bot.browser.act import whichever
from bot.browser.artifacts import sight_of
from bot.browser.rules import origin_of
from bot.browser.window import Window
from bot.errors import ChallengeRequired, PageError, SessionExpired, Sight
from flows.sign_in import LANDING_S, SignInForm, refused, type_login
from flows.spec import Login
from flows.taobao.endpoints import HOME, LOGIN, SIGN_IN_SUBMIT
from flows.taobao.office import CHALLENGES, Office


class Session:
    """The SessionDesk: one account, signed in at most once at a time."""

    def __init__(self, office: Office, login: Login) -> None:
        self._office = office
        self._login = login
        self._challenge: Window | None = None
        self._nobody_passed = False

    async def ensure(self) -> None:
        """Be signed in, in the right shop; see `SessionDesk.ensure`."""
        await self._drop_challenge()
        page = await self._office.browser.new_tab()
        try:
            await self._enter(page)
            await self._office.read(page)
        except ChallengeRequired:
            self._challenge = Window(self._office.browser, page)
            raise
        except BaseException:
            await page.close()
            raise
        await page.close()
        await self._office.browser.remember()

    async def sight(self) -> Sight:
        """What the open challenge shows; see `SessionDesk.sight`."""
        window = self._challenge
        return await sight_of(window.page) if window and window.waits else Sight()

    async def present(self) -> bool:
        """The open challenge in front of everything else; see `SessionDesk.present`."""
        return self._challenge is not None and await self._challenge.present()

    async def await_person(self, timeout_s: float) -> bool:
        """Watch the open challenge until the header of our shop appears; the person's hands are not disturbed."""
        window = self._challenge
        if window is None:
            return False
        header = [self._office.targets.read("session.header")]
        if not window.waits or not await whichever(window.page, header, timeout_s):
            if window.lost_its_browser:
                raise PageError("the browser is gone under the person's hands", page=window.page.url)
            return False
        await self._office.read(window.page)
        await self._drop_challenge(passed=True)
        self._office.browser.has_signed_in(self._office.clock.now())
        await self._office.browser.remember()
        return True

    async def _drop_challenge(self, *, passed: bool = False) -> None:
        window, self._challenge = self._challenge, None
        if window is not None:
            await window.close(passed=passed)
            self._nobody_passed = not passed

    async def close(self) -> None:
        """A challenge that nobody passed is left, and the next session of this account told."""
        await self._drop_challenge()
        if self._nobody_passed:
            self._office.browser.nobody_passed()

    async def _enter(self, page: Page) -> None:
        """Open the workbench, by way of the sign-in if the back end asks for it.

        Where nobody passed the last session's check in its window, somebody may have at a desk of their own: that frees the
        account, and not the sign-in that was kept, so this one signs in anew, once.
        """
        try:
            await self._office.go(page, LOGIN if self._office.browser.was_left_at_a_check() else HOME)
        except SessionExpired:
            await self._sign_in(page)

    async def _sign_in(self, page: Page) -> None:
        form = SignInForm("sign_in", origin_of(self._office.site.url), SIGN_IN_SUBMIT)
        answer = await type_login(page, self._office.targets, form, self._login)
        read = self._office.targets.read
        wanted = [read("session.header"), *(read(key) for key in CHALLENGES), read("sign_in.problem")]
        match await whichever(page, wanted, LANDING_S):
            case "session.header":
                self._office.browser.has_signed_in(self._office.clock.now())
            case "sign_in.problem":
                raise await refused(page, answer, "the back end")
            case "":
                raise PageError("the sign-in led nowhere", page=page.url)
            case _:
                raise ChallengeRequired("the sign-in asks for a check that only a person may pass", page=page.url)
