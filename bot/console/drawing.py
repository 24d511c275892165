"""What templates draw with: money, moments, masked words, widths; every stranger's text goes through `text` or `name`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.catalogue import Catalogue
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.ports.office_views import BudgetView, Due
from bot.report import masking
from bot.report.phrases import Words, exact, in_language, when

FULL = 1000
"""Width of a drawing in its own units: styles are not allowed, attributes are."""

HORIZON = timedelta(hours=72)
"""What the timeline of deadlines shows; what is later stands at its end."""

_SOON, _URGENT = timedelta(hours=12), timedelta(hours=2)
_TICKS = (0, 2, 6, 12, 24, 48, 72)


def money(amount: Money | None) -> str:
    """With its mark; a dash for what nobody counted."""
    return "—" if amount is None else str(amount)


def fen(amount: int | None) -> str:
    """The same of plain fen."""
    return "—" if amount is None else str(Money(amount))


def headline(reasons: Sequence[Reason], words: Words, buyer: str = "") -> str:
    """The first of several for people, masked; a dash where there is none."""
    return sentence(reasons[0], words, buyer) if reasons else "—"


def sentence(reason: Reason, words: Words, buyer: str = "") -> str:
    """A reason in words; whatever it quotes is masked."""
    return masking.private(words.reason(reason, buyer))


def left(until: datetime | None, now: datetime, say: Catalogue) -> str:
    """What is left of a countdown."""
    return Words(say, {}, {}).left(until, now) if until else "—"


def age(since: datetime, now: datetime, say: Catalogue) -> str:
    """How long ago, in whole minutes, hours or days."""
    minutes = max(0, int((now - since).total_seconds()) // 60)
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return say.text_of(f"console.age.{unit}", count=minutes // size)
    return say.text_of("console.age.minutes", count=minutes)


def tone(until: datetime | None, now: datetime) -> str:
    """How near it is: urgent, soon, calm."""
    if until is None:
        return "calm"
    return "urgent" if until - now < _URGENT else "soon" if until - now < _SOON else "calm"


@dataclass(frozen=True, slots=True)
class Dot:
    """One deadline on the timeline; `x` and `y` in units of the drawing."""

    x: int
    y: int
    tone: str
    due: Due


def timeline(due: Sequence[Due], now: datetime) -> Sequence[Dot]:
    """Deadlines side by side; those that would cover one another are stacked."""
    stacks: dict[int, int] = {}
    dots = []
    for one in due:
        x = place(one.deadline - now)
        column = x // 14
        stacks[column] = stacks.get(column, 0) + 1
        dots.append(Dot(x, 58 - 11 * min(stacks[column] - 1, 4), tone(one.deadline, now), one))
    return dots


def place(ahead: timedelta) -> int:
    """Near deadlines take more room than far ones: the square root of the share."""
    share = min(max(ahead / HORIZON, 0.0), 1.0)
    return 12 + round((FULL - 24) * math.sqrt(share))


def ticks() -> Iterator[tuple[int, int]]:
    """Hours and where they stand."""
    return ((hours, place(timedelta(hours=hours))) for hours in _TICKS)


@dataclass(frozen=True, slots=True)
class Bar:
    """A budget's widths; `tone` is calm, soon from 80 %, urgent at the cap."""

    posted: int
    pending: int
    tone: str
    percent: int


def bar(view: BudgetView) -> Bar:
    """How full a budget is."""
    line = view.line
    if not line.cap_fen:
        return Bar(0, 0, "calm", 0)
    cap = line.cap_fen
    taken = (line.posted_fen + line.pending_fen) * 100 // cap
    level = "urgent" if taken >= 100 else "soon" if taken >= 80 else "calm"
    posted = min(line.posted_fen * FULL // cap, FULL)
    return Bar(posted, min(line.pending_fen * FULL // cap, FULL - posted), level, taken)


HELPERS: Mapping[str, Callable[..., object]] = {
    "money": money,
    "fen": fen,
    "sentence": sentence,
    "headline": headline,
    "left": left,
    "age": age,
    "tone": tone,
    "when": when,
    "exact": exact,
    "timeline": timeline,
    "ticks": ticks,
    "bar": bar,
    "masked_name": masking.name,
    "masked": masking.text,
    "visible": masking.visible,
    "cut": masking.cut,
    "in_language": in_language,
}
"""By the names that templates call them by."""
