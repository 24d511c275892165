"""What the events alone say happened, folded for the audit: stories of intents, decisions, runs, leases, pictures."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from bot.ledger import schema
from bot.ledger.events import Kind


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the chain with its facts."""

    seq: int
    kind: str
    shop: str
    case: str
    run: str
    intent: str
    facts: dict[str, Any]
    payload_hash: str


@dataclass(slots=True)
class Story:
    """One intent from arming to its end: the events with its name, in order.

    `taken_back`: a promise that nobody holds to any more.
    """

    armed: Happened
    marks: list[Happened] = field(default_factory=list)
    alarmed: bool = False
    taken_back: bool = False

    @property
    def last(self) -> Happened:
        """The newest mark."""
        return self.marks[-1] if self.marks else self.armed

    @property
    def ending(self) -> Happened:
        """What became of it: the first proof of an effect or of none, else the newest mark."""
        return next((mark for mark in self.marks if mark.kind in {Kind.SETTLED, Kind.VOID}), self.last)

    @property
    def settled(self) -> Happened | None:
        """The event that proves the effect, if there is one."""
        return next((mark for mark in self.marks if mark.kind == Kind.SETTLED), None)


@dataclass(slots=True)
class History:
    """All of it."""

    events: list[Happened] = field(default_factory=list)
    stories: dict[str, Story] = field(default_factory=dict)
    decided: dict[str, list[Happened]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    opened: dict[str, Happened] = field(default_factory=dict)
    hands: dict[int, Happened] = field(default_factory=dict)
    orphans: list[Happened] = field(default_factory=list)

    def decision_for(self, armed: Happened) -> Happened | None:
        """The newest decision on the case before the intent, on the same fingerprint; a remark follows any decision.

        An intent that carries a person's verdict out rests on that verdict and on no decision of the robot's.
        """
        if armed.facts.get("hand"):
            told = self.hands.get(armed.facts["hand"])
            return told if told is not None and (told.case, told.seq < armed.seq) == (armed.case, True) else None
        earlier = [event for event in self.decided[armed.case] if event.seq < armed.seq]
        if armed.facts["verb"] != "remark":
            earlier = [event for event in earlier if event.facts["fingerprint"] == armed.facts["fingerprint"]]
        return earlier[-1] if earlier else None


_MARKS = frozenset({Kind.FIRED, Kind.SENT, Kind.SETTLED, Kind.VOID, Kind.UNKNOWN})


def read(db: Connection) -> History:
    """Fold the whole chain. Raises KeyError, TypeError or ValueError where an event's facts are not what its kind says."""
    history = History()
    for row in db.execute(select(schema.events).order_by(schema.events.c.seq)):
        shop = f"{row.platform}/{row.shop_id}"
        case = f"{shop}/{row.aftersale_id}" if row.aftersale_id else ""
        facts = json.loads(row.facts)
        _fold(history, Happened(row.seq, row.kind, shop, case, row.run, row.intent, facts, row.payload_hash))
    return history


def _fold(history: History, event: Happened) -> None:
    history.events.append(event)
    story = history.stories.get(event.intent)
    match event.kind:
        case Kind.ARMED:
            history.stories[event.intent] = Story(event)
        case kind if kind in _MARKS:
            history.orphans.append(event) if story is None else story.marks.append(event)
        case Kind.AMOUNT_ALARM if story is not None:
            story.alarmed = True
        case Kind.PROMISE_ENDED if story is not None:
            story.taken_back = True
        case Kind.DECIDED:
            history.decided[event.case].append(event)
        case Kind.HAND:
            history.hands[event.seq] = event
        case Kind.KEPT:
            history.kept[event.case].setdefault(event.facts["sha256"], event.seq)
        case Kind.RUN_OPENED:
            history.opened[event.run] = event
        case _:
            pass
