"""`policy explain` in the terminal: what was decided first, then what it rests on, then what else might have been."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.report.card import Because, Other
from bot.report.explain import Explanation

_STANDINGS = (("matched", "green"), ("undecided", "yellow"), ("lost", "dim"))


def picture(told: Explanation, say: Catalogue) -> RenderableType:
    """The whole of it."""
    return Group(*_parts(told, say))


def _parts(told: Explanation, say: Catalogue) -> Iterator[RenderableType]:
    yield Text(say.text_of("explain.case", case=told.case, shop=told.shop, amount=told.amount), style="bold")
    yield Text(told.headline, style="bold green" if told.verb != "hold" else "bold yellow")
    if told.because:
        yield _section(say.text_of("explain.because"))
        yield _because(told.because)
    if told.findings:
        yield _section(say.text_of("explain.findings"))
        yield from (_line(f"{one.name}: {one.answer}", ", ".join(one.facts)) for one in told.findings)
    if told.flip:
        yield _section(say.text_of("explain.flip"))
        yield _line(told.flip)
    for name, style in _STANDINGS:
        others: tuple[Other, ...] = getattr(told, name)
        if others:
            yield _section(say.text_of(f"explain.{name}"))
            yield _others(others, style)
    yield Text("")
    yield Text(_frame(told, say), style="dim", overflow="fold")


def _section(words: str) -> Text:
    return Text(f"\n{words}", style="bold")


def _line(words: str, note: str = "") -> RenderableType:
    return Padding(Text.assemble(words, (f"  {note}" if note else "", "dim")), (0, 0, 0, 2))


def _because(reasons: Iterable[Because]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    for one in reasons:
        table.add_row(
            Text(one.text, style="bold" if one.head else ""), " · ".join(filter(None, (one.source, one.seen)))
        )
    return table


def _others(others: Iterable[Other], style: str) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style=style)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for one in others:
        table.add_row(Text(one.name), one.verb, Text(one.because))
    return table


def _frame(told: Explanation, say: Catalogue) -> str:
    code = "explain.policy" if told.same_policy else "explain.other_policy"
    return say.text_of(code, at=told.decided_at, policy=told.policy, hash=told.policy_hash[:12])
