"""The probe: truth, effects, requests, clock, script, faults, delays and loss, for tests and checkers; the bot never comes here."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.faults import ANYWHERE, Faults
from simulator.scenarios.build import Built
from simulator.scenarios.delays import DelayBook, row
from simulator.scenarios.loss import LossBook
from simulator.timeline import Timeline
from simulator.world.model import Case, Effect

PREFIX: Final = "/__probe__"


class Probe:
    """Answers in JSON; nothing here is counted, dated or at fault."""

    def __init__(self, built: Built, faults: Faults, counts: Counter[str], timeline: Timeline) -> None:
        self._world = built.world
        self._labels = built.labels
        self._faults = faults
        self._counts = counts
        self._loss = LossBook(built)
        self._delay = DelayBook(built)
        self._timeline = timeline

    def app(self) -> Starlette:
        """The routes under /__probe__."""
        return Starlette(
            routes=[
                Route(f"{PREFIX}/cases", self._cases),
                Route(f"{PREFIX}/effects", self._effects),
                Route(f"{PREFIX}/requests", self._requests),
                Route(f"{PREFIX}/clock", self._clock, methods=["GET", "POST"]),
                Route(f"{PREFIX}/faults", self._faults_status, methods=["GET"]),
                Route(f"{PREFIX}/faults", self._switch, methods=["POST"]),
                Route(f"{PREFIX}/loss", self._losses),
                Route(f"{PREFIX}/delays", self._delays),
                Route(f"{PREFIX}/timeline", self._script, methods=["GET", "POST"]),
                Route(f"{PREFIX}/colleague", self._colleague, methods=["POST"]),
                Route(f"{PREFIX}/phone", self._phone),
            ]
        )

    async def _cases(self, request: Request) -> Response:
        """The N cases of the scenario; `?all=1` adds the shop's history rows."""
        self._world.now()
        everything = "all" in request.query_params
        cases = [case for case in self._world.store.cases.values() if everything or not case.background]
        return _answer([self._case(case) for case in cases])

    def _case(self, case: Case) -> dict[str, Any]:
        return {
            "platform": self._world.store.shops[case.shop_id].platform,
            "shop_id": case.shop_id,
            "aftersale_id": case.aftersale_id,
            "order_id": case.order.order_id,
            "type": case.type,
            "amount_fen": case.amount_fen,
            "paid_fen": case.order.paid_fen,
            "state": case.state,
            "version": case.version,
            "deadline_at": case.deadline_at.isoformat() if case.deadline_at else None,
            "label": self._labels.of(case),
            "truth": self._truth(case),
        }

    def _truth(self, case: Case) -> dict[str, Any]:
        forward = self._world.store.parcels.get(case.order.forward or "")
        backward = self._world.store.parcels.get(case.backward or "")
        return {
            **asdict(case.truth),
            "parcel_state": forward.state if forward else None,
            "parcel_weight_g": forward.pickup_weight_g if forward else None,
            "return_state": backward.state if backward else None,
            "return_weight_g": backward.pickup_weight_g if backward else None,
            "background": case.background,
        }

    async def _effects(self, _request: Request) -> Response:
        self._world.now()
        return _answer([_effect(effect) for effect in self._world.store.effects.all])

    async def _requests(self, _request: Request) -> Response:
        """Counts by "METHOD /path" ("METHOD courier:/path" for the portal); the probe's own requests are not counted."""
        return _answer(dict(sorted(self._counts.items())))

    async def _clock(self, request: Request) -> Response:
        """GET the time; POST {"rate": n} lets it run so fast, {"advance_s": n} jumps and fires everything due, in order."""
        fired = 0
        if request.method == "POST":
            fired = self._set_clock(await _body(request))
        clock = self._world.store.clock
        return _answer({"now": self._world.now().isoformat(), "rate": clock.rate, "fired": fired})

    def _set_clock(self, body: dict[str, Any]) -> int:
        if not body.keys() & {"advance_s", "rate"}:
            raise HTTPException(400, 'expected {"advance_s": seconds} or {"rate": times}')
        clock = self._world.store.clock
        told = {key: _number_or_400(body, key) for key in ("rate", "advance_s") if key in body}
        if "rate" in told:
            _or_400(clock.set_rate, told["rate"])
        return int(_or_400(clock.advance, told["advance_s"])) if "advance_s" in told else 0

    async def _script(self, request: Request) -> Response:
        """GET what happens when, and how many cases are still to come; POST one event or a list of them."""
        if request.method == "POST":
            asked = await _json(request)
            for told in asked if isinstance(asked, list) else [asked]:
                _or_400(self._timeline.add, _object_or_400(told))
        self._world.now()
        return _answer(
            {"to_come": self._world.arrivals.left, "events": [event.sheet() for event in self._timeline.events]}
        )

    async def _colleague(self, request: Request) -> Response:
        """{"aftersale_id"}: a colleague finds out what is owed and settles that case, in their own name."""
        case = _or_400(self._timeline.settle, (await _body(request)).get("aftersale_id"))
        return _answer({"aftersale_id": case.aftersale_id, "state": case.state})

    async def _delays(self, request: Request) -> Response:
        """How long every case waited; `?cases=1` lists them, of one shop with `?shop=ID`; `?waiting=1`: who waits now."""
        self._world.now()
        if "waiting" in request.query_params:
            return _answer([row(delay) for delay in self._delay.waiting()])
        if "cases" not in request.query_params:
            return _answer(self._delay.sheet())
        return _answer([row(delay) for delay in self._delay.delays(self._shop(request))])

    async def _faults_status(self, _request: Request) -> Response:
        return _answer(self._faults.status())

    async def _switch(self, request: Request) -> Response:
        """{"kind", "at", "times", "seconds"?, "which"?} plans; {"rate", "seed"} sets chance; {"rate": 0} ends everything."""
        body = await _body(request)
        if "rate" in body:
            _or_400(self._faults.set_rate, body["rate"], body.get("seed", 0))
        else:
            times, at = body.get("times", 1), body.get("at", ANYWHERE)
            _or_400(self._faults.add, body.get("kind"), at, times, body.get("seconds"), body.get("which"))
        return _answer(self._faults.status())

    async def _losses(self, request: Request) -> Response:
        """Of all shops, or of `?shop=ID`; what might have been is played when it is first asked for, beside the pages."""
        shop_id = self._shop(request)
        await run_in_threadpool(lambda: self._loss.might_be)
        self._world.now()
        return _answer(self._loss.sheet(shop_id))

    def _shop(self, request: Request) -> str:
        shop_id = request.query_params.get("shop", "")
        if shop_id and shop_id not in self._world.store.shops:
            raise HTTPException(400, f"shop: no shop {shop_id!r}")
        return shop_id

    async def _phone(self, _request: Request) -> Response:
        """What the shop's phone shows: codes for sign-in, and for large refunds by case."""
        codes = self._world.store.sms_codes
        return _answer({"sign_in": self._world.accounts.phone(), "refunds": codes})


def _effect(effect: Effect) -> dict[str, Any]:
    return {**asdict(effect), "at": effect.at.isoformat(), "evidence": list(effect.evidence)}


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise HTTPException(400, f"not JSON: {error}") from error


async def _body(request: Request) -> dict[str, Any]:
    return _object_or_400(await _json(request))


def _object_or_400(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise HTTPException(400, "expected a JSON object")
    return told


def _number_or_400(body: dict[str, Any], key: str) -> float:
    value = body[key]
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise HTTPException(400, f"{key}: a number, not {value!r}")
    return value


def _or_400(call: Any, *values: Any) -> Any:
    """Let a wrong value be the asker's fault."""
    try:
        return call(*values)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error


def _answer(data: Any) -> Response:
    """Chinese stays readable."""
    return Response(json.dumps(data, ensure_ascii=False), media_type="application/json")
