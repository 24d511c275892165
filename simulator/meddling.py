"""The faults that happen in the world: buyers and colleagues who act in between, rows that move, sessions that end."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from simulator.faults import Faults, Kind
from simulator.scenarios.shops import RIGHTS
from simulator.scenarios.story import Labels
from simulator.world.machine import COLLEAGUE
from simulator.world.model import FOR_SELLER, SERVICES, Actor, Case, CaseState, Challenge, Verb
from simulator.world.rules import refusal_form
from simulator.world.service import World
from simulator.world.wording import SAID_AGREED, SAID_RECEIVED, SAID_REFUSED, SAID_RETURN

RETURNS_SHARE, RAISES_SHARE = 0.35, 0.5
"""How many of the edits that could do so ask for a return instead, or for more."""

IN_BETWEEN: Final[tuple[Kind, ...]] = ("buyer_edits", "buyer_withdraws", "colleague_acts")


class Meddling:
    """Draws the world-side faults and carries them out."""

    def __init__(self, world: World, labels: Labels, faults: Faults, seed: int) -> None:
        self._world = world
        self._labels = labels
        self._faults = faults
        self._seed = seed
        self._rng = random.Random(f"{seed}/meddling")
        self._acts: dict[Kind, Callable[[Case], object]] = {
            "buyer_edits": self._edit,
            "buyer_withdraws": world.buyers.withdraw,
            "colleague_acts": self._colleague,
        }

    def around_entry(self, *, is_page: bool) -> None:
        """Before a request of the shop: sessions may end, a person may be asked for."""
        if self._faults.draw("session_loss"):
            self._world.accounts.lose_all()
        struck = self._faults.strike("challenge") if is_page else None
        if struck is not None:
            kind = Challenge(struck.which) if struck.which else self._rng.choice((Challenge.SLIDER, Challenge.SMS))
            self._world.accounts.challenge_all(kind)

    def around_list(self) -> None:
        """Before a list request: one row of a shop is out of place for the next two to four questions."""
        if not self._faults.draw("list_shift"):
            return
        for shop_id in self._world.store.shops:
            rows = [case for case in self._world.store.cases.values() if case.shop_id == shop_id and _open(case)]
            if rows:
                moved, hidden = self._rng.choice(rows), self._rng.random() < 0.5
                requests = self._rng.randint(2, 4)
                self._world.listing.shift(shop_id, moved.aftersale_id, hidden=hidden, requests=requests)

    def around_case(self, aftersale_id: str) -> None:
        """Between the reading of a case and what follows: somebody else may act."""
        case = self._world.store.cases.get(aftersale_id)
        if case is None or not _open(case):
            return
        for kind in IN_BETWEEN:
            if _open(case) and self._faults.draw(kind):
                self._acts[kind](case)

    def _edit(self, case: Case) -> None:
        """Lower, higher (never above what was paid), or another type; which, hangs on the case alone."""
        lower = max(100, case.amount_fen * self._rng.randint(60, 95) // 100)
        own = random.Random(f"{self._seed}/edit/{case.aftersale_id}")
        if own.random() < RETURNS_SHARE and self._world.buyers.would_rather_return(case):
            return
        room = 0 if case.type in SERVICES else case.order.paid_fen - case.order.refunded_fen - case.amount_fen
        raised = room > 0 and own.random() < RAISES_SHARE
        more = case.amount_fen + min(room, max(1, case.amount_fen * own.randint(5, 30) // 100))
        self._world.buyers.edit(case, more if raised else min(lower, case.amount_fen), case.reason)

    def _colleague(self, case: Case) -> None:
        """A colleague takes the right verb if there is one, else leaves a note (which is a change too)."""
        verbs = self._labels.of(case)
        if Verb.AGREE_REFUND in verbs:
            received = case.state is CaseState.WAIT_SELLER_RECEIVE
            self._world.machine.refund(case, COLLEAGUE, SAID_RECEIVED if received else SAID_AGREED)
        elif Verb.AGREE_RETURN in verbs:
            address = self._world.store.shops[case.shop_id].return_addresses[0]
            self._world.machine.await_return(case, COLLEAGUE, SAID_RETURN.format(address=address.text, message=""))
        elif Verb.REFUSE in verbs:
            parcel = self._world.parcel(case.order.forward)
            reason = refusal_form(case, parcel).reasons[0][1]
            self._world.machine.refuse(case, COLLEAGUE, SAID_REFUSED.format(reason=reason, message="见物流"), ())
        else:
            actor = Actor(COLLEAGUE, case.shop_id, RIGHTS)
            self._world.remark(actor, case.aftersale_id, "同事已在跟进")


def _open(case: Case) -> bool:
    return case.state in FOR_SELLER
