"""The nouns of a case's card, all of them words: what the template and nothing else reads."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports.ledger import CaseLine
from bot.report.ending import Ending
from bot.report.thumbs import Thumb


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what stands beside it; `strange`: a stranger's words, kept apart from the page's direction."""

    label: str
    value: str
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Because:
    """One reason, with who said it and when; `head`: it names a strategy and the following ones belong to it."""

    text: str
    source: str = ""
    seen: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A strategy that did not decide, and why."""

    name: str
    verb: str
    because: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with its caption."""

    label: str
    taken: str
    thumb: Thumb
    sha256: str
    said: tuple[str, ...] = ()
    """What was read of it before it was to go out."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt and the action it proves."""

    verb: str
    presumed: bool
    pairs: tuple[Pair, ...]
    sent: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything of one case, in words."""

    anchor: str
    ending: Ending
    label: str
    open: bool
    case_id: str
    amount: str
    kind: str
    headline: str
    outcome: tuple[str, ...]
    strategy: str
    because: tuple[Because, ...]
    found: tuple[Because, ...]
    flip: str
    matched: tuple[Other, ...]
    undecided: tuple[Other, ...]
    lost: tuple[Other, ...]
    money: tuple[Pair, ...]
    about: tuple[Pair, ...]
    parcels: tuple[Pair, ...]
    talk: tuple[Pair, ...]
    shots: tuple[Shot, ...]
    proofs: tuple[Proof, ...]
    find: str


def buyer_of(line: CaseLine) -> str:
    """The buyer's name as the shop knows it; never printed unmasked."""
    return line.snapshot.buyer.name if line.snapshot else ""


def order_of(line: CaseLine) -> str:
    """The order's number, empty for a row that nobody can read."""
    return line.snapshot.order_id if line.snapshot else line.row.order_id if line.row else ""
