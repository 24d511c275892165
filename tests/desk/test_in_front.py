"""A person is needed, and another window lies over the browser's: asked of the screen itself, which one is in front afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from bot.browser.find import find, this_machine
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.desktop.front import to_front
from bot.desktop.library import quietly
from bot.desktop.x11 import X11
from bot.errors import ChallengeRequired
from bot.ports.desktop import Front, WindowSeen
from flows.taobao.session import Session
from tests.conftest import Simulator, StartSimulator
from tests.desk import stage
from tests.e2e.person import Person
from tests.flows.taobao.conftest import floor_for
from tests.screens import lacking, lacks_window

# python3-xlib leaves files and pipes of its own open
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

COVER = "somebody's spreadsheet"
NO_MANAGER, STRICT = "no manager", "a strict manager"


@dataclass
class Eyes:
    """What the screen itself says, beside the program under test."""

    screen: X11

    def in_front(self) -> tuple[str, str]:
        """Titles of the window on top and of the one with the keys."""
        (top, *_), keys = self.screen.windows(), self.screen.focused()
        return top.title, keys.title if keys else ""

    def of(self, title: str) -> list[WindowSeen]:
        return [one for one in self.screen.windows() if one.title.startswith(title)]

    def wait_for_front(self, title: str) -> None:
        stage.wait_until(lambda: all(one.startswith(title) for one in self.in_front()), 20)


@pytest.fixture
def eyes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Eyes]:
    """A screen of the test's own, with a window manager or without one; without one nothing can be put away."""
    if missing := ", ".join(lacking()) or lacks_window():
        # only where even the tests may not install it (no Debian, no root)
        pytest.skip(f"this machine lacks {missing}")
    with stage.screen(tmp_path / "x.log"), managed_by(request.param):
        eyes = Eyes(X11())
        try:
            yield eyes
        finally:
            eyes.screen.close()


@contextmanager
def managed_by(manager: str) -> Iterator[None]:
    if manager == NO_MANAGER:
        yield
        return
    command = [sys.executable, "-m", "tests.desk.manager"]
    with subprocess.Popen(command, cwd=stage.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            stage.end(process)


@contextmanager
def covered(eyes: Eyes) -> Iterator[None]:
    """Another program's window lies over everything and has the keys."""
    from Xlib import X, display  # noqa: PLC0415 - Linux alone has it

    with quietly():
        screen: Any = display.Display()
    try:
        root, white = screen.screen().root, screen.screen().white_pixel
        window = root.create_window(0, 0, 1600, 1100, 0, X.CopyFromParent, background_pixel=white)
        window.set_wm_name(COVER)
        window.map()
        screen.sync()
        stage.wait_until(lambda: eyes.of(COVER), 20)
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        screen.sync()
        eyes.wait_for_front(COVER)
        yield
    finally:
        screen.close()


@asynccontextmanager
async def browser(*, headed: bool = True, front: Front | None = to_front) -> AsyncIterator[BrowserHost]:
    path = find(this_machine(), headed=headed).path
    host = await BrowserHost.start(LaunchOptions(path, frozenset({"127.0.0.1"}), headed=headed, front=front))
    try:
        yield host
    finally:
        await host.close()


@asynccontextmanager
async def at_a_check(host: BrowserHost, world: Simulator) -> AsyncIterator[Session]:
    """A sign-in that stands at a slider or an SMS form."""
    async with floor_for(host, world) as floor:
        assert isinstance(floor.session, Session)
        with pytest.raises(ChallengeRequired):
            await floor.session.ensure()
        yield floor.session


def waiting_page(session: Session) -> Page:
    assert session._challenge is not None
    return session._challenge.page


async def put_away(page: Page) -> None:
    cdp = await page.context.new_cdp_session(page)
    window = await cdp.send("Browser.getWindowForTarget")
    bounds = {"windowId": window["windowId"], "bounds": {"windowState": "minimized"}}
    await cdp.send("Browser.setWindowBounds", bounds)


@pytest.mark.parametrize("eyes", [NO_MANAGER, STRICT], indirect=True)
async def test_the_window_that_waits_comes_in_front_of_the_one_that_covers_it(
    eyes: Eyes, simulator: StartSimulator
) -> None:
    """Also of its browser's others, and where the desktop lets no program push itself forward."""
    world = simulator(scenario="challenge", cases=10)
    async with browser() as host, at_a_check(host, world) as session:
        title = await waiting_page(session).title()
        other = await host.browser.new_page()
        await other.set_content("<title>another shop</title>")
        with covered(eyes):
            assert await session.present()
            await asyncio.to_thread(eyes.wait_for_front, title)


@pytest.mark.parametrize("eyes", [STRICT], indirect=True)
async def test_a_window_that_somebody_put_away_comes_up_again(eyes: Eyes, simulator: StartSimulator) -> None:
    world = simulator(scenario="challenge", cases=10)
    async with browser() as host, at_a_check(host, world) as session:
        page = waiting_page(session)
        title = await page.title()
        await asyncio.to_thread(stage.wait_until, lambda: eyes.of(title), 20)
        await put_away(page)
        await asyncio.to_thread(stage.wait_until, lambda: not eyes.of(title), 20)
        with covered(eyes):
            assert await session.present()
            await asyncio.to_thread(eyes.wait_for_front, title)


@pytest.mark.parametrize("eyes", [STRICT], indirect=True)
async def test_a_browser_without_windows_opens_one_in_front_where_the_check_is_passed(
    eyes: Eyes, simulator: StartSimulator, tmp_path: Path
) -> None:
    world = simulator(scenario="challenge", cases=10)
    async with browser(headed=False) as host, at_a_check(host, world) as session:
        with covered(eyes):
            assert await session.present()
            page = waiting_page(session)
            title = await page.title()
            await asyncio.to_thread(eyes.wait_for_front, title)
            waiting = asyncio.ensure_future(session.await_person(20))
            await Person(host, world, tmp_path).passes(page)
            assert await waiting is True
            await asyncio.to_thread(stage.wait_until, lambda: not eyes.of(title), 20)


@pytest.mark.parametrize("eyes", [NO_MANAGER], indirect=True)
async def test_a_system_that_will_not_bring_it_forward_keeps_nobody_from_waiting(
    eyes: Eyes, simulator: StartSimulator, tmp_path: Path
) -> None:
    def broken(pids: object, title: str) -> bool:
        raise OSError("no such desktop")

    world = simulator(scenario="challenge", cases=10)
    async with browser(front=broken) as host, at_a_check(host, world) as session:
        assert await session.present()
        waiting = asyncio.ensure_future(session.await_person(20))
        await Person(host, world, tmp_path).passes(waiting_page(session))
        assert await waiting is True
