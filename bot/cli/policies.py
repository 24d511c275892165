"""`refundpilot policy …`: the commands that look at decisions and rehearse rules; `check` stands in commands.py."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.front import Front, conduct, to_read
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.monitor import HitFilters

policy = typer.Typer(no_args_is_help=True, help=helped("policy"))


@policy.command("explain", help=helped("policy_explain"))
def policy_explain(
    case: Annotated[str, typer.Argument(help=helped("case"))], home: HomeOption, *, as_json: JsonOption = False
) -> None:
    """Why a case was decided as it was."""

    def work(front: Front) -> ExitCode:
        from bot.cli import explained  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        loaded = to_read(front, home)
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

        loaded = to_read(front, home)
        filters = HitFilters(scene=scene, reason=reason, strategy=strategy, case=case, order=order)
        first = monitored.since_when(since, SystemClock().now().date())
        result = run(lambda _: use_cases().monitor(loaded, first, filters), front.heard)
        front.show(result, monitored.picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


@policy.command("reorder", help=helped("policy_reorder"))
def policy_reorder(
    ids: Annotated[list[str], typer.Argument(help=helped("r_ids"))],
    home: HomeOption,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=helped("r_dry_run"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Another order of strategies, with none of them active while it changes."""

    def work(front: Front) -> ExitCode:
        from bot.cli.reordered import reorder  # noqa: PLC0415  # its TOML editor is needed nowhere else

        return reorder(front, home, ids, dry_run=dry_run)

    conduct(work, home=home, as_json=as_json)


@policy.command("vote", help=helped("policy_vote"))
def policy_vote(
    case: Annotated[str, typer.Argument(help=helped("case"))],
    word: Annotated[Literal["agree", "differ"], typer.Argument(help=helped("word"))],
    home: HomeOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """A person's word on a decision."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        strategy = run(lambda _: use_cases().cast_vote(loaded, case, agrees=word == "agree"), front.heard)
        front.done("cli.voted", {"case": case, "word": word, "strategy": strategy}, case=case, strategy=strategy)
        return ExitCode.DONE

    conduct(work, home=home, as_json=as_json)


@policy.command("backtest", help=helped("policy_backtest"))
def policy_backtest(
    home: HomeOption,
    candidate: Annotated[Path, typer.Option(dir_okay=False, exists=True, help=helped("candidate"))],
    since: Annotated[str, typer.Option(metavar="30d", help=helped("since"))] = "30d",
    html: Annotated[Path | None, typer.Option(dir_okay=False, help=helped("html"))] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """What a changed policy would have done."""

    def work(front: Front) -> ExitCode:
        from bot.cli import rehearsed  # noqa: PLC0415  # as above

        loaded, stretch = to_read(front, home), stretch_of(since)
        with front.steps("backtest.working") as steps:
            result = run(lambda _: use_cases().backtest(loaded, candidate, stretch, html, steps), front.heard)
        front.show(result, rehearsed.picture(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


_STRETCH = re.compile(r"(?P<count>[1-9][0-9]{0,3})(?P<unit>[dh])", re.ASCII)


def stretch_of(text: str) -> timedelta:
    """`30d` or `12h`. Raises ConfigError."""
    found = _STRETCH.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"no stretch of time: {text}", code="cli.bad_since", raw=text)
    count = int(found["count"])
    return timedelta(days=count) if found["unit"] == "d" else timedelta(hours=count)
