"""The JSON door through which the courier's desktop client speaks to the same world: sign in, look up, quote, order, list."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.courier.view import kilograms, moment, waybill
from simulator.courier.wording import BAD_REASON, BAD_REQUEST, REASONS, intercept_word
from simulator.world.accounts import Realm, Session
from simulator.world.counter import Booked
from simulator.world.errors import Code, WorldError
from simulator.world.service import World

ROWS: Final = 10
"""How many intercepts a page of the book holds."""
STATUS: Final = {
    Code.SESSION_EXPIRED: 401,
    Code.WRONG_PASSWORD: 403,
    Code.NOT_FOUND: 404,
    Code.NOT_INTERCEPTABLE: 409,
}
"""Everything else that is refused is a bad request (400)."""
_BEARER: Final = "Bearer "
_NO_STORE: Final = {"Cache-Control": "no-store"}

Answer = Callable[[Request], Awaitable[dict[str, Any]]]


class DeskDoor:
    """Answers with JSON; a refusal is `{"code", "message"}`, the message as people of the courier read it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Every address of the door."""
        return [
            Route("/desk/login", _json(self._login), methods=["POST"]),
            Route("/desk/waybills/{waybill:path}", _json(self._waybill), methods=["GET"]),
            Route("/desk/quote", _json(self._quote), methods=["POST"]),
            Route("/desk/intercepts", _json(self._order), methods=["POST"]),
            Route("/desk/intercepts", _json(self._book), methods=["GET"]),
        ]

    async def _login(self, request: Request) -> dict[str, Any]:
        body = await _body(request)
        session = self._world.sign_in(_text(body, "account"), _text(body, "password"), Realm.COURIER)
        return {"token": session.token, "account": session.account.name}

    async def _waybill(self, request: Request) -> dict[str, Any]:
        """`obstacle` is why it cannot be intercepted, empty = it can; `similar` are numbers that differ in one digit."""
        self._session(request)
        number = request.path_params["waybill"]
        parcel = self._world.counter.parcel(number)
        shown = waybill(number, parcel)
        return {
            "waybill": number,
            "courier": parcel.courier,
            "state": shown.state,
            "pickup_weight": kilograms(parcel.pickup_weight_g),
            "arrival_weight": kilograms(parcel.arrival_weight_g),
            "intercept": intercept_word(parcel.intercept),
            "obstacle": self._world.counter.quote(number).reason,
            "trail": [list(node) for node in shown.nodes],
            "similar": self._world.counter.twins(number),
        }

    async def _quote(self, request: Request) -> dict[str, Any]:
        self._session(request)
        quote = self._world.counter.quote(_text(await _body(request), "waybill"))
        if not quote.feasible:
            raise WorldError(Code.NOT_INTERCEPTABLE, quote.reason)
        return {"waybill": quote.waybill, "fee_fen": quote.fee_fen}

    async def _order(self, request: Request) -> dict[str, Any]:
        session = self._session(request)
        body = await _body(request)
        number, fee_fen = _text(body, "waybill"), body.get("fee_fen")
        if _text(body, "reason") not in REASONS:
            raise WorldError(Code.BAD_REQUEST, BAD_REASON)
        if type(fee_fen) is not int:
            raise WorldError(Code.BAD_REQUEST, BAD_REQUEST)
        parcel = self._world.counter.order(session.actor, number, fee_fen)
        return {"waybill": number, "state": intercept_word(parcel.intercept)}

    async def _book(self, request: Request) -> dict[str, Any]:
        """One page of the book; a page that is not there is the last one."""
        self._session(request)
        asked = request.query_params.get("page", "1")
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 9):
            raise WorldError(Code.BAD_REQUEST, BAD_REQUEST)
        book = self._world.counter.book()
        pages = max(1, -(-len(book) // ROWS))
        page = min(max(1, int(asked)), pages)
        rows = book[(page - 1) * ROWS : page * ROWS]
        return {"page": page, "pages": pages, "total": len(book), "rows": [_row(line) for line in rows]}

    def _session(self, request: Request) -> Session:
        told = request.headers.get("authorization", "")
        return self._world.session(told.removeprefix(_BEARER), Realm.COURIER)


def _row(line: Booked) -> dict[str, Any]:
    return {
        "waybill": line.parcel.waybill,
        "requested_at": moment(line.intercept.requested_at),
        "fee_fen": line.intercept.fee_fen,
        "state": intercept_word(line.intercept),
    }


def _json(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Wrap an answer, so that what the world refuses is told in JSON too."""

    async def wrapped(request: Request) -> Response:
        try:
            return JSONResponse(await answer(request), headers=_NO_STORE)
        except WorldError as error:
            told = {"code": error.code.value, "message": error.message}
            return JSONResponse(told, STATUS.get(error.code, 400), _NO_STORE)

    return wrapped


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise WorldError(Code.BAD_REQUEST, BAD_REQUEST)
    return body


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise WorldError(Code.BAD_REQUEST, BAD_REQUEST)
    return value.strip()
