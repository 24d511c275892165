"""What a failed page leaves for whoever mends it: the page as it stood, and what was sought on it (design.md 6, F29)."""

from __future__ import annotations

from typing import Protocol

from pydantic import AwareDatetime

from bot.domain.base import Frozen
from bot.domain.ids import RunId, ShopKey
from bot.errors import Sight

PICTURE = "page.png"
"""The name of the picture in a bundle."""


class Failure(Frozen):
    """What was being done when a page was not as expected; `case_id` is empty where no case was in hand, as on the list.

    `screen` and `differences`: whose page contract was not met, and how; empty where nothing was held to a contract.
    `at`: the shop's own moment; bundles of before have none.
    """

    run: RunId
    shop: ShopKey
    case_id: str = ""
    code: str
    target: str = ""
    page: str = ""
    detail: str = ""
    raw: str = ""
    at: AwareDatetime | None = None
    screen: str = ""
    differences: tuple[str, ...] = ()


class FailureBook(Protocol):
    """Keeps the newest failures; never raises: a failure's bundle must not become a second failure."""

    def keep(self, failure: Failure, sight: Sight) -> str:
        """Where it is kept, for a person to look; empty when it could not be kept."""
