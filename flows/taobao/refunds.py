"""The RefundDesk: the list of what waits for the seller, and each case's page (design.md 4.1, 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.domain.case import AftersaleType, Row
from bot.domain.evidence import PictureLimits
from bot.domain.ids import CaseKey
from bot.errors import WrongPage
from bot.ports.desks import Listing
from flows.taobao import wording
from flows.taobao.case_page import DetailPage
from flows.taobao.listing import ListReader
from flows.taobao.office import Office

LIMITS: Final = PictureLimits(
    max_bytes=130_000, max_count=3, media_types=frozenset({"image/jpeg", "image/png", "image/gif"})
)
"""What the refusal page takes (domain.md 2.3)."""


class Refunds:
    """One shop's refunds."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @property
    def limits(self) -> PictureLimits:
        return LIMITS

    def type_of(self, row: Row) -> AftersaleType | None:
        return wording.TYPES.get(row.type_text)

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        """Every row that waits for the seller, or what a quick look finds; see `RefundDesk.list_pending`."""
        return await ListReader(self._office, progress).read(known)

    async def open(self, case: CaseKey) -> DetailPage:
        """Load the detail page by id, in a tab of its own; a case of another shop is never asked for."""
        if case.shop_id != self._office.site.shop_id:
            raise WrongPage(f"{case} is no case of {self._office.site.shop_id}", case=case.aftersale_id)
        return await DetailPage.open(self._office, case)
