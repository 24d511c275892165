"""The browser starts closed to the world, listens on nothing, and dies with everything it started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from bot.browser import launch
from bot.browser.find import FoundBrowser
from bot.browser.guard import Guard, Mode
from bot.browser.launch import BrowserHost, LaunchOptions, arguments
from bot.browser.session import BrowserSession
from bot.browser.wear import Wear
from bot.errors import BrowserMissing
from tests.unit.browser.conftest import BODY, Bench, CountingShop, HandClock, Ledgerish, permit, rules_for


@pytest_asyncio.fixture(loop_scope="session")
async def own_host(browser_binary: FoundBrowser) -> AsyncIterator[BrowserHost]:
    started = await BrowserHost.start(LaunchOptions(browser_binary.path, frozenset({"shop.example"})))
    yield started
    await started.close()


def _tree(host: BrowserHost) -> set[psutil.Process]:
    return {
        child
        for process in host.running.processes
        if process.is_running()
        for child in (process, *process.children(recursive=True))
    }


def _line(process: psutil.Process) -> str:
    """Nothing of one that has just ended."""
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


async def test_no_process_of_the_browser_listens_anywhere(host: BrowserHost) -> None:
    listening = []
    for process in _tree(host):
        with suppress(psutil.NoSuchProcess):  # a renderer that ended meanwhile listens nowhere
            listening += [one for one in process.net_connections(kind="inet") if one.status == psutil.CONN_LISTEN]
    assert listening == []


async def test_the_command_line_closes_egress_and_opens_no_port(host: BrowserHost) -> None:
    lines = [_line(process) for process in _tree(host)]
    browser = next(line for line in lines if "--host-resolver-rules" in line and "--type=" not in line)
    assert "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE [::1], EXCLUDE localhost" in browser
    assert "--remote-debugging-pipe" in browser
    assert "--remote-debugging-port" not in browser
    assert "--no-proxy-server" in browser
    assert host.version[0].isdigit()


def test_a_proxy_is_used_and_stays_reachable_by_name() -> None:
    line = arguments({"shop.example"}, "http://proxy.corp:3128")
    assert "--proxy-server=http://proxy.corp:3128" in line
    assert "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE proxy.corp, EXCLUDE shop.example" in line


async def test_pages_come_through_the_proxy_which_alone_knows_the_name(browser_binary: FoundBrowser) -> None:
    asked: list[str] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0])
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\nConnection: close\r\n\r\nthrough"
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    options = LaunchOptions(browser_binary.path, frozenset({"shop.invalid"}), proxy=f"http://127.0.0.1:{port}")
    started = await BrowserHost.start(options)
    try:
        guard = Guard(rules_for("http://shop.invalid"), HandClock(), Mode.READ_ONLY)
        async with await BrowserSession.open(started, guard) as session:
            page = await session.new_tab()
            await page.goto("http://shop.invalid/home")
            assert await page.inner_text("body") == "through"
    finally:
        await started.close()
        server.close()
    assert "GET http://shop.invalid/home HTTP/1.1" in asked


async def test_killing_leaves_no_process_and_sends_nothing_that_was_held(
    own_host: BrowserHost, shop: CountingShop
) -> None:
    """F3: a request that stands at the gate when the bot kills its browser never leaves."""
    clock = HandClock()
    guard = Guard(rules_for(shop.url), clock, Mode.ACT)
    session = await BrowserSession.open(own_host, guard)
    page = await session.new_tab()
    await page.goto(f"{shop.url}/home")
    tree = _tree(own_host)
    killed: list[int] = []

    class Killing(Ledgerish):
        def on_send(self) -> None:
            killed.append(own_host.kill())

    with guard.admit(permit(clock, Killing())) as admission:
        sending = asyncio.ensure_future(
            page.evaluate(
                "body => { fetch('/agree', {method: 'POST', keepalive: true, body: JSON.stringify(body)}) }", BODY
            )
        )
        assert await admission.decided(5)
        await asyncio.gather(sending, return_exceptions=True)
    await session.close()
    assert killed[0] >= 3
    assert not [process for process in tree if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert not own_host.alive
    assert shop.mutations == {}


async def test_a_dead_browser_is_closed_without_a_fuss(own_host: BrowserHost, bench: Bench) -> None:
    session = await BrowserSession.open(own_host, bench.guard)
    own_host.kill()
    await session.close()
    await own_host.close()
    await own_host.close()


async def test_a_browser_that_does_not_start_is_missing_with_its_own_words(tmp_path: Path) -> None:
    broken = tmp_path / "chrome"
    broken.write_text("#!/bin/sh\necho 'no usable sandbox' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(BrowserMissing, match="does not start"):
        await BrowserHost.start(LaunchOptions(broken, frozenset()))


async def test_a_start_that_came_to_nothing_leaves_no_driver_behind(
    browser_binary: FoundBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service tries again and again; each driver that stays is a process more."""
    before = launch._drivers()
    with monkeypatch.context() as patch:
        patch.setattr(launch, "_drivers", set)
        with pytest.raises(BrowserMissing, match="driver"):
            await BrowserHost.start(LaunchOptions(browser_binary.path, frozenset()))
    assert {one for one in launch._drivers() - before if one.status() != psutil.STATUS_ZOMBIE} == set()


async def test_the_host_is_worn_after_its_cases(host: BrowserHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "cases", 0)
    monkeypatch.setattr(host, "_wear", Wear())  # of its age and memory the tests before this one have made something
    assert not host.worn
    monkeypatch.setattr(host, "cases", host.limits.cases)
    assert host.worn
