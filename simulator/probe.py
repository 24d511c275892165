"""The probe: truth, effects, requests, clock, faults and loss, for tests and checkers; the bot never comes here."""

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
from simulator.scenarios.loss import LossBook
from simulator.world.model import Case, Effect

PREFIX: Final = "/__probe__"


class Probe:
    """Answers in JSON; nothing here is counted, dated or at fault."""

    def __init__(self, built: Built, faults: Faults, counts: Counter[str]) -> None:
        self._world = built.world
        self._labels = built.labels
        self._faults = faults
        self._counts = counts
        self._loss = LossBook(built)

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
        """GET the time; POST {"advance_s": n} jumps and fires everything due on the way, in order."""
        fired = 0
        if request.method == "POST":
            fired = self._advance(await _body(request))
        return _answer({"now": self._world.now().isoformat(), "fired": fired})

    def _advance(self, body: dict[str, Any]) -> int:
        seconds = body.get("advance_s")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise HTTPException(400, 'expected {"advance_s": seconds}')
        fired: int = _or_400(self._world.store.clock.advance, seconds)
        return fired

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

    async def _losses(self, _request: Request) -> Response:
        """What might have been is played when it is first asked for, beside the pages, not in their way."""
        await run_in_threadpool(lambda: self._loss.might_be)
        self._world.now()
        return _answer(self._loss.sheet())

    async def _phone(self, _request: Request) -> Response:
        """What the shop's phone shows: codes for sign-in, and for large refunds by case."""
        codes = self._world.store.sms_codes
        return _answer({"sign_in": self._world.accounts.phone(), "refunds": codes})


def _effect(effect: Effect) -> dict[str, Any]:
    return {**asdict(effect), "at": effect.at.isoformat(), "evidence": list(effect.evidence)}


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise HTTPException(400, f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "expected a JSON object")
    return body


def _or_400(call: Any, *values: Any) -> Any:
    """Let a wrong value be the asker's fault."""
    try:
        return call(*values)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error


def _answer(data: Any) -> Response:
    """Chinese stays readable."""
    return Response(json.dumps(data, ensure_ascii=False), media_type="application/json")
