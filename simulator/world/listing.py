"""The refund list: tabs, type filter, two sort orders, keyword search, pages of 20, and the counter cards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from simulator.world.model import FINISHED, FOR_SELLER, SHANGHAI, Case, CaseState, CaseType
from simulator.world.store import Store

PAGE_SIZE = 20
MOST_ANSWERS = 200
"""Questions whose answers are kept: tabs and sort orders are few, keywords are not."""
_FAR = datetime(9999, 1, 1, tzinfo=SHANGHAI)


class Tab(StrEnum):
    """The tabs of the list page, in their order."""

    ALL = "all"
    WAIT_SELLER = "wait_seller"
    WAIT_RECEIVE = "wait_receive"
    WAIT_BUYER = "wait_buyer"
    PLATFORM = "platform"
    FINISHED = "finished"


class Sort(StrEnum):
    """最近申请排序 and 临近超时排序."""

    APPLIED = "applied"
    DEADLINE = "deadline"


TAB_STATES: dict[Tab, frozenset[CaseState]] = {
    Tab.ALL: frozenset(CaseState),
    Tab.WAIT_SELLER: frozenset({CaseState.WAIT_SELLER}),
    Tab.WAIT_RECEIVE: frozenset({CaseState.WAIT_SELLER_RECEIVE}),
    Tab.WAIT_BUYER: frozenset({CaseState.WAIT_BUYER_RETURN, CaseState.WAIT_BUYER_ANSWER, CaseState.SELLER_REFUSED}),
    Tab.PLATFORM: frozenset({CaseState.PLATFORM}),
    Tab.FINISHED: FINISHED,
}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a page asks for; `page` counts from 1, `keyword` is an after-sale or order number."""

    tab: Tab = Tab.ALL
    type: CaseType | None = None
    sort: Sort = Sort.APPLIED
    keyword: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page; `total` is the 「共 N 条」, `pages` at least 1."""

    total: int
    page: int
    pages: int
    rows: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Counters:
    """The counter cards, in the order of docs/simulator.md."""

    within_24h: int
    pending: int
    to_receive: int
    to_prove: int
    platform: int
    refused: int
    urged: int


@dataclass(slots=True)
class _Shift:
    """A row that is out of place for some requests: hidden, or moved to the front."""

    aftersale_id: str
    hidden: bool
    requests_left: int


class Listing:
    """Pages over the cases of one shop; sorted once per change of the world."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sorted: dict[tuple[str, Sort], tuple[int, list[Case]]] = {}
        self._answers: dict[tuple[str, ListQuery], tuple[int, list[Case]]] = {}
        self._shifts: dict[str, _Shift] = {}

    def page(self, shop_id: str, query: ListQuery) -> ListPage:
        """The rows of one page; a page after the last one is empty."""
        rows = self._shifted(shop_id, self._found(shop_id, query))
        first = (max(query.page, 1) - 1) * PAGE_SIZE
        pages = max(1, -(-len(rows) // PAGE_SIZE))
        return ListPage(len(rows), max(query.page, 1), pages, tuple(rows[first : first + PAGE_SIZE]))

    def counters(self, shop_id: str, now: datetime) -> Counters:
        """Count what the cards show."""
        cases = [case for case in self._store.of_shop(shop_id) if case.state not in FINISHED]

        def count(test: Callable[[Case], bool]) -> int:
            return sum(1 for case in cases if test(case))

        soon = now + timedelta(hours=24)
        return Counters(
            within_24h=count(lambda c: c.state in FOR_SELLER and c.deadline_at is not None and c.deadline_at <= soon),
            pending=count(lambda c: c.state is CaseState.WAIT_SELLER),
            to_receive=count(lambda c: c.state is CaseState.WAIT_SELLER_RECEIVE),
            to_prove=count(lambda c: c.state is CaseState.PLATFORM and c.proof_demanded),
            platform=count(lambda c: c.state is CaseState.PLATFORM),
            refused=count(lambda c: c.state is CaseState.SELLER_REFUSED),
            urged=count(lambda c: c.urged and c.state in FOR_SELLER),
        )

    def shift(self, shop_id: str, aftersale_id: str, *, hidden: bool, requests: int) -> None:
        """Fault list_shift: a row leaves the list, or jumps to its front, for the next `requests` questions."""
        self._shifts[shop_id] = _Shift(aftersale_id, hidden, requests)

    def _found(self, shop_id: str, query: ListQuery) -> list[Case]:
        """All rows of a question, whatever its page; the answer stands until something of the shop changes."""
        asked, revision = (shop_id, replace(query, page=1)), self._store.revisions[shop_id]
        answer = self._answers.get(asked)
        if answer is None or answer[0] != revision:
            if answer is None and len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            found = [case for case in self._all(shop_id, query.sort) if _matches(case, query)]
            answer = self._answers[asked] = revision, found
        return answer[1]

    def _all(self, shop_id: str, sort: Sort) -> list[Case]:
        cached, revision = self._sorted.get((shop_id, sort)), self._store.revisions[shop_id]
        if cached is None or cached[0] != revision:
            cases = sorted(self._store.of_shop(shop_id), key=_SORT_KEYS[sort])
            cached = self._sorted[shop_id, sort] = revision, cases
        return cached[1]

    def _shifted(self, shop_id: str, rows: list[Case]) -> list[Case]:
        shift = self._shifts.get(shop_id)
        if shift is None:
            return rows
        shift.requests_left -= 1
        if shift.requests_left <= 0:
            del self._shifts[shop_id]
        moved = [case for case in rows if case.aftersale_id == shift.aftersale_id]
        others = [case for case in rows if case.aftersale_id != shift.aftersale_id]
        return others if shift.hidden else moved + others


_SORT_KEYS: dict[Sort, Callable[[Case], tuple[float, str]]] = {
    Sort.APPLIED: lambda case: (-case.applied_at.timestamp(), case.aftersale_id),
    Sort.DEADLINE: lambda case: ((case.deadline_at or _FAR).timestamp(), case.aftersale_id),
}


def _matches(case: Case, query: ListQuery) -> bool:
    if case.state not in TAB_STATES[query.tab] or (query.type is not None and case.type is not query.type):
        return False
    keyword = query.keyword.strip()
    return not keyword or keyword in {case.aftersale_id, case.order.order_id}
