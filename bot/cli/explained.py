"""`policy explain` in the terminal: what was decided first, then what it rests on, then what else might have been."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.report.card import Because, Other
from bot.report.explain import Explanation, Found

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
        yield from _findings(told.findings, say)
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


def _findings(findings: Sequence[Found], say: Catalogue) -> Iterator[RenderableType]:
    """What was found or is not known, with what it rests on; what was looked for and is not there in one line."""
    for said, style in (("yes", "red"), ("unknown", "yellow")):
        for one in findings:
            if one.said == said:
                yield _line(f"{one.name}: {one.answer}", ", ".join(one.facts), style)
    clear = [one.name for one in findings if one.said == "no"]
    if clear:
        yield _line("", say.text_of("explain.clear", names=", ".join(clear)))


def _section(words: str) -> Text:
    return Text(f"\n{words}", style="bold")


def _line(words: str, note: str = "", style: str = "") -> RenderableType:
    gap = "  " if words and note else ""
    return Padding(Text.assemble((words, style), (f"{gap}{note}", "dim")), (0, 0, 0, 2))


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
    code = "explain.policy" if told.same_policy else "explain.kept_policy" if told.facts else "explain.other_policy"
    return say.text_of(code, at=told.decided_at, policy=told.policy, hash=told.policy_hash[:12])
