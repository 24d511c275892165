"""The nouns of one shop's part of the page, all of them words and widths: what the template and nothing else reads."""

from __future__ import annotations

from dataclasses import dataclass

from bot.report.card import Card
from bot.report.ending import Ending


@dataclass(frozen=True, slots=True)
class Tile:
    """One large number; `ending` gives its colour."""

    label: str
    value: str
    note: str
    ending: Ending


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a plot: `start` and `width` in thousandths of the whole."""

    label: str
    value: str
    note: str
    tone: str
    width: int
    start: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One case in a group of holds."""

    anchor: str
    case_id: str
    kind: str
    buyer: str
    amount: str
    deadline: str
    left: str
    tone: str
    owner: str
    also: str


@dataclass(frozen=True, slots=True)
class Group:
    """Cases held for the same reason."""

    reason: str
    size: int
    count: str
    amount: str
    nearest: str
    tone: str
    cases: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Strange:
    """Text of a page that nobody has taught the robot, and the case it stood in."""

    text: str
    case_id: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Section:
    """One shop's part of the page."""

    anchor: str
    name: str
    posture: str
    acting: bool
    facts: tuple[str, ...]
    lede: str
    warnings: tuple[str, ...]
    tiles: tuple[Tile, ...]
    stack: tuple[Bar, ...]
    bars: tuple[Bar, ...]
    deadlines: tuple[Bar, ...]
    more_deadlines: int
    groups: tuple[Group, ...]
    labels: tuple[Strange, ...]
    rows: tuple[Strange, ...]
    cards: tuple[Card, ...]
    endings: tuple[tuple[Ending, str, int], ...]
