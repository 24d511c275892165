"""`refundpilot policy …`: the commands that look at decisions and rehearse rules; `check` stands in commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.front import Front, conduct
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.config import load_home
from bot.ports.exits import ExitCode
from bot.ports.results import HitFilters

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


@policy.command("monitor", help=helped("policy_monitor"))
def policy_monitor(
    home: HomeOption,
    scene: Annotated[str, typer.Option(help=helped("m_scene"))] = "",
    reason: Annotated[str, typer.Option(help=helped("m_reason"))] = "",
    strategy: Annotated[str, typer.Option(help=helped("m_strategy"))] = "",
    case: Annotated[str, typer.Option(help=helped("m_case"))] = "",
    order: Annotated[str, typer.Option(help=helped("m_order"))] = "",
    since: Annotated[str, typer.Option(help=helped("m_since"))] = "1d",
    *,
    as_json: JsonOption = False,
) -> None:
    """What each strategy hit."""

    def work(front: Front) -> ExitCode:
        from bot.cli import monitored  # noqa: PLC0415  # only this command draws it

        loaded = load_home(home, with_logins=False, last_good_policy=True)
        filters = HitFilters(scene=scene, reason=reason, strategy=strategy, case=case, order=order)
        first = monitored.since_when(since, SystemClock().now().date())
        result = run(lambda _: use_cases().monitor(loaded, first, filters), front.heard)
        front.show(result, monitored.picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)
