"""`refundpilot sweep` in the terminal: what would be done is shown first, a person says yes, and exactly that is done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.front import Front
from bot.cli.interrupt import run
from bot.cli.terminal import STYLES
from bot.cli.typed import forget_typed
from bot.cli.use_cases import UseCases
from bot.config import Home
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.results import DryRun, SweepResult, WouldDo
from bot.ports.wanted import Wanted

SHOWN = 40
"""Cases that the table has, dearest first; all of them are in the report."""

_NUMBERS = frozenset({"col_cases", "col_amount"})
_YES = frozenset({"y", "yes", "是"})


@dataclass(frozen=True, slots=True)
class Asked:
    """How careful: `only_look` shows what would be done, `yes` asks nobody and looks at nothing first."""

    only_look: bool = False
    yes: bool = False
    tape: Path | None = None


def sweep(front: Front, app: UseCases, home: Home, wanted: Wanted, asked: Asked) -> ExitCode:
    """Sweep; where a person sits before it and it would act, only after they saw what it would do.

    Raises ConfigError: a tape of a dry run, which writes none.
    """
    if asked.only_look:
        if asked.tape:
            raise ConfigError("a dry run writes no tape", raw=str(asked.tape), code="pick.no_tape")
        return _look(front, app, home, wanted, ask=False)
    if not asked.yes and attended(front) and would_act(home, wanted):
        code = _look(front, app, home, wanted, ask=True, tape=asked.tape)
        if asked.tape and not asked.tape.exists():
            front.tell("dry_run.no_tape", file=asked.tape)
        return code
    return _sweep(front, app, home, wanted, asked.tape)


def attended(front: Front) -> bool:
    """Somebody can read and answer; scripts and pipes cannot."""
    return not front.as_json and sys.stdin.isatty() and sys.stdout.isatty()


def would_act(home: Home, wanted: Wanted) -> bool:
    """Whether any of the shops would be clicked in."""
    shops = (shop for shop in home.settings.shop if wanted.shop in {None, shop.key})
    return any((wanted.posture or shop.posture) == "act" for shop in shops)


def _sweep(front: Front, app: UseCases, home: Home, wanted: Wanted, tape: Path | None) -> ExitCode:
    with front.progress() as progress:
        result = run(lambda stop: app.sweep(home, wanted, progress, stop, tape), front.heard)
    front.show(result, front.summary.sweep(result), report=result.report)
    _tell_not_found(front, result)
    return result.exit_code


def _look(front: Front, app: UseCases, home: Home, wanted: Wanted, *, ask: bool, tape: Path | None = None) -> ExitCode:
    with front.progress() as progress:
        looked = run(lambda stop: app.dry_run(home, wanted, progress, stop), front.heard)
    broken_off = any(shop.stopped for shop in looked.sweep.shops)
    # of what was not looked at nobody can say that nothing would be done to it
    found = [] if broken_off and not looked.would else [picture(looked, front.say)]
    front.show(looked, Group(front.summary.sweep(looked.sweep), *found), report=looked.sweep.report)
    _tell_not_found(front, looked.sweep)
    if not ask or broken_off or not looked.would:
        return looked.sweep.exit_code
    try:
        yes = any(one.barred is None for one in looked.would) and _said_yes(front, looked.would)
    except KeyboardInterrupt:
        front.tell("dry_run.left")
        return ExitCode.INTERRUPTED
    if not yes:
        front.tell("dry_run.left")
        return looked.sweep.exit_code
    return _sweep(front, app, home, looked.then, tape)


def _said_yes(front: Front, would: Sequence[WouldDo]) -> bool:
    """What was typed before the question stood there answers nothing: nobody had seen yet what it would be a yes to."""
    now = sum(one.barred is None for one in would)
    forget_typed()
    front.tell("dry_run.ask", count=now)
    return sys.stdin.readline().strip().lower() in _YES


def _tell_not_found(front: Front, result: SweepResult) -> None:
    if result.not_found and not front.as_json:
        front.tell("pick.not_found", count=len(result.not_found), ids=", ".join(result.not_found))


def picture(looked: DryRun, say: Catalogue) -> RenderableType:
    """The cases, dearest first, then the sums by verb."""
    if not looked.would:
        return Text(say.text_of("dry_run.nothing"), style="dim")
    more = len(looked.would) - SHOWN
    rest = [Text(say.text_of("dry_run.more", count=more), style="dim")] if more > 0 else []
    return Group(_cases(looked.would[:SHOWN], say), *rest, _sums(looked.would, say))


def _cases(would: Iterable[WouldDo], say: Catalogue) -> Table:
    table = _table(say, "col_case", "col_verb", "col_amount", "col_deadline", "col_why")
    for one in would:
        told = Text(say.name(one.verb), style=STYLES[one.verb] if one.barred is None else "dim")
        until = f"{one.deadline:%m-%d %H:%M}" if one.deadline else ""
        why = Text(say.text(one.barred or one.why), style="yellow" if one.barred else "")
        table.add_row(one.aftersale_id, told, str(Money(one.amount_fen)), until, why)
    return table


def _sums(would: Sequence[WouldDo], say: Catalogue) -> Table:
    """What would be done at once; what is barred is counted by itself."""
    table = _table(say, "col_verb", "col_cases", "col_amount")
    for verb in Verb:
        if of_verb := [one for one in would if one.verb is verb and one.barred is None]:
            table.add_row(Text(say.name(verb), style=STYLES[verb]), str(len(of_verb)), _sum(of_verb))
    if barred := [one for one in would if one.barred is not None]:
        table.add_row(Text(say.text_of("dry_run.barred"), style="yellow"), str(len(barred)), _sum(barred))
    return table


def _sum(would: Iterable[WouldDo]) -> str:
    return str(Money(sum(one.amount_fen for one in would)))


def _table(say: Catalogue, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key in columns:
        table.add_column(say.text_of(f"dry_run.{key}"), justify="right" if key in _NUMBERS else "left")
    return table
