"""`refundpilot report`, `tidy` and `forget`: what a day was worth, and letting go of what is over its time, or of one buyer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.front import Front, conduct, to_read
from bot.cli.homes import shop_of
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.figures import DailyResult, Span
from bot.ports.retention import ForgetResult, TidyResult
from bot.report.daily_plots import Told

_TIDIED = {f"tidy_{name}": name for name in TidyResult.model_fields if name not in {"dry_run", "exit_code"}}


def report(
    home: HomeOption,
    day: Annotated[str, typer.Option(metavar="DATE", help=helped("report_day"))] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help=helped("report_days"))] = 1,
    out: Annotated[Path | None, typer.Option(file_okay=False, help=helped("report_out"))] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """What a day was worth."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        span = Span.of(_day(day), days)
        result = run(lambda _: use_cases().daily_report(loaded, span, out), front.heard)
        front.show(result, day_picture(result, front.say), report=result.report)
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


def tidy(
    home: HomeOption,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=helped("tidy_dry_run"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Let go of what is over its time."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        result = run(lambda _: use_cases().tidy(loaded, dry_run=dry_run), front.heard)
        front.show(result, tidy_picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


def forget(
    home: HomeOption,
    shop: Annotated[str, typer.Option(metavar="SHOP", help=helped("forget_shop"))],
    buyer: Annotated[str, typer.Option(metavar="NAME", help=helped("forget_buyer"))],
    *,
    yes: Annotated[bool, typer.Option("--yes", help=helped("forget_yes"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase one buyer."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        key = shop_of(loaded, shop)
        result = run(lambda _: use_cases().forget(loaded, key, buyer, dry_run=not yes), front.heard)
        front.show(result, forget_picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else SystemClock().now().date()
    except ValueError:
        raise ConfigError(f"not a day: {text}", raw=text, code="cli.not_a_day") from None


def day_picture(result: DailyResult, say: Catalogue) -> RenderableType:
    """The figures that a shop owner asks for first."""
    span = result.figures.span
    title = str(span.last) if span.first == span.last else f"{span.first} – {span.last}"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False, title=title, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for label, value in _figures(result, say):
        table.add_row(Text(label), Text(value))
    return table


def _figures(result: DailyResult, say: Catalogue) -> Iterator[tuple[str, str]]:
    whole, due = result.figures.whole, result.figures.whole.due
    sums = {
        "day_agreed": whole.moved.agreed,
        "day_refused": whole.saved.refused,
        "day_saved": whole.saved.whole,
        "day_risk": whole.risk,
    }
    for key, tally in sums.items():
        yield say.text_of(f"cli.{key}"), str(Money(tally.fen))
    for key, took in {"day_act": whole.to_act, "day_intercept": whole.to_intercept}.items():
        if took.p95_s is not None:
            yield say.text_of(f"cli.{key}"), Told(say).lasting(took.p95_s)
    yield say.text_of("cli.day_due"), f"{due.met.cases} / {due.missed.cases} / {due.unclear.cases}"
    yield say.text_of("cli.day_time"), say.text_of("cli.day_minutes", minutes=whole.minutes_saved)
    yield say.text_of("cli.day_held"), str(len(result.held))


def tidy_picture(result: TidyResult, say: Catalogue) -> RenderableType:
    """One line each."""
    return _counts({label: str(getattr(result, name)) for label, name in _TIDIED.items()}, say, dry_run=result.dry_run)


def forget_picture(result: ForgetResult, say: Catalogue) -> RenderableType:
    """One line each, then what is left to the merchant."""
    told = {"forget_cases": ", ".join(result.cases)} | (
        {} if result.dry_run else {"tidy_pictures": str(result.pictures)}
    )
    counts = {"tidy_bundles": str(result.bundles), "tidy_reports": str(result.reports)}
    lines = [say.text_of("cli.forget_open", count=result.open_cases)] if result.open_cases else []
    lines += [say.text_of("cli.forget_inbox", folder=folder) for folder in result.inbox]
    lines += [say.text_of("cli.forget_yes")] if result.dry_run else []
    return Group(_counts({**told, **counts}, say, dry_run=result.dry_run), *map(Text, lines))


def _counts(rows: Mapping[str, str], say: Catalogue, *, dry_run: bool) -> Table:
    title = say.text_of("cli.tidy_would" if dry_run else "cli.tidy_head")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False, title=title, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for label, value in rows.items():
        table.add_row(Text(say.text_of(f"cli.{label}")), Text(value))
    return table
