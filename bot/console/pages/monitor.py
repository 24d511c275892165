"""策略监控: what each strategy hit, through the five filters of the platform's own page, and the same to take away (domain.md 51, S9)."""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from bot.console import export
from bot.console.visit import Visit
from bot.engine.scenes import Scene
from bot.errors import ConfigError
from bot.ports.monitor import HitFilters, MonitorResult

AT_ONCE = 50
"""Hits of one page."""

_FIELDS = ("scene", "reason", "strategy", "case", "order")
_MOST_DAYS = 92


async def monitor(visit: Visit) -> Response:
    """Sums first, then the hits, the newest first."""
    found, wrong = await _found(visit)
    place = visit.asked("page", "0")
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 6 else 0
    hits = found.hits[::-1] if found else ()
    return await visit.page(
        "monitor",
        found=found,
        wrong=wrong,
        hits=hits[number * AT_ONCE : (number + 1) * AT_ONCE],
        number=number,
        more=len(hits) > (number + 1) * AT_ONCE,
        params={"since": _since(visit).isoformat(), **{name: visit.asked(name) for name in _FIELDS}},
        scenes=tuple(Scene),
    )


async def _found(visit: Visit) -> tuple[MonitorResult | None, str]:
    filters = HitFilters(**{name: visit.asked(name)[:80] for name in _FIELDS})
    since = _since(visit)
    try:
        return await visit.ponder(lambda: visit.office.hits(since, filters)), ""
    except ConfigError as error:
        return None, visit.say.text_of(error.reason_code, **error.params)


def _since(visit: Visit) -> date:
    """A date of the last three months; today where none can be read."""
    today = visit.office.now().date()
    try:
        return max(date.fromisoformat(visit.asked("since")), today - timedelta(days=_MOST_DAYS))
    except ValueError:
        return today


async def as_csv(visit: Visit) -> Response:
    found, _ = await _found(visit)
    data = await visit.ponder(lambda: export.as_csv(found.hits if found else (), visit.say))
    return _file(data, "text/csv; charset=utf-8", visit, "csv")


async def as_xlsx(visit: Visit) -> Response:
    found, _ = await _found(visit)
    data = await visit.ponder(lambda: export.as_xlsx(found.hits if found else (), visit.say))
    return _file(data, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", visit, "xlsx")


def _file(data: bytes, kind: str, visit: Visit, suffix: str) -> Response:
    name = f"strategies-{_since(visit).isoformat()}.{suffix}"
    return Response(data, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
