"""Identity: a case is keyed by platform, shop and after-sale id, never by order (domain.md 2.1)."""

from __future__ import annotations

from typing import NewType

from bot.domain.base import Frozen

RunId = NewType("RunId", str)
IntentId = NewType("IntentId", str)


class ShopKey(Frozen):
    """One shop of one platform."""

    platform: str
    shop_id: str

    def __str__(self) -> str:
        return f"{self.platform}/{self.shop_id}"


class CaseKey(Frozen):
    """One after-sale request; one order can have several over time."""

    platform: str
    shop_id: str
    aftersale_id: str

    @property
    def shop(self) -> ShopKey:
        return ShopKey(platform=self.platform, shop_id=self.shop_id)

    def __str__(self) -> str:
        return f"{self.platform}/{self.shop_id}/{self.aftersale_id}"
