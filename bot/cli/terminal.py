"""The live picture of a sweep in the terminal: a bar with case counts, and the case in hand below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from bot.catalogue import Catalogue
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.outcome import CaseStatus
from bot.ports.progress import Stage

STYLES: Mapping[Verb | CaseStatus, str] = {
    Verb.AGREE_REFUND: "green",
    Verb.AGREE_RETURN: "green",
    Verb.REFUSE: "red",
    Verb.INTERCEPT: "cyan",
    Verb.NEGOTIATE: "cyan",
    Verb.COMPLAIN: "red",
    Verb.REMARK: "dim",
    CaseStatus.DONE: "green",
    CaseStatus.HELD: "yellow",
    CaseStatus.WAITING: "cyan",
    CaseStatus.FOREIGN: "magenta",
    CaseStatus.FAILED: "red",
}
"""What a case can end with, in the order it is told: the act where there was one, else the state it was left in."""


class RichProgress:
    """`bot.ports.progress.Progress` for a person; a context manager that owns the live region."""

    def __init__(self, console: Console, catalogue: Catalogue) -> None:
        self._console = console
        self._say = catalogue
        self._ends: Counter[Verb | CaseStatus] = Counter()
        self._hand: tuple[CaseKey, Stage] | None = None
        self._until = ""
        self._resting = 0
        self._persons: dict[ShopKey, str] = {}
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}[/]"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._bar.add_task("", total=None, visible=False)
        self._live = Live(
            console=console, get_renderable=self._picture, refresh_per_second=8, transient=True, redirect_stdout=False
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def shop(self, shop: ShopKey, name: str) -> None:
        self._ends.clear()
        self._hand, self._until, self._resting = None, "", 0
        self._bar.reset(self._task, description=escape(name or str(shop)), total=None, visible=True)

    def listed(self, read: int, total: int) -> None:
        self._bar.update(self._task, completed=read, total=total)

    def planned(self, cases: int, resting: int = 0) -> None:
        self._resting = resting
        if not self._ends:
            # the listing filled the bar, and a full bar stops its clock
            self._bar.reset(self._task)
        self._bar.update(self._task, completed=sum(self._ends.values()), total=cases)

    def case(self, case: CaseKey, stage: Stage) -> None:
        self._hand = case, stage

    def done(self, case: CaseKey, status: CaseStatus, verb: Verb) -> None:
        self._ends[status if verb is Verb.HOLD or status is CaseStatus.FAILED else verb] += 1
        self._hand = None if self._hand and self._hand[0] == case else self._hand
        self._bar.update(self._task, completed=sum(self._ends.values()))

    def waiting(self, until: datetime, shop: ShopKey | None) -> None:
        """One line in the bar's place: what is next, and when."""
        self._ends.clear()
        self._hand, self._resting = None, 0
        self._until = self._say.text_of("cli.waiting", at=f"{until:%H:%M:%S}", shop=shop or "").rstrip()
        self._bar.reset(self._task, visible=False)

    def person(self, shop: ShopKey, left_s: int | None, *, window: bool = True) -> None:
        """One line a shop that counts down for as long as the browser waits for a person there; other shops go on meanwhile."""
        if left_s is None:
            self._persons.pop(shop, None)
            return
        left = f"{left_s // 60}:{left_s % 60:02}"
        self._persons[shop] = self._say.text_of("cli.person" if window else "cli.person_unseen", shop=shop, left=left)

    def note(self, reason: Reason) -> None:
        self.say(Text.assemble(("! ", "bold yellow"), self._say.text(reason)))

    def say(self, words: RenderableType) -> None:
        """A line that stays above the bar."""
        self._console.print(words)

    def _picture(self) -> Group:
        return Group(self._bar, Text("  ").append_text(Text("   ").join(self._lines())))

    def _lines(self) -> Iterable[Text]:
        for end, style in STYLES.items():
            if self._ends[end]:
                yield Text(f"{self._say.name(end)} {self._ends[end]}", style=style)
        if self._resting:
            yield Text(self._say.text_of("cli.at_rest", count=self._resting), style="dim")
        yield from (Text(told, style="bold yellow") for told in self._persons.values())
        if self._until:
            yield Text(self._until, style="dim")
        if self._hand:
            case, stage = self._hand
            yield Text(f"{case.aftersale_id} {self._say.name(stage)}", style="dim")
