"""`refundpilot policy monitor` in the terminal: the day's sums first, then every hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ports.monitor import HitLine, HitTotal, MonitorResult
from bot.report.phrases import in_language


def since_when(text: str, today: date) -> date:
    """The first business day of 「7d」 (today is the first of them), or of a date. Raises ConfigError."""
    days = text.removesuffix("d")
    try:
        return (
            today - timedelta(days=int(days) - 1) if text.endswith("d") and days.isdigit() else date.fromisoformat(text)
        )
    except (ValueError, OverflowError):
        raise ConfigError(f"not a time: {text}", raw=text, code="cli.since") from None


def picture(result: MonitorResult, say: Catalogue) -> RenderableType:
    """Two tables, or the word that there is nothing."""
    if not result.hits:
        return Text(say.text_of("cli.no_hits", since=result.since), style="dim")
    return Group(_table(result.totals, _TOTALS, say), _table(result.hits, _HITS, say))


def _scene(line: HitTotal | HitLine, say: Catalogue) -> str:
    return say.text_of(f"scene.{line.scene}") if line.scene else ""


def _yuan(fen: int) -> str:
    return str(Money(fen)) if fen else ""


_TOTALS: Mapping[str, Callable[[HitTotal, Catalogue], str]] = {
    "col_day": lambda line, _: line.day,
    "col_shop": lambda line, _: line.shop,
    "col_scene": _scene,
    "col_by": lambda line, say: in_language(line.name, say.language),
    "col_hits": lambda line, _: str(line.cases),
    "col_posted": lambda line, _: _yuan(line.posted_fen),
    "col_pending": lambda line, _: _yuan(line.pending_fen),
}
_HITS: Mapping[str, Callable[[HitLine, Catalogue], str]] = {
    "col_at": lambda line, _: f"{line.at:%m-%d %H:%M}",
    "col_case": lambda line, _: line.aftersale_id,
    "col_order": lambda line, _: line.order_id,
    "col_reason": lambda line, _: line.reason,
    "col_scene": _scene,
    "col_by": lambda line, say: in_language(line.name, say.language),
    "col_verb": lambda line, say: say.text_of(f"verb.{line.verb}"),
    "col_asked": lambda line, _: _yuan(line.asked_fen),
    "col_posted": lambda line, _: _yuan(line.posted_fen),
    "col_mark": lambda line, say: say.text_of(f"mark.{line.mark}") if line.mark else say.text_of("cli.not_clicked"),
}
Line = TypeVar("Line", HitTotal, HitLine)
_SUMS = frozenset({"col_hits", "col_posted", "col_pending", "col_asked"})


def _table(lines: Iterable[Line], columns: Mapping[str, Callable[[Line, Catalogue], str]], say: Catalogue) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for key in columns:
        table.add_column(say.text_of(f"cli.{key}"), justify="right" if key in _SUMS else "left")
    for line in lines:
        table.add_row(*(Text(tell(line, say)) for tell in columns.values()))
    return table
