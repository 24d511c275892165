"""One process with two origins: builds the world, binds both ports, says where it is, and ends quietly on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.courier import routes as courier_routes
from simulator.faults import Faults
from simulator.meddling import Meddling
from simulator.probe import PREFIX, Probe
from simulator.scenarios.build import Built
from simulator.skins.taobao import routes as taobao_routes
from simulator.timeline import Timeline
from simulator.transport import ClosableProtocol, Transport

HOST: Final = "127.0.0.1"
SKINS: Final[dict[str, Callable[..., ASGIApp]]] = {"taobao": taobao_routes.build}
SHUTDOWN_S: Final = 2


class Simulator:
    """The two ASGI apps over one world; `sheet` is what the ready line says, filled in once the ports are known."""

    def __init__(self, built: Built, skin: str = "taobao") -> None:
        self.built = built
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.sheet: dict[str, Any] = {}
        world = built.world
        meddling = Meddling(world, built.labels, self.faults, built.seed)
        pages = SKINS[skin](world, self.faults, built.seed)
        portal = courier_routes.build(world, self.faults, built.seed)
        timeline = Timeline(built)
        self._pages = Transport(pages, world, self.faults, self.counts, timeline, meddling)
        self._probe = Probe(built, self.faults, self.counts, timeline).app()
        self.courier: ASGIApp = Transport(portal, world, self.faults, self.counts, timeline)

    async def shop(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The shop's origin: the probe and the sandbox sheet stand beside the pages."""
        path = scope.get("path", "")
        if path.startswith(f"{PREFIX}/"):
            await self._probe(scope, receive, send)
        elif path == "/sandbox.json":
            await JSONResponse(self.sandbox())(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def settle_at(self, shop_url: str, courier_url: str) -> None:
        """Remember where both origins are."""
        store = self.built.world.store
        self.sheet = {
            "url": shop_url,
            "probe": f"{shop_url}{PREFIX}",
            "courier": courier_url,
            "shops": [
                {
                    "platform": store.shops[account.shop_id].platform,
                    "shop_id": account.shop_id,
                    "name": store.shops[account.shop_id].name,
                    "account": account.name,
                    "password": account.password,
                }
                for account in self.built.world.accounts.all
            ],
        }

    def sandbox(self) -> dict[str, Any]:
        """The ready line, and how to enter the courier's portal."""
        courier = self.built.world.accounts.courier
        return {**self.sheet, "courier_account": courier.name, "courier_password": courier.password}


class _Server(uvicorn.Server):
    """Leaves the signals alone, since two servers share one process; `ready` is set once it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing: `_on_signal` handles both servers."""
        yield


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 = a free one.

    Raises:
        OSError: the port is taken.
        OverflowError: there is no such port.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # on Windows the option would let two processes share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


async def serve(simulator: Simulator, shop: socket.socket, courier: socket.socket) -> None:
    """Serve both origins, print the ready line on stdout, return after SIGINT or SIGTERM."""
    servers = _server(simulator.shop), _server(simulator.courier)
    simulator.settle_at(_url(shop), _url(courier))
    _on_signal(servers)
    running = asyncio.gather(servers[0].serve([shop]), servers[1].serve([courier]))
    await asyncio.gather(*(server.ready.wait() for server in servers))
    sys.stdout.write(json.dumps(simulator.sheet) + "\n")
    sys.stdout.flush()
    await running


def _url(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(app: Callable[..., Any]) -> _Server:
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=ClosableProtocol,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return _Server(config)


def _on_signal(servers: tuple[_Server, ...]) -> None:
    """SIGINT, SIGTERM and, on Windows, Ctrl-Break end both servers; uvicorn looks ten times a second."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for server in servers:
            server.should_exit = True

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    for name in names:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)
