"""Which cases a sweep of the schedule leaves unread: those that wait for somebody and are as they were (ADR 0022)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.domain.case import Row
from bot.domain.ids import CaseKey
from bot.engine.resting import Rest, same_row
from bot.ports.ledger import Look, OnList
from bot.runner.byhand import ByHand
from bot.runner.orders import Kit, Orders


class Resting:
    """Asked once for each case that a sweep would work on; `known` is what the ledger knew of the list before it was read."""

    def __init__(self, kit: Kit, orders: Orders, by_hand: ByHand, known: Mapping[CaseKey, OnList]) -> None:
        self._kit = kit
        self._orders = orders
        self._by_hand = by_hand
        self._known = known
        self._policy = kit.policy(orders)

    def rests(self, case: CaseKey, row: Row | None = None) -> bool:
        """Whether the case may stay unread; `row` is how the list shows it now, None where its page of the list was not read."""
        known, sparing = self._known.get(case), self._orders.sparing
        if known is None or known.row is None or (row is not None and not same_row(row, known.row)):
            return False
        if known.judged_in and known.judged_in in sparing.goes_on:
            return True
        if not sparing.recheck_s or known.look is None:
            return False
        return (
            self._under_the_same(known.look)
            and not self._turned(case, known.look)
            and self._fresh(known.look, known, row)
        )

    def _under_the_same(self, look: Look) -> bool:
        orders = self._orders
        now = (orders.posture, orders.config_hash, self._policy.hash)
        return now == (look.posture, look.config_hash, look.policy_hash)

    def _turned(self, case: CaseKey, look: Look) -> bool:
        """A person's time is up, or the strategy that only proposed has earned to act."""
        if look.why == "hand.parked":
            return self._by_hand.kept(case) is None
        earned = self._orders.trust.get(look.strategy)
        return look.why == "would.earning" and earned is not None and earned.promoted and earned.version == look.earned

    def _longest_s(self, known: OnList) -> int:
        """What no list shows of a parcel on its way back, the follow-ups that are left to this sweep would have found."""
        sparing = self._orders.sparing
        return min(sparing.recheck_s, sparing.follow_s) if known.called_back and sparing.follow_s else sparing.recheck_s

    def _fresh(self, look: Look, known: OnList, row: Row | None) -> bool:
        stands = [one.deadline_at for one in (row, known.row) if one is not None]
        deadline = min((at for at in (known.deadline, *stands) if at is not None), default=None)
        rest = Rest(look.read_at, known.row.applied_at if known.row else None, deadline)
        longest = timedelta(seconds=self._longest_s(known))
        # a clock that was set back says nothing of how long ago it was
        return rest.read_at <= self._kit.floor.now() < rest.ends(self._policy, longest)
