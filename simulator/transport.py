"""What stands between browser and pages: request counts, the world's Date header, and the faults of the transport."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from datetime import UTC
from email.utils import format_datetime
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.faults import HERE, Faults, Place
from simulator.meddling import Meddling
from simulator.timeline import COURIER, SHOP, Timeline
from simulator.world.errors import Code
from simulator.world.service import World
from simulator.world.wording import RATE_TEXT

LIST_PATH: Final = "/h5api/dispute/list"
UPLOAD_PATHS: Final = frozenset({"/h5api/dispute/uploadProof", "/h5api/dispute/uploadComplaint"})
READS: Final = frozenset({LIST_PATH, "/h5api/dispute/stat", "/h5api/dispute/interceptQuote", "/desk/quote"})
DETAIL_PATH: Final = "/trade-platform/refund-list/detail"
_SPARED: Final = re.compile(r"^/(static|img|assets|favicon|login|desk/login|h5api/telemetry|sandbox)")
"""Pictures, scripts and the way in are never at fault: a person must be able to sign in again."""
_JSON_ID: Final = re.compile(rb'"disputeId"\s*:\s*"?(\w+)')
RETRY_AFTER_S: Final = "2"

Answer = tuple[Message, bytes]
_connections: dict[tuple[str, int], asyncio.BaseTransport] = {}


class ClosableProtocol(H11Protocol):
    """HTTP/1.1 whose connections can be found by the client's address, so that a fault can hang up."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Remember the connection."""
        super().connection_made(transport)
        self._peer: tuple[str, int] = tuple(transport.get_extra_info("peername")[:2])
        _connections[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _connections.pop(self._peer, None)
        super().connection_lost(exc)


class Transport:
    """ASGI middleware of one origin; `meddling` is None at the courier's, whose world nobody meddles with."""

    def __init__(
        self,
        app: ASGIApp,
        world: World,
        faults: Faults,
        counts: Counter[str],
        timeline: Timeline,
        meddling: Meddling | None = None,
    ) -> None:
        self._app = app
        self._timeline = timeline
        self._world = world
        self._faults = faults
        self._counts = counts
        self._meddling = meddling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, place, meddle, then answer well or badly."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = "" if self._meddling is not None else "courier:"
        self._counts[f"{scope['method']} {origin}{scope['path']}"] += 1
        body = await _read_all(receive)
        send, receive = self._dated(send), _replay(body, receive)
        if await self._is_down(scope, receive, send):
            return
        if _SPARED.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        token = HERE.set(_place(scope, body))
        try:
            await self._serve(scope, receive, send)
        finally:
            HERE.reset(token)

    async def _is_down(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """During an outage nothing is spared; a courier who is slow is slow with everything."""
        self._world.now()
        if self._meddling is None:
            await asyncio.sleep(self._timeline.courier_delay_s())
        how = self._timeline.down(COURIER if self._meddling is None else SHOP)
        if how == "closed":
            await _hang_up(scope)
        elif how is not None:
            await PlainTextResponse("503 Service Unavailable", 503)(scope, receive, send)
        return how is not None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(self._faults.draw_delay())
        refusal = self._refusal(scope["path"])
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["path"] in UPLOAD_PATHS and self._faults.draw("upload_broken"):
            await _hang_up(scope)
        elif scope["method"] == "POST" and scope["path"] not in READS:
            await self._write(scope, receive, send)
        else:
            await self._read(scope, receive, send)

    def _refusal(self, path: str) -> Response | None:
        """A front door that says no before anything happens."""
        if self._faults.draw("http_5xx"):
            return PlainTextResponse("502 Bad Gateway", 502)
        if not self._faults.draw("rate_limited"):
            return None
        headers = {"Retry-After": RETRY_AFTER_S}
        if path.startswith("/h5api/"):
            return JSONResponse({"ret": Code.RATE_LIMITED, "msg": RATE_TEXT, "data": {}}, 429, headers)
        return PlainTextResponse(RATE_TEXT, 429, headers)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = HERE.get()
        if self._meddling is not None:
            self._meddling.around_entry(is_page=scope["method"] == "GET")
            if place.path == LIST_PATH:
                self._meddling.around_list()
            await self._app(scope, receive, send)
            if place.path == DETAIL_PATH:
                self._meddling.around_case(place.aftersale_id)
        elif self._faults.draw("half_page"):
            await self._half(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._meddling is not None:
            self._meddling.around_entry(is_page=False)
            self._meddling.around_case(HERE.get().aftersale_id)
        if self._faults.draw("dropped_after_apply"):
            await _captured(self._app, scope, receive)
            await _hang_up(scope)
        elif self._faults.draw("apply_then_502"):
            await _captured(self._app, scope, receive)
            await PlainTextResponse("502 Bad Gateway", 502)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _half(self, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await _captured(self._app, scope, receive)
        start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2]})

    def _dated(self, send: Send) -> Send:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = self._world.now().astimezone(UTC)
                MutableHeaders(scope=message)["date"] = format_datetime(now, usegmt=True)
            await send(message)

        return dated


async def _read_all(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once, and then whatever the connection still has to say."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _place(scope: Scope, body: bytes) -> Place:
    query: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1"))
    named = _JSON_ID.search(body) if scope["path"] not in UPLOAD_PATHS else None
    in_body = named.group(1).decode() if named else ""
    return Place(scope["path"], in_body or query.get("disputeId", [""])[0])


async def _captured(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Let the pages answer into a drawer."""
    start: Message = {"type": "http.response.start", "status": 500, "headers": []}
    chunks: list[bytes] = []

    async def keep(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(chunks)


async def _hang_up(scope: Scope) -> None:
    """Close the TCP connection under the request, and wait until the server has noticed."""
    peer = tuple(scope["client"] or ())
    connection = _connections.get(peer)
    if connection is None:
        raise RuntimeError("a dropped connection needs the simulator's own server")
    connection.close()
    while peer in _connections:  # noqa: ASYNC110 - the server offers no event for it, and it is a tick or two
        await asyncio.sleep(0)
