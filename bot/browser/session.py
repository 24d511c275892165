"""One shop's (or one courier account's) corner of the browser: an isolated context, its guard, its tabs, its incidents."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from playwright.async_api import BrowserContext, Frame, Page, StorageState, WebSocketRoute
from playwright.async_api import Error as PlaywrightError

from bot.browser.artifacts import html_of
from bot.browser.gate import Post
from bot.browser.guard import Guard, GuardedRequest, Mode, Refusal, Why
from bot.browser.launch import BrowserHost
from bot.browser.nuisances import Incident, Nuisances
from bot.browser.read import PageData
from bot.errors import PageError, RefundPilotError, SignInRefused
from bot.ports.tape import Said

_SEND_TIMEOUT_MS = 30_000
_REMEMBER_S = 10.0
_BEGIN_S = 60.0
"""A context is there within a second; a browser that takes so long for one answers nobody any more."""
_END_S = 30.0
_NOWHERE = {"server": "http://127.0.0.1:1", "bypass": "<-loopback>"}
"""Where whatever slips past the gate of a replay ends, the context's own API client included (peers.md M6): nobody listens there."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the session looks to the shop. Sizes in CSS pixels, times in seconds."""

    width: int = 1440
    height: int = 900
    user_agent: str = ""
    action_timeout_s: float = 10.0
    navigation_timeout_s: float = 30.0


def _nothing(_: Incident) -> None:
    """The default listener, for whom nobody need be told."""


@dataclass(eq=False)
class BrowserSession:
    """One isolated context at a time, renewed with its sign-in kept.

    The sign-in (cookies, local storage, IndexedDB) is kept in this process's memory alone: nothing on disk to steal (S2);
    sessionStorage is not carried over (M10), so the platform's own probe must say whether we are still signed in.
    """

    host: BrowserHost
    guard: Guard
    look: Look = field(default_factory=Look)
    on_incident: Callable[[Incident], None] = _nothing
    name: str = ""
    _context: BrowserContext | None = None
    _context_id: str = ""
    _generation: int = 0
    _state: StorageState | None = None
    _refusal: SignInRefused | None = None
    _tabs: set[Page] = field(default_factory=set)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _nuisances: Nuisances = field(init=False)

    def __post_init__(self) -> None:
        self._nuisances = Nuisances(self.on_incident, self._is_ours, lambda: self.guard.mode is Mode.BY_HAND)

    @classmethod
    async def open(
        cls,
        host: BrowserHost,
        guard: Guard,
        look: Look | None = None,
        on_incident: Callable[[Incident], None] = _nothing,
        name: str = "",
    ) -> BrowserSession:
        """A fresh session with `guard` at its post; signed out, unless the host kept the sign-in of the last one of this name.

        A browser that hung or died while nobody looked is started afresh. Raises PageError: it does not go along twice; BrowserMissing.
        """
        session = cls(host, guard, look or Look(), on_incident, name)
        session._state = (host.kept or {}).get(name)
        try:
            await session._begin()
        except PageError:
            await session._in_a_living_browser()
        host.tenants.add(session)
        return session

    @property
    def context(self) -> BrowserContext:
        """The living context. Its own `request` client passes no guard: flows never use it (a test looks for it)."""
        if self._context is None:
            raise RuntimeError("the session is closed")
        return self._context

    @property
    def page_count(self) -> int:
        """Open pages, popups that are about to be closed included."""
        return len(self.context.pages)

    def age_s(self, page: Page, now: float, asked_at: float) -> float:
        """Seconds since the page was asked for; in a replay as the tape has it, so that it is loaded as often as then."""
        player = self.host.gate.heads.player
        return now - asked_at if player is None else player.age_s(page.url)

    async def has_read(self, view: Page | Frame, data: PageData) -> None:
        """Tell whatever turns beside the gate how the page stood, and what was read there."""
        heads = self.host.gate.heads
        if heads.recorder is not None and heads.recorder.is_news(view.url, data):
            with suppress(PlaywrightError):
                heads.recorder.reading(view.url, await html_of(view), data.lines())
        if heads.player is not None:
            heads.player.reading(view.url, data.lines())

    def case_done(self) -> None:
        """Count one case for the recycling of the browser."""
        self.host.cases += 1

    async def new_tab(self) -> Page:
        """An empty tab of ours; any page that appears otherwise is a popup and is closed. Whoever opens it closes it.

        A browser that died, or was started afresh, is no matter here: the session begins again in the new one (F7, F9).

        Raises:
            PageError: the browser died in this very moment; the next call finds a new one.
            BrowserMissing: it does not start any more.
        """
        opening = asyncio.ensure_future(self._open_tab())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._nuisances.later(_close_when_open(opening))  # it comes all the same, and is no popup
            raise

    async def _open_tab(self) -> Page:
        async with self._opening:
            await self._in_a_living_browser()
            try:
                page = await self.context.new_page()
            except PlaywrightError as error:
                raise PageError(f"no tab: {error.message.splitlines()[0]}") from error
            self._tabs.add(page)
        page.on("close", lambda closed: self._tabs.discard(closed))  # noqa: PLW0108 - Playwright cannot wrap a bound builtin
        return page

    async def _is_ours(self, page: Page) -> bool:
        async with self._opening:
            return page in self._tabs

    async def renew(self) -> None:
        """A new context with the kept sign-in: after an unknown outcome, a crash, or a number of cases. All tabs are gone.

        Memory of a context is freed only by closing it (reliability.md 6: 25 to 50 cases).

        A browser that is worn is started afresh on the way. Raises BrowserMissing as `new_tab`.
        """
        async with self._opening:
            if self.host.worn:
                await self.host.restart(self.host.generation)
            # the old context is gone in any case, and where there is no new one yet the next tab begins it
            with suppress(PageError):
                await self._in_a_living_browser()
                await self.remember()
                await self._end()
                await self._begin()

    def has_signed_in(self, at: datetime) -> None:
        """Somebody, robot or person, came through the sign-in at this moment; a session without a name tells nobody."""
        if self.name:
            self.host.signed_in[self.name] = at

    @property
    def refusal(self) -> SignInRefused | None:
        """Why this account is not tried again, in this session or one of its name: every try counts towards a lock."""
        return self._refusal or self.host.refused.get(self.name)

    def was_refused(self, why: SignInRefused, *, certain: bool) -> None:
        """Remembered for as long as the host lives, or somebody takes it out there; a guess, or without a name, in this session alone."""
        self._refusal = why
        if certain and self.name:
            self.host.refused[self.name] = why

    def nobody_passed(self) -> None:
        """The check that this sign-in was asked for is left as it is."""
        if self.name:
            self.host.unpassed.add(self.name)

    def was_left_at_a_check(self) -> bool:
        """Whether a check stands between the kept sign-in and the shop, of which a person was told in vain; said once."""
        left = self.name in self.host.unpassed
        self.host.unpassed.discard(self.name)
        return left

    async def remember(self) -> None:
        """Keep the sign-in as it is now, for the next context; after a sign-in it is worth a call.

        Where the browser does not answer, or there is no context right now, what was kept before stays.
        """
        if self._context is None:
            return
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_REMEMBER_S):
                self._state = await self.context.storage_state(indexed_db=True)

    async def take_over(self, cookies: list[Any]) -> None:
        """Be signed in as a context that handed out these cookies, in a living browser. Raises as `new_tab`."""
        async with self._opening:
            await self._in_a_living_browser()
            try:
                await self.context.add_cookies(cookies)
            except PlaywrightError as error:
                raise PageError(f"no sign-in taken over: {error.message.splitlines()[0]}") from error

    async def close(self) -> None:
        """Close the context; its sign-in is forgotten, unless the host keeps it. Never raises for a browser that is gone already."""
        if self.name and self.host.kept is not None and self._context is not None:
            await self.remember()
            if self._state is not None:
                self.host.kept[self.name] = self._state
        elif self.host.kept is None:
            self.host.forget(self.name)
        self.host.tenants.discard(self)
        self._state = None
        if self._context is not None:
            await self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _in_a_living_browser(self) -> None:
        if not self.host.alive:
            await self.host.restart(self.host.generation)
        if self._generation != self.host.generation:
            self._tabs.clear()
            await self._begin()

    async def _begin(self) -> None:
        """A context of the living browser, which is killed where it answers no more. Raises PageError: none, or half of one; whoever needs one next begins anew."""
        self._generation = 0
        try:
            async with asyncio.timeout(_BEGIN_S):
                await self._enlist()
                await self._furnish(self.context)
        except TimeoutError as error:
            await asyncio.to_thread(self.host.kill)
            raise PageError(f"no context within {_BEGIN_S:g} s") from error
        except PlaywrightError as error:
            if self._context is not None:
                await self._end()
            raise PageError(f"no context: {error.message.splitlines()[0]}") from error
        self._generation = self.host.generation

    async def _enlist(self) -> None:
        browser, gate = self.host.browser, self.host.gate
        async with gate.enlisting:
            before = await gate.context_ids()
            self._context = await browser.new_context(**self._options(), storage_state=self._state)
            (self._context_id,) = await gate.context_ids() - before
            gate.post(self._context_id, Post(self.guard, self._frames, self._send))

    async def _furnish(self, context: BrowserContext) -> None:
        player = self.host.gate.heads.player
        if player is not None:
            await context.clock.install(time=player.now())
        context.set_default_timeout(self.look.action_timeout_s * 1000)
        context.set_default_navigation_timeout(self.look.navigation_timeout_s * 1000)
        self._nuisances.watch(context)
        await context.route_web_socket(re.compile(".*"), self._socket)

    def _options(self) -> dict[str, Any]:
        return {
            **({"proxy": _NOWHERE} if self.host.options.sealed else {}),
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "viewport": {"width": self.look.width, "height": self.look.height},
            "service_workers": "block",
            "accept_downloads": False,
            "user_agent": self.look.user_agent or None,
        }

    async def _end(self) -> None:
        """The context is dead afterwards, if need be with its browser: nothing more leaves it."""
        context, self._context = self.context, None
        with suppress(PlaywrightError):
            await self.host.gate.quiet()
        try:
            with suppress(PlaywrightError):
                async with asyncio.timeout(_END_S):
                    await context.close()
        except TimeoutError:
            await asyncio.to_thread(self.host.kill)
        self.host.gate.relieve(self._context_id)
        self._tabs.clear()

    async def _socket(self, socket: WebSocketRoute) -> None:
        if self.guard.allows_socket(socket.url) and not self.host.options.sealed:
            socket.connect_to_server()
            return
        self.guard.record(Refusal("SOCKET", socket.url.partition("?")[0], "", Why.UNLISTED))
        await socket.close(code=1008, reason="not listed")

    async def _frames(self) -> frozenset[str]:
        """Ids of all frames of our pages; asked only when a frame inside a page wants to write."""
        found: set[str] = set()
        for page in self.context.pages:
            with suppress(PlaywrightError):
                found |= await _frame_ids(self.context, page)
        return frozenset(found)

    async def _send(self, request: GuardedRequest) -> Said:
        """Send a judged write from here, once, with this context's cookies, following nothing (reliability.md 3.1 rule 12)."""
        answer = await self.context.request.fetch(
            request.url,
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
            max_redirects=0,
            max_retries=0,
            timeout=_SEND_TIMEOUT_MS,
        )
        headers = tuple((h["name"].lower(), h["value"]) for h in answer.headers_array if _forwarded(h["name"]))
        return Said(answer.status, headers, await answer.body())


async def _close_when_open(opening: Awaitable[Page]) -> None:
    """A tab that nobody waits for any more."""
    with suppress(PlaywrightError, RefundPilotError):
        await (await opening).close()


def _forwarded(name: str) -> bool:
    """Length and encoding are the browser's to say: it gets the body decoded. Cookies were already kept."""
    return name.lower() not in {"content-length", "content-encoding", "transfer-encoding", "set-cookie"}


async def _frame_ids(context: BrowserContext, page: Page) -> set[str]:
    cdp = await context.new_cdp_session(page)
    tree = (await cdp.send("Page.getFrameTree"))["frameTree"]
    await cdp.detach()
    found, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        found.add(node["frame"]["id"])
        waiting.extend(node.get("childFrames", ()))
    return found
