"""What every channel can do, and the one HTTP client that they share: no redirects, no proxies, no second try."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Protocol

import httpx

from bot.alerts.message import Message
from bot.config.redact import SECRETS

TIMEOUT_S: Final = 10.0
_SHOWN: Final = 200


class ChannelFailed(Exception):
    """The message did not get through, as far as anybody can tell; the text says why, without secrets."""

    def __init__(self, why: str) -> None:
        super().__init__(SECRETS(why)[:_SHOWN])


class Channel(Protocol):
    """One configured way."""

    async def send(self, message: Message) -> None:
        """Raises ChannelFailed."""


class Web:
    """POSTs JSON; each request goes to the address that the settings name, and nowhere else."""

    def __init__(self, make: Callable[[], httpx.AsyncClient] | None = None) -> None:
        self._make = make or _client

    async def post(
        self,
        url: str,
        body: Mapping[str, object] | bytes,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer, which is one of success. Raises ChannelFailed: anything else, a redirect included."""
        content = body if isinstance(body, bytes) else encoded(body)
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        await asyncio.to_thread(_trusted)
        try:
            async with self._make() as client:
                answer = await client.post(url, content=content, params=params, headers=sent)
        except httpx.HTTPError as error:
            raise ChannelFailed(f"{type(error).__name__}: {error}") from error
        if not answer.is_success:
            raise ChannelFailed(f"HTTP {answer.status_code}: {answer.text}")
        return answer

    async def ask(
        self, url: str, body: Mapping[str, object], *, params: Mapping[str, str] | None = None, code: str
    ) -> None:
        """For platforms that say in the body whether it worked: `code` is the name of that number. Raises ChannelFailed."""
        answer = await self.post(url, body, params=params)
        try:
            said: Any = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict) or said.get(code) != 0:
            raise ChannelFailed(f"{code} is not 0: {answer.text}")


def encoded(body: Mapping[str, object]) -> bytes:
    """JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False).encode()


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    """Reading all certificates takes a third of a second: once a process, and not in the way of the work."""
    return httpx.create_ssl_context(trust_env=False)
