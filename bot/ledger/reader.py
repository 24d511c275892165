"""The read side: what report, status and audit ask, on a connection of its own that cannot write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine

from bot.domain.action import Intent, Verb
from bot.domain.base import Sha256
from bot.domain.case import Snapshot
from bot.domain.hand import HandVerdict
from bot.domain.history import History
from bot.domain.ids import CaseKey, IntentId, RunId, ShopKey
from bot.domain.outcome import CaseStatus, OpenIntent
from bot.domain.proofs import Served
from bot.engine.autonomy import Word
from bot.engine.shadow import ShadowBook
from bot.ledger import (
    alarms,
    budgets,
    buyers,
    decisions,
    duties,
    events,
    figures,
    handed,
    hands,
    intents,
    lines,
    onlist,
    past,
    policies,
    proofs,
    rehearsal,
    retention,
    runs,
    shadows,
    standing,
    votes,
    workload,
)
from bot.ledger.canon import load
from bot.ledger.cases import status_of
from bot.ledger.chain import Anchor
from bot.ledger.hits import Hit, hits
from bot.ledger.runs import RunInfo
from bot.ledger.store import BUSY_MS, Store
from bot.ledger.workload import Pending
from bot.ports.alarms import AlarmEntry, NearCase, NearHold
from bot.ports.figures import DayFigures, HeldCase, Span
from bot.ports.ledger import BudgetLine, CaseLine, HandLine, Judged, OnList, Parked
from bot.ports.past import Past, Spending
from bot.ports.results import ShadowResult
from bot.ports.retention import Cutoffs, Retired
from bot.ports.status import MissedRun

P = ParamSpec("P")
R = TypeVar("R")


class Reading:
    """Every question that needs no write; the base of reader and writer."""

    _store: Store

    @property
    def engine(self) -> Engine:
        """For the audit."""
        return self._store.engine

    def _ask(self, question: Callable[Concatenate[Connection, P], R], *about: P.args, **further: P.kwargs) -> R:
        with self._store.reading() as db:
            return question(db, *about, **further)

    def _all(
        self, question: Callable[Concatenate[Connection, P], Iterable[R]], *about: P.args, **further: P.kwargs
    ) -> tuple[R, ...]:
        """The same for what comes one by one, all of it while the connection stands."""
        with self._store.reading() as db:
            return tuple(question(db, *about, **further))

    def runs(self, limit: int) -> tuple[RunId, ...]:
        """The newest runs first."""
        return self._all(runs.newest, limit)

    def run(self, run: RunId) -> RunInfo:
        """One run's frame. Raises LedgerError: no such run."""
        return self._ask(runs.frame, run)

    def lines(self, run: RunId) -> tuple[CaseLine, ...]:
        """Every case that the run saw or that was settled in it, in the list's order of deadline."""
        return self._all(lines.lines, run)

    def counts(self) -> Mapping[ShopKey, Mapping[CaseStatus, int]]:
        """Cases by shop and standing, as of now."""
        return self._ask(standing.states)

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """What was known of the case's surroundings at `now`, on the shop's clock; what was written later never shows."""
        return self._ask(past.history, snapshot, now)

    def decisions(self, run: RunId) -> Iterator[Judged]:
        """Every decision of the run in order, with what it was made from; what was erased is left out."""
        for body in self._ask(decisions.bodies, run):
            yield load(decisions.JUDGED, body, "a decision")

    def decision(self, case: CaseKey) -> Judged | None:
        """The newest decision on a case with what it was made from; None where there is none, or it was erased."""
        return self._ask(decisions.newest, case)

    def named(self, aftersale_id: str) -> tuple[CaseKey, ...]:
        """Every case with this id; one shop's ids say nothing about another's."""
        return self._ask(decisions.named, aftersale_id)

    def near(self, aftersale_id: str) -> tuple[str, ...]:
        """Known ids that look most like it."""
        return self._all(decisions.near, aftersale_id)

    def policy_text(self, policy_hash: str) -> str:
        """The policy.toml that decided under this hash; empty where it was not kept."""
        return self._ask(policies.text_of, policy_hash)

    def policy_hashes(self) -> tuple[str, ...]:
        """Every policy that is kept, the newest first."""
        return self._ask(policies.hashes)

    def hits(self, since: date) -> tuple[Hit, ...]:
        """What each strategy hit from that business day on, and the money that it moved (domain.md 51)."""
        return self._ask(hits, since)

    def figures(self, span: Span, at: datetime, days: int = 14) -> DayFigures:
        """What business days were worth, of all shops and of each; `days` up to the last one are told day by day."""
        return self._ask(figures.figures, span, at, days)

    def needs_person(self, at: datetime, most: int = 500) -> tuple[HeldCase, ...]:
        """Held and failed cases: the nearest deadline that can still be met first, then those without one, then what is over."""
        return self._all(standing.held, at, most)

    def served(self, case: CaseKey, order_id: str, sha256: Sha256, picture: str) -> Served | None:
        """As `Ledger.served`."""
        return self._ask(proofs.served, case, order_id, sha256, picture)

    def overdue(self, until: Cutoffs) -> Retired:
        """What is kept beyond its time; nothing is changed."""
        return self._ask(retention.overdue, until)

    def buyer_cases(self, shop: ShopKey, name: str) -> tuple[tuple[CaseKey, str, CaseStatus], ...]:
        """The cases of a buyer, whose name is matched exactly, each with its order and how it stands."""
        return self._all(buyers.cases_of, shop, name)

    def erased_pictures(self) -> frozenset[str]:
        """Hashes of pictures that no row needs any more: their files may go."""
        return self._ask(retention.erased_pictures)

    def past(self, since: datetime) -> Iterator[Past]:
        """Every decision since then in order, read page by page; what was erased is left out."""
        after = 0
        while page := self._page(since, after):
            yield from page
            after = page[-1].seq

    def _page(self, since: datetime, after: int) -> list[Past]:
        return self._ask(rehearsal.page, since, after)

    def past_count(self, since: datetime) -> int:
        """How many `past` has."""
        return self._ask(rehearsal.count, since)

    def spending(self, case: CaseKey, seq: int) -> Spending | None:
        """What acting on the decision `seq` took from its strategy's cap of the day."""
        return self._ask(rehearsal.spending, case, seq)

    def stands(self, case: CaseKey) -> CaseStatus:
        """How the case stands by now; SEEN for one that the ledger never met."""
        return self._ask(status_of, case)

    def hands(self, case: CaseKey) -> tuple[HandLine, ...]:
        """Every verdict of a person on the case, the newest first."""
        return self._all(hands.lines, case)

    def handed(self) -> tuple[tuple[int, HandVerdict], ...]:
        """Verdicts that were accepted and not answered yet, the oldest first, with their numbers."""
        return self._all(handed.waiting)

    def carried_out(self, case: CaseKey, verb: Verb, fingerprint: str) -> bool:
        """Whether the verb was proven on this version of the case."""
        return self._ask(hands.carried_out, case, verb, fingerprint)

    def unknowns(self, case: CaseKey) -> tuple[IntentId, ...]:
        """Actions on the case whose outcome nobody could tell."""
        return self._ask(hands.unknowns, case)

    def seen_as(self, case: CaseKey, fingerprint: str) -> Snapshot | None:
        """The case as it was when it had this fingerprint; None where nobody read it so, or it was erased."""
        return self._ask(hands.seen_as, case, fingerprint)

    def parked(self, case: CaseKey) -> Parked | None:
        """Until when a person wants nobody to act on the case, if their word is the newest."""
        return self._ask(hands.parked, case)

    def shadow(self, about: RunId | ShopKey) -> ShadowResult | None:
        """A candidate's word beside the live policy's in a run, or in a shop's newest one; None where there was none."""
        return self._ask(shadows.of_shop, about) if isinstance(about, ShopKey) else self._ask(shadows.of_run, about)

    def shadow_book(self, shop: ShopKey, policy_hash: str) -> ShadowBook:
        """What a candidate would have spent up to now, by its own words on the shop's cases."""
        return ShadowBook(self._all(shadows.told, shop, policy_hash))

    def words(self, versions: Mapping[str, str], most: int) -> Mapping[str, Sequence[Word]]:
        """People's word on what strategies would have done, by strategy, the newest first; over all shops of the home."""
        return self._ask(votes.words, versions, most) if versions else {}

    def open_alarms(self) -> tuple[AlarmEntry, ...]:
        """Calls for a person that nobody has answered, the oldest first."""
        return self._all(alarms.open_ones)

    def alarms_between(self, since: datetime, until: datetime) -> tuple[AlarmEntry, ...]:
        """Calls for a person that were first raised then, answered or not, the oldest first."""
        return self._all(alarms.raised_between, since, until)

    def answered_alarms(self, since: datetime, limit: int) -> tuple[AlarmEntry, ...]:
        """Calls for a person that were first raised since then and answered, the newest first."""
        return self._all(alarms.answered, since, limit)

    def alarms_of_message(self, message: str) -> tuple[AlarmEntry, ...]:
        """Calls for a person that one message told of, answered or not."""
        return self._all(alarms.told_by, message)

    def last_messages(self, now: datetime) -> Mapping[str, datetime]:
        """By channel of alarms: when something was last said there by then."""
        return self._ask(alarms.last_messages, now)

    def next_deadline(self, shop: ShopKey, now: datetime) -> datetime | None:
        """The first deadline after `now` of a case of the shop that has no end yet."""
        return self._ask(alarms.next_deadline, shop, now)

    def near_holds(self, now: datetime, until: datetime) -> tuple[NearHold, ...]:
        """Cases with a person, and those of a list that were only observed, whose deadline lies between the two."""
        return self._all(alarms.near_holds, now, until)

    def near_cases(self, now: datetime, until: datetime) -> tuple[NearCase, ...]:
        """Cases that are the robot's, whose deadline lies between the two."""
        return self._all(alarms.near_cases, now, until)

    def budgets(self, day: str) -> tuple[BudgetLine, ...]:
        """Posted and pending of the day by shop and scope."""
        return self._ask(budgets.lines, day)

    def breaker(self, shop: ShopKey) -> str:
        """Why the shop's breaker is open; empty when closed."""
        return self._ask(standing.breaker, shop)

    def open_intents(self, shop: ShopKey) -> tuple[OpenIntent, ...]:
        """Intents without an outcome, oldest first: what recovery resolves before any new work."""
        return self._ask(intents.still_open, shop)

    def unended(self, shop: ShopKey) -> tuple[CaseKey, ...]:
        """Cases that still wait for something, without those whose own action nobody can tell the outcome of, oldest run first."""
        return self._all(workload.unended, shop)

    def last_done(self) -> Mapping[str, datetime]:
        """Of each duty of the service that ever was done, when that began."""
        return self._ask(duties.last_done)

    def missed_between(self, since: datetime, until: datetime) -> tuple[MissedRun, ...]:
        """Runs of the schedule that fell due then and did not take place, the oldest first."""
        return self._all(duties.missed_between, since, until)

    def missed_runs(self, limit: int) -> tuple[MissedRun, ...]:
        """Runs of the schedule that did not take place, the newest first."""
        return self._all(duties.newest_missed, limit)

    def on_the_way(self, shop: ShopKey) -> frozenset[str]:
        """After-sale ids of cases whose parcel was called back and has not come yet."""
        return self._ask(duties.on_the_way, shop)

    def pending(self, shop: ShopKey) -> tuple[Pending, ...]:
        """What a sweep of the shop would work on, as far as the last look at its list goes."""
        return self._all(workload.pending, shop)

    def on_list(self, shop: ShopKey) -> Mapping[CaseKey, OnList]:
        """What the shop's list shows by all that is known, and how each case of it stands."""
        return dict(self._all(onlist.on_list, shop))

    def resting(self, shop: ShopKey) -> int:
        """Cases that the shop's newest sweep by schedule left unread."""
        return self._ask(runs.resting, shop)

    def seconds_per_case(self, shop: ShopKey, posture: str) -> float | None:
        """How long a case took in the shop's last runs, as a median; None where nothing is known."""
        return self._ask(workload.seconds_per_case, shop, posture)

    def intent(self, intent: IntentId) -> Intent:
        """The intent as it was armed. Raises LedgerError when there is none."""
        return self._ask(intents.read, intent)

    def head(self) -> Anchor:
        """The newest event's place in the chain, to be sent off the machine."""
        return self._ask(events.head)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SqlReader(Reading):
    """A reader beside a running sweep. Raises LedgerError when there is no ledger, or one of another version."""

    def __init__(self, where: str | Path, *, busy_ms: int = BUSY_MS) -> None:
        self._store = Store(where, busy_ms=busy_ms, readonly=True)
        self._store.demand_current()
