"""What the shop's own ledger knew beside a case at the moment it was judged: other after-sales, and what was spent that day."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from bot.domain.base import Frozen
from bot.domain.case import AftersaleType, CaseState
from bot.domain.figures import NO_FIGURES, Figures
from bot.domain.money import ZERO, Money

BUYER_DAYS = 90
"""How far back a buyer's other after-sales are looked up, in days (domain.md 5: the buyer's record in the own shop)."""

MOST = 100
"""Other after-sales of one kind that a history holds, the newest first: a decision is kept whole, and must stay small."""


class PastCase(Frozen):
    """Another after-sale of the shop, as it was last seen; times on the shop's own clock, sums in fen. It looks so since `seen_at`.

    `type` and `state` are None where only the list was read or the page's word was not understood; `same_buyer` is None
    where the page was never read. `refunded` is what we paid or are about to pay on it, `refused` whether we refused it.
    """

    aftersale_id: str
    order_id: str
    same_buyer: bool | None
    type: AftersaleType | None
    state: CaseState | None
    amount: Money
    applied_at: datetime
    seen_at: datetime
    forward_waybill: str = ""
    return_waybill: str = ""
    refunded: Money = ZERO
    refused: bool = False


class Likeness(Frozen):
    """A picture of another after-sale that looks like one of this case's: `distance` in bits, 0 is the same picture."""

    case: PastCase
    distance: int


class History(Frozen):
    """All of it, as of the moment of judging, `at` on the shop's clock (None: not asked, or of a ledger of before).

    `since`: when the ledger first saw anything of this shop, None when it never did: what lies before is not known.
    `of_waybill`: others that named this case's return waybill, coming or going. `spent`: posted and pending of each
    strategy on the business day `day` (Asia/Shanghai). `figures`: of the whole shop, from the settings.
    """

    asked: bool = True
    at: datetime | None = None
    since: datetime | None = None
    of_order: tuple[PastCase, ...] = ()
    of_buyer: tuple[PastCase, ...] = ()
    of_waybill: tuple[PastCase, ...] = ()
    of_pictures: tuple[Likeness, ...] = ()
    day: str = ""
    spent: dict[str, Money] = Field(default_factory=dict)
    figures: Figures = NO_FIGURES


UNASKED = History(asked=False)
"""Nobody asked the ledger: whatever needs history is unknown."""
