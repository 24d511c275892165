"""What every page of the skin needs: the world, the faults, the templates, and the gate in front of pages and XHR."""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from simulator.faults import Kind
from simulator.skins.styling import Styling
from simulator.skins.taobao.menu import MENU
from simulator.world.accounts import Session
from simulator.world.errors import Code, WorldError
from simulator.world.service import World

COOKIE: Final = "cookie2"
_HERE: Final = Path(__file__).parent
_NO_STORE: Final = {"Cache-Control": "no-store"}
Body = dict[str, Any]
PageHandler = Callable[[Request, Session], Awaitable[Response]]
XhrHandler = Callable[[Request, Session, Body], Awaitable[Body]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Faults(Protocol):
    """The part of `simulator.faults` that pages ask: shall this go wrong now?"""

    def draw(self, kind: Kind) -> bool:
        """True when the fault of this kind strikes here and now."""
        ...


class Kit:
    """The tools of one simulator's Taobao skin."""

    def __init__(self, world: World, faults: Faults, seed: int) -> None:
        self.world = world
        self.faults = faults
        self.seed = seed
        self.rng = random.Random(seed)
        self.styling = Styling(seed, _HERE / "static")
        self._templates = self.styling.templates(_HERE / "templates")
        self._templates.globals.update(menu=MENU)

    def render(self, template: str, page_data: Body | None = None, status: int = 200, **values: Any) -> HTMLResponse:
        """Draw a template; `page_data` is what the page's script reads."""
        rate = self.world.store.clock.rate
        told = {**(page_data or {}), **({} if rate == 1 else {"rate": rate})}
        html = self._templates.get_template(template).render(page_data=told, **values)
        return HTMLResponse(html, status, _NO_STORE)

    def shell(
        self, template: str, session: Session, menu_on: str, page_data: Body | None = None, **values: Any
    ) -> Response:
        """Draw a signed-in page with header and menu."""
        return self.render(template, page_data, who=self._who(session), menu_on=menu_on, **values)

    def _who(self, session: Session) -> Body:
        shop = self.world.shop(session.actor)
        return {"shop_name": shop.name, "account": session.account.name, "other_shops": self.world.other_shops(session)}

    def page(self, handler: PageHandler) -> Endpoint:
        """A page behind the gate: without a usable session it redirects to sign-in or to the challenge."""

        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request, self.world.session(request.cookies.get(COOKIE)))
            except WorldError as error:
                return self._refused_page(request, error)

        return endpoint

    def _refused_page(self, request: Request, error: WorldError) -> Response:
        here = quote(f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path, safe="")
        match error.code:
            case Code.SESSION_EXPIRED:
                return RedirectResponse(f"/login?redirect={here}", 302, _NO_STORE)
            case Code.NEED_CHALLENGE:
                return RedirectResponse(f"/login/verify?redirect={here}", 302, _NO_STORE)
            case _:
                return self.render("missing.html", status=404, message=error.message)

    def xhr(self, handler: XhrHandler) -> Endpoint:
        """An XHR behind the gate: `{"ret", "msg", "data"}` whatever happens."""

        async def endpoint(request: Request) -> Response:
            try:
                session = self.world.session(request.cookies.get(COOKIE))
                return answer(await handler(request, session, await read_body(request)))
            except WorldError as error:
                return refusal(error)

        return endpoint


def answer(data: Body) -> JSONResponse:
    """The envelope of a success."""
    return JSONResponse({"ret": "SUCCESS", "msg": "", "data": data}, headers=_NO_STORE)


def refusal(error: WorldError) -> JSONResponse:
    """The envelope of a refusal; only RATE_LIMITED has its own HTTP status."""
    status = 429 if error.code is Code.RATE_LIMITED else 200
    return JSONResponse({"ret": error.code.value, "msg": error.message, "data": {}}, status, _NO_STORE)


async def read_body(request: Request) -> Body:
    """The JSON object of a request, empty for other content types.

    Raises:
        WorldError: BAD_REQUEST when it is not a JSON object.
    """
    if "json" not in request.headers.get("content-type", ""):
        return {}
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise bad_request() from error
    if not isinstance(body, dict):
        raise bad_request()
    return body


async def uploaded(request: Request) -> bytes:
    """The one file of a form.

    Raises:
        WorldError: BAD_REQUEST without one.
    """
    async with request.form(max_files=1, max_fields=8) as form:
        file = form.get("file")
        if file is None or isinstance(file, str):
            raise bad_request("请选择图片")
        return await file.read()


def bad_request(message: str = "参数错误，请检查后重试") -> WorldError:
    """What a platform says about a request that no page of its own would send."""
    return WorldError(Code.BAD_REQUEST, message)


def text(body: Body, key: str, default: str | None = None) -> str:
    """A string of the body; without a default it must be there."""
    value = body.get(key, default)
    if not isinstance(value, str):
        raise bad_request()
    return value


def number(body: Body, key: str) -> int:
    """A whole number of the body (fen, versions): no float, no boolean, no digits in a string."""
    value = body.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request()
    return value
