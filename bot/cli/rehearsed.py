"""`policy backtest` in the terminal: the sum first, then courses under both policies, the riskiest ten, the other flips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.domain.money import Money
from bot.ports.rehearsal import BacktestResult, FlipLine
from bot.report.rehearsal import Page, signed

SHOWN = 30
"""Flips that the terminal lists; the page and `--json` have more."""

_STYLES = {
    "agree_refund": "green",
    "agree_return": "green",
    "refuse": "red",
    "complain": "red",
    "intercept": "cyan",
    "negotiate": "cyan",
    "wait": "cyan",
    "person": "yellow",
}


def picture(result: BacktestResult, say: Catalogue) -> RenderableType:
    """The whole of it."""
    return Group(*_parts(result, Page(result, say)))


def _parts(result: BacktestResult, page: Page) -> Iterator[RenderableType]:
    yield Text(page.lede, style="bold yellow" if result.flips_total else "bold green")
    if result.same_policy:
        yield Text(page.text("same", count=result.same_policy), style="dim")
    yield _totals(page)
    rest = [line for line in result.flips[:SHOWN] if line not in result.riskiest]
    for key, lines in (("riskiest", result.riskiest), ("flips", rest)):
        if lines:
            yield Text(f"\n{page.text(key)}", style="bold")
            yield _flips(lines, page)
    hidden = result.flips_total - len(rest) - len(result.riskiest)
    if hidden > 0:
        yield Text(page.text("left_out", count=hidden), style="dim")
    if result.uncovered_total:
        named = ", ".join(one.case for one in result.uncovered[:8])
        yield Text(f"\n! {page.text('uncovered_note', count=result.uncovered_total)} {named}", style="yellow")
    yield Text(f"\n{page.text('how', skipped=result.skipped, sooner=result.sooner)}", style="dim")
    yield Text(page.text("seconds", seconds=f"{result.seconds:.1f}"), style="dim")
    if result.html:
        yield Text(page.text("html", path=result.html), style="dim", overflow="fold")


def _totals(page: Page) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for key in ("col_was", "col_now", "col_moved"):
        table.add_column(page.text(key), justify="right")
    for line in page.result.totals:
        style = _STYLES.get(line.course, "")
        changed = "bold" if line.was != line.now else "dim"
        money = signed(line.now_fen - line.was_fen)
        table.add_row(
            Text(page.course(line.course), style=style), str(line.was), Text(str(line.now), style=changed), money
        )
    return table


def _flips(lines: Sequence[FlipLine], page: Page) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(page.text("col_case"), no_wrap=True)
    table.add_column(page.text("col_course"))
    table.add_column(page.text("col_why"), overflow="fold")
    table.add_column(page.text("col_moved"), justify="right", no_wrap=True)
    for line in lines:
        course = Text.assemble(_course(line.was, page), " → ", _course(line.now, page))
        moved = Text(signed(line.moved_fen), style="red" if line.moved_fen > 0 else "")
        case = Text.assemble(line.case.rpartition("/")[2], "\n", (f"{line.at} {Money(line.claim_fen)}", "dim"))
        table.add_row(case, course, Text("\n".join(line.why)), moved)
    return table


def _course(name: str, page: Page) -> Text:
    return Text(page.course(name), style=_STYLES.get(name, ""))
