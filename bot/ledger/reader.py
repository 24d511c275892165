"""The read side: what report, status and audit ask, on a connection of its own that cannot write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, func, or_, select

from bot.domain.action import Intent, Verb
from bot.domain.base import Sha256
from bot.domain.case import Row, Snapshot
from bot.domain.evidence import Evidence
from bot.domain.history import UNASKED, History
from bot.domain.ids import CaseKey, IntentId, RunId, ShopKey
from bot.domain.outcome import CaseStatus, OpenIntent, Receipt
from bot.domain.proofs import Served
from bot.engine.autonomy import Word
from bot.engine.shadow import ShadowBook
from bot.errors import LedgerError
from bot.ledger import (
    alarms,
    budgets,
    decisions,
    duties,
    events,
    figures,
    hands,
    intents,
    onlist,
    past,
    policies,
    proofs,
    rehearsal,
    retention,
    runs,
    schema,
    shadows,
    standing,
    votes,
    workload,
)
from bot.ledger.canon import REASONS, load
from bot.ledger.cases import IN_WORK, status_of
from bot.ledger.chain import Anchor
from bot.ledger.events import Kind
from bot.ledger.hits import Hit, hits
from bot.ledger.statements import CASE, SHOP, of, shop_values, where
from bot.ledger.store import BUSY_MS, Store
from bot.ledger.workload import Pending
from bot.ports.alarms import AlarmEntry, NearHold
from bot.ports.figures import DayFigures, HeldCase, Span
from bot.ports.ledger import BudgetLine, CaseLine, HandLine, Judged, OnList, Parked
from bot.ports.past import Past, Spending
from bot.ports.results import MissedRun, ShadowResult
from bot.ports.retention import Cutoffs, Retired

_JUDGED = TypeAdapter(Judged)
_ROW = TypeAdapter(Row)
_EVIDENCE = TypeAdapter(Evidence)
_RECEIPT = TypeAdapter(Receipt)
_BREAKER = select(schema.breakers.c.why).where(where(schema.breakers, *SHOP))
_WAITING = (*IN_WORK, CaseStatus.WAITING, CaseStatus.HELD)
_UNENDED = (
    select(schema.cases)
    .join(schema.runs, schema.runs.c.id == schema.cases.c.run)
    .where(
        where(schema.cases, *SHOP),
        schema.cases.c.status.in_(_WAITING),
        ~select(schema.intents.c.id)
        .where(
            *(schema.intents.c[name] == schema.cases.c[name] for name in CASE), schema.intents.c.mark.in_(schema.LIVE)
        )
        .exists(),
    )
    .order_by(schema.runs.c.opened_seq, schema.cases.c.aftersale_id)
)
"""By run and id, not by time: in a replay time stands still, and the order must be that of the tape."""
_SUMMARY: TypeAdapter[Mapping[str, int]] = TypeAdapter(dict[str, int])


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run's frame: when, in which posture, under what; `closed_at` None while it runs or where it was killed."""

    id: RunId
    shop: ShopKey
    posture: str
    config_hash: str
    policy_hash: str
    opened_at: datetime
    closed_at: datetime | None
    summary: Mapping[str, int]


class Reading:
    """Every question that needs no write; the base of reader and writer."""

    _store: Store

    @property
    def engine(self) -> Engine:
        """For the audit."""
        return self._store.engine

    def runs(self, limit: int) -> tuple[RunId, ...]:
        """The newest runs first."""
        query = select(schema.runs.c.id).order_by(schema.runs.c.opened_seq.desc()).limit(limit)
        with self._store.reading() as db:
            return tuple(RunId(run) for run in db.execute(query).scalars())

    def run(self, run: RunId) -> RunInfo:
        """One run's frame. Raises LedgerError: no such run."""
        with self._store.reading() as db:
            row = db.execute(select(schema.runs).where(schema.runs.c.id == run)).one_or_none()
        if row is None:
            raise LedgerError(f"no run {run}", code="error.ledger.missing", raw=run)
        return RunInfo(
            id=run,
            shop=_shop(row),
            posture=row.posture,
            config_hash=row.config_hash,
            policy_hash=row.policy_hash,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            summary=load(_SUMMARY, row.summary, f"the summary of {run}"),
        )

    def lines(self, run: RunId) -> tuple[CaseLine, ...]:
        """Every case that the run saw or that was settled in it, in the list's order of deadline."""
        with self._store.reading() as db:
            return tuple(_lines(db, run))

    def counts(self) -> Mapping[ShopKey, Mapping[CaseStatus, int]]:
        """Cases by shop and standing, as of now."""
        keys = (schema.cases.c.platform, schema.cases.c.shop_id, schema.cases.c.status)
        found: dict[ShopKey, dict[CaseStatus, int]] = defaultdict(dict)
        with self._store.reading() as db:
            for row in db.execute(select(*keys, func.count().label("number")).group_by(*keys).order_by(*keys)):
                found[_shop(row)][CaseStatus(row.status)] = row.number
        return dict(found)

    def history(self, snapshot: Snapshot, now: datetime) -> History:
        """What was known of the case's surroundings at `now`, on the shop's clock; what was written later never shows."""
        with self._store.reading() as db:
            return past.history(db, snapshot, now)

    def decisions(self, run: RunId) -> Iterator[Judged]:
        """Every decision of the run in order, with what it was made from; what was erased is left out."""
        body = schema.payloads.c.body
        query = select(body).join(schema.events, schema.events.c.seq == schema.payloads.c.seq)
        wanted = (schema.events.c.run == run) & (schema.events.c.kind == Kind.DECIDED) & body.is_not(None)
        with self._store.reading() as db:
            bodies = db.execute(query.where(wanted).order_by(schema.events.c.seq)).scalars().all()
        for body in bodies:
            yield load(_JUDGED, body, "a decision")

    def decision(self, case: CaseKey) -> Judged | None:
        """The newest decision on a case with what it was made from; None where there is none, or it was erased."""
        with self._store.reading() as db:
            return decisions.newest(db, case)

    def named(self, aftersale_id: str) -> tuple[CaseKey, ...]:
        """Every case with this id; one shop's ids say nothing about another's."""
        with self._store.reading() as db:
            return decisions.named(db, aftersale_id)

    def near(self, aftersale_id: str) -> tuple[str, ...]:
        """Known ids that look most like it."""
        with self._store.reading() as db:
            return tuple(decisions.near(db, aftersale_id))

    def policy_text(self, policy_hash: str) -> str:
        """The policy.toml that decided under this hash; empty where it was not kept."""
        with self._store.reading() as db:
            return policies.text_of(db, policy_hash)

    def policy_hashes(self) -> tuple[str, ...]:
        """Every policy that is kept, the newest first."""
        with self._store.reading() as db:
            return policies.hashes(db)

    def hits(self, since: date) -> tuple[Hit, ...]:
        """What each strategy hit from that business day on, and the money that it moved (domain.md 51)."""
        with self._store.reading() as db:
            return hits(db, since)

    def figures(self, span: Span, at: datetime, days: int = 14) -> DayFigures:
        """What business days were worth, of all shops and of each; `days` up to the last one are told day by day."""
        with self._store.reading() as db:
            return figures.figures(db, span, at, days)

    def needs_person(self, at: datetime, most: int = 500) -> tuple[HeldCase, ...]:
        """Held and failed cases: the nearest deadline that can still be met first, then those without one, then what is over."""
        with self._store.reading() as db:
            return tuple(standing.held(db, at, most))

    def served(self, case: CaseKey, order_id: str, sha256: Sha256, picture: str) -> Served | None:
        """As `Ledger.served`."""
        with self._store.reading() as db:
            return proofs.served(db, case, order_id, sha256, picture)

    def overdue(self, until: Cutoffs) -> Retired:
        """What is kept beyond its time; nothing is changed."""
        with self._store.reading() as db:
            return retention.overdue(db, until)

    def erased_pictures(self) -> frozenset[str]:
        """Hashes of pictures that no row needs any more: their files may go."""
        with self._store.reading() as db:
            return retention.erased_pictures(db)

    def past(self, since: datetime) -> Iterator[Past]:
        """Every decision since then in order, read page by page; what was erased is left out."""
        after = 0
        while page := self._page(since, after):
            yield from page
            after = page[-1].seq

    def _page(self, since: datetime, after: int) -> list[Past]:
        with self._store.reading() as db:
            return rehearsal.page(db, since, after)

    def past_count(self, since: datetime) -> int:
        """How many `past` has."""
        with self._store.reading() as db:
            return rehearsal.count(db, since)

    def spending(self, case: CaseKey, seq: int) -> Spending | None:
        """What acting on the decision `seq` took from its strategy's cap of the day."""
        with self._store.reading() as db:
            return rehearsal.spending(db, case, seq)

    def stands(self, case: CaseKey) -> CaseStatus:
        """How the case stands by now; SEEN for one that the ledger never met."""
        with self._store.reading() as db:
            return status_of(db, case)

    def hands(self, case: CaseKey) -> tuple[HandLine, ...]:
        """Every verdict of a person on the case, the newest first."""
        with self._store.reading() as db:
            return tuple(hands.lines(db, case))

    def carried_out(self, case: CaseKey, verb: Verb, fingerprint: str) -> bool:
        """Whether the verb was proven on this version of the case."""
        with self._store.reading() as db:
            return hands.carried_out(db, case, verb, fingerprint)

    def unknowns(self, case: CaseKey) -> tuple[IntentId, ...]:
        """Actions on the case whose outcome nobody could tell."""
        with self._store.reading() as db:
            return hands.unknowns(db, case)

    def seen_as(self, case: CaseKey, fingerprint: str) -> Snapshot | None:
        """The case as it was when it had this fingerprint; None where nobody read it so, or it was erased."""
        with self._store.reading() as db:
            return hands.seen_as(db, case, fingerprint)

    def parked(self, case: CaseKey) -> Parked | None:
        """Until when a person wants nobody to act on the case, if their word is the newest."""
        with self._store.reading() as db:
            return hands.parked(db, case)

    def shadow(self, about: RunId | ShopKey) -> ShadowResult | None:
        """A candidate's word beside the live policy's in a run, or in a shop's newest one; None where there was none."""
        with self._store.reading() as db:
            return shadows.of_shop(db, about) if isinstance(about, ShopKey) else shadows.of_run(db, about)

    def shadow_book(self, shop: ShopKey, policy_hash: str) -> ShadowBook:
        """What a candidate would have spent up to now, by its own words on the shop's cases."""
        with self._store.reading() as db:
            return ShadowBook(shadows.told(db, shop, policy_hash))

    def words(self, versions: Mapping[str, str], most: int) -> Mapping[str, Sequence[Word]]:
        """People's word on what strategies would have done, by strategy, the newest first; over all shops of the home."""
        with self._store.reading() as db:
            return votes.words(db, versions, most) if versions else {}

    def open_alarms(self) -> tuple[AlarmEntry, ...]:
        """Calls for a person that nobody has answered, the oldest first."""
        with self._store.reading() as db:
            return tuple(alarms.open_ones(db))

    def alarms_between(self, since: datetime, until: datetime) -> tuple[AlarmEntry, ...]:
        """Calls for a person that were first raised then, answered or not, the oldest first."""
        with self._store.reading() as db:
            return tuple(alarms.raised_between(db, since, until))

    def alarms_of_message(self, message: str) -> tuple[AlarmEntry, ...]:
        """Calls for a person that one message told of, answered or not."""
        with self._store.reading() as db:
            return tuple(alarms.told_by(db, message))

    def last_messages(self) -> Mapping[str, datetime]:
        """By channel of alarms: when something was last said there."""
        with self._store.reading() as db:
            return alarms.last_messages(db)

    def next_deadline(self, shop: ShopKey, now: datetime) -> datetime | None:
        """The first deadline after `now` of a case of the shop that has no end yet."""
        with self._store.reading() as db:
            return alarms.next_deadline(db, shop, now)

    def near_holds(self, now: datetime, until: datetime) -> tuple[NearHold, ...]:
        """Cases with a person whose deadline lies between the two."""
        with self._store.reading() as db:
            return tuple(alarms.near_holds(db, now, until))

    def budgets(self, day: str) -> tuple[BudgetLine, ...]:
        """Posted and pending of the day by shop and scope."""
        with self._store.reading() as db:
            return budgets.lines(db, day)

    def breaker(self, shop: ShopKey) -> str:
        """Why the shop's breaker is open; empty when closed."""
        with self._store.reading() as db:
            return db.execute(_BREAKER, of(shop_values(shop))).scalar_one_or_none() or ""

    def open_intents(self, shop: ShopKey) -> tuple[OpenIntent, ...]:
        """Intents without an outcome, oldest first: what recovery resolves before any new work."""
        with self._store.reading() as db:
            return intents.still_open(db, shop)

    def unended(self, shop: ShopKey) -> tuple[CaseKey, ...]:
        """Cases that still wait for something, without those whose own action nobody can tell the outcome of, oldest run first."""
        with self._store.reading() as db:
            return tuple(_key(row) for row in db.execute(_UNENDED, of(shop_values(shop))))

    def last_done(self) -> Mapping[str, datetime]:
        """Of each duty of the service that ever was done, when that began."""
        with self._store.reading() as db:
            return duties.last_done(db)

    def missed_between(self, since: datetime, until: datetime) -> tuple[MissedRun, ...]:
        """Runs of the schedule that fell due then and did not take place, the oldest first."""
        with self._store.reading() as db:
            return tuple(duties.missed_between(db, since, until))

    def missed_runs(self, limit: int) -> tuple[MissedRun, ...]:
        """Runs of the schedule that did not take place, the newest first."""
        with self._store.reading() as db:
            return tuple(duties.newest_missed(db, limit))

    def on_the_way(self, shop: ShopKey) -> frozenset[str]:
        """After-sale ids of cases whose parcel was called back and has not come yet."""
        with self._store.reading() as db:
            return duties.on_the_way(db, shop)

    def pending(self, shop: ShopKey) -> tuple[Pending, ...]:
        """What a sweep of the shop would work on, as far as the last look at its list goes."""
        with self._store.reading() as db:
            return tuple(workload.pending(db, shop))

    def on_list(self, shop: ShopKey) -> Mapping[CaseKey, OnList]:
        """What the shop's list shows by all that is known, and how each case of it stands."""
        with self._store.reading() as db:
            return dict(onlist.on_list(db, shop))

    def resting(self, shop: ShopKey) -> int:
        """Cases that the shop's newest sweep by schedule left unread."""
        with self._store.reading() as db:
            return runs.resting(db, shop)

    def seconds_per_case(self, shop: ShopKey, posture: str) -> float | None:
        """How long a case took in the shop's last runs, as a median; None where nothing is known."""
        with self._store.reading() as db:
            return workload.seconds_per_case(db, shop, posture)

    def intent(self, intent: IntentId) -> Intent:
        """The intent as it was armed. Raises LedgerError when there is none."""
        with self._store.reading() as db:
            return intents.read(db, intent)

    def head(self) -> Anchor:
        """The newest event's place in the chain, to be sent off the machine."""
        with self._store.reading() as db:
            return events.head(db)

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


def _lines(db: Connection, run: RunId) -> Iterator[CaseLine]:
    judged, receipts, pictures = _judged(db, run), _receipts(db, run), _pictures(db, run)
    checks = proofs.checks(db, run)
    by_hand = hands.decisions(db, {intent.hand for done in receipts.values() for intent, _ in done if intent.hand})
    table = schema.run_cases
    unknown_last = table.c.deadline.is_(None)
    for row in db.execute(
        select(table).where(table.c.run == run).order_by(unknown_last, table.c.deadline, table.c.aftersale_id)
    ):
        case = _key(row)
        made = judged.get(row.decided_seq)
        yield CaseLine(
            case=case,
            status=CaseStatus(row.status),
            row=load(_ROW, row.row, f"the row of {case}") if row.row else None,
            snapshot=made.snapshot if made else None,
            decision=by_hand.get(case, made.decision) if made else None,
            reasons=load(REASONS, row.reasons, f"the reasons of {case}"),
            receipts=tuple(receipts.get(case, ())),
            evidence=tuple(pictures.get(case, ())),
            owner=row.owner,
            deadline=row.deadline,
            history=made.history if made else UNASKED,
            proofs=checks.get(case),
        )


def _judged(db: Connection, run: RunId) -> dict[int, Judged]:
    payloads, table = schema.payloads, schema.run_cases
    query = select(payloads.c.seq, payloads.c.body).join(table, table.c.decided_seq == payloads.c.seq)
    found = db.execute(query.where(table.c.run == run, payloads.c.body.is_not(None)))
    return {row.seq: load(_JUDGED, row.body, "a decision") for row in found}


def _receipts(db: Connection, run: RunId) -> dict[CaseKey, list[tuple[Intent, Receipt]]]:
    """Receipts of the run's own intents, and of earlier ones that this run found the proof of."""
    table, payloads = schema.intents, schema.payloads
    query = (
        select(payloads.c.body.label("intent"), schema.receipts.c.body.label("receipt"))
        .join(table, table.c.armed_seq == payloads.c.seq)
        .join(schema.receipts, schema.receipts.c.intent == table.c.id)
        .where(or_(table.c.run == run, schema.receipts.c.run == run))
        .order_by(table.c.armed_seq)
    )
    found: dict[CaseKey, list[tuple[Intent, Receipt]]] = defaultdict(list)
    for row in db.execute(query):
        intent = intents.parse(db, row.intent)
        found[intent.case].append((intent, load(_RECEIPT, row.receipt, f"the receipt of {intent.id}")))
    return found


def _pictures(db: Connection, run: RunId) -> dict[CaseKey, list[Evidence]]:
    table = schema.evidence
    found: dict[CaseKey, list[Evidence]] = defaultdict(list)
    for row in db.execute(select(table).where(table.c.run == run, table.c.erased_at.is_(None))):
        case = _key(row)
        found[case].append(load(_EVIDENCE, row.body, f"a picture of {case}"))
    return found


def _key(row: Any) -> CaseKey:
    return CaseKey(platform=row.platform, shop_id=row.shop_id, aftersale_id=row.aftersale_id)


def _shop(row: Any) -> ShopKey:
    return ShopKey(platform=row.platform, shop_id=row.shop_id)
