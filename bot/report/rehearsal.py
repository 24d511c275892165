"""The page of a back-test: one offline file in the report's style, the money first, then what is risky, then every flip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.catalogue import Catalogue
from bot.domain.money import Money
from bot.ports.rehearsal import BacktestResult, CourseLine, FlipLine
from bot.report import masking
from bot.report.render import fill
from bot.report.write import write_file

LISTED = 500
"""Flips that the page lists: a browser has to show them."""

_FULL = 1000
"""Width of a bar's drawing, in its own units."""

TONES = {
    "agree_refund": "refunded",
    "agree_return": "return_agreed",
    "intercept": "intercepted",
    "refuse": "refused",
    "negotiate": "offered",
    "complain": "complained",
    "remark": "noted",
    "wait": "waiting",
    "person": "held",
}
"""The report's colour of each course."""


@dataclass(frozen=True, slots=True)
class Row:
    """One course: decisions under both policies, as words and as widths."""

    label: str
    tone: str
    was: int
    now: int
    was_width: int
    now_width: int
    money: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One flip in words."""

    case: str
    at: str
    claim: str
    was: str
    was_tone: str
    was_strategy: str
    now: str
    now_tone: str
    now_strategy: str
    moved: str
    dearer: bool
    risky: bool
    why: tuple[str, ...]


def signed(fen: int) -> str:
    """Money that leaves the shop more or less, with its sign."""
    return f"+{Money(fen)}" if fen > 0 else str(Money(fen)) if fen else "—"


class Page:
    """What the template reads."""

    def __init__(self, result: BacktestResult, say: Catalogue) -> None:
        self.result = result
        self._say = say

    def text(self, key: str, **params: object) -> str:
        """The entry `backtest.<key>`."""
        return self._say.text_of(f"backtest.{key}", **params)

    def course(self, name: str) -> str:
        """A course in words."""
        return self._say.text_of(f"course.{name}")

    @property
    def lede(self) -> str:
        """The whole in one sentence."""
        found = self.result
        if not found.flips_total:
            return self.text("lede_none", decisions=found.decisions)
        more, less = str(Money(found.paid_more_fen)), str(Money(found.paid_less_fen))
        return self.text("lede", decisions=found.decisions, flips=found.flips_total, more=more, less=less)

    @property
    def tiles(self) -> Iterator[tuple[str, str, str, str]]:
        """Tone, label, value and note of each large number."""
        found = self.result
        yield "held", self.text("tile.flips"), str(found.flips_total), self.text("tile.of", count=found.decisions)
        yield "failed", self.text("tile.more"), str(Money(found.paid_more_fen)), self.text("tile.more_note")
        yield "refused", self.text("tile.less"), str(Money(found.paid_less_fen)), self.text("tile.less_note")
        note = self.text("tile.unproven", count=found.unproven)
        yield "complained", self.text("tile.refused"), str(Money(found.refused_more_fen)), note
        yield "unknown", self.text("tile.uncovered"), str(found.uncovered_total), self.text("tile.uncovered_note")

    @property
    def rows(self) -> list[Row]:
        """Decisions by course."""
        most = max((max(line.was, line.now) for line in self.result.totals), default=1)
        return [self._row(line, most) for line in self.result.totals]

    def _row(self, line: CourseLine, most: int) -> Row:
        widths = (line.was * _FULL // most, line.now * _FULL // most)
        return Row(
            self.course(line.course),
            TONES[line.course],
            line.was,
            line.now,
            *widths,
            signed(line.now_fen - line.was_fen),
        )

    @property
    def riskiest(self) -> list[Turn]:
        return [self._turn(line) for line in self.result.riskiest]

    @property
    def turns(self) -> list[Turn]:
        return [self._turn(line) for line in self.result.flips[:LISTED]]

    def _turn(self, line: FlipLine) -> Turn:
        return Turn(
            case=masking.visible(line.case),
            at=line.at,
            claim=str(Money(line.claim_fen)),
            was=self.course(line.was),
            was_tone=TONES[line.was],
            was_strategy=line.was_strategy,
            now=self.course(line.now),
            now_tone=TONES[line.now],
            now_strategy=line.now_strategy,
            moved=signed(line.moved_fen),
            dearer=line.moved_fen > 0,
            risky=bool(line.risk_fen),
            why=line.why,
        )

    @property
    def left_out(self) -> int:
        """Flips that are counted and not listed here; the JSON has all of them."""
        return max(0, self.result.flips_total - LISTED)

    def yuan(self, fen: int) -> str:
        """Fen as people write money."""
        return str(Money(fen))


def page(result: BacktestResult, catalogue: Catalogue) -> str:
    """The file's text."""
    view = Page(result, catalogue)
    return fill("rehearsal.html.j2", catalogue.language, page=view, t=view.text)


def write_page(result: BacktestResult, catalogue: Catalogue, path: Path) -> None:
    """All or nothing. Raises OSError."""
    write_file(path, page(result, catalogue).encode())
