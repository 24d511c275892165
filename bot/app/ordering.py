"""Whose turn it is among the shops that one sweep goes into, and what those behind it lose meanwhile (ADR 0016)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.alerts.outliving import outlived
from bot.app.planning import late_behind, work_plan
from bot.app.wiring import House
from bot.config import Shop
from bot.domain.ids import ShopKey
from bot.runner import calls


def in_turn(house: House, shops: Sequence[Shop]) -> Iterator[Shop]:
    """Each of them once; the plan is made anew before every turn, by what the ledger knows then.

    Where nothing is known to wait they come as they stand. Raises LedgerError.
    """
    left = list(shops)
    while left:
        first = work_plan(house.ledger, left, house.clock.now()).next_shop if len(left) > 1 else None
        entry = next((shop for shop in left if shop.key == first), left[0])
        left.remove(entry)
        yield entry


def tell_behind(
    house: House, first: Shop, behind: Sequence[Shop], rests: Mapping[ShopKey, timedelta], now: datetime
) -> None:
    """Before `first` is swept: what the others lose while they wait, as each of their own sweeps would tell it too late.

    A shop whose breaker is open waits for a person, not for its turn. Raises nothing: whatever breaks here, the sweep goes on.
    """
    with outlived("what waits behind this sweep cannot be foretold"):
        waits = {shop.key: shop for shop in behind if not house.ledger.breaker(shop.key)}
        for key, forecast in late_behind(house.ledger, first, waits, now, rests).items():
            house.notifier.notify(calls.late(key, forecast))
