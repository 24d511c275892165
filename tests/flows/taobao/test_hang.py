"""A driver that stands still and a page that never ends: both end within the limit, and the next case is worked in a fresh browser (F9)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psutil
import pytest
import pytest_asyncio

from bot.browser import session
from bot.browser.find import FoundBrowser
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.domain.case import Snapshot
from bot.errors import PageHung
from bot.runner import reading
from bot.runner.brakes import Brakes
from bot.runner.orders import Kit
from bot.runner.reading import Reading
from bot.runner.watchdog import Watchdog
from flows.taobao.case_page import DetailPage
from flows.taobao.spec import Floor
from tests.conftest import Simulator
from tests.flows.taobao.conftest import Ground, floor_for
from tests.simulation.harness import World

pytestmark = pytest.mark.asyncio(loop_scope="session")
posix = pytest.mark.skipif(sys.platform == "win32", reason="nothing stops a process there")

LIMIT_S = 8.0
"""A fresh browser and a page in it take two seconds here; a PC that is busy has four times as long."""


@pytest_asyncio.fixture(loop_scope="session")
async def own(browser_binary: FoundBrowser) -> AsyncIterator[BrowserHost]:
    host = await BrowserHost.start(LaunchOptions(browser_binary.path, frozenset({"127.0.0.1"})))
    try:
        yield host
    finally:
        host.kill()
        await host.close()


@contextmanager
def stopped(host: BrowserHost) -> Iterator[psutil.Process]:
    """The driver stands still, as in a debugger; it is let go or dead at the end."""
    driver = host.running.processes[0]
    driver.suspend()
    try:
        yield driver
    finally:
        with suppress(psutil.NoSuchProcess):
            driver.resume()


@asynccontextmanager
async def in_the_shop(host: BrowserHost, simulator: Simulator) -> AsyncIterator[tuple[Ground, Reading]]:
    async with floor_for(host, simulator) as floor:
        await floor.session.ensure()
        yield Ground(simulator, floor), _reading(floor)


def _reading(floor: Floor) -> Reading:
    world = World(seed=1, cases=1)
    kit, orders = world.kit(), world.orders(read_limit_s=LIMIT_S, work_limit_s=LIMIT_S)
    known = {name: getattr(kit, name) for name in Kit.__dataclass_fields__}
    return Reading(Kit(**{**known, "floor": floor}), orders, Brakes(kit, orders), Watchdog(floor))


@posix
async def test_a_case_whose_driver_stands_still_is_read_in_a_fresh_browser(own: BrowserHost, world: Simulator) -> None:
    async with in_the_shop(own, world) as (ground, shop_reading):
        case = ground.fresh("agree_refund")
        with stopped(own) as driver:
            async with asyncio.timeout(4 * LIMIT_S):
                page, snapshot = await shop_reading.open(case)
            assert not driver.is_running()
        assert (snapshot.key, own.generation) == (case, 2)
        await page.close()


async def test_a_page_that_never_ends_costs_its_case_and_the_next_is_read_in_a_fresh_browser(
    own: BrowserHost, world: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = DetailPage.read
    async with in_the_shop(own, world) as (ground, shop_reading):
        endless, other = ground.fresh("agree_refund"), ground.fresh("agree_refund")

        async def never_ends(page: DetailPage) -> Snapshot:
            if page._case == endless:
                await page._page.evaluate("() => { while (1) {} }")
            return await read(page)

        monkeypatch.setattr(DetailPage, "read", never_ends)
        monkeypatch.setattr(reading, "READS", 1)
        async with asyncio.timeout(2 * LIMIT_S):
            with pytest.raises(PageHung):
                await shop_reading.open(endless)
        assert not own.alive
        page, snapshot = await shop_reading.open(other)
        assert (snapshot.key, own.generation) == (other, 2)
        await page.close()


@posix
async def test_a_driver_that_stood_still_between_two_sweeps_is_found_out_by_the_next_one(
    own: BrowserHost, world: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stopped(own):
        monkeypatch.setattr(session, "_BEGIN_S", 2.0)
        async with asyncio.timeout(4 * LIMIT_S), floor_for(own, world) as floor:
            monkeypatch.setattr(session, "_BEGIN_S", 60.0)
            await floor.session.ensure()
    assert own.generation == 2


@posix
async def test_a_browser_that_stands_still_ends_all_the_same(own: BrowserHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.browser.launch._CLOSE_S", 1.0)
    with stopped(own) as driver:
        async with asyncio.timeout(LIMIT_S):
            await own.close()
        assert not driver.is_running()
