"""`record` and `replay`: a sweep onto a tape, and a tape once more without a network (docs/tapes.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.front import Front, conduct
from bot.cli.homes import shop_of, to_sweep
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.use_cases import use_cases
from bot.ports.exits import ExitCode
from bot.ports.replays import ReplayOptions
from bot.ports.wanted import Wanted


def record(
    home: HomeOption,
    tape: Annotated[Path, typer.Argument(dir_okay=False, metavar="TAPE", help=helped("tape_new"))],
    shop: Annotated[str, typer.Option(help=helped("shop"))] = "",
    posture: Annotated[Literal["observe", "propose", "act"], typer.Option(help=helped("tape_posture"))] = "observe",
    *,
    by_hand: Annotated[bool, typer.Option("--by-hand", help=helped("tape_by_hand"))] = False,
    as_json: JsonOption = False,
) -> None:
    """One sweep, onto a tape; or what a person does."""

    def work(front: Front) -> ExitCode:
        loaded = to_sweep(front, home)
        chosen = shop_of(loaded, shop) if shop else None
        if by_hand:
            front.tell("cli.by_hand")
            with front.progress() as progress:
                taped = run(lambda stop: use_cases().record_by_hand(loaded, chosen, progress, stop, tape), front.heard)
            front.done("cli.taped", taped.model_dump(mode="json"), tape=tape, size=_kb(tape))
            return ExitCode.DONE
        wanted = Wanted(shop=chosen, posture=posture)
        with front.progress() as progress:
            result = run(lambda stop: use_cases().sweep(loaded, wanted, progress, stop, tape), front.heard)
        front.show(result, front.summary.sweep(result), report=result.report)
        if not as_json and tape.exists():
            front.tell("cli.taped", tape=tape, size=_kb(tape))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


def _kb(file: Path) -> str:
    return f"{file.stat().st_size // 1024:,}"


def replay(
    tape: Annotated[Path, typer.Argument(dir_okay=False, exists=True, metavar="TAPE", help=helped("tape"))],
    policy: Annotated[Path | None, typer.Option(dir_okay=False, exists=True, help=helped("tape_policy"))] = None,
    selectors: Annotated[Path | None, typer.Option(file_okay=False, exists=True, help=helped("tape_selectors"))] = None,
    *,
    altered: Annotated[bool, typer.Option("--altered", help=helped("tape_altered"))] = False,
    as_json: JsonOption = False,
) -> None:
    """A tape, once more."""

    def work(front: Front) -> ExitCode:
        from bot.cli import tapes_drawn  # noqa: PLC0415  # brings the report along; `stop` cannot wait

        options = ReplayOptions(tape=tape, policy=policy, selectors=selectors, altered=altered)
        with front.progress() as progress:
            result = run(lambda stop: use_cases().replay(options, progress, stop), front.heard)
        front.show(result, tapes_drawn.replayed(result, front.say))
        return result.exit_code

    conduct(work, as_json=as_json)
