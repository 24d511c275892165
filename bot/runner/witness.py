"""Looks at a page that failed before it is closed, and keeps what stood there beside the hold (design.md 6, F29)."""

from __future__ import annotations

from contextlib import suppress

from bot.domain.evidence import EvidenceKind
from bot.domain.ids import CaseKey
from bot.errors import EvidenceRefused, GuardRefused, NotSent, PageDrifted, PageError, RateLimited, RefundPilotError
from bot.ports.desks import CasePage
from bot.ports.failures import PICTURE, Failure
from bot.runner.orders import Kit, Orders

_OF_THE_PAGE = (PageError, NotSent, GuardRefused)


class Witness:
    """One sweep's; nothing here ever fails a case that did not fail before."""

    def __init__(self, kit: Kit, orders: Orders) -> None:
        self._kit = kit
        self._orders = orders

    async def look(self, page: CasePage, error: RefundPilotError) -> None:
        """Let an error that the page is to blame for take along what stands on it; one that may pass by itself does not need it."""
        if error.sight is None and isinstance(error, _OF_THE_PAGE) and not isinstance(error, RateLimited):
            error.sight = await page.sight()

    def keep(self, error: RefundPilotError, case: CaseKey | None = None) -> str:
        """What the error brought along: the picture by hash as the case's, all of it as a bundle in the home.

        Where the picture is comes back; empty without one.
        """
        if error.sight is None:
            return ""
        if case is not None and error.sight.picture and self._orders.pictures:
            with suppress(EvidenceRefused):
                kept = self._kit.evidence.put(error.sight.picture, EvidenceKind.FAILURE, f"case:{case.aftersale_id}")
                self._kit.ledger.keep(self._orders.run, case, kept)
        bundle = self._kit.failures.keep(self._failure(error, case), error.sight)
        return f"{bundle}/{PICTURE}" if bundle and error.sight.picture else ""

    def _failure(self, error: RefundPilotError, case: CaseKey | None) -> Failure:
        return Failure(
            run=self._orders.run,
            shop=self._orders.shop,
            case_id=case.aftersale_id if case else "",
            code=error.reason_code,
            target=error.target,
            page=error.page.partition("?")[0],
            detail=str(error),
            raw=error.raw,
            at=self._kit.floor.now(),
            screen=error.screen if isinstance(error, PageDrifted) else "",
            differences=error.differences if isinstance(error, PageDrifted) else (),
        )
