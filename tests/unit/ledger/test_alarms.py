"""Alarms in the ledger: a ledger of before opens, a forgotten buyer is forgotten here too, and what is moot ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.decision import Reason
from bot.domain.history import UNASKED
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.errors import LedgerError
from bot.ledger import SqlLedger, audit
from bot.ports.alarms import BY_ITSELF, Sending, Subject
from bot.ports.notifier import Alarm, Urgency
from tests.unit.ledger.story import (
    BUYER,
    RUN,
    SHOP,
    START,
    WHY,
    CountingIds,
    StandingClock,
    Story,
    decision,
    key,
    row,
    snapshot,
    story_at,
    trails,
)

ABOUT = Subject("s1", timedelta(hours=1))


def alarm(case: str = "a1", code: str = "hold.near") -> Alarm:
    reason = Reason(code=code, params={"raw": "电话138"})
    return Alarm(urgency=Urgency.CALL, shop=SHOP, reason=reason, case_id=case, amount=Money(5), picture="/p.png")


def test_a_ledger_of_before_opens_and_takes_alarms(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    story = story_at(path)
    story.whole()
    story.ledger.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        for table in ("alarm_sendings", "alarms"):
            old.execute(f"DROP TABLE {table}")
        old.execute("DELETE FROM schema_version WHERE version >= 3")
    with SqlLedger(path, StandingClock(), CountingIds("b")) as ledger:
        assert ledger.raise_alarm(alarm(), ABOUT)
        assert [entry.number for entry in ledger.open_alarms()] == [1]
        assert audit(ledger.engine, None).ok


def test_two_processes_cannot_open_the_same_alarm_twice(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with (
        SqlLedger(path, StandingClock(), CountingIds()) as one,
        SqlLedger(path, StandingClock(), CountingIds("b")) as two,
    ):
        assert [one.raise_alarm(alarm(), ABOUT), two.raise_alarm(alarm(), ABOUT)] == [True, False]
        two.acknowledge_alarms(1, "by hand")
        assert one.open_alarms() == ()
    columns = "platform, shop_id, aftersale_id, subject, urgency, code, params, amount, deadline, picture, times"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE alarms SET acknowledged_at = NULL")
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(f"INSERT INTO alarms SELECT 9, {columns}, raised_at, last_at, NULL, '', '' FROM alarms")


def test_a_forgotten_buyers_words_are_in_no_alarm(on_disk: Story, tmp_path: Path) -> None:
    on_disk.judge(1)
    on_disk.ledger.raise_alarm(alarm(), ABOUT)
    on_disk.ledger.acknowledge_alarms(1, "李四", "电话138")
    on_disk.ledger.raise_alarm(alarm("a2"), Subject("s2", timedelta(0)))
    on_disk.ledger.erase_buyer(SHOP, BUYER)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as raw:
        rows = str(raw.execute("SELECT * FROM alarms WHERE aftersale_id = 'a1'").fetchall())
        told = str(
            raw.execute("SELECT body FROM payloads p JOIN events e USING (seq) WHERE e.aftersale_id = 'a1'").fetchall()
        )
    assert "电话138" not in rows + told
    assert "/p.png" not in rows
    assert audit(on_disk.ledger.engine, None).ok


def test_holds_near_their_deadline_are_found_with_their_sum_and_end_with_the_hold(story: Story) -> None:
    story.judge(1)
    story.judge(2)
    for number in (1, 2):
        hold = story.hold(number)
        story.ledger.hold(RUN, hold.model_copy(update={"deadline": START + timedelta(hours=number)}))
    until = START + timedelta(minutes=90)
    (near,) = story.ledger.near_holds(START, until)
    assert (near.case, near.amount, near.deadline) == (key(1), Money(1_000), START + timedelta(hours=1))
    assert story.ledger.near_holds(START + timedelta(hours=1), until) == ()
    story.ledger.raise_alarm(alarm("a1"), ABOUT)
    story.ledger.raise_alarm(alarm("a1", "settle.wrong_amount"), Subject("s2", timedelta(0)))
    ended, later = [CaseStatus.FOREIGN, CaseStatus.DONE], START + timedelta(hours=1)
    assert story.ledger.close_moot("hold.near", ended, later) == ()
    story.ledger.conclude(RUN, key(1), CaseStatus.FOREIGN, [WHY])
    assert story.ledger.near_holds(START, until) == ()
    assert story.ledger.close_moot("hold.near", ended, START - timedelta(seconds=1)) == ()
    assert story.ledger.close_moot("hold.near", ended, later) == (1,)
    assert [entry.alarm.reason.code for entry in story.ledger.open_alarms()] == ["settle.wrong_amount"]
    with story.ledger._store.reading() as db:
        assert db.exec_driver_sql("SELECT acknowledged_by FROM alarms WHERE number = 1").scalar_one() == BY_ITSELF


def test_an_open_alarm_knows_whether_its_case_has_come_to_its_end(story: Story) -> None:
    story.judge(1)
    story.ledger.raise_alarm(alarm("a1", "risk.found"), ABOUT)
    assert [entry.case_over for entry in story.ledger.open_alarms()] == [False]
    story.ledger.conclude(RUN, key(1), CaseStatus.DONE, [WHY])
    assert [entry.case_over for entry in story.ledger.open_alarms()] == [True]


def test_cases_near_their_deadline_are_those_of_the_list_that_are_the_robots_with_the_moment_of_the_last_look(
    story: Story,
) -> None:
    story.ledger.saw(RUN, [row(number, deadline_at=START + timedelta(minutes=number)) for number in range(1, 8)])
    story.clock.pass_s(30)
    story.ledger.decided(RUN, snapshot(2), trails(), UNASKED, decision(2))
    story.ledger.conclude(RUN, key(3), CaseStatus.WAITING, [WHY])
    story.ledger.conclude(RUN, key(4), CaseStatus.FOREIGN, [WHY])
    story.ledger.hold(RUN, story.hold(5))
    story.settle(story.send(6), follow=CaseStatus.WAITING)
    found = story.ledger.near_cases(START, START + timedelta(minutes=6))
    assert [(one.case, one.amount, one.looked_at) for one in found] == [
        (key(1), Money(1_000), START),
        (key(3), Money(1_000), START + timedelta(seconds=30)),
    ], "2 has another deadline since it was read, 6 was acted on and left the list"
    (read,) = story.ledger.near_cases(START + timedelta(hours=23), START + timedelta(days=1))
    assert (read.case, read.looked_at) == (key(2), START)


def test_a_try_for_an_alarm_that_nobody_raised_is_refused(story: Story) -> None:
    with pytest.raises(LedgerError):
        story.ledger.sent_alarms([7], Sending(rung=0, channel="desk", at=START, ok=True))
