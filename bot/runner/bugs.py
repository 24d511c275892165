"""What no table foresaw: an exception outside the error tree is logged whole and becomes a hold, never a guess (S19)."""

from __future__ import annotations

import asyncio
from typing import Final

from loguru import logger

from bot.errors import RefundPilotError
from bot.ports.desks import CasePage

CLOSE_S: Final = 30.0
"""A page that does not even close is left to the end of its context."""


def as_error(bug: Exception) -> RefundPilotError:
    """An error of the tree as it is; anything else logged with its trace and wrapped."""
    if isinstance(bug, RefundPilotError):
        return bug
    logger.opt(exception=bug).error("an exception outside the error tree")
    return RefundPilotError(f"{type(bug).__name__}: {bug}")


async def let_go(page: CasePage) -> None:
    """Close a page; one that cannot be closed is gone already, or hangs, and what was done on it stands all the same."""
    try:
        async with asyncio.timeout(CLOSE_S):
            await page.close()
    except Exception as bug:  # noqa: BLE001 - nothing hangs on a page that nobody reads any more
        as_error(bug)
