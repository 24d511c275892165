"""Closing a shop's breaker by hand: a person has looked at what opened it and says go on; the ledger remembers that."""

from __future__ import annotations

from contextlib import closing

from bot.alerts.passing import OF_BREAKER, end_alarms
from bot.clock import SystemClock, SystemIds
from bot.config import Home
from bot.domain.ids import ShopKey
from bot.ledger import SqlLedger


async def close_breaker(home: Home, shop: ShopKey) -> str:
    """Close it and return why it was open; empty when it was not. Its alarms are answered by that. Also beside a running service, which asks before each sweep.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    home.files.make_folders()
    with closing(SqlLedger(home.files.ledger, SystemClock(), SystemIds())) as ledger:
        why = ledger.breaker(shop)
        if why:
            ledger.set_breaker(shop, "")
            for code in OF_BREAKER:
                end_alarms(ledger, code, shop.__eq__)
    return why
