"""The console as one ASGI application: a table of routes with what each lets somebody do, behind the gatekeeper."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from loguru import logger
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.console.access import Deed, may
from bot.console.gatekeeper import Gatekeeper
from bot.console.live import Watcher
from bot.console.pages import cases, entry, house, monitor, strategies, sweeps, today
from bot.console.sessions import Sessions, person_of, same
from bot.console.visit import BY_ITSELF, Front, Visit
from bot.domain.decision import Reason
from bot.errors import RefundPilotError
from bot.ports.office import Office

MOST_BODY = 2_000_000
"""Bytes of a form: a policy that is far too long is still told so."""

_ASTRAY = frozenset({404, 405})
"""An address that nothing is at, or where nothing can be asked for: told by a page with the way on."""

Page = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Way:
    """One route: GET has no effect, whatever it is asked; POST carries a token of the page it came from."""

    method: str
    path: str
    deed: Deed
    page: Page


_CASE = "/case/{platform}/{shop}/{id}"
WAYS: tuple[Way, ...] = (
    Way("GET", "/enter", Deed.ENTER, entry.door),
    Way("POST", "/enter", Deed.ENTER, entry.enter),
    Way("GET", "/static/{name}", Deed.ENTER, entry.static),
    Way("POST", "/leave", Deed.LOOK, entry.leave),
    Way("POST", "/language", Deed.LOOK, entry.language),
    Way("GET", "/", Deed.LOOK, today.today),
    Way("POST", "/stop", Deed.STOP, today.stop),
    Way("GET", "/resume", Deed.RESUME, today.resuming),
    Way("POST", "/resume", Deed.RESUME, today.resume),
    Way("POST", "/sweep", Deed.SWEEP, today.sweep_all),
    Way("GET", "/sweep", Deed.SWEEP, sweeps.form),
    Way("POST", "/sweep/look", Deed.SWEEP, sweeps.look),
    Way("GET", "/sweep/{look}", Deed.SWEEP, sweeps.looked),
    Way("POST", "/sweep/{look}", Deed.SWEEP, sweeps.confirm),
    Way("GET", "/queue", Deed.LOOK, cases.queue),
    Way("GET", "/cases", Deed.LOOK, cases.cases),
    Way("GET", _CASE, Deed.LOOK, cases.case),
    Way("POST", f"{_CASE}/unmask", Deed.UNMASK, cases.unmask),
    Way("GET", f"{_CASE}/decide", Deed.DECIDE, cases.deciding),
    Way("POST", f"{_CASE}/decide", Deed.DECIDE, cases.decide),
    Way("GET", "/picture/{sha256}", Deed.LOOK, house.picture),
    Way("GET", "/monitor", Deed.LOOK, monitor.monitor),
    Way("GET", "/monitor.csv", Deed.EXPORT, monitor.as_csv),
    Way("GET", "/monitor.xlsx", Deed.EXPORT, monitor.as_xlsx),
    Way("GET", "/strategies", Deed.LOOK, strategies.strategies),
    Way("POST", "/strategies/switch", Deed.SWITCH_OFF, strategies.switch),
    Way("POST", "/strategies/order", Deed.REORDER, strategies.reorder),
    Way("GET", "/strategies/edit", Deed.TRY_POLICY, strategies.edit),
    Way("POST", "/strategies/edit", Deed.TRY_POLICY, strategies.rehearse),
    Way("POST", "/strategies/save", Deed.SAVE_POLICY, strategies.save),
    Way("GET", "/strategies/history", Deed.LOOK, strategies.history),
    Way("GET", "/budgets", Deed.LOOK, house.budgets),
    Way("GET", "/shops", Deed.LOOK, house.shops),
    Way("POST", "/shops/{platform}/{shop}/breaker", Deed.CLOSE_BREAKER, house.close_breaker),
    Way("POST", "/shops/{platform}/{shop}/sign-out", Deed.END_SIGN_IN, house.end_sign_in),
    Way("POST", "/shops/{platform}/{shop}/sign-in", Deed.END_SIGN_IN, house.sign_in),
    Way("POST", "/shops/{platform}/{shop}/check", Deed.SWEEP, house.check),
    Way("POST", "/shops/{platform}/{shop}/sweep", Deed.SWEEP, house.sweep),
    Way("GET", "/alarms/answer/{token}", Deed.ENTER, house.answering),
    Way("POST", "/alarms/answer/{token}", Deed.ENTER, house.answer),
    Way("GET", "/alarms", Deed.LOOK, house.alarms),
    Way("POST", "/alarms/acknowledge", Deed.ACKNOWLEDGE, house.acknowledge),
    Way("GET", "/audit", Deed.LOOK, house.audit),
    Way("POST", "/audit", Deed.AUDIT, house.audit_now),
    Way("GET", "/signoffs", Deed.LOOK, house.signoffs),
    Way("POST", "/signoffs", Deed.SIGN, house.sign),
    Way("POST", "/signoffs/withdraw", Deed.WITHDRAW, house.withdraw),
)
"""Everything that the console answers to, but for the stream of changes."""


def console_app(office: Office, sessions: Sessions, hosts: Iterable[str]) -> Starlette:
    """The application; `hosts` are the names with port by which it may be called, such as `127.0.0.1:8710`."""
    known = frozenset(hosts)
    port = min(known, default="").rpartition(":")[2]
    front, watcher = Front(office, sessions, f"refundpilot_{port}"), Watcher(office)

    async def live(request: Request) -> Response:
        """What changed, as it changes."""
        session = sessions.of(request.cookies.get(front.cookie, ""), used=False)
        if not may(person_of(session, office.people), Deed.LOOK):
            return PlainTextResponse("403 Forbidden", status_code=403)
        if watcher.full:
            return PlainTextResponse("503 Service Unavailable", status_code=503)
        return StreamingResponse(watcher.listen(request.query_params.get("since", "")), media_type="text/event-stream")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        watcher.close()

    async def lost(request: Request, error: Exception) -> Response:
        """404, 405, 413: in words to who has come in, to anybody else the number and nothing about us (S31)."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        visit = _visit(front, request)
        if visit.person is None or status not in _ASTRAY:
            return PlainTextResponse(f"{status}", status_code=status)
        return await _told(visit, visit.text("no_page"), status)

    app = Starlette(
        routes=[*(_route(front, watcher, way) for way in WAYS), Route("/live", live, methods=["GET"])],
        middleware=[Middleware(Gatekeeper, hosts=known)],
        exception_handlers={HTTPException: lost},
        lifespan=lifespan,
        max_body_size=MOST_BODY,
    )
    app.state.close = watcher.close
    return app


def _visit(front: Front, request: Request) -> Visit:
    cookie = request.cookies.get(front.cookie, "")
    session = front.sessions.of(cookie, used=BY_ITSELF not in request.headers)
    return Visit(request, front, session, person_of(session, front.office.people))


def _route(front: Front, watcher: Watcher, way: Way) -> Route:
    async def answer(request: Request) -> Response:
        visit = _visit(front, request)
        if not may(visit.person, way.deed):
            return await _kept_out(visit, way)
        if way.method == "POST":
            visit.form = await _form(request)
            if way.deed is not Deed.ENTER and not same(visit.form.get("csrf", ""), visit.csrf):
                return await _told(visit, visit.text("old_page"), 403)
        try:
            if visit.person and not visit.by_itself:
                visit.since = await watcher.since()
            return await way.page(visit)
        except RefundPilotError as error:
            logger.warning("console: {} {}: {} {}", way.method, way.path, type(error).__name__, error)
            return await _told(visit, visit.say.text(Reason(code=error.reason_code, params=error.params)), 500)

    return Route(way.path, answer, methods=[way.method])


async def _told(visit: Visit, told: str, status: int) -> Response:
    """In our own words; the frame of a page asks the books, which may be what is broken."""
    try:
        return await visit.page("problem", status=status, code=str(status), told=told)
    except RefundPilotError:
        return PlainTextResponse(told, status_code=status)


async def _kept_out(visit: Visit, way: Way) -> Response:
    if visit.person is not None:
        return await _told(visit, visit.text("not_yours"), 403)
    if way.method == "GET":
        return RedirectResponse("/enter", status_code=303)
    return await visit.page("enter", status=403, wrong="out")


async def _form(request: Request) -> Mapping[str, str]:
    """Plain fields alone; no page of ours sends a file."""
    async with request.form(max_files=0, max_fields=40) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}
