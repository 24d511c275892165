"""`refundpilot alarms …`: calls for a person, listed and answered; the channels tried."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.front import Front, conduct, to_read
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, MaybeHomeOption, helped
from bot.cli.use_cases import use_cases
from bot.config import load_home
from bot.errors import ConfigError
from bot.ports.alarms import AlarmEntry, AlarmsResult, AlarmsTested
from bot.ports.exits import ExitCode

alarms = typer.Typer(invoke_without_command=True, help=helped("alarms"))

_COLUMNS = (
    "calls.col_number",
    "calls.col_urgency",
    "calls.col_where",
    "calls.col_what",
    "calls.col_stake",
    "calls.col_raised",
    "calls.col_sent",
    "calls.col_times",
)


@alarms.callback()
def bare(context: typer.Context, home: MaybeHomeOption = None, *, as_json: JsonOption = False) -> None:
    """Without a command of its own it lists."""
    if context.invoked_subcommand is None:
        _list(home, as_json=as_json)


@alarms.command("list", help=helped("alarms_list"))
def alarms_list(home: HomeOption, *, as_json: JsonOption = False) -> None:
    """What nobody has answered yet."""
    _list(home, as_json=as_json)


def _list(home: Path | None, *, as_json: bool) -> None:
    def work(front: Front) -> ExitCode:
        if home is None:
            code = "usage.no_option_or_variable"
            raise ConfigError(
                "no home", target="'--home'", raw="'REFUNDPILOT_HOME'", page="refundpilot alarms", code=code
            )
        loaded = to_read(front, home)
        result = run(lambda _: use_cases().list_alarms(loaded), front.heard)
        front.show(result, _picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


@alarms.command("ack", help=helped("alarms_ack"))
def alarms_ack(
    alarm: Annotated[str, typer.Argument(help=helped("alarm_id"))],
    home: HomeOption,
    note: Annotated[str, typer.Option(help=helped("alarm_note"))] = "",
    by: Annotated[str, typer.Option(help=helped("alarm_by"))] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Somebody takes care of it."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        numbers = run(lambda _: use_cases().answer_alarm(loaded, alarm, by or _user(), note), front.heard)
        told = ", ".join(f"#{number}" for number in numbers)
        front.done("calls.acknowledged", {"home": str(home), "alarms": list(numbers)}, numbers=told)
        return ExitCode.DONE

    conduct(work, home=home, as_json=as_json)


@alarms.command("test", help=helped("alarms_test"))
def alarms_test(
    home: HomeOption,
    channel: Annotated[str, typer.Argument(help=helped("channel"))] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Does anybody hear us?"""

    def work(front: Front) -> ExitCode:
        loaded = load_home(home, last_good_policy=True)
        result = run(lambda _: use_cases().try_channels(loaded, channel), front.heard)
        front.show(result, _tested(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user without a name, as in some containers
        return "cli"


def _tested(result: AlarmsTested, say: Catalogue) -> RenderableType:
    lines = [
        Text(say.text_of("calls.failed", channel=one.channel, why=one.why), style="red")
        if one.why
        else Text(say.text_of("calls.got_through", channel=one.channel), style="green")
        for one in result.channels
    ]
    return Group(*lines)


def _picture(result: AlarmsResult, say: Catalogue) -> RenderableType:
    if not result.alarms:
        return Text(say.text_of("calls.none"), style="dim")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(say.text_of(column), overflow="fold")
    for entry in result.alarms:
        table.add_row(*(Text(cell) for cell in _cells(entry, say)))
    return table


def _cells(entry: AlarmEntry, say: Catalogue) -> tuple[str, ...]:
    alarm = entry.alarm
    until = f"{alarm.deadline:%m-%d %H:%M}" if alarm.deadline else ""
    said = [sending for sending in entry.sendings if sending.ok]
    return (
        str(entry.number),
        say.name(alarm.urgency),
        f"{alarm.shop} {alarm.case_id}".strip(),
        say.text(alarm.reason),
        " ".join(filter(None, (str(alarm.amount) if alarm.amount is not None else "", until))),
        f"{entry.raised_at:%m-%d %H:%M}",
        f"{said[-1].channel} {said[-1].at:%H:%M}" if said else say.text_of("calls.not_sent"),
        str(entry.times),
    )
