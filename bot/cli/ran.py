"""The service in a person's words: what one did from its start to its end, and what the one that runs is at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.text import Text

from bot.catalogue import Catalogue
from bot.domain.money import Money
from bot.ports.status import NextRun, RunResult, ServiceStatus, StatusResult

SHOWN = 5
"""Lines of next and missed runs that fit under the tables of `status`; `--json` has more."""


def ran(result: RunResult, say: Catalogue) -> RenderableType:
    """What came of a service, once it ended."""
    ran_for = timedelta(seconds=round((result.ended_at - result.started_at).total_seconds()))
    told = {"sweeps": result.sweeps, "cases": result.seen, "time": ran_for, "held": result.held}
    lines = [
        Text(say.text_of("service.ran", **told), style="bold"),
        *(Text(f"  {say.text_of(f'verb.{verb}')} {count}") for verb, count in result.acted.items()),
        Text(say.text_of("cli.refunded", amount=str(Money(result.refunded_fen)))),
        *(Text(f"! {say.text(run.told())}", style="yellow") for run in result.missed[-SHOWN:]),
    ]
    if result.errors or result.skipped:
        told = {"errors": result.errors, "skipped": result.skipped}
        lines.append(Text(f"! {say.text_of('service.troubles', **told)}", style="yellow"))
    return Group(*lines)


def service(status: StatusResult, say: Catalogue) -> Iterable[Text]:
    """What the service is at, what it missed, and what is next."""
    if status.service is not None:
        yield _alive(status.service, say)
        yield from _signed_in(status.service, say)
    yield from (Text(f"! {say.text(run.told())}", style="yellow") for run in status.missed_runs[:SHOWN])
    if not status.next_runs:
        yield Text(say.text_of("cli.no_next_run"), style="dim")
        return
    when = ", ".join(_next(run, say) for run in status.next_runs[:SHOWN])
    yield Text(say.text_of("cli.next_runs", when=when), style="dim")


def _alive(one: ServiceStatus, say: Catalogue) -> Text:
    doing = f"{say.text_of(f'phase.{one.phase}')} {one.shop}".rstrip()
    told = {"pid": one.pid, "doing": doing, "since": f"{one.phase_since:%m-%d %H:%M:%S}"}
    if one.alive:
        return Text(say.text_of("service.alive", **told, age=f"{one.age_s:.0f}"), style="green")
    code = "service.ended" if one.phase == "stopped" else "service.silent"
    style = "dim" if one.phase == "stopped" else "bold red"
    return Text(say.text_of(code, **told, at=f"{one.at:%m-%d %H:%M:%S}"), style=style)


def _signed_in(one: ServiceStatus, say: Catalogue) -> Iterable[Text]:
    """A service that ended took its sign-ins along."""
    if one.alive and one.signed_in:
        each = ", ".join(f"{shop} {since:%m-%d %H:%M}" for shop, since in one.signed_in.items())
        yield Text(say.text_of("service.signed_in", each=each), style="dim")


def _next(run: NextRun, say: Catalogue) -> str:
    return f"{run.at:%m-%d %H:%M} {say.text_of(f'job.{run.job}')} {run.shop}".rstrip()
