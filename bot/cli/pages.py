"""The commands about recorded pages (recordings/README.md): look at one, check all, take what is read, keep one that failed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.front import Front, conduct
from bot.cli.interrupt import run
from bot.cli.options import JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.pages import PageReading

page = typer.Typer(no_args_is_help=True, help=helped("page"))

RecordingArgument = Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, exists=True, help=helped("p_dir"))]


@page.command("show", help=helped("page_show"))
def page_show(
    folder: RecordingArgument,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help=helped("p_picture"))] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """What one recorded page is, and what is read off it."""

    def work(front: Front) -> ExitCode:
        from bot.cli import pages_drawn  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        reading = run(lambda _: use_cases().show_page(folder, picture), front.heard)
        front.show(reading, pages_drawn.reading(reading, front.say))
        return ExitCode.DONE

    conduct(work, as_json=as_json)


@page.command("check", help=helped("page_check"))
def page_check(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[DIR]...", file_okay=False, exists=True, help=helped("p_dirs"))
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Is every recorded page still read as expected?"""

    def work(front: Front) -> ExitCode:
        from bot.cli import pages_drawn  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        result = run(lambda _: use_cases().check_pages(folders or ()), front.heard)
        front.print(
            {**result.model_dump(mode="json"), "exit_code": result.exit_code}, pages_drawn.check(result, front.say)
        )
        return result.exit_code

    conduct(work, as_json=as_json)


@page.command("accept", help=helped("page_accept"))
def page_accept(
    folder: RecordingArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", help=helped("p_yes"))] = False,
    as_json: JsonOption = False,
) -> None:
    """What is read now becomes what is expected."""

    def work(front: Front) -> ExitCode:
        from bot.cli import pages_drawn  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        if as_json and not yes:
            raise ConfigError("--json without --yes", target="--yes", code="recordings.need_yes")
        reading = run(lambda _: use_cases().show_page(folder), front.heard)
        if not as_json:
            front.print({}, pages_drawn.changes(reading, front.say))
        taken = not reading.as_expected and (yes or _agreed(front))
        if taken:
            run(lambda _: use_cases().accept_page(reading), front.heard)
        front.done(
            _accepted(reading, taken=taken), {**reading.model_dump(mode="json"), "written": taken}, name=reading.name
        )
        return ExitCode.DONE if taken or reading.as_expected else ExitCode.HELD

    conduct(work, as_json=as_json)


def _agreed(front: Front) -> bool:
    """A bare Enter, or nobody at the keyboard, is a no."""
    try:
        return typer.confirm(front.say.text_of("page.take_it"), err=True)
    except typer.Abort:
        return False


def _accepted(reading: PageReading, *, taken: bool) -> str:
    if reading.as_expected:
        return "page.nothing_to_accept"
    return "page.accepted" if taken else "page.left"


@page.command("keep", help=helped("page_keep"))
def page_keep(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", file_okay=False, exists=True, help=helped("p_bundle"))],
    folder: Annotated[Path, typer.Argument(metavar="DIR", file_okay=False, help=helped("p_new"))],
    at: Annotated[datetime | None, typer.Option(help=helped("p_at"))] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """A page that failed becomes a recording."""

    def work(front: Front) -> ExitCode:
        from bot.cli import pages_drawn  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        kept = run(lambda _: use_cases().keep_page(bundle, folder, at), front.heard)
        front.print(kept.model_dump(mode="json"), pages_drawn.kept(kept, front.say))
        return ExitCode.DONE

    conduct(work, as_json=as_json)
