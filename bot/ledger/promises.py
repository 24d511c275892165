"""Offers that came to nothing: what a promise took from the budgets comes back when the page shows that nobody holds to it.

A settled offer counts as spent, since an accepted one pays by itself (ADR 0011). Nobody tells us when it was declined or
lapsed: the case's own page does, the next time it is read.
"""

from __future__ import annotations

from sqlalchemy import select

from bot.domain.action import Mark, Verb
from bot.domain.case import OfferState, Snapshot
from bot.domain.facts import Known
from bot.domain.ids import RunId
from bot.domain.money import ZERO
from bot.ledger import budgets
from bot.ledger.events import About, Kind, append
from bot.ledger.schema import intents, receipts, reservations
from bot.ledger.statements import CASE, case_values, of, where
from bot.ledger.store import Tx

_ENDED = frozenset({OfferState.DECLINED, OfferState.LAPSED})

_STANDING = (
    select(intents.c.id, receipts.c.amount)
    .join(receipts, receipts.c.intent == intents.c.id)
    .where(where(intents, *CASE), intents.c.verb == Verb.NEGOTIATE, intents.c.mark == Mark.SETTLED)
    .where(select(reservations.c.intent).where(
        reservations.c.intent == intents.c.id, reservations.c.state == budgets.State.POSTED
    ).exists())
)  # fmt: skip


def look(tx: Tx, run: RunId, snapshot: Snapshot) -> None:
    """Give back what our own offers took that the page shows as declined or lapsed; sums on a case are never offered twice."""
    ended = {
        offer.amount: offer.state.value
        for offer in (snapshot.negotiable.offers if snapshot.negotiable else ())
        if isinstance(offer.state, Known) and offer.state.value in _ENDED
    }
    for row in tx.db.execute(_STANDING, of(case_values(snapshot.key))).all() if ended else ():
        if row.amount in ended:
            budgets.take_back(tx, row.id, snapshot.seen_at)
            tx.change(intents, {"id": row.id}, {"moved": ZERO})
            append(tx, Kind.PROMISE_ENDED, About.case(snapshot.key, run, row.id), {"became": ended[row.amount]})
