"""Claims on cases and the read side: what was written comes back whole, standings follow what happened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.case import Snapshot
from bot.domain.evidence import EvidenceKind
from bot.domain.history import UNASKED
from bot.domain.ids import RunId, ShopKey
from bot.domain.outcome import CaseStatus
from bot.errors import LedgerError
from bot.ledger import SqlReader
from bot.ports.ledger import Judged
from tests.unit.ledger.story import (
    RUN,
    SHOP,
    START,
    WHY,
    Story,
    decision,
    evidence,
    key,
    row,
    snapshot,
    story_at,
    trails,
)

LATER = RunId("run-2")


def reopen(story: Story, run: RunId = LATER) -> None:
    story.ledger.open_run(run, SHOP, "act", "c" * 64, "p" * 64)


def test_cases_that_earlier_runs_left_come_first_although_the_clock_stands_as_in_a_replay(story: Story) -> None:
    story.ledger.saw(RUN, [row(2), row(3)])
    for number in (3, 2):
        story.ledger.conclude(RUN, key(number), CaseStatus.WAITING, [WHY])
    reopen(story)
    story.ledger.saw(LATER, [row(1)])
    story.ledger.conclude(LATER, key(1), CaseStatus.WAITING, [WHY])
    assert story.ledger.unended(SHOP) == (key(2), key(3), key(1))


def test_every_row_of_the_list_is_known_from_its_first_sight_on(story: Story) -> None:
    story.ledger.saw(RUN, [row(1), row(2)])
    lines = story.ledger.lines(RUN)
    assert [(line.case, line.status, line.row) for line in lines] == [
        (key(1), CaseStatus.SEEN, row(1)),
        (key(2), CaseStatus.SEEN, row(2)),
    ]


def test_a_row_seen_again_in_the_same_run_is_refreshed_and_keeps_its_standing(story: Story) -> None:
    story.judge(1)
    fresher = row(1, state_text="退款中")
    story.ledger.saw(RUN, [fresher, row(2)])
    first, second = story.ledger.lines(RUN)
    assert (first.row, first.status) == (fresher, CaseStatus.DECIDED)
    assert second.status is CaseStatus.SEEN


def test_an_empty_list_is_no_event(story: Story) -> None:
    head = story.ledger.head()
    story.ledger.saw(RUN, [])
    assert story.ledger.head() == head


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CaseStatus.DONE, CaseStatus.SEEN),
        (CaseStatus.FOREIGN, CaseStatus.SEEN),
        (CaseStatus.FAILED, CaseStatus.SEEN),
        (CaseStatus.WAITING, CaseStatus.WAITING),
        (CaseStatus.HELD, CaseStatus.HELD),
    ],
)
def test_a_case_pending_again_begins_anew_unless_a_person_or_a_courier_has_it(
    story: Story, before: CaseStatus, after: CaseStatus
) -> None:
    story.ledger.saw(RUN, [row()])
    if before is CaseStatus.HELD:
        story.ledger.hold(RUN, story.hold())
    else:
        story.ledger.conclude(RUN, key(), before, [WHY])
    reopen(story)
    story.ledger.saw(LATER, [row()])
    assert story.ledger.counts() == {SHOP: {after: 1}}
    assert story.ledger.lines(LATER)[0].status is CaseStatus.SEEN
    assert story.status() is before


def test_snapshot_trails_and_decision_come_back_whole(story: Story) -> None:
    story.judge()
    (line,) = story.ledger.lines(RUN)
    assert (line.snapshot, line.decision) == (snapshot(), decision())
    judged = Judged(snapshot=snapshot(), trails=trails(), history=UNASKED, decision=decision())
    assert list(story.ledger.decisions(RUN)) == [judged]
    assert line.snapshot is not None
    assert line.snapshot.fingerprint == snapshot().fingerprint


def test_every_decision_of_a_case_can_be_replayed_the_line_shows_the_last(story: Story) -> None:
    story.judge()
    moved: Snapshot = snapshot(version="v2")
    later = decision().model_copy(update={"fingerprint": moved.fingerprint})
    story.ledger.decided(RUN, moved, {}, UNASKED, later)
    assert [judged.decision for judged in story.ledger.decisions(RUN)] == [decision(), later]
    (line,) = story.ledger.lines(RUN)
    assert (line.snapshot, line.decision) == (moved, later)


def test_a_case_that_no_list_showed_still_gets_its_line(story: Story) -> None:
    story.ledger.hold(RUN, story.hold())
    (line,) = story.ledger.lines(RUN)
    assert (line.row, line.snapshot, line.status, line.owner) == (None, None, CaseStatus.HELD, "ops")


def test_a_hold_without_a_moment_keeps_the_deadline_that_is_known(story: Story) -> None:
    story.judge()
    story.ledger.hold(RUN, story.hold().model_copy(update={"deadline": None}))
    assert story.ledger.lines(RUN)[0].deadline == START + timedelta(days=1)


def test_lines_come_by_deadline_and_the_timeless_last(story: Story) -> None:
    days = {1: 3, 2: None, 3: 1}
    rows = [
        row(number, deadline_at=START + timedelta(days=day) if day is not None else None)
        for number, day in days.items()
    ]
    story.ledger.saw(RUN, rows)
    assert [line.case for line in story.ledger.lines(RUN)] == [key(3), key(1), key(2)]


def test_a_line_carries_pictures_receipts_and_reasons(story: Story) -> None:
    intent = story.whole()
    for kept in (evidence("a"), evidence("b", EvidenceKind.AFTER), evidence("a")):
        story.ledger.keep(RUN, key(), kept)
    (line,) = story.ledger.lines(RUN)
    assert line.evidence == (evidence("a"), evidence("b", EvidenceKind.AFTER))
    assert line.receipts == ((intent, story.receipt(intent)),)
    story.ledger.conclude(RUN, key(), CaseStatus.WAITING, [WHY])
    assert story.ledger.lines(RUN)[0].reasons == (WHY,)


def test_counts_are_by_shop_and_standing(story: Story) -> None:
    other = ShopKey(platform="jd", shop_id="s2")
    story.ledger.saw(RUN, [row(1), row(2), row(3, key=key(3, other))])
    story.ledger.conclude(RUN, key(2), CaseStatus.FOREIGN, [WHY])
    assert story.ledger.counts() == {SHOP: {CaseStatus.SEEN: 1, CaseStatus.FOREIGN: 1}, other: {CaseStatus.SEEN: 1}}


def test_runs_are_listed_newest_first_with_their_frame(story: Story) -> None:
    reopen(story)
    story.clock.pass_s(60)
    story.ledger.close_run(LATER, {"seen": 2, "held": 1})
    assert story.ledger.runs(1) == (LATER,)
    assert story.ledger.runs(9) == (LATER, RUN)
    info = story.ledger.run(LATER)
    assert (info.shop, info.posture, info.summary) == (SHOP, "act", {"seen": 2, "held": 1})
    assert info.closed_at == START + timedelta(seconds=60)
    assert story.ledger.run(RUN).closed_at is None


def test_a_run_is_opened_once_and_closed_once(story: Story) -> None:
    with pytest.raises(LedgerError):
        reopen(story, RUN)
    story.ledger.close_run(RUN, {})
    with pytest.raises(LedgerError, match="no open run"):
        story.ledger.close_run(RUN, {})
    with pytest.raises(LedgerError, match="no run"):
        story.ledger.run(RunId("none"))


def test_the_breaker_stays_open_until_it_is_closed(story: Story) -> None:
    assert story.ledger.breaker(SHOP) == ""
    story.ledger.set_breaker(SHOP, "page")
    assert story.ledger.breaker(SHOP) == "page"
    assert story.ledger.breaker(ShopKey(platform="jd", shop_id="s1")) == ""
    story.ledger.set_breaker(SHOP, "")
    assert story.ledger.breaker(SHOP) == ""


def test_a_reader_sees_the_last_commit_beside_a_writer_and_cannot_write(tmp_path: Path) -> None:
    with story_at(tmp_path / "l.db").ledger as ledger, SqlReader(tmp_path / "l.db") as reader:
        ledger.saw(RUN, [row()])
        assert reader.counts() == {SHOP: {CaseStatus.SEEN: 1}}
        with pytest.raises(LedgerError), reader._store.reading() as db:
            db.exec_driver_sql("DELETE FROM cases")
        ledger.saw(RUN, [row(2)])
        assert len(reader.lines(RUN)) == 2


def test_moments_without_a_zone_never_enter(story: Story) -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(LedgerError, match="time zone"):
        story.ledger.saw(RUN, [row(deadline_at=naive)])
