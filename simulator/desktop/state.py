"""What the window shows, as plain values: one `Shown` for all of it, made from the courier's answers, drawn by the skin."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, Final

from simulator.desktop import wording
from simulator.desktop.traps import twin_of

ROWS: Final = 10
ROWS_BESIDE_BANNER: Final = 6
_OTHER_STATES: Final = ("已登记", "拦截中", "退回中", "已退回")


class View(Enum):
    """What fills the window below the header."""

    SIGN_IN = auto()
    SEARCH = auto()
    FORM = auto()
    BOOK = auto()


@dataclass(frozen=True, slots=True)
class Twin:
    """A number that looks like the one asked, with its state in words; `first` = it stands before it."""

    waybill: str
    state: str
    first: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A search result; `obstacle` is why it cannot be intercepted, empty = it can."""

    waybill: str
    lines: tuple[str, ...]
    trail: tuple[tuple[str, ...], ...]
    obstacle: str
    twin: Twin | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """The intercept form; `fee_fen` is None until it was asked, `ready` says whether 提交拦截 can be pressed."""

    waybill: str
    reason: str = wording.REASONS[0]
    fee_fen: int | None = None
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the book, as it is printed."""

    waybill: str
    at: str
    fee: str
    state: str

    def cells(self) -> tuple[str, str, str, str]:
        """In the order of `wording.BOOK_HEAD`."""
        return self.waybill, self.at, self.fee, self.state


@dataclass(frozen=True, slots=True)
class Book:
    """One page of intercepts; `in_sight` rows are seen at once, `top` is the first of them."""

    rows: tuple[Row, ...] = ()
    page: int = 1
    pages: int = 1
    total: int = 0
    in_sight: int = ROWS
    top: int = 0

    @property
    def has_banner(self) -> bool:
        """A notice takes the room of some rows."""
        return self.in_sight < ROWS


@dataclass(slots=True)
class Shown:
    """Everything that is to be seen, dialogs apart; `problem` is the red line, `note` the green one."""

    view: View = View.SIGN_IN
    account: str = ""
    problem: str = ""
    note: str = ""
    status: str = wording.READY
    found: Found | None = None
    form: Form | None = None
    book: Book = field(default_factory=Book)


def found_of(told: dict[str, Any], dice: random.Random | None) -> Found:
    """A search result from the courier's answer; with dice, a twin stands beside it: a real one where there is one."""
    lines = (
        wording.NUMBER_IS.format(waybill=told["waybill"]),
        wording.STATE_IS.format(state=told["state"]),
        wording.PICKUP_WEIGHT_IS.format(weight=told["pickup_weight"]),
        wording.ARRIVAL_WEIGHT_IS.format(weight=told["arrival_weight"]),
        wording.INTERCEPT_IS.format(state=told["intercept"]),
    )
    trail = tuple(tuple(str(cell) for cell in node) for node in told["trail"])
    found = Found(told["waybill"], lines, trail, told["obstacle"])
    return found if dice is None else replace(found, twin=_twin(found.waybill, told["similar"], told["state"], dice))


def _twin(waybill: str, real: list[str], state: str, dice: random.Random) -> Twin | None:
    number = dice.choice(real) if real else twin_of(waybill, dice)
    return None if number == waybill else Twin(number, state, first=dice.random() < 0.5)


def book_of(told: dict[str, Any], twin: random.Random | None, away: random.Random | None) -> Book:
    """A page of the book; with dice, a twin among its rows, and rows that are elsewhere than before."""
    rows = [
        Row(one["waybill"], one["requested_at"], wording.yuan(one["fee_fen"]), one["state"]) for one in told["rows"]
    ]
    if twin is not None and rows:
        _put_twin(rows, twin)
    book = Book(tuple(rows), told["page"], told["pages"], told["total"])
    return book if away is None or len(rows) < 2 else _scrolled(book, away)


def _put_twin(rows: list[Row], dice: random.Random) -> None:
    """Beside the newest row as often as beside all others together: that is where somebody looks."""
    place = 0 if dice.random() < 0.5 else dice.randrange(len(rows))
    row = rows[place]
    number = twin_of(row.waybill, dice)
    taken = {one.waybill for one in rows}
    state = dice.choice([word for word in _OTHER_STATES if word != row.state])
    if number not in taken:
        rows.insert(place + dice.randrange(2), replace(row, waybill=number, state=state))


def _scrolled(book: Book, dice: random.Random) -> Book:
    turn = dice.randrange(1, len(book.rows))
    rows = book.rows[turn:] + book.rows[:turn]
    hidden = max(0, len(rows) - ROWS_BESIDE_BANNER)
    return replace(book, rows=rows, in_sight=ROWS_BESIDE_BANNER, top=dice.randint(0, hidden))
