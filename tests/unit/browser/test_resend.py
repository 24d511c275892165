"""Chromium's own second send (reliability.md M2): real, invisible from above, and gone when the guard sends itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from bot.browser.guard import Guard, Mode
from bot.browser.launch import BrowserHost
from bot.browser.session import BrowserSession
from tests.unit.browser.conftest import BODY, HandClock, Ledgerish, permit, rules_for


@dataclass
class DroppingShop:
    """Keeps connections open, and hangs up without an answer on the first POST that comes over a used one."""

    url: str = ""
    posts: int = 0
    dropped: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        used = False
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(head))
                if head.startswith(b"POST /agree"):
                    self.posts += 1
                    if used and not self.dropped:
                        self.dropped += 1
                        return
                page = b"<h1>shop</h1>"
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
                )
                used = True
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.open.discard(writer)
            writer.close()


def _length(head: bytes) -> int:
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next((int(value) for name, _, value in lines if name == b"content-length"), 0)


@pytest_asyncio.fixture(loop_scope="session")
async def dropping() -> AsyncIterator[DroppingShop]:
    shop = DroppingShop()
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0)
    shop.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield shop
    server.close()
    for writer in tuple(shop.open):
        writer.close()
    await server.wait_closed()


@pytest.mark.parametrize(("sends_itself", "at_the_server"), [(False, 2), (True, 1)])
async def test_one_permitted_click_reaches_the_server(
    host: BrowserHost, dropping: DroppingShop, sends_itself: bool, at_the_server: int
) -> None:
    """Two POSTs of one permit: only the server's state can tell, so only a read-back counts."""
    clock, ledger = HandClock(), Ledgerish()
    guard = Guard(rules_for(dropping.url, sends_itself=sends_itself), clock, Mode.ACT)
    async with await BrowserSession.open(host, guard) as session:
        page = await session.new_tab()
        await page.goto(f"{dropping.url}/home")
        if sends_itself:
            await session.context.request.get(f"{dropping.url}/home")  # so that its connection is a used one as well
        with guard.admit(permit(clock, ledger)) as admission:
            await page.evaluate(
                "body => fetch('/agree', {method: 'POST', body: JSON.stringify(body)}).then(r => r.text()).catch(() => 0)",
                BODY,
            )
    assert admission.sent
    assert not admission.refusals
    assert guard.counts["passed.write"] == 1
    assert dropping.dropped == 1
    assert dropping.posts == at_the_server
