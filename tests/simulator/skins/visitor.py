"""A signed-in visitor without a browser, and how to read a page's words."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from simulator.skins import taobao
from simulator.world.service import World
from tests.simulator.skins.small_world import NoFaults, make_world

DETAIL = "/trade-platform/refund-list/detail?disputeId="
REFUSE = "/trade-platform/refund-list/refuse?disputeId="


class AppTransport(httpx.BaseTransport):
    """Asks an ASGI app without a server (Starlette's own client wants a library that is not installed)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(self._ask(request))
        finally:
            loop.close()

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._app.handle_async_request(copy)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def client_of(app: ASGIApp) -> httpx.Client:
    return httpx.Client(transport=AppTransport(app), base_url="http://127.0.0.1", follow_redirects=False)


@dataclass
class Visitor:
    """A client of the shop's origin and the world behind it."""

    client: httpx.Client
    world: World
    faults: NoFaults

    def xhr(self, name: str, **body: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.post(f"/h5api/dispute/{name}", json=body).json()
        return answer

    def claim(self, number: str) -> dict[str, Any]:
        case = self.world.store.cases[number]
        return {"disputeId": number, "amount": case.amount_fen, "version": case.version}

    def pairs(self, number: str) -> dict[str, str]:
        """Every dt of a case's page with its dd's text; the first of equal labels wins."""
        text = self.client.get(DETAIL + number).text
        found = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", text, re.DOTALL)
        return {label: words(value) for label, value in reversed(found)}

    def buttons(self, number: str) -> list[str]:
        section = re.search(r"<h2>操作</h2>(.*?)</section>", self.client.get(DETAIL + number).text, re.DOTALL)
        assert section
        return [words(button) for button in re.findall(r"<button.*?</button>", section[1], re.DOTALL)]


def words(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def stranger(world: World | None = None, seed: int = 1) -> Visitor:
    world, faults = world or make_world(), NoFaults()
    return Visitor(client_of(taobao.build(world, faults, seed)), world, faults)


def visitor(world: World | None = None, seed: int = 1) -> Visitor:
    guest = stranger(world, seed)
    answer = guest.client.post("/login/submit", json={"account": "shanye:ops", "password": "secret-1"})
    assert answer.json()["ret"] == "SUCCESS"
    return guest
