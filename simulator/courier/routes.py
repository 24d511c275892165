"""The courier's origin: sign-in by a plain form, the tracking page for up to 50 waybills, and the door of its desktop client."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from simulator.courier.desk import DeskDoor
from simulator.courier.view import waybill
from simulator.skins.styling import Styling
from simulator.world.accounts import Realm
from simulator.world.errors import WorldError
from simulator.world.service import World

COOKIE: Final = "tx_sid"
MOST_WAYBILLS: Final = 50
_HERE: Final = Path(__file__).parent
_NO_STORE: Final = {"Cache-Control": "no-store"}
_SEPARATORS: Final = re.compile(r"[\s,，;；]+")


class Portal:
    """The pages over one world."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._styling = Styling(seed, _HERE / "static")
        self._templates = self._styling.templates(_HERE / "templates")

    def router(self) -> Router:
        """Every address of the portal."""
        return Router(
            [
                Route("/", self._root),
                Route("/login", self._login_page, methods=["GET"]),
                Route("/login", self._login, methods=["POST"]),
                Route("/logout", self._logout),
                Route("/track", self._track),
                Route("/static/{name}", self._static),
                *DeskDoor(self._world).routes(),
            ]
        )

    async def _root(self, request: Request) -> Response:
        del request
        return RedirectResponse("/track", 302)

    async def _login_page(self, request: Request) -> Response:
        return self._render("login.html", target=_target(request), problem="", account="")

    async def _login(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=8) as form:
            account, password = str(form.get("account", "")), str(form.get("password", ""))
        try:
            session = self._world.sign_in(account, password, Realm.COURIER)
        except WorldError as error:
            return self._render("login.html", target=_target(request), problem=error.message, account=account)
        response = RedirectResponse(_target(request), 303, _NO_STORE)
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="lax", path="/")
        return response

    async def _logout(self, request: Request) -> Response:
        self._world.sign_out(request.cookies.get(COOKIE))
        response = RedirectResponse("/login", 302)
        response.delete_cookie(COOKIE, path="/")
        return response

    async def _track(self, request: Request) -> Response:
        try:
            session = self._world.session(request.cookies.get(COOKIE), Realm.COURIER)
        except WorldError:
            here = quote(f"/track?{request.url.query}", safe="")
            return RedirectResponse(f"/login?redirect={here}", 302, _NO_STORE)
        asked = [number for number in _SEPARATORS.split(request.query_params.get("nos", "")) if number]
        found = [waybill(number, parcel) for number, parcel in self._world.track(asked)]
        values = {"account": session.account.name, "asked": asked, "waybills": found, "most": MOST_WAYBILLS}
        return self._render("track.html", **values)

    async def _static(self, request: Request) -> Response:
        css = self._styling.css
        if request.url.path != css.path:
            return Response(status_code=404)
        return Response(
            css.content,
            headers={"Content-Type": css.media_type, "Cache-Control": "public, max-age=31536000, immutable"},
        )

    def _render(self, template: str, **values: Any) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(template).render(**values), headers=_NO_STORE)


def _target(request: Request) -> str:
    """Where to go after sign-in: only the tracking page."""
    target = request.query_params.get("redirect", "")
    return target if target.startswith("/track") else "/track"


def build(world: World, faults: object, seed: int = 0) -> Router:
    """The courier's origin over a world; its faults are all the transport's, so `faults` is not asked."""
    del faults
    return Portal(world, seed).router()
