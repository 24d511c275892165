"""`refundpilot run`: the command that is left running."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.front import Front, conduct
from bot.cli.homes import to_sweep
from bot.cli.interrupt import run as under_hand
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.ports.exits import ExitCode
from bot.ports.status import RunOptions


def run(
    home: HomeOption,
    for_s: Annotated[float | None, typer.Option("--for", min=1, metavar="SECONDS", help=helped("run_for"))] = None,
    *,
    until_idle: Annotated[bool, typer.Option("--until-idle", help=helped("until_idle"))] = False,
    tray: Annotated[bool | None, typer.Option("--tray/--no-tray", help=helped("tray"))] = None,
    as_json: JsonOption = False,
) -> None:
    """Sweep by schedule until stopped."""

    def work(front: Front) -> ExitCode:
        loaded = to_sweep(front, home, last_good_settings=True)
        options = RunOptions(for_s=for_s, until_idle=until_idle, tray=tray)
        with front.progress() as progress:
            result = under_hand(lambda stop: use_cases().leave_running(loaded, options, progress, stop), front.heard)
        front.show(result, front.summary.ran(result))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)
