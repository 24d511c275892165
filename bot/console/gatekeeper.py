"""In front of every route: hosts, origins and sizes that are not ours are turned away, and every answer carries its headers (S16, S31)."""

from __future__ import annotations

from collections.abc import Mapping

from loguru import logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "refundpilot",
}
CSP = "; ".join(f"{what} {whence}" for what, whence in _POLICY.items())
HEADERS: Mapping[str, str] = {
    "content-security-policy": CSP,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer Chromium says Origin: null of our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE = frozenset({"GET", "HEAD"})


class Gatekeeper:
    """ASGI middleware; `hosts` are the exact names with port that this console answers to."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no page of ours opens a websocket
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._answer(scope, receive, _dressed(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if why := self._refusal(scope["method"], headers):
            logger.warning("console: {} {} refused: {}", scope["method"], scope["path"], why)
            await PlainTextResponse("403 Forbidden", status_code=403)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except Exception:  # noqa: BLE001 - the last-resort handler (S19, S31): kept whole in the log, and nothing of it on the page
            logger.opt(exception=True).error("console: {} {}", scope["method"], scope["path"])
            await PlainTextResponse("500 Internal Server Error", status_code=500)(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> str:
        """Why a request is turned away; empty where it may go on."""
        host = headers.get("host", "").lower()
        if len(headers.getlist("host")) != 1 or host not in self._hosts:
            return "foreign host"  # a name that somebody made point to this PC (DNS rebinding)
        if method in SAFE:
            return "" if headers.get("sec-fetch-site", "none") != "cross-site" or _opens(headers) else "foreign page"
        if headers.get("origin", "") != f"http://{host}":
            return "foreign origin"
        return "" if headers.get("sec-fetch-site", "same-origin") == "same-origin" else "foreign page"


def _opens(headers: Headers) -> bool:
    """Somebody follows a link to us; pictures, scripts and frames of foreign pages do not get that far."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _dressed(send: Send) -> Send:
    started = False

    async def wrapped(message: Message) -> None:
        nonlocal started
        if message["type"] == "http.response.start":
            if started:
                return  # an answer that broke off half-way: no second one
            started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return wrapped
