"""A replay in the terminal: that it was the same, or where it was not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.ports.replays import ReplayResult
from bot.report.masking import cut, visible

_MOST: Final = 40
"""Lines of differences that a person reads; `--json` has all."""

_LONGEST: Final = 600


def replayed(result: ReplayResult, say: Catalogue) -> RenderableType:
    """What was played, then each difference, then each case that another policy decides otherwise."""
    return Group(*_head(result, say), *_differences(result, say), *_flips(result, say))


def _head(result: ReplayResult, say: Catalogue) -> Iterator[RenderableType]:
    told = {name: getattr(result, name) for name in ("takes", "cases", "decisions", "calls")}
    yield Text(say.text_of("tape.played", **told, seconds=f"{result.seconds:.1f}"), style="bold")
    if result.differences:
        yield Text(say.text_of("tape.differs", count=len(result.differences)), style="bold red")
    elif not result.other_policy:
        yield Text(say.text_of("tape.same"), style="green")
    elif not result.flips:
        yield Text(say.text_of("tape.no_flips"), style="green")


def _differences(result: ReplayResult, say: Catalogue) -> Iterator[RenderableType]:
    for one in result.differences[:_MOST]:
        yield Text(f"✗ {cut(visible(say.text(one)), _LONGEST)}", style="red")
    if len(result.differences) > _MOST:
        yield Text(say.text_of("tape.more", count=len(result.differences) - _MOST), style="dim")


def _flips(result: ReplayResult, say: Catalogue) -> Iterator[RenderableType]:
    if not result.flips:
        return
    whose = "tape.flips_policy" if result.other_policy else "tape.flips_person"
    yield Text(say.text_of(whose, count=len(result.flips)), style="bold yellow")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for code in ("tape.col_case", "tape.col_was", "tape.col_now", "tape.col_why"):
        table.add_column(say.text_of(code), overflow="fold")
    for flip in result.flips:
        why = "; ".join(say.text(reason) for reason in flip.why[:2])
        table.add_row(flip.case, say.name(flip.was), say.name(flip.now), cut(visible(why), _LONGEST))
    yield table
