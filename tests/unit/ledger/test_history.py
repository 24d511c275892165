"""Claims on history: what the ledger knew beside a case, as of a moment on the shop's clock, and nothing that came later."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from bot.domain.case import AftersaleType, BuyerRecord, CaseState, ShopParcel, Snapshot
from bot.domain.decision import Decision
from bot.domain.evidence import EvidenceKind
from bot.domain.facts import Known, Source, Unknown
from bot.domain.history import MOST, UNASKED, History
from bot.domain.ids import RunId, ShopKey
from bot.domain.money import ZERO, Money
from bot.domain.pictures import ALIKE
from tests.unit.ledger.story import (
    AMPLE,
    RUN,
    SHOP,
    START,
    WHY,
    Story,
    decision,
    evidence,
    key,
    refuse,
    row,
    snapshot,
    story_at,
)

OTHER = BuyerRecord(name="李**", aftersales_90d=0, refusals_90d=0)
PICTURE = "0123456789abcdef" * 2
LIKE = f"{int(PICTURE, 16) ^ 0b111:032x}"
STRANGE = "fedcba9876543210" * 2
TICK = timedelta(seconds=10)


def parcel(waybill: str) -> ShopParcel:
    return ShopParcel(
        courier="中通", waybill=waybill, latest="", intercept=Unknown(why="page.empty", source=Source.SHOP)
    )


def pictures(*hashes: str) -> Known[tuple[str, ...]]:
    return Known[tuple[str, ...]](value=hashes, source=Source.SHOP, seen_at=START)


def read(story: Story, page: Snapshot, at: datetime = START) -> None:
    """The page was read and judged at a moment on the shop's clock."""
    made: Decision = decision().model_copy(update={"case": page.key, "decided_at": at, "fingerprint": page.fingerprint})
    story.ledger.decided(RUN, page, {}, UNASKED, made)


def ask(story: Story, page: Snapshot, at: datetime = START) -> History:
    return story.ledger.history(page, at)


def ids(history: History, kind: str) -> list[str]:
    return [case.aftersale_id for case in getattr(history, kind)]


def test_a_ledger_that_never_saw_the_shop_says_so(story: Story) -> None:
    history = ask(story, snapshot())
    assert (history.asked, history.since, history.of_order, history.spent) == (True, None, (), {})


def test_the_case_itself_is_no_other_case(story: Story) -> None:
    read(story, snapshot(1, returned=parcel("YT1"), picture_hashes=pictures(PICTURE)))
    history = ask(story, snapshot(1, returned=parcel("YT1"), picture_hashes=pictures(PICTURE)))
    assert (history.of_order, history.of_buyer, history.of_waybill, history.of_pictures) == ((), (), (), ())
    assert history.since == START


def test_what_was_read_later_never_shows(story: Story) -> None:
    read(story, snapshot(2, order_id="o1"), START + 2 * TICK)
    asked = snapshot(1, order_id="o1")
    assert ids(ask(story, asked, START + TICK), "of_order") == []
    assert ask(story, asked, START + TICK).since == START + 2 * TICK
    assert ids(ask(story, asked, START + 2 * TICK), "of_order") == ["a2"]


def test_a_case_looks_as_it_did_then(story: Story) -> None:
    seen = {"source": Source.SHOP, "seen_at": START}
    refunded = Known[CaseState](value=CaseState.SUCCESS, **seen)
    read(story, snapshot(2, order_id="o1"))
    read(story, snapshot(2, order_id="o1", state=refunded, returned=parcel("YT9")), START + 10 * TICK)
    before, after = (ask(story, snapshot(1), START + ticks * TICK).of_order for ticks in (9, 10))
    assert [(case.state, case.return_waybill) for case in before] == [(CaseState.WAIT_SELLER, "")]
    assert [(case.state, case.return_waybill) for case in after] == [(CaseState.SUCCESS, "YT9")]
    assert before[0].type is AftersaleType.REFUND_UNSHIPPED


def test_the_order_is_the_shops_own_and_the_list_alone_tells_of_it(story: Story) -> None:
    elsewhere = ShopKey(platform="taobao", shop_id="s2")
    story.ledger.saw(RUN, [row(2, order_id="o1"), row(3, key=key(3, elsewhere), order_id="o1")], START + TICK)
    (found,) = ask(story, snapshot(1), START + TICK).of_order
    assert (found.aftersale_id, found.same_buyer, found.type, found.amount) == ("a2", None, None, Money(1_000))
    assert ask(story, snapshot(1), START).of_order == ()


def test_the_buyers_cases_of_ninety_days_and_nobody_elses(story: Story) -> None:
    now = START + timedelta(days=100)
    read(story, snapshot(2, applied_at=now - timedelta(days=91)), now)
    read(story, snapshot(3, applied_at=now - timedelta(days=89)), now)
    read(story, snapshot(4, applied_at=now, buyer=OTHER), now)
    history = ask(story, snapshot(1), now)
    assert ids(history, "of_buyer") == ["a3"]
    assert history.of_buyer[0].same_buyer is True


def test_a_waybill_is_found_coming_and_going_whoever_named_it(story: Story) -> None:
    read(story, snapshot(2, returned=parcel(" yt1 "), buyer=OTHER))
    read(story, snapshot(3, forward=parcel("YT1")))
    read(story, snapshot(4, forward=parcel("YT2")))
    found = ask(story, snapshot(1, returned=parcel("YT1"))).of_waybill
    assert {(case.aftersale_id, case.same_buyer) for case in found} == {("a2", False), ("a3", True)}
    assert ask(story, snapshot(1)).of_waybill == ()


def test_a_case_that_once_named_the_waybill_is_found_by_it_for_good(story: Story) -> None:
    read(story, snapshot(2, returned=parcel("YT1")))
    read(story, snapshot(2, returned=parcel("YT2")), START + TICK)
    assert ids(ask(story, snapshot(1, returned=parcel("YT1")), START + TICK), "of_waybill") == ["a2"]


def test_pictures_that_look_alike_are_found_the_likest_first(story: Story) -> None:
    read(story, snapshot(2, picture_hashes=pictures(STRANGE, LIKE)))
    read(story, snapshot(3, picture_hashes=pictures(PICTURE)), START + TICK)
    read(story, snapshot(4, picture_hashes=pictures(STRANGE)))
    asked = snapshot(1, picture_hashes=pictures("", PICTURE))
    likes = ask(story, asked, START + TICK).of_pictures
    assert [(like.case.aftersale_id, like.distance) for like in likes] == [("a3", 0), ("a2", 3)]
    assert ids_of_likes(ask(story, asked, START)) == ["a2"]


def ids_of_likes(history: History) -> list[str]:
    return [like.case.aftersale_id for like in history.of_pictures]


@settings(max_examples=30)
@given(flipped=st.sets(st.integers(0, 127), max_size=ALIKE + 4))
def test_no_picture_within_the_bound_is_missed_and_none_beyond_it_found(flipped: set[int]) -> None:
    story = story_at(":memory:")
    other = int(PICTURE, 16)
    for bit in flipped:
        other ^= 1 << bit
    read(story, snapshot(2, picture_hashes=pictures(f"{other:032x}")))
    found = ask(story, snapshot(1, picture_hashes=pictures(PICTURE))).of_pictures
    story.ledger.close()
    assert [like.distance for like in found] == ([len(flipped)] if len(flipped) <= ALIKE else [])


def test_spent_is_posted_and_pending_of_the_day_as_of_then(story: Story) -> None:
    first = story.arm(1, 1_000)
    story.clock.pass_s(TICK.total_seconds())
    second = story.send(2, 500)
    story.clock.pass_s(TICK.total_seconds())
    story.ledger.void(first.id, WHY, story.lease)
    story.clock.pass_s(TICK.total_seconds())
    story.settle(second, 400)
    then = [ask(story, snapshot(9), START + ticks * TICK).spent for ticks in (0, 1, 2, 3)]
    assert [spent["s-unshipped"].fen for spent in then] == [1_000, 1_500, 500, 400]
    assert ask(story, snapshot(9), START - TICK).spent == {}


@pytest.mark.parametrize(("hour", "minute", "day"), [(23, 59, "2026-03-09"), (0, 0, "2026-03-10")])
def test_what_is_spent_belongs_to_the_day_in_shanghai(story: Story, hour: int, minute: int, day: str) -> None:
    story.clock.at = START.replace(hour=23, minute=59)
    story.lease = story.ledger.acquire(SHOP, "pc-1", 60)
    story.arm(1, 1_000)
    late = START.replace(hour=hour, minute=minute) + timedelta(days=0 if hour else 1)
    history = ask(story, snapshot(9), late.astimezone(tz=None))
    assert history.day == day
    assert history.spent.get("s-unshipped", ZERO).fen == (1_000 if day == "2026-03-09" else 0)


def test_the_moment_of_a_void_is_told_by_the_shops_clock(story: Story) -> None:
    """F36: the shop's clock is an hour ahead of the PC's."""
    ahead = timedelta(hours=1)
    intent = story.intent(1, 1_000, armed_at=START + ahead)
    story.ledger.arm(intent, AMPLE, story.lease)
    story.clock.pass_s(TICK.total_seconds())
    story.ledger.void(intent.id, WHY, story.lease)
    assert ask(story, snapshot(9), START + ahead + TICK / 2).spent["s-unshipped"] == Money(1_000)
    assert ask(story, snapshot(9), START + ahead + TICK).spent.get("s-unshipped", ZERO) == ZERO


def test_what_we_paid_and_refused_stands_beside_the_other_case(story: Story) -> None:
    read(story, snapshot(2, order_id="o1"))
    read(story, snapshot(3, order_id="o1"))
    paid = story.send(2, 700)
    story.settle(paid)
    story.clock.pass_s(TICK.total_seconds())
    proof = evidence("a", EvidenceKind.TRAIL)
    story.ledger.keep(RUN, key(3), proof)
    no = story.send(3, action=refuse((proof.sha256,)))
    story.settle(no, 0)
    told = {
        ticks: {
            case.aftersale_id: (case.refunded.fen, case.refused)
            for case in ask(story, snapshot(1), START + ticks * TICK).of_order
        }
        for ticks in (0, 1)
    }
    assert told == {0: {"a2": (1_000, False), "a3": (0, False)}, 1: {"a2": (1_000, False), "a3": (0, True)}}


def test_a_history_stays_small(story: Story) -> None:
    story.ledger.saw(RUN, [row(number, order_id="o1") for number in range(2, MOST + 50)])
    assert len(ask(story, snapshot(1)).of_order) == MOST


def test_what_looks_as_before_is_written_once(story: Story) -> None:
    for ticks in range(5):
        read(story, snapshot(2, order_id="o1"), START + ticks * TICK)
    (found,) = ask(story, snapshot(1), START + 9 * TICK).of_order
    assert found.seen_at == START


def test_a_history_comes_back_whole_with_its_decision(story: Story) -> None:
    """I12: what was judged with is what is replayed with."""
    read(story, snapshot(2, order_id="o1", picture_hashes=pictures(PICTURE)))
    story.arm(3)
    page = snapshot(1, picture_hashes=pictures(LIKE))
    history = ask(story, page)
    assert history.of_order
    assert history.of_pictures
    assert history.spent
    run = RunId("run-2")
    story.ledger.open_run(run, SHOP, "observe", "c" * 64, "p" * 64)
    story.ledger.decided(run, page, {}, history, decision())
    assert [judged.history for judged in story.ledger.decisions(run)] == [history]
    assert story.ledger.lines(run)[0].history == history


def test_an_erased_buyers_waybills_and_pictures_are_found_no_more(story: Story) -> None:
    read(story, snapshot(2, order_id="o7", returned=parcel("YT1"), picture_hashes=pictures(PICTURE)))
    story.ledger.erase_buyer(SHOP, snapshot(2).buyer.name)
    asked = snapshot(1, returned=parcel("YT1"), picture_hashes=pictures(PICTURE), buyer=OTHER)
    assert (ask(story, asked).of_waybill, ask(story, asked).of_pictures) == ((), ())


def test_no_question_reads_the_whole_shop(story: Story) -> None:
    """Each goes by an index to the rows of its order, buyer, number or picture; only `since` takes the shop's first row."""
    asked: list[tuple[str, Any]] = []
    event.listen(
        story.ledger.engine,
        "before_cursor_execute",
        lambda _db, _cursor, statement, values, _context, _many: asked.append((statement, values)),
    )
    read(story, snapshot(2, order_id="o1"))
    asked.clear()
    ask(story, snapshot(1, returned=parcel("YT1"), picture_hashes=pictures(PICTURE)))
    with story.ledger.engine.connect() as db:
        plans = [
            row.detail
            for statement, values in list(asked)
            if "FROM sightings" in statement or "FROM picture_bands" in statement
            for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    searched = [plan for plan in plans if plan.startswith(("SEARCH", "SCAN"))]
    assert len(searched) >= 6
    assert [plan for plan in searched if not re.search(r"shop_id=\? AND|sightings_by_seq", plan)] == []
