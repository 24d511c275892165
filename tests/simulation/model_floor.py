"""Desks over the model shop: list, pages and session, the second implementation of the desk ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from bot.domain.action import (
    Action,
    Verb,
)
from bot.domain.base import Sha256
from bot.domain.case import (
    AftersaleType,
    CaseState,
    Row,
    Snapshot,
)
from bot.domain.courier import InterceptQuote
from bot.domain.evidence import PictureLimits
from bot.domain.facts import Known
from bot.domain.ids import CaseKey
from bot.errors import CaseMoved, NotSent, OutcomeUnknown, SessionExpired, Sight, Unreadable
from bot.ports.desks import Listing, Permit, Proof
from tests.simulation.model_shop import FEE, ModelShop, ServerCase, snapshot_of

PAGE = 20
"""Rows of one page of the list."""


class ModelPage:
    """CasePage over the model: what is read stands still until it is loaded again."""

    def __init__(self, shop: ModelShop, case: ServerCase) -> None:
        self._shop = shop
        self._case = case
        self._loaded = self._load()

    @property
    def case_id(self) -> str:
        return self._case.id

    def _load(self) -> Snapshot:
        self._shop.tick()
        self._shop.clock.pass_time(0.2)
        if self._shop.chance.draw("read_error"):
            raise Unreadable("half a page", case=self._case.id)
        if self._shop.chance.draw("session_loss"):
            raise SessionExpired("the login page came")
        self._at = self._shop.clock.monotonic()
        return snapshot_of(self._case, self._shop.clock.now())

    @property
    def age_s(self) -> float:
        return self._shop.clock.monotonic() - self._at

    async def read(self) -> Snapshot:
        await asyncio.sleep(0)
        return self._loaded

    async def reload(self) -> Snapshot:
        await asyncio.sleep(0)
        self._shop.disturb(self._case)
        self._loaded = self._load()
        return self._loaded

    async def picture(self) -> bytes:
        return b""

    async def sight(self) -> Sight:
        return Sight(f"picture of {self._case.id}".encode(), f"<html>{self._case.id}")

    async def warehouse_picture(self) -> bytes:
        return b""

    async def quote_intercept(self) -> InterceptQuote:
        return InterceptQuote(waybill=self._case.waybill, feasible=True, fee=FEE, why_not="", other_goods=())

    async def attach(self, proofs: Sequence[Proof], verb: Verb = Verb.REFUSE) -> tuple[Sha256, ...]:
        return tuple(proof.sha256 for proof in proofs)

    def screens(self, action: Action) -> tuple[str, ...]:
        return ("detail", action.verb.value)

    async def perform(self, action: Action, permit: Permit) -> None:
        await asyncio.sleep(0)
        self._shop.disturb(self._case)
        if self._shop.chance.draw("not_sent"):
            raise NotSent("the button is gone", case=self._case.id)
        if permit.expires_at < self._shop.clock.monotonic():
            raise NotSent("the permit is over", case=self._case.id)
        permit.on_send()
        self._post(action, int(self._loaded.version))

    def _post(self, action: Action, version: int) -> None:
        shop, case = self._shop, self._case
        if shop.chance.draw("drop_before"):
            raise OutcomeUnknown("the line is dead", case=case.id)
        if shop.chance.draw("late_apply"):
            shop.late.append((shop.clock.monotonic() + 3, lambda: _ignore(shop.apply(case, action, version))))
            raise OutcomeUnknown("no answer in time", case=case.id)
        applied = shop.apply(case, action, version)
        if shop.chance.draw("resend"):
            shop.apply(case, action, version)
        if shop.chance.draw("drop_after"):
            raise OutcomeUnknown("the answer was lost", case=case.id)
        if not applied:
            raise CaseMoved("VERSION_CHANGED", case=case.id)

    async def close(self) -> None:
        return


def _ignore(_: object) -> None:
    """A late request has nobody left to hear its answer."""


class Look:
    """One way through the model's list, the newest application first, `PAGE` rows a page; the world goes on between pages."""

    def __init__(self, shop: ModelShop, progress: Callable[[int, int], None]) -> None:
        self._shop = shop
        self._progress = progress
        self._rows: dict[str, Row] = {}
        self._met = 0
        self._totals: set[int] = set()

    def all_of_it(self) -> bool:
        """To the last page; whether nothing moved meanwhile."""
        number = 0
        while self._page(number) and self._more(number):
            number += 1
        return self._still and len(self._rows) in self._totals

    def newest(self, known: frozenset[str]) -> bool:
        """To the first page without an unknown row; whether that tells all."""
        number = 0
        while not known.issuperset(self._page(number)) and self._more(number):
            number += 1
        return self._still and self._totals == {len(known | self._rows.keys())}

    def listing(self, *, whole: bool, passes: int = 1) -> Listing:
        rows = tuple(self._rows.values())
        return Listing(rows=rows, printed_total=len(rows), passes=passes, unreadable=(), whole=whole)

    def _more(self, number: int) -> bool:
        return (number + 1) * PAGE < max(self._totals)

    @property
    def _still(self) -> bool:
        return len(self._totals) == 1 and self._met == len(self._rows)

    def _page(self, number: int) -> list[str]:
        if number:
            self._shop.between_pages()
        self._shop.tick()
        self._shop.pages += 1
        pending = [case for case in self._shop.cases.values() if case.state is CaseState.WAIT_SELLER]
        pending.sort(key=lambda case: (case.applied_at, case.id), reverse=True)
        shown = pending[number * PAGE : (number + 1) * PAGE]
        self._rows |= {case.id: _row(snapshot_of(case, self._shop.clock.now())) for case in shown}
        self._met += len(shown)
        self._totals.add(len(pending))
        self._progress(len(self._rows), len(pending))
        return [case.id for case in shown]


class ModelFloor:
    """ShopFloor over the model; it is its own session and refund desk."""

    limits = PictureLimits(max_bytes=130_000, max_count=3, media_types=frozenset({"image/png"}))

    def __init__(self, shop: ModelShop) -> None:
        self._shop = shop
        self.session = self
        self.refunds = self
        self.renewals = self.kills = 0

    async def ensure(self) -> None:
        return

    async def sight(self) -> Sight:
        return Sight()

    async def present(self) -> bool:
        return True

    async def await_person(self, timeout_s: float) -> bool:
        return False

    def now(self) -> datetime:
        return self._shop.clock.now()

    async def renew(self) -> None:
        self.renewals += 1

    async def abandon(self) -> None:
        self.kills += 1

    def type_of(self, row: Row) -> AftersaleType | None:
        snapshot = snapshot_of(self._shop.cases[row.key.aftersale_id], self._shop.clock.now())
        return snapshot.type.value if isinstance(snapshot.type, Known) else None

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        glance = Look(self._shop, progress)
        if known is not None and glance.newest(known):
            return glance.listing(whole=False)
        passes = 1
        while not (look := Look(self._shop, progress)).all_of_it():
            passes += 1
        return look.listing(whole=True, passes=passes)

    async def open(self, case: CaseKey) -> ModelPage:
        await asyncio.sleep(0)
        self._shop.opened.append(case.aftersale_id)
        return ModelPage(self._shop, self._shop.cases[case.aftersale_id])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


def _row(snapshot: Snapshot) -> Row:
    return Row(
        key=snapshot.key,
        order_id=snapshot.order_id,
        amount=snapshot.amount,
        type_text="",
        state_text="",
        deadline_at=snapshot.deadline.at if snapshot.deadline else None,
        applied_at=snapshot.applied_at,
    )
