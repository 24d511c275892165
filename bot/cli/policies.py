"""`refundpilot policy …`: the commands that look at decisions and rehearse rules; `check` stands in commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.front import Front, conduct
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.config import load_home
from bot.ports.exits import ExitCode

policy = typer.Typer(no_args_is_help=True, help=helped("policy"))


@policy.command("explain", help=helped("policy_explain"))
def policy_explain(
    case: Annotated[str, typer.Argument(help=helped("case"))], home: HomeOption, *, as_json: JsonOption = False
) -> None:
    """Why a case was decided as it was."""

    def work(front: Front) -> ExitCode:
        from bot.cli import explained  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        loaded = load_home(home, with_logins=False)
        result = run(lambda _: use_cases().explain_case(loaded, case), front.heard)
        front.show(result, explained.picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)
