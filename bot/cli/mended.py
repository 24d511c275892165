"""`refundpilot mend` and `selectors check` in the terminal: what was found, what is proposed, and a person's word on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.front import Front
from bot.cli.interrupt import run
from bot.cli.use_cases import use_cases
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.mending import Look, MendResult, SelectorsResult

_STYLES = {
    Look.FOUND: "green",
    Look.HEALED: "yellow",
    Look.NOT_SHOWN: "dim",
    Look.AMBIGUOUS: "red",
    Look.MISSING: "red",
    Look.DRIFTED: "red",
}


def mend(front: Front, bundle: Path, home: Path, choice: int, *, accept: bool, looked: str) -> ExitCode:
    """Propose; with `accept` put it in force, once the name was given or typed."""
    result = run(lambda _: use_cases().propose_mend(bundle, home, choice), front.heard)
    if accept and result.diff:
        if not front.as_json:
            front.print({}, picture(result, front.say))
        name = looked or (_typed(front, result) if result.writes else "")
        done = use_cases().accept_mend(bundle, home, choice, name)
        result = done.model_copy(update={"pictures": result.pictures})
    front.show(result, verdict(result, front.say) if result.accepted else picture(result, front.say))
    return result.exit_code


def _typed(front: Front, result: MendResult) -> str:
    """Typed letter by letter by whoever looked at the pictures; nobody at the keyboard is nobody who looked."""
    if front.as_json or not sys.stdin.isatty():
        raise ConfigError("nobody to ask", target=result.target, raw=result.name, code="mend.nobody")
    front.tell("mend.type", target=result.target)
    return sys.stdin.readline().strip()


def picture(result: MendResult, say: Catalogue) -> RenderableType:
    """The proposal."""
    return Group(*_parts(result, say))


def verdict(result: MendResult, say: Catalogue) -> RenderableType:
    """That it is in force, and where."""
    return Text(say.text_of("mend.accepted", target=result.target, folder=result.selectors), style="bold green")


def _parts(result: MendResult, say: Catalogue) -> Iterator[RenderableType]:
    yield Text(say.text_of("mend.head", target=result.target), style="bold")
    if result.differences:
        yield Text(f"\n{say.text_of('mend.differences')}", style="bold")
        yield Text("\n".join(result.differences))
    if result.candidates:
        yield Text(f"\n{say.text_of('mend.candidates')}", style="bold")
        yield _candidates(result, say)
    if not result.diff:
        code = "mend.no_proposal" if result.differences or not result.writes else "mend.fits"
        yield Text(f"\n{say.text_of(code)}", style="yellow")
        return
    yield Text(f"\n{say.text_of('mend.change', places=', '.join(result.places))}", style="bold")
    yield Syntax(result.diff, "diff", background_color="default", word_wrap=True)
    if result.left:
        yield Text(say.text_of("mend.left", differences="; ".join(result.left)), style="yellow")
    if result.pictures:
        yield Text(say.text_of("mend.pictures", pictures=", ".join(result.pictures)), style="dim")
    yield Text(say.text_of("mend.how" if result.writes else "mend.how_read", bundle=result.bundle, name=result.name))


def _candidates(result: MendResult, say: Catalogue) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    parts = ("role", "name", "scope", "place")
    for key in ("col_number", "col_element", "col_stands_in", "col_score", *(f"col_{part}" for part in parts)):
        table.add_column(
            say.text_of(f"mend.{key}"), justify="left" if key in {"col_element", "col_stands_in"} else "right"
        )
    for number, one in enumerate(result.candidates, 1):
        told = (f'{one.role} "{one.name}"', f"{one.within} {one.title}".strip(), str(one.score))
        table.add_row(*map(Text, (str(number), *told, *(str(one.parts[part]) for part in parts))))
    return table


def looks(result: SelectorsResult, say: Catalogue) -> RenderableType:
    """One line a target, and a sum."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key in ("col_target", "col_use", "col_look", "col_page", "col_detail"):
        table.add_column(say.text_of(f"selectors.{key}"), overflow="fold")
    for one in result.targets:
        said = say.text_of(f"selectors.{one.look}", candidate=str(one.candidate))
        use = say.text_of(f"selectors.{one.use}")
        table.add_row(one.target, use, Text(said, _STYLES[one.look]), Text(one.page), Text(one.detail))
    bad = sum(one.look in {Look.AMBIGUOUS, Look.MISSING, Look.DRIFTED} for one in result.targets)
    code = "selectors.bad" if bad else "selectors.good"
    total = Text(say.text_of(code, count=str(bad), folder=result.selectors), style="bold red" if bad else "bold green")
    return Group(table, total)
