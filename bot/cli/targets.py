"""`refundpilot mend` and `refundpilot selectors …`: what is looked for on pages, and how it is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.front import Front, conduct
from bot.cli.interrupt import run
from bot.cli.options import JsonOption, MaybeHomeOption, helped
from bot.cli.use_cases import use_cases
from bot.config import load_home
from bot.errors import ConfigError
from bot.ports.exits import ExitCode

selectors = typer.Typer(no_args_is_help=True, help=helped("selectors"))


@selectors.command("check", help=helped("selectors_check"))
def selectors_check(
    platform: Annotated[str, typer.Option(help=helped("s_platform"))] = "taobao",
    page: Annotated[list[Path] | None, typer.Option(dir_okay=False, exists=True, help=helped("s_page"))] = None,
    home: MaybeHomeOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Try every target on live or saved pages; nothing is written anywhere."""

    def work(front: Front) -> ExitCode:
        from bot.cli import mended  # noqa: PLC0415  # only these commands draw it

        if page:
            result = run(lambda _: use_cases().check_saved(platform, page, home), front.heard)
        elif home is not None:
            loaded = load_home(home, last_good_policy=True)
            result = run(lambda stop: use_cases().check_live(loaded, platform, stop), front.heard)
        else:
            raise ConfigError("neither --home nor --page", code="selectors.no_page")
        front.show(result, mended.looks(result, front.say))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


def mend(
    bundle: Annotated[Path, typer.Argument(file_okay=False, exists=True, help=helped("bundle"))],
    home: MaybeHomeOption = None,
    candidate: Annotated[int, typer.Option(min=1, help=helped("m_candidate"))] = 1,
    *,
    accept: Annotated[bool, typer.Option("--accept", help=helped("accept"))] = False,
    yes_i_looked: Annotated[str, typer.Option("--yes-i-looked", metavar="NAME", help=helped("yes_i_looked"))] = "",
    as_json: JsonOption = False,
) -> None:
    """From the bundle of a failure to a change of the selectors."""
    # a bundle stands in HOME/failures/
    root = home or bundle.resolve().parents[1]

    def work(front: Front) -> ExitCode:
        from bot.cli import mended  # noqa: PLC0415  # as above

        return mended.mend(front, bundle, root, candidate, accept=accept, looked=yes_i_looked)

    conduct(work, home=root, as_json=as_json)
