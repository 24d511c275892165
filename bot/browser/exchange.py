"""Listens to what a page's own requests to one endpoint are answered; forges nothing, sends nothing (domain.md 3.1)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, Request, Response

ANSWER_S: Final = 5.0
"""Longest that an answer is waited for; the quiet wait before a read-back is at least twice this (reliability.md 3.1 rule 8)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: status, headers, and the body where it is a JSON object (else empty)."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """An answer as it came over the wire; header names in lower case."""
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        return cls(status, headers, said if isinstance(said, dict) else {})


@dataclass(eq=False)  # no slots: Playwright leaves a mark on the owner of a bound listener
class Exchange:
    """The requests of one page to one endpoint since the listening began."""

    method: str
    path: str
    asked: int = 0
    failed: int = 0
    responses: list[Response] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        """Forget what was heard; what is still under way counts for the next."""
        self.asked = self.failed = 0
        self.responses.clear()
        self._news.clear()

    def concerns(self, request: Request) -> bool:
        """Whether the request goes to the endpoint listened to."""
        return request.method == self.method and urlsplit(request.url).path == self.path

    def on_request(self, request: Request) -> None:
        if self.concerns(request):
            self.asked += 1

    def on_response(self, response: Response) -> None:
        if self.concerns(response.request):
            self.responses.append(response)
            self._news.set()

    def on_failed(self, request: Request) -> None:
        if self.concerns(request):
            self.failed += 1
            if self.failed >= self.asked:
                self._news.set()

    async def response(self, timeout_s: float = ANSWER_S) -> Response | None:
        """The first response; None when every request failed, or none was answered in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return None
        return self.responses[0] if self.responses else None

    async def answer(self, timeout_s: float = ANSWER_S) -> Answer | None:
        """As `response`, with its body read."""
        response = await self.response(timeout_s)
        return None if response is None else await read_answer(response)


async def read_answer(response: Response) -> Answer:
    """Status, headers and JSON object of a response; a body that went away with its page is an empty one."""
    try:
        body = await response.body()
    except BrowserError:
        body = b""
    return Answer.of(response.status, response.headers, body)


@contextmanager
def listening(page: Page, path: str, method: str = "POST") -> Iterator[Exchange]:
    """Listen to the page's requests to that path while the block runs."""
    exchange = Exchange(method, path)
    page.on("request", exchange.on_request)
    page.on("response", exchange.on_response)
    page.on("requestfailed", exchange.on_failed)
    try:
        yield exchange
    finally:
        page.remove_listener("request", exchange.on_request)
        page.remove_listener("response", exchange.on_response)
        page.remove_listener("requestfailed", exchange.on_failed)
