"""Closing a shop's breaker by hand: a person has looked at what opened it and says go on; the ledger remembers that."""

from __future__ import annotations

from bot.app.wiring import open_house
from bot.config import Home
from bot.domain.ids import ShopKey


async def close_breaker(home: Home, shop: ShopKey) -> str:
    """Close it and return why it was open; empty when it was not.

    Raises:
        LedgerError: another robot works in this home, or the ledger cannot be written.
    """
    with open_house(home) as house:
        why = house.ledger.breaker(shop)
        if why:
            house.ledger.set_breaker(shop, "")
    return why
