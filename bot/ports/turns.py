"""Whose turn it is: one sweep works at a time, and lays its turn down while all that it could do is to wait for a person."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.ids import ShopKey


class Turn(Protocol):
    """One sweep's, for as long as it goes on."""

    def aside(self, shop: ShopKey) -> AbstractAsyncContextManager[None]:
        """While the block runs other shops are worked on; nothing of this one but what waits. It ends when the turn has come back."""

    async def back(self) -> None:
        """Wait for the turn where it was laid down, and is not back: asked before a further shop is begun."""
