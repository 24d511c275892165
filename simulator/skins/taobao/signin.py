"""Sign-in, and the slider and SMS pages that only a person passes; the code itself is on no page (domain.md 3.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from simulator.skins.taobao.kit import COOKIE, Body, Endpoint, Kit, answer, bad_request, read_body, refusal, text
from simulator.world.accounts import Session
from simulator.world.errors import WorldError
from simulator.world.model import Challenge

_HOME: Final = "/home"
_SLIDER_END: Final = 100
PendingXhr = Callable[[Request, Body], Awaitable[Session | None]]


class SignInPages:
    """`/login`, `/login/verify`, `/logout` and the XHR behind them."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self) -> list[BaseRoute]:
        """The pages and XHR of this file."""
        return [
            Route("/", self._root),
            Route("/login", self._page),
            Route("/login/verify", self._verify),
            Route("/logout", self._sign_out),
            Route("/switch-shop", self._switch),
            Route("/login/submit", self._submit, methods=["POST"]),
            Route("/login/slider", self._pending(self._slider), methods=["POST"]),
            Route("/login/sms", self._pending(self._sms), methods=["POST"]),
        ]

    async def _root(self, request: Request) -> Response:
        del request
        return RedirectResponse(_HOME, 302)

    async def _page(self, request: Request) -> Response:
        return self._kit.render("login.html", {"kind": "login", "next": _target(request)})

    async def _submit(self, request: Request) -> Response:
        try:
            body = await read_body(request)
            session = self._kit.world.sign_in(text(body, "account"), text(body, "password"))
        except WorldError as error:
            return refusal(error)
        response = answer({"next": _HOME if session.challenge is None else "/login/verify"})
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="lax", path="/")
        return response

    async def _verify(self, request: Request) -> Response:
        try:
            session = self._kit.world.pending_session(request.cookies.get(COOKIE))
        except WorldError:
            return RedirectResponse("/login", 302)
        target = _target(request)
        if session.challenge is None:
            return RedirectResponse(target, 302)
        phone = self._kit.world.shop(session.actor).phone
        page_data = {"kind": "verify", "next": target}
        return self._kit.render("verify.html", page_data, slider=session.challenge is Challenge.SLIDER, phone=phone)

    async def _switch(self, request: Request) -> Response:
        try:
            self._kit.world.switch_shop(request.cookies.get(COOKIE), request.query_params.get("shopId", ""))
        except WorldError as error:
            return self._kit.render("missing.html", status=403, message=error.message)
        return RedirectResponse(_HOME, 302)

    async def _sign_out(self, request: Request) -> Response:
        self._kit.world.sign_out(request.cookies.get(COOKIE))
        response = RedirectResponse("/login", 302)
        response.delete_cookie(COOKIE, path="/")
        return response

    def _pending(self, handler: PendingXhr) -> Endpoint:
        """An XHR for a session that may still owe a challenge."""

        async def endpoint(request: Request) -> Response:
            try:
                await handler(request, await read_body(request))
            except WorldError as error:
                return refusal(error)
            return answer({})

        return endpoint

    async def _slider(self, request: Request, body: Body) -> Session:
        """The knob must be at the right end and have taken a hand's way there: several points, rising."""
        track = body.get("track")
        if not isinstance(track, list) or not _by_hand(track):
            raise bad_request("验证失败，请重新拖动滑块")
        return self._kit.world.pass_slider(request.cookies.get(COOKIE))

    async def _sms(self, request: Request, body: Body) -> Session | None:
        token = request.cookies.get(COOKIE)
        if body.get("send") is True:
            self._kit.world.send_sms(token)
            return None
        return self._kit.world.pass_sms(token, text(body, "code"))


def _by_hand(track: list[object]) -> bool:
    """Positions in percent of the way, as the pointer reported them."""
    points = [point for point in track if isinstance(point, (int, float))]
    return len(points) == len(track) >= 3 and points == sorted(points) and points[-1] >= _SLIDER_END


def _target(request: Request) -> str:
    """Where to go afterwards: only into this origin, never to a foreign address."""
    target = request.query_params.get("redirect", "")
    inside = target.startswith("/") and not target.startswith(("//", "/\\", "/login"))
    return target if inside else _HOME
