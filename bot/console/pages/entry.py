"""Coming in and leaving; the language; what every page needs that is no page."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.console.sessions import TooManyGuesses
from bot.console.visit import Visit, asset

_TYPES = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}
_FOREVER = "private, max-age=31536000, immutable"


async def door(visit: Visit) -> Response:
    """Where a token is asked for; the one in the address's fragment never leaves the browser but by this form."""
    return await visit.page("enter", wrong="")


async def enter(visit: Visit) -> Response:
    """A right token becomes a cookie that no script sees and no foreign page sends."""
    try:
        session = visit.front.sessions.enter(visit.asked("token"))
    except TooManyGuesses:
        return await visit.page("enter", status=429, wrong="many")
    if session is None:
        return await visit.page("enter", status=403, wrong="wrong")
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(visit.front.cookie, session.id, httponly=True, samesite="strict", path="/")
    return answer


async def leave(visit: Visit) -> Response:
    """The session ends here, not only in the browser."""
    if visit.session:
        visit.front.sessions.leave(visit.session.id)
    answer = RedirectResponse("/enter", status_code=303)
    answer.delete_cookie(visit.front.cookie, path="/", httponly=True, samesite="strict")
    return answer


async def language(visit: Visit) -> Response:
    """Of this session alone."""
    if visit.session and visit.asked("language") in {"zh", "en"}:
        visit.session.language = visit.asked("language")
    place = visit.asked("back")
    safe = place.startswith("/") and not place.startswith(("//", "/\\")) and "\n" not in place
    return RedirectResponse(place if safe else "/", status_code=303)


async def static(visit: Visit) -> Response:
    """Files of ours, and no others."""
    name = visit.request.path_params["name"]
    if name not in _TYPES:
        return PlainTextResponse("404 Not Found", status_code=404)
    return Response(asset(name)[0], media_type=_TYPES[name], headers={"cache-control": _FOREVER})
