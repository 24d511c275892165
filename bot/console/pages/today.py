"""Today on one screen: money, brakes, what waits, what runs out, what comes next; and the two great switches."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.visit import Visit
from bot.ports.wanted import Wanted

ALARMS = 5
"""The most pressing alarms that the page shows."""


async def today(visit: Visit) -> Response:
    """The page that is left open."""
    office = visit.office
    service, runs, alarms, plots = await visit.ask(
        lambda: (office.service(), office.next_runs(), office.alarms(ALARMS), office.plots(visit.say))
    )
    more = sum(not one.acknowledged_by for one in alarms[ALARMS:])
    return await visit.page(
        "today", service=service, runs=runs, alarms=alarms[:ALARMS], more=more, plots=plots, now=office.now()
    )


async def stop(visit: Visit) -> Response:
    """The kill switch, at once and without a question."""
    answer = await visit.ask(lambda: visit.office.stop(visit.who))
    return await visit.answered(answer, "/")


async def resuming(visit: Visit) -> Response:
    """Going on is asked twice: here is what it would let go on."""
    return await visit.page("resume")


async def resume(visit: Visit) -> Response:
    answer = await visit.ask(lambda: visit.office.resume(visit.who))
    return await visit.answered(answer, "/")


async def sweep_all(visit: Visit) -> Response:
    """One sweep of every shop, now."""
    return await visit.answered(await visit.office.sweep(Wanted(), visit.who), "/shops")
