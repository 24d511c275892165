"""`refundpilot policy reorder`: the steps of a safe change of order, written one by one and told (domain.md 49)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group
from rich.text import Text

from bot.cli.front import Front
from bot.config import HomeFiles, read_policy
from bot.config.editing import walk
from bot.engine.policy import Policy
from bot.engine.reorder import Move, Step, steps
from bot.errors import ConfigError
from bot.ports.exits import ExitCode

_TOLD = {Move.OFF: "cli.reorder_off", Move.ORDER: "cli.reorder_order", Move.ON: "cli.reorder_on"}


def reorder(front: Front, home: Path, wanted: Sequence[str], *, dry_run: bool) -> ExitCode:
    """Plan, write, tell. Raises ConfigError: no such order, or the file changed meanwhile."""
    policy = read_policy(home)
    try:
        planned = steps(policy, wanted)
    except ValueError as error:
        raise ConfigError(str(error), code="policy.no_order") from error
    done: list[dict[str, object]] = []

    def told(step: Step, after: Policy | None) -> None:
        done.append(
            {
                "step": step.move,
                "changes": {name: dict(keys) for name, keys in step.changes.items()},
                "active": list(step.active),
                "hash": after.hash if after else "",
            }
        )

    if dry_run:
        for step in planned:
            told(step, None)
    else:
        walk(HomeFiles(home).policy, planned, told)
    front.print({"steps": done, "written": not dry_run, "exit_code": ExitCode.DONE}, _picture(front, planned))
    return ExitCode.DONE


def _picture(front: Front, planned: Sequence[Step]) -> Group:
    return Group(*(Text(f"{n}. {_line(front, step)}") for n, step in enumerate(planned, start=1)))


def _line(front: Front, step: Step) -> str:
    names = "、" if front.say.language == "zh" else ", "
    moved = ", ".join(f"{name} = {keys['priority']}" for name, keys in step.changes.items() if "priority" in keys)
    return front.say.text_of(
        _TOLD[step.move],
        names=names.join(step.changes),
        moved=moved,
        active=names.join(step.active) or front.say.text_of("cli.reorder_none"),
    )
