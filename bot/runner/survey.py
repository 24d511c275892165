"""What a sweep works on: the list is read, what rests is left out, and the rest is put into the order of work (design.md 4.1, 4.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, Row
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.engine.workplan import Forecast, Job, at_stake, workplan
from bot.ports.desks import Listing
from bot.ports.ledger import OnList
from bot.ports.wanted import EVERYTHING, NOTHING_SPARED
from bot.runner import picking, unread
from bot.runner.byhand import ByHand
from bot.runner.orders import Kit, Orders
from bot.runner.reading import Reading
from bot.runner.resting import Resting


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The cases in their order of work, and what is told beside them; `whole`: the list was read to its end.

    `forecast`: what the deadlines take that have not passed yet.
    `resting` counts the cases that are left unread, `missing` has ids that were asked for and that are nowhere. `unreadable`: raw
    texts of rows that nobody can read, by case; `cleared`: those of earlier sweeps that stand there no more.
    """

    cases: tuple[CaseKey, ...]
    forecast: Forecast
    unreadable: Mapping[CaseKey, str]
    cleared: tuple[CaseKey, ...]
    resting: int
    missing: tuple[str, ...]
    whole: bool


class Survey:
    """The first half of a sweep; `look` reads the list and writes down what it shows."""

    def __init__(self, kit: Kit, orders: Orders, reading: Reading, by_hand: ByHand) -> None:
        self._kit = kit
        self._orders = orders
        self._reading = reading
        self._by_hand = by_hand

    async def look(self) -> Surveyed:
        """Raises whatever a list that cannot be read raises, once the patience is used up."""
        orders, ledger = self._orders, self._kit.ledger
        before = ledger.on_list(orders.shop) if orders.sparing != NOTHING_SPARED else {}
        listing = await self._list(before)
        resting = Resting(self._kit, orders, self._by_hand, before)
        picked = [row for row in listing.rows if self._is_picked(row)]
        awake = [row for row in picked if not resting.rests(row.key, row)]
        ledger.saw(orders.run, listing.rows, self._kit.floor.now(), [row.key for row in awake], whole=listing.whole)
        beyond = dict(self._beyond(listing, before))
        roused = {case: one for case, one in beyond.items() if not resting.rests(case)}
        now = self._kit.floor.now()
        work = workplan([*self._of_rows(awake, before), *self._of_known(roused)], {}, now)
        unreadable = unread.cases_of(orders.shop, listing.unreadable)
        shown = {*(row.key for row in listing.rows), *beyond, *unreadable}
        cases = (*(job.case for job in work.jobs), *self._unlisted(shown, whole=listing.whole))
        return Surveyed(
            cases=cases,
            forecast=work.ahead(now),
            unreadable=unreadable,
            cleared=tuple(self._cleared(unreadable)) if listing.whole else (),
            resting=len(picked) + len(beyond) - len(awake) - len(roused),
            missing=picking.missing(orders.pick, (*shown, *cases)),
            whole=listing.whole,
        )

    async def _list(self, before: Mapping[CaseKey, OnList]) -> Listing:
        known = frozenset(case.aftersale_id for case in before) if self._orders.sparing.quick else None
        return await self._reading.list(self._told, known)

    def _told(self, read: int, total: int) -> None:
        """Asked after every page: a long list takes a minute, and nothing of it is in hand yet."""
        self._kit.heed_stop()
        self._kit.progress.listed(read, total)

    def _is_picked(self, row: Row) -> bool:
        return picking.listed(row, self._kit.floor.refunds.type_of(row), self._orders.pick)

    def _beyond(self, listing: Listing, before: Mapping[CaseKey, OnList]) -> Iterator[tuple[CaseKey, OnList]]:
        """Behind the pages that a quick look read: there by what the ledger knows, and by the count."""
        if listing.whole:
            return
        shown = {row.key for row in listing.rows}
        for case, known in before.items():
            if case not in shown and picking.unlisted(case, self._orders.pick):
                yield case, known

    def _of_rows(self, rows: Iterable[Row], before: Mapping[CaseKey, OnList]) -> Iterator[Job]:
        """As they stand now nobody has judged them, so what is at stake is all that the buyer asks for."""
        for row in rows:
            kind = self._kit.floor.refunds.type_of(row) if self._orders.parcels_first else None
            yield self._job(row.key, row.amount, row.deadline_at, _likely(before.get(row.key), kind))

    def _of_known(self, known: Mapping[CaseKey, OnList]) -> Iterator[Job]:
        for case, one in known.items():
            yield self._job(case, one.amount, one.deadline, _likely(one, None))

    def _job(self, case: CaseKey, amount: Money, deadline: datetime | None, verb: Verb | None) -> Job:
        return Job(case, at_stake(amount, None), self._orders.seconds_per_case, deadline, verb=verb)

    def _unlisted(self, shown: Iterable[CaseKey], *, whole: bool) -> Iterator[CaseKey]:
        """What an earlier sweep left waiting may have gone from the list: it is looked at all the same, so that it gets its end.

        Only a whole list says that it has gone; what is asked for by name is looked at without one.
        """
        pick, there = self._orders.pick, frozenset(shown)
        if not whole and pick == EVERYTHING:
            return iter(())
        left = self._kit.ledger.unended(self._orders.shop)
        return (
            case for case in left if case not in there and not unread.has_no_id(case) and picking.unlisted(case, pick)
        )

    def _cleared(self, unreadable: Collection[CaseKey]) -> Iterator[CaseKey]:
        """Rows without an id that nobody could read and that a whole list shows no more: gone, or read by now."""
        left = self._kit.ledger.unended(self._orders.shop)
        return (case for case in left if unread.has_no_id(case) and case not in unreadable)


def _likely(known: OnList | None, kind: AftersaleType | None) -> Verb | None:
    """What will be done, for the order of work alone: what the last look decided, else a parcel that is under way is to be stopped.

    One that was called back already rolls on no more. `kind` is None where the list's word for the type is not known.
    """
    if known is not None and known.called_back:
        return None
    if known is not None and known.verb is not None:
        return known.verb
    return Verb.INTERCEPT if kind is AftersaleType.REFUND_SHIPPED else None
