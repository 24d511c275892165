"""Counts what became of each case of a sweep."""

from __future__ import annotations

from collections import Counter

from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.errors import RefundPilotError
from bot.ports.results import RESTING, ShopSweep
from bot.runner.endings import End
from bot.runner.orders import Orders


class Tally:
    """What became of each case of the sweep."""

    def __init__(self) -> None:
        self.ends: dict[CaseKey, End] = {}
        self.late = 0
        self.resting = 0
        self.whole_list = False
        self.unreadable = 0
        self.missing: tuple[str, ...] = ()

    def add(self, case: CaseKey, end: End) -> None:
        self.ends[case] = end

    def counts(self) -> dict[str, int]:
        return dict(Counter(str(end.status) for end in self.ends.values()))

    def summary(self, orders: Orders) -> dict[str, int]:
        """What the run is closed with; of a sweep in which cases may rest also how many did."""
        return self.counts() | ({RESTING: self.resting} if orders.sparing.recheck_s else {})

    def result(self, orders: Orders, name: str, seconds: float, stopped: RefundPilotError | None) -> ShopSweep:
        """The sweep in numbers; `held` counts the unknown ones too, `unknown` says how many of them they are."""
        counts = self.counts()
        refunded = sum((end.refunded for end in self.ends.values()), start=Money(0))
        return ShopSweep(
            shop=str(orders.shop),
            name=name,
            run=orders.run,
            posture=orders.posture,
            seen=len(self.ends),
            acted=dict(Counter(str(verb) for end in self.ends.values() for verb in end.verbs)),
            proposed=dict(Counter(str(end.would) for end in self.ends.values() if end.would)),
            held=counts.get(CaseStatus.HELD, 0),
            waiting=counts.get(CaseStatus.WAITING, 0),
            failed=counts.get(CaseStatus.FAILED, 0),
            unknown=sum(end.unknown for end in self.ends.values()),
            foreign=counts.get(CaseStatus.FOREIGN, 0),
            late=self.late,
            resting=self.resting,
            whole_list=self.whole_list,
            unreadable=self.unreadable,
            missing=self.missing,
            refunded_fen=refunded.fen,
            seconds=round(seconds, 3),
            stopped=reason_of(stopped) if stopped else None,
            by_hand=bool(orders.verdicts),
        )


def reason_of(error: RefundPilotError) -> Reason:
    """What stopped the sweep, as a reason that people are told."""
    return Reason(code=error.reason_code, params=error.params)
