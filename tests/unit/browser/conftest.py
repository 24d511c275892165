"""A tiny shop that counts every request that reaches it, and sessions with a guard for it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.browser.guard import Endpoint, Guard, GuardedRequest, GuardRules, Kind, Mode, Stated, whole_fen
from bot.browser.launch import BrowserHost
from bot.browser.nuisances import Incident
from bot.browser.session import BrowserSession
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.ids import CaseKey, IntentId
from bot.domain.money import Money
from bot.ports.desks import Permit

CASE = CaseKey(platform="test", shop_id="shop", aftersale_id="70001")
AMOUNT = Money(12_900)
BODY = {"id": CASE.aftersale_id, "amount": AMOUNT.fen}

SCRIPTS = {
    "/worker.js": "fetch('/agree', {method: 'POST', body: '{}'}); fetch('/nowhere', {method: 'PUT'})",
    "/shared.js": "fetch('/agree', {method: 'POST', body: '{}'}).catch(() => 0); onconnect = () => 0",
    "/lasting.js": "window.loaded = (window.loaded ?? 0) + 1",
    "/service.js": "self.addEventListener('install', () => fetch('/agree', {method: 'POST', body: '{}'}))",
}


LASTING = {"Cache-Control": "public, max-age=31536000, immutable"}
"""What a careless server may say of the answer to a write as well."""
HELD = {"Cache-Control": "max-age=600, immutable"}
"""And of a case."""


@dataclass
class CountingShop:
    """What reached the server: `POST /agree` and the like, plain GETs of pages included; `/late` is answered once that is set."""

    url: str = ""
    reached: Counter[str] = field(default_factory=Counter)
    late: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def mutations(self) -> dict[str, int]:
        """All that reached it beside GETs."""
        return {what: times for what, times in self.reached.items() if not what.startswith("GET ")}

    async def answer(self, request: Request) -> Response:
        self.reached[f"{request.method} {request.url.path}"] += 1
        await request.body()
        path = request.url.path
        if path in SCRIPTS:
            return Response(
                SCRIPTS[path], media_type="text/javascript", headers=LASTING if path == "/lasting.js" else {}
            )
        if path == "/late":
            await self.late.wait()
        if path == "/hop":
            return RedirectResponse("/agree", status_code=307)
        if path == "/away":
            return RedirectResponse("http://evil.example/", status_code=302)
        if request.method == "GET":
            times = self.reached[f"GET {path}"]
            return HTMLResponse(f"<h1>shop</h1><p>answer {times}</p>", headers=HELD if path == "/case" else {})
        return JSONResponse({"ok": True}, headers=LASTING)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 10, tzinfo=SHANGHAI) + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Ledgerish:
    """Stands in for the commit of SENT: counts, or fails on wish."""

    sent: int = 0
    failure: Exception | None = None

    def on_send(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent += 1


def permit(
    clock: HandClock,
    ledger: Ledgerish,
    *,
    verb: Verb = Verb.AGREE_REFUND,
    case: CaseKey = CASE,
    amount: Money | None = AMOUNT,
    lasts_s: float = 5.0,
) -> Permit:
    return Permit(IntentId("intent"), verb, case, amount, clock.monotonic() + lasts_s, ledger.on_send)


def read_body(request: GuardedRequest) -> Stated:
    """As a platform reads its JSON body."""
    body = request.json()
    return Stated(str(body["id"]), whole_fen(body["amount"]) if "amount" in body else None)


def read_form(request: GuardedRequest) -> Stated:
    """As a platform reads its form."""
    body = request.form()
    return Stated(body["id"], whole_fen(body["amount"]))


def rules_for(origin: str, *, sends_itself: bool = False, sockets: tuple[str, ...] = ()) -> GuardRules:
    return GuardRules(
        frozenset({origin}),
        (
            Endpoint("POST", "/agree", Kind.WRITE, frozenset({Verb.AGREE_REFUND}), read_body),
            Endpoint("POST", "/agree-form", Kind.WRITE, frozenset({Verb.AGREE_REFUND}), read_form),
            Endpoint(
                "GET", "/old-agree", Kind.WRITE, frozenset({Verb.AGREE_REFUND}), lambda r: Stated(r.query["id"], AMOUNT)
            ),
            Endpoint("POST", "/remark", Kind.WRITE, frozenset({Verb.REMARK}), read_body),
            Endpoint("POST", "/list", Kind.READ),
            Endpoint("POST", "/telemetry", Kind.NOISE),
            Endpoint("POST", "/hop", Kind.NOISE),
            Endpoint("POST", "/upload", Kind.UPLOAD, stated=lambda r: Stated(r.query["id"])),
        ),
        sends_itself=sends_itself,
        sockets=sockets,
    )


@dataclass
class Bench:
    """One tab of a guarded session at the counting shop, and the hands to test it with."""

    shop: CountingShop
    session: BrowserSession
    guard: Guard
    clock: HandClock
    ledger: Ledgerish
    page: Page
    incidents: asyncio.Queue[Incident]

    def permit(
        self,
        *,
        verb: Verb = Verb.AGREE_REFUND,
        case: CaseKey = CASE,
        amount: Money | None = AMOUNT,
        lasts_s: float = 5.0,
    ) -> Permit:
        return permit(self.clock, self.ledger, verb=verb, case=case, amount=amount, lasts_s=lasts_s)

    async def post(
        self, path: str = "/agree", body: object = None, method: str = "POST", page: Page | None = None
    ) -> str:
        """What a page's own script gets for a request: the status, or the error's name."""
        return str(
            await (page or self.page).evaluate(
                """([path, method, body]) => fetch(path, {method, body}).then(r => String(r.status), e => e.name)""",
                [path, method, json.dumps(BODY if body is None else body)],
            )
        )

    async def settle(self) -> None:
        """Let the browser come to rest: what was going to leave has left, or stands refused in the counts."""
        probe = await self.session.new_tab()
        await probe.goto(f"{self.shop.url}/rest")
        await probe.evaluate("() => fetch('/telemetry', {method: 'POST', body: 'rest'})")
        await probe.close()
        await self.session.host.gate.quiet()
        for what in ("GET /rest", "POST /telemetry"):
            self.shop.reached.pop(what, None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def counting_server() -> AsyncIterator[CountingShop]:
    shop = CountingShop()
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app = Starlette(routes=[Route("/{path:path}", shop.answer, methods=methods)])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve([listening]))
        shop.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield shop
        server.should_exit = True
        await serving


@pytest.fixture
def shop(counting_server: CountingShop) -> CountingShop:
    counting_server.reached.clear()
    return counting_server


OpenBench = Callable[..., Awaitable[Bench]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_bench(host: BrowserHost, shop: CountingShop) -> AsyncIterator[OpenBench]:
    opened: list[BrowserSession] = []

    async def build(*, mode: Mode = Mode.ACT, sends_itself: bool = False, sockets: tuple[str, ...] = ()) -> Bench:
        clock = HandClock()
        guard = Guard(rules_for(shop.url, sends_itself=sends_itself, sockets=sockets), clock, mode)
        incidents: asyncio.Queue[Incident] = asyncio.Queue()
        session = await BrowserSession.open(host, guard, on_incident=incidents.put_nowait)
        opened.append(session)
        page = await session.new_tab()
        await page.goto(f"{shop.url}/home")
        return Bench(shop, session, guard, clock, Ledgerish(), page, incidents)

    yield build
    for session in opened:
        await session.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bench(open_bench: OpenBench) -> Bench:
    return await open_bench()
