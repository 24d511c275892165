"""A person's browser in front of the small shop, served in the test's own loop so that the world is at hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, Request, expect

from simulator.courier import build as build_courier
from simulator.skins import taobao
from simulator.world.service import World
from tests.simulator.skins.small_world import NoFaults, make_world

LIST = "/trade-platform/refund-list"

expect.set_options(timeout=30_000)


@dataclass
class Desk:
    """One person's tab, the world behind it, and the POSTs that left it."""

    page: Page
    url: str
    world: World
    faults: NoFaults
    posts: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    async def sign_in(self, password: str = "secret-1") -> None:
        await self.page.goto(f"{self.url}/login")
        await self.page.get_by_label("账号").fill("shanye:ops")
        await self.page.get_by_label("密码").fill(password)
        await self.page.get_by_role("button", name="登录").click()

    async def enter(self) -> None:
        """Come in with the cookie of an earlier sign-in."""
        token = self.world.sign_in("shanye:ops", "secret-1").token
        cookie: list[Any] = [{"name": "cookie2", "value": token, "url": self.url, "httpOnly": True}]
        await self.page.context.add_cookies(cookie)

    async def open_case(self, number: str) -> None:
        await self.page.goto(f"{self.url}{LIST}/detail?disputeId={number}")

    async def open_refusal(self, number: str) -> None:
        await self.page.goto(f"{self.url}{LIST}/refuse?disputeId={number}")

    async def skip_guides(self) -> None:
        """This person has seen the guides before."""
        cookies: list[Any] = [
            {"name": f"qn_guide_{kind}", "value": "1", "url": self.url} for kind in ("list", "detail")
        ]
        await self.page.context.add_cookies(cookies)


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve an app on a free port until the block ends."""
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # pytest keeps its signals
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event for it
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    server.force_exit = True
    await running


class DeskMaker:
    """Opens desks over worlds, seeds and faults that a test names."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._stack = contextlib.AsyncExitStack()

    async def __call__(self, *, seed: int = 1, kinds: frozenset[str] = frozenset(), **world: Any) -> Desk:
        made, faults = make_world(**world), NoFaults(set(kinds))
        url = await self._stack.enter_async_context(served(taobao.build(made, faults, seed)))
        return self._desk(await self._tab(), url, made, faults)

    async def courier(self) -> Desk:
        made = make_world()
        url = await self._stack.enter_async_context(served(build_courier(made, None)))
        return self._desk(await self._tab(), url, made, NoFaults())

    async def _tab(self) -> Page:
        context = await self._browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        self._stack.push_async_callback(context.close)
        return await context.new_page()

    @staticmethod
    def _desk(page: Page, url: str, world: World, faults: NoFaults) -> Desk:
        desk = Desk(page, url, world, faults)

        def note(request: Request) -> None:
            if request.method == "POST":
                desk.posts[request.url.removeprefix(url).partition("?")[0]] += 1

        page.context.on("request", note)
        page.on("pageerror", lambda error: desk.errors.append(str(error)))
        return desk

    async def close(self) -> None:
        await self._stack.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(bare_browser: Browser) -> AsyncIterator[DeskMaker]:
    maker = DeskMaker(bare_browser)
    yield maker
    await maker.close()
