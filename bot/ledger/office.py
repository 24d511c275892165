"""The ledger as the console's office asks it: lists, stories and sign-offs on a connection of its own; small writes beside a robot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.domain.base import Sha256
from bot.domain.hand import HandVerdict
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.money import Money
from bot.ledger import handed, lists, policies, schema, signoffs, stories, underway
from bot.ledger.reader import SqlReader
from bot.ledger.runs import RunInfo
from bot.ledger.sql import SqlLedger
from bot.ledger.statements import SHOP, of, shop_values, where
from bot.ports.office_views import CaseFilter, CaseList, Due, Happening, Signoff, UnderWay

_NEWEST_RUN = (
    select(schema.runs.c.id).where(where(schema.runs, *SHOP)).order_by(schema.runs.c.opened_seq.desc()).limit(1)
)


class OfficeReader(SqlReader):
    """A reader with the questions of a person; safe beside a running sweep, in several threads at once."""

    def page(self, wanted: CaseFilter, after: str, limit: int) -> CaseList:
        """A page of cases behind a cursor, the nearest deadline first; without its sums."""
        with self._store.reading() as db:
            page = lists.page(db, wanted, after, limit)
            ways = underway.of_cases(db, [row.case for row in page.rows])
        rows = tuple(row.model_copy(update={"under_way": ways.get(row.case)}) for row in page.rows)
        return page.model_copy(update={"rows": rows})

    def under_way(self, case: CaseKey) -> UnderWay | None:
        """What somebody decided on the case and nobody answered yet."""
        with self._store.reading() as db:
            return underway.of_cases(db, [case]).get(case)

    def total(self, wanted: CaseFilter) -> tuple[int, Money | None]:
        """How many cases pass, and what is claimed in them; None where that would be the whole ledger."""
        with self._store.reading() as db:
            return lists.total(db, wanted)

    def kinds(self) -> Mapping[str, int]:
        """What waits for a person: `proposals`, `unknown` outcomes, other `holds`."""
        with self._store.reading() as db:
            return lists.kinds(db)

    def due(self, now: datetime, limit: int) -> tuple[Due, ...]:
        """Open cases whose deadline is to come, the nearest first; `now` is the shop's own."""
        with self._store.reading() as db:
            return lists.due(db, now, limit)

    def run_out(self, now: datetime, limit: int) -> tuple[tuple[Due, ...], int]:
        """Open cases whose deadline has passed, the latest first, and how many in all; `now` is the shop's own."""
        with self._store.reading() as db:
            return lists.run_out(db, now, limit)

    def shop_ahead(self) -> timedelta:
        """How far the shop's own clock is ahead of this PC's."""
        with self._store.reading() as db:
            return lists.shop_ahead(db)

    def story(self, case: CaseKey) -> stories.Story | None:
        """One case's whole story; None for one that the ledger never met."""
        with self._store.reading() as db:
            return stories.story(db, case)

    def has_picture(self, sha256: Sha256) -> bool:
        """Some case has it, and it was not erased."""
        with self._store.reading() as db:
            return stories.has_picture(db, sha256)

    def signoffs(self) -> tuple[Signoff, ...]:
        """What waits for a second person, then what was answered lately."""
        with self._store.reading() as db:
            return signoffs.listed(db)

    def askers(self) -> tuple[str, ...]:
        """Who waits for a second person, a name for each open request."""
        with self._store.reading() as db:
            return signoffs.askers(db)

    def doings(self, limit: int) -> tuple[Happening, ...]:
        """What people did at the console, the newest first."""
        with self._store.reading() as db:
            return stories.doings(db, limit)

    def policy_ages(self) -> tuple[tuple[str, datetime], ...]:
        """Every policy that is kept, and since when, the newest first."""
        with self._store.reading() as db:
            return policies.ages(db)

    def newest_run(self, shop: ShopKey) -> RunInfo | None:
        """The shop's newest run; None before the first."""
        with self._store.reading() as db:
            found = db.execute(_NEWEST_RUN, of(shop_values(shop))).scalar_one_or_none()
        return self.run(RunId(found)) if found is not None else None


class OfficeLedger(SqlLedger):
    """Writes what people do. Needs no lease: it touches no intent, and the chain queues its writers by itself."""

    def did(self, what: str, facts: Mapping[str, object], by: str, why: str = "", case: CaseKey | None = None) -> None:
        """Write down what somebody did; `facts` name no person."""
        with self._write() as tx:
            signoffs.did(tx, what, facts, by, why, case)

    def hand_over(self, verdict: HandVerdict, signoff: str = "") -> int:
        """Accept a verdict for the robot, whole and for good: the number under which it waits for its answer.

        `signoff`: the request that its second person agrees to by it, in the same commit. Raises CaseError: as `answer`, or one
        is under way on the case already.
        """
        with self._write() as tx:
            underway.refuse_second(tx, verdict.case, signoff)
            if signoff:
                signoffs.answer(tx, signoff, verdict.approved_by, agrees=True)
            return handed.over(tx, verdict)

    def ask(self, kind: str, about: str, body: str, by: str, why: str, call: signoffs.Call | None = None) -> str:
        """Keep what somebody wants until a second person answers, who is called in the same commit; its id comes back."""
        with self._write() as tx:
            return signoffs.ask(tx, kind, about, body, by, why, call=call)

    def ask_verdict(self, verdict: HandVerdict, by: str, call: signoffs.Call | None = None) -> str:
        """The same of a verdict. Raises CaseError: one is under way on the case already."""
        with self._write() as tx:
            underway.refuse_second(tx, verdict.case)
            body, case = verdict.model_dump_json(), verdict.case
            return signoffs.ask(tx, "verdict", str(case), body, by, verdict.why, case, call)

    def answer(self, id_: str, by: str, *, agrees: bool) -> Signoff:
        """A second person's word. Raises CaseError: no open request of that id, or it is one's own."""
        with self._write() as tx:
            return signoffs.answer(tx, id_, by, agrees=agrees)

    def withdraw(self, id_: str, by: str) -> Signoff:
        """Whoever asked thought better of it. Raises CaseError: no open request of that id, or it is another person's."""
        with self._write() as tx:
            return signoffs.withdraw(tx, id_, by)
