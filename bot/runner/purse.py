"""Watches the budgets of the day while they are used up: a person hears of it before the cap holds cases."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.action import AgreeReturn, Intent, spends
from bot.domain.decision import Reason
from bot.domain.money import ZERO, Money
from bot.ports.ledger import Caps
from bot.ports.notifier import Alarm, Urgency
from bot.runner.orders import Kit, Orders

NEAR_PERCENT = 80


class Purse:
    """One shop's in one sweep. The ledger is asked once a day; what this sweep reserves is added here, so no click gets slower."""

    def __init__(self, kit: Kit, orders: Orders) -> None:
        self._kit = kit
        self._orders = orders
        self._day = ""
        self._used: dict[str, Money] = {}
        self._told: set[str] = set()

    def reserved(self, intent: Intent, caps: Caps) -> None:
        """After the intent was armed: what it takes counts already. A cap of nothing was never meant to be used."""
        taken = list(_taken(intent, caps))
        if self._day != intent.day:
            self._read(intent.day)
        else:
            for scope, amount, _ in taken:
                self._used[scope] = self._used.get(scope, ZERO) + amount
        for scope, _, cap in taken:
            used = self._used.get(scope, ZERO)
            if scope not in self._told and cap > ZERO and used.fen * 100 >= cap.fen * NEAR_PERCENT:
                self._told.add(scope)
                self._tell(scope, used, cap, intent.day)

    def _read(self, day: str) -> None:
        lines = self._kit.ledger.budgets(day)
        self._used = {line.scope: line.posted + line.pending for line in lines if line.shop == self._orders.shop}
        self._day, self._told = day, set()

    def _tell(self, scope: str, used: Money, cap: Money, day: str) -> None:
        kind, _, name = scope.partition(":")
        params = {"scope": scope, "kind": kind, "name": name, "used": str(used), "cap": str(cap), "day": day}
        reason = Reason(code="budget.near", params=params)
        self._kit.notifier.notify(Alarm(urgency=Urgency.WARN, shop=self._orders.shop, reason=reason))


def _taken(intent: Intent, caps: Caps) -> Iterator[tuple[str, Money, Money]]:
    """Scope, amount, cap, as the ledger counts them (bot/ledger/budgets.py)."""
    if isinstance(intent.action, AgreeReturn):
        yield f"agreed:{intent.strategy}", intent.action.amount, caps.strategy_day
    elif (amount := spends(intent.action)) > ZERO:
        yield f"strategy:{intent.strategy}", amount, caps.strategy_day
        yield "shop", amount, caps.shop_day
