"""The console over a fake office, with a client that speaks as a browser does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bot.config.tokens import digest
from bot.console import Sessions, console_app
from bot.ports.office_views import Role
from tests.unit.console.fakes import FakeOffice

HOST = "127.0.0.1:8710"
ORIGIN = f"http://{HOST}"


@dataclass
class Seconds:
    """Time that moves only when told."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Desk:
    """A console over a fake office, and a browser signed in as somebody."""

    office: FakeOffice
    sessions: Sessions
    seconds: Seconds
    hashes: dict[str, str]
    client: httpx.AsyncClient
    csrf: str = ""

    async def enter(self, role: Role = Role.APPROVER) -> Desk:
        self.client.cookies.clear()
        answer = await self.client.post("/enter", data={"token": role.value}, headers={"origin": ORIGIN})
        assert answer.status_code == 303
        session = self.sessions.of(self.client.cookies["refundpilot_8710"])
        assert session is not None
        self.csrf = session.csrf
        return self

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def post(self, path: str, data: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        return await self.client.post(
            path, data={"csrf": self.csrf, **(data or {})}, headers={"origin": ORIGIN, **headers}
        )


@asynccontextmanager
async def desk(office: FakeOffice | None = None, one_time: str = "once") -> Any:
    """Each role's token is its name."""
    office, seconds = office or FakeOffice(), Seconds()
    hashes = {role.value: digest(role.value) for role in Role}
    sessions = Sessions(seconds, lambda: hashes, one_time, "operator")
    app = console_app(office, sessions, (HOST, "localhost:8710"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield Desk(office, sessions, seconds, hashes, client)
