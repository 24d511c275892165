"""Claims on letting go (S22): what is over its time goes, what may still be needed stays, sums and chain are as before."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.domain.case import CaseState
from bot.domain.evidence import EvidenceKind
from bot.domain.facts import Known, Source
from bot.domain.history import UNASKED
from bot.domain.ids import RunId
from bot.domain.outcome import CaseStatus
from bot.ledger import audit, schema
from bot.ports.figures import Span
from bot.ports.retention import Cutoffs
from tests.unit.ledger.story import (
    BUYER,
    RUN,
    START,
    WHY,
    Story,
    decision,
    evidence,
    key,
    refuse,
    row,
    snapshot,
    trails,
)

DAY_S = 24 * 3_600


def cutoffs(story: Story, pages: int = 30, disputes: int = 180, buyers: int = 180) -> Cutoffs:
    now = story.clock.now()
    return Cutoffs(*(now - timedelta(days=days) for days in (pages, disputes, buyers)))


def days_later(story: Story, days: int) -> None:
    story.clock.pass_s(days * DAY_S)


def refunded(story: Story, number: int, seed: str = "e") -> None:
    story.whole(number)
    story.ledger.keep(RUN, key(number), evidence(seed))


def bodies(story: Story, kind: str) -> list[str | None]:
    joined = select(schema.payloads.c.body).join(schema.events, schema.events.c.seq == schema.payloads.c.seq)
    with story.ledger._store.reading() as db:
        return list(db.execute(joined.where(schema.events.c.kind == kind)).scalars())


def test_nothing_goes_before_its_time(story: Story) -> None:
    refunded(story, 1)
    head = story.ledger.head()
    days_later(story, 29)
    found = story.ledger.retire(cutoffs(story))
    assert (found.payloads, found.pictures, found.buyers, story.ledger.head()) == ((), (), (), head)


def test_pages_and_pictures_of_an_ended_case_go_and_sums_and_chain_stay(story: Story) -> None:
    refunded(story, 1)
    span = Span.of(START.date())
    spent, told = story.spent(), story.ledger.figures(span, START)
    days_later(story, 31)
    story.ledger.retire(cutoffs(story))
    assert bodies(story, "case.decided") == bodies(story, "case.seen") == [None]
    assert None not in bodies(story, "intent.armed")
    assert story.ledger.erased_pictures() == {evidence().sha256}
    assert audit(story.ledger.engine, None).ok
    assert (story.spent(day=START.date().isoformat()), story.ledger.figures(span, START)) == (spent, told)
    assert story.ledger.retire(cutoffs(story)).payloads == ()


def test_a_payload_that_somebody_else_took_away_is_still_a_finding(story: Story) -> None:
    refunded(story, 1)
    days_later(story, 31)
    story.ledger.retire(cutoffs(story))
    with story.ledger._write() as tx:
        tx.db.exec_driver_sql("UPDATE payloads SET body = NULL, salt = '' WHERE seq IN (SELECT armed_seq FROM intents)")
    assert "audit.payload.missing" in [found.reason.code for found in audit(story.ledger.engine, None).findings]


def test_what_an_open_hold_rests_on_stays(story: Story) -> None:
    story.judge(1)
    story.ledger.hold(RUN, story.hold(1))
    story.ledger.keep(RUN, key(1), evidence())
    days_later(story, 400)
    found = story.ledger.retire(cutoffs(story))
    assert (found.pictures, found.buyers, found.kept) == ((), (), 1)
    assert None not in bodies(story, "case.decided") + bodies(story, "case.held")
    assert story.ledger.lines(RUN)[0].reasons == (WHY,)


def test_the_proof_of_a_refusal_stays_while_it_may_be_disputed_and_goes_then(story: Story) -> None:
    story.judge(1)
    story.ledger.keep(RUN, key(1), evidence())
    story.settle(story.send(1, action=refuse((evidence().sha256,))), 0)
    days_later(story, 100)
    assert story.ledger.retire(cutoffs(story)).pictures == ()
    days_later(story, 100)
    assert story.ledger.retire(cutoffs(story)).pictures == (evidence().sha256,)


def test_what_the_platform_looks_at_stays(story: Story) -> None:
    looked_at = Known[CaseState](value=CaseState.PLATFORM, source=Source.SHOP, seen_at=START)
    story.ledger.saw(RUN, [row(1)])
    story.ledger.decided(RUN, snapshot(1, state=looked_at), trails(), UNASKED, decision(1))
    story.ledger.conclude(RUN, key(1), CaseStatus.FOREIGN, [WHY])
    story.ledger.keep(RUN, key(1), evidence())
    days_later(story, 400)
    assert story.ledger.retire(cutoffs(story)).pictures == ()


def test_a_picture_that_another_case_needs_keeps_its_file(story: Story) -> None:
    refunded(story, 1)
    story.judge(2)
    story.ledger.hold(RUN, story.hold(2))
    story.ledger.keep(RUN, key(2), evidence(kind=EvidenceKind.BEFORE))
    days_later(story, 31)
    story.ledger.retire(cutoffs(story))
    assert story.ledger.erased_pictures() == frozenset()


def test_a_buyer_without_a_case_since_is_forgotten_and_one_with_a_case_is_not(story: Story) -> None:
    refunded(story, 1)
    days_later(story, 170)
    story.ledger.open_run(RunId("run-2"), story.lease.shop, "act", "c", "p")
    story.ledger.saw(RunId("run-2"), [row(1)])
    days_later(story, 20)
    assert story.ledger.retire(cutoffs(story)).buyers == (), "he came again"
    story.ledger.conclude(RunId("run-2"), key(1), CaseStatus.FOREIGN, [WHY])
    days_later(story, 181)
    (token,) = story.ledger.retire(cutoffs(story)).buyers
    with story.ledger._store.reading() as db:
        names = {one.token: one.name for one in db.execute(select(schema.buyers))}
        waybills = db.execute(select(schema.sightings.c.forward)).scalars().all()
    assert (names[token], BUYER not in names.values(), set(waybills)) == (None, True, {""})
    assert audit(story.ledger.engine, None).ok
