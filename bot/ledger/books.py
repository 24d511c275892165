"""Budgets recomputed from events alone: written a second time on purpose, so that the books are not their own witness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from bot.domain.money import Money
from bot.ledger import schema
from bot.ledger.events import Kind
from bot.ledger.findings import Finding, finding
from bot.ledger.history import Happened, History, Story

_PROMISE = "agree_return"
"""Moves nothing by itself, and counts as what it promises."""

_SPENDERS = ("agree_refund", "intercept", "negotiate", _PROMISE)
_STATE = {Kind.SETTLED: "posted", Kind.VOID: "void"}


@dataclass(frozen=True, slots=True)
class Account:
    """One sum that a bound holds for: a shop's scope on a day, or an order's whole life (`day` empty)."""

    shop: str
    scope: str
    day: str


@dataclass(slots=True)
class Books:
    """What every intent takes from its accounts at a moment of the chain."""

    taken: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, dict[Account, int]] = field(default_factory=dict)
    sums: dict[Account, int] = field(default_factory=lambda: defaultdict(int))

    def arm(self, event: Happened) -> None:
        """Pending: count it on all its accounts."""
        self.accounts[event.intent] = dict(_accounts(event))
        self.taken[event.intent] = 0
        self.count(event.intent, _takes(event.facts))

    def count(self, intent: str, fen: int) -> None:
        """From here on the intent takes this much."""
        for account in self.accounts.get(intent, ()):
            self.sums[account] += fen - self.taken[intent]
        self.taken[intent] = fen

    def passed(self, event: Happened) -> Iterator[tuple[Account, int, int]]:
        """Accounts of the intent that are over their bound: account, sum, bound."""
        for account, bound in self.accounts.get(event.intent, {}).items():
            if self.sums[account] > bound:
                yield account, self.sums[account], bound


def _takes(facts: dict[str, Any]) -> int:
    """What an armed intent takes from its accounts, in fen."""
    return int(facts["stated"] if facts["verb"] == _PROMISE else facts["spends"])


def _posted(story: Story) -> int:
    """What is counted once the effect is proven, in fen."""
    moved = story.ending.facts.get("amount", 0)
    return _takes(story.armed.facts) if story.armed.facts["verb"] == _PROMISE else int(moved)


def _accounts(event: Happened) -> Iterator[tuple[Account, int]]:
    facts, caps = event.facts, event.facts["caps"]
    if facts["verb"] == _PROMISE:
        yield Account(event.shop, f"agreed:{facts['strategy']}", facts["day"]), caps["strategy"]
        return
    yield Account(event.shop, f"strategy:{facts['strategy']}", facts["day"]), caps["strategy"]
    yield Account(event.shop, "shop", facts["day"]), caps["shop"]
    yield Account(event.shop, f"buyer:{facts['buyer']}", facts["day"]), caps["buyer"]
    if facts["verb"] in ("agree_refund", "negotiate"):
        yield Account(event.shop, f"order:{facts['order']}", ""), facts["paid"]


def caps(history: History) -> Iterator[Finding]:
    """I5 and I6: at every arming, posted + pending were within each bound; a posting over it has left an alarm."""
    books = Books()
    for event in history.events:
        if event.kind == Kind.ARMED and event.facts["verb"] in _SPENDERS:
            books.arm(event)
            yield from _passed(books, event)
        elif event.kind == Kind.SETTLED and event.intent in books.taken:
            books.count(event.intent, _posted(history.stories[event.intent]))
            if not history.stories[event.intent].alarmed:
                yield from _passed(books, event)
        elif event.kind in {Kind.VOID, Kind.PROMISE_ENDED} and event.intent in books.taken:
            books.count(event.intent, 0)


def _passed(books: Books, event: Happened) -> Iterator[Finding]:
    for account, total, bound in books.passed(event):
        invariant = "I5" if account.day else "I6"
        amounts = {"total": Money(total), "cap": Money(bound)}
        yield finding(invariant, f"event {event.seq}", "audit.cap", scope=account.scope, day=account.day, **amounts)


def reservations(db: Connection, history: History) -> Iterator[Finding]:
    """I7 and I17: the table's rows are what the events say: one each, resolved once, zero when void."""
    wanted = {key: row for intent in history.stories for key, row in _rows(history, intent)}
    table = schema.reservations
    for row in db.execute(select(table).order_by(table.c.intent, table.c.scope)):
        says = (row.day, row.state, row.amount.fen)
        means = wanted.pop((row.intent, row.scope), None)
        if says != means:
            invariant = "I17" if means is not None and means[1] == "void" else "I7"
            place = f"reservation {row.intent} {row.scope}"
            yield finding(invariant, place, "audit.reservation", table=says, events=means)
    for (intent, scope), means in wanted.items():
        yield finding("I7", f"reservation {intent} {scope}", "audit.reservation", table=None, events=means)


def _rows(history: History, intent: str) -> Iterator[tuple[tuple[str, str], tuple[str, str, int]]]:
    story = history.stories[intent]
    if story.armed.facts["verb"] not in _SPENDERS:
        return
    fen = {Kind.SETTLED: _posted(story), Kind.VOID: 0}
    kind = Kind.VOID if story.taken_back else Kind(story.ending.kind)
    outcome = (story.armed.facts["day"], _STATE.get(kind, "pending"), fen.get(kind, _takes(story.armed.facts)))
    for account, _ in _accounts(story.armed):
        yield (intent, account.scope), outcome
