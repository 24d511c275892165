"""The desk: written down first, said until somebody answers, silent afterwards, and none the worse for a process that dies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import sending
from bot.alerts.links import AckLinks, key_of
from bot.alerts.message import Writer
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.errors import LedgerError
from bot.ledger import audit
from bot.ports.notifier import Urgency
from tests.unit.alerts.climbing import LADDER, MINUTE, alarm
from tests.unit.alerts.desks import Office, office_at
from tests.unit.ledger.story import RUN, SHOP, START, key, row

BREAKER = Reason(code="brake.breaker", params={"detail": "page"})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = office_at(tmp_path, LADDER)
    yield made
    made.ledger.close()


def written(folder: Path) -> list[dict[str, Any]]:
    file = folder / "alarms.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


async def test_an_alarm_climbs_until_somebody_answers_and_then_is_silent(office: Office) -> None:
    office.desk.notify(alarm(case_id="42", amount=Money(123_400), deadline=START + 90 * MINUTE))
    await office.desk.tick()
    (said,) = office.heard("desk")
    assert "#1 · the shop 42 · ¥1,234.00" in said
    assert "1:30 h left" in said
    assert "refundpilot alarms ack ms-" in said
    for _ in range(5):
        await office.wait(5 * 60)
    assert [len(office.heard(name)) for name in ("desk", "group", "phone")] == [1, 1, 1]
    assert "Please act now" not in office.mouths["phone"].said[0].spoken
    assert office.desk.acknowledge(1, "somebody", "on it") == (1,)
    for _ in range(50):
        await office.wait(3600)
    assert sum(len(mouth.said) for mouth in office.mouths.values()) == 3
    assert office.desk.open() == ()


async def test_a_clock_that_is_set_back_by_hours_silences_no_channel_and_lets_no_fifty_through(office: Office) -> None:
    office.desk.notify(alarm(case_id="0", amount=Money(100)))
    await office.desk.tick()
    office.clock.pass_s(-8 * 3600)
    for number in range(1, 51):
        office.desk.notify(alarm(case_id=str(number), amount=Money(100)))
        await office.wait(2)
    await office.wait(5 * 60)
    assert len(office.heard("desk")) == 3
    assert all(entry.sendings for entry in office.desk.open())


async def test_an_answer_to_a_message_answers_all_that_it_told_of(office: Office) -> None:
    for case in ("1", "2", "3"):
        office.desk.notify(alarm(case_id=case, urgency=Urgency.WARN))
    await office.desk.tick()
    office.desk.notify(alarm(case_id="4"))
    (message,) = office.mouths["desk"].said
    assert office.desk.acknowledge(message.id, "somebody") == (1, 2, 3)
    assert [entry.number for entry in office.desk.open()] == [4]
    assert office.desk.acknowledge(message.id, "somebody") == ()
    assert office.desk.acknowledge("ms-nobody-sent", "somebody") == ()


async def test_what_is_raised_again_is_counted_and_not_said_again(office: Office, tmp_path: Path) -> None:
    for n in range(6):
        office.desk.notify(alarm(reason=Reason(code="plan.late", params={"count": str(n), "amount": "¥1.00"})))
        await office.wait(60)
    (entry,) = office.desk.open()
    assert (entry.times, entry.number) == (6, 1)
    assert len(office.heard("desk")) == 1
    assert len(written(tmp_path)) == 6


@pytest.mark.parametrize(
    "other",
    [
        {"case_id": "43"},
        {"reason": Reason(code="brake.breaker", params={"detail": "amount"})},
        {"reason": Reason(code="plan.late")},
    ],
)
async def test_another_case_or_another_cause_is_another_alarm(office: Office, other: dict[str, Any]) -> None:
    told = {"case_id": "42", "reason": BREAKER}
    office.desk.notify(alarm(**told))
    office.desk.notify(alarm(**(told | other)))
    assert [entry.times for entry in office.desk.open()] == [1, 1]


async def test_a_drifted_screen_is_one_alarm_a_day_whichever_case_meets_it(office: Office) -> None:
    def drift(case: str, screen: str = "refuse") -> None:
        reason = Reason(code="error.action.drifted", params={"screen": screen, "detail": case})
        office.desk.notify(alarm(case_id=case, reason=reason))

    drift("1")
    drift("2")
    drift("3", "agree_refund")
    assert [entry.times for entry in office.desk.open()] == [2, 1]
    office.desk.acknowledge(1, "somebody")
    office.clock.pass_s(20 * 3600)
    drift("4")
    assert [entry.number for entry in office.desk.open()] == [2]


async def test_an_answered_call_rests_for_an_hour_unless_it_gets_worse(office: Office) -> None:
    told = {"reason": Reason(code="plan.late"), "amount": Money(100), "deadline": START + timedelta(hours=9)}
    office.desk.notify(alarm(**told))
    office.desk.acknowledge(1, "somebody")
    office.clock.pass_s(1800)
    office.desk.notify(alarm(**told))
    assert office.desk.open() == ()
    office.desk.notify(alarm(**(told | {"amount": Money(101)})))
    office.desk.acknowledge(2, "somebody")
    office.desk.notify(alarm(**(told | {"amount": Money(1), "deadline": START + timedelta(hours=8)})))
    office.desk.acknowledge(3, "somebody")
    office.clock.pass_s(3601)
    office.desk.notify(alarm(**(told | {"amount": Money(1)})))
    assert [entry.number for entry in office.desk.open()] == [4]


async def test_what_a_person_should_know_is_told_once_a_day(office: Office) -> None:
    day = {"urgency": Urgency.WARN, "reason": Reason(code="takeover.near")}
    office.desk.notify(alarm(**day))
    office.desk.acknowledge(1, "somebody")
    office.clock.pass_s(12 * 3600)
    office.desk.notify(alarm(**day))
    assert office.desk.open() == ()
    office.clock.pass_s(12 * 3600)
    office.desk.notify(alarm(**day))
    assert [entry.number for entry in office.desk.open()] == [2]


async def test_an_open_alarm_keeps_the_gravest_that_was_said_of_it(office: Office) -> None:
    soon, later = START + timedelta(hours=1), START + timedelta(hours=5)
    office.desk.notify(alarm(reason=Reason(code="plan.late"), amount=Money(900), deadline=later, urgency=Urgency.WARN))
    office.desk.notify(alarm(reason=Reason(code="plan.late"), amount=Money(100), deadline=soon))
    (entry,) = office.desk.open()
    assert (entry.alarm.amount, entry.alarm.deadline, entry.alarm.urgency) == (Money(900), soon, Urgency.CALL)
    office.clock.pass_s(2 * 3600)
    office.desk.notify(alarm(reason=Reason(code="plan.late"), amount=Money(5), deadline=later))
    (entry,) = office.desk.open()
    assert (entry.alarm.amount, entry.alarm.deadline) == (Money(5), later)


async def test_nothing_is_lost_when_the_process_dies(office: Office, tmp_path: Path) -> None:
    office.desk.notify(alarm(case_id="1"))
    office.desk.notify(alarm(case_id="2"))
    office.ledger.close()
    again = office_at(tmp_path, LADDER, clock=office.clock)
    await again.desk.tick()
    assert "2 alarms" in again.heard("desk")[0]
    again.ledger.close()
    third = office_at(tmp_path, LADDER, clock=office.clock)
    await third.wait(60)
    assert third.heard("desk") == []
    await third.wait(600)
    assert len(third.heard("group")) == 1
    third.ledger.close()


async def test_a_message_whose_writing_down_was_cut_off_comes_again_and_none_is_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.desk.notify(alarm())

    def cut(*_: object) -> None:
        raise LedgerError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(office.ledger, "sent_alarms", cut)
        await office.desk.tick()
    await office.wait(1)
    assert len(office.heard("desk")) == 2


async def test_a_channel_that_fails_hangs_or_has_a_bug_never_raises_and_the_next_one_is_tried(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SEND_S", 0.01)
    office.desk.notify(alarm())
    await office.desk.tick()
    office.mouths["group"].hangs = True
    await office.wait(11 * 60)
    assert len(office.heard("mail")) == 1
    office.mouths["phone"].trouble = RuntimeError("a bug")
    await office.wait(11 * 60)
    entry = office.desk.open()[0]
    assert [(one.channel, one.ok, one.detail) for one in entry.sendings] == [
        ("desk", True, ""),
        ("group", False, "timeout"),
        ("mail", True, ""),
        ("phone", False, "RuntimeError: a bug"),
    ]


async def test_a_channel_without_its_secrets_is_a_failed_one(tmp_path: Path) -> None:
    office = office_at(tmp_path, LADDER, names=("group",))
    office.desk.notify(alarm())
    for _ in range(3):
        await office.wait(65)
    assert len(office.heard("group")) == 1
    office.ledger.close()


async def test_two_ticks_at_once_say_it_once(office: Office) -> None:
    office.desk.notify(alarm())
    await asyncio.gather(office.desk.tick(), office.desk.tick(), office.desk.tick())
    assert len(office.heard("desk")) == 1


async def test_an_alarm_that_cannot_be_committed_is_in_the_log_and_stops_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise LedgerError("full", code="error.ledger.full")

    monkeypatch.setattr(office.ledger, "raise_alarm", full)
    monkeypatch.setattr(office.ledger, "open_alarms", full)
    office.desk.notify(alarm())
    assert await office.desk.tick() is None
    assert len(written(tmp_path)) == 1


async def test_a_bug_in_the_books_or_in_the_words_ends_no_work_and_silences_nobody(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object, **__: object) -> Any:
        raise RuntimeError("a bug")

    office.desk.notify(alarm(case_id="42"))
    with monkeypatch.context() as patch:
        patch.setattr(office.ledger, "raise_alarm", bug)
        office.desk.notify(alarm(case_id="43"))
        patch.setattr(office.ledger, "last_messages", bug)
        assert await office.desk.tick() is None
    assert len(written(tmp_path)) == 2
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "write", bug)
        await office.desk.tick()
    (said,) = office.mouths["desk"].said
    assert "#1 call hold.near taobao/1001 42" in said.text
    assert office.desk.acknowledge(said.id, "somebody") == (1,)


async def test_one_message_that_cannot_be_sent_keeps_no_other_from_being_sent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.desk.notify(alarm(case_id="1"))
    await office.desk.tick()
    office.clock.pass_s(11 * 60)
    office.desk.notify(alarm(case_id="2"))
    done = office.ledger.sent_alarms

    def fails_once(*told: Any) -> None:
        monkeypatch.setattr(office.ledger, "sent_alarms", done)
        raise RuntimeError("a bug")

    monkeypatch.setattr(office.ledger, "sent_alarms", fails_once)
    await office.desk.tick()
    assert [len(office.heard(name)) for name in ("desk", "group")] == [2, 1]


async def test_what_a_watch_finds_is_raised_at_its_next_look_where_the_ledger_did_not_take_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> bool:
        raise LedgerError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(office.ledger, "raise_alarm", busy)
        office.desk.notify(alarm(case_id="42"))
    office.clock.pass_s(60)
    office.desk.notify(alarm(case_id="42"))
    assert [entry.number for entry in office.desk.open()] == [1]


async def test_what_only_informs_is_logged_and_calls_nobody(office: Office, tmp_path: Path) -> None:
    office.desk.notify(alarm(urgency=Urgency.INFO))
    await office.desk.tick()
    assert office.desk.open() == ()
    assert len(written(tmp_path)) == 1


async def test_what_is_found_at_every_look_is_told_where_it_is_news(office: Office, tmp_path: Path) -> None:
    near = {"case_id": "42", "amount": Money(100), "deadline": START + timedelta(hours=1)}
    for _ in range(5):
        office.desk.notify(alarm(**near))
        office.clock.pass_s(60)
    assert [entry.times for entry in office.desk.open()] == [1]
    assert len(written(tmp_path)) == 1
    office.desk.notify(alarm(**(near | {"amount": Money(500)})))
    assert office.desk.open()[0].alarm.amount == Money(500)


async def test_a_digest_spells_out_the_most_pressing_and_counts_the_rest(office: Office) -> None:
    for n in range(100):
        office.desk.notify(alarm(case_id=f"case{n}", amount=Money(100), deadline=START + timedelta(minutes=200 - n)))
    await office.desk.tick()
    (said,) = office.mouths["desk"].said
    assert "case99" in said.lines[0]
    assert [f"case{n}" in said.text for n in (99, 60, 59)] == [True, True, False]
    assert "60 more" in said.lines[-2]
    assert len(said.body["alarms"]) == 100  # type: ignore[arg-type]  # a list of JSON
    assert len(office.desk.acknowledge(said.id, "somebody")) == 100


async def test_what_stops_a_whole_shop_has_the_first_deadline_of_its_cases(office: Office) -> None:
    challenge = {"reason": Reason(code="error.session.challenge"), "shop": SHOP}
    office.desk.notify(alarm(**challenge))
    assert office.desk.open()[0].alarm.deadline is None
    office.ledger.open_run(RUN, SHOP, "observe", "c", "p")
    office.ledger.saw(RUN, [row(1), row(2, deadline_at=START + timedelta(hours=30)), row(3, deadline_at=START)])
    office.desk.notify(alarm(**challenge))
    assert office.desk.open()[0].alarm.deadline == START + timedelta(hours=30)
    office.ledger.conclude(RUN, key(2), CaseStatus.DONE, [])
    office.desk.notify(alarm(**(challenge | {"reason": BREAKER})))
    assert office.desk.open()[1].alarm.deadline == START + timedelta(days=2)


async def test_words_of_pages_never_leave_the_pc(office: Office) -> None:
    told = {
        "target": "detail.amount",
        "page": "/refund",
        "raw": "王小明 13812345678",
        "detail": "王小明 cannot be read",
    }
    office.desk.notify(alarm(reason=Reason(code="error.page.unreadable", params=told)))
    office.desk.notify(
        alarm(reason=Reason(code="settle.unknown", params={"verb": "refuse\u202e\x1b[31m", "amount": ""}))
    )
    await office.desk.tick()
    (said,) = office.mouths["desk"].said
    everything = said.text + said.spoken + json.dumps(said.body, ensure_ascii=False)
    assert "王小明" not in everything
    assert not {"\u202e", "\x1b"} & set(everything)


async def test_turns_of_an_alarm_stand_in_the_chain_without_anybodys_words(office: Office) -> None:
    office.desk.notify(alarm(case_id="42", reason=Reason(code="error.page", params={"raw": "王小明"})))
    await office.desk.tick()
    await office.wait(11 * 60)
    office.desk.acknowledge(1, "李四", "打电话给王小明")
    with office.ledger._store.reading() as db:
        rows = db.exec_driver_sql("SELECT kind, facts FROM events WHERE kind LIKE 'alarm.%' ORDER BY seq").all()
    assert [row.kind for row in rows] == [
        "alarm.raised",
        "alarm.escalated",
        "alarm.escalated",
        "alarm.acknowledged",
    ]
    chain = "".join(row.facts for row in rows)
    assert "王小明" not in chain
    assert "李四" not in chain
    assert audit(office.ledger.engine, None).findings == ()


async def test_the_link_of_a_message_is_proven_and_runs_out(tmp_path: Path) -> None:
    links = AckLinks(key_of(tmp_path), "http://127.0.0.1:8618/", timedelta(hours=2))
    office = office_at(tmp_path, LADDER, links=links)
    office.desk.notify(alarm())
    await office.desk.tick()
    line = office.mouths["desk"].said[0].lines[-1]
    token = line.rpartition("/")[2]
    assert line.endswith(f"http://127.0.0.1:8618/alarms/answer/{token}")
    id_ = office.desk.links.proven(token, START)
    assert id_ == office.mouths["desk"].said[0].id
    assert links.proven(token, START + timedelta(hours=2)) == ""
    assert office.desk.acknowledge(id_, "link") == (1,)
    office.ledger.close()


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t.replace("ms-1", "ms-2"), lambda t: "", lambda t: "..", lambda t: f"{t}é"]
)
def test_a_token_that_was_altered_proves_nothing(tmp_path: Path, spoil: Any) -> None:
    links = AckLinks(key_of(tmp_path), "http://127.0.0.1:1")
    assert links.proven(links.token("ms-1", START), START) == "ms-1"
    assert links.proven(spoil(links.token("ms-1", START)), START) == ""
    later = links.token("ms-1", START).split(".")
    later[1] = str(int(later[1]) + 9999)
    assert links.proven(".".join(later), START) == ""
    assert AckLinks(b"another key", "").proven(links.token("ms-1", START), START) == ""
    assert AckLinks(b"").proven(AckLinks(b"").token("ms-1", START), START) == ""


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    key = key_of(tmp_path)
    assert len(key) == 32
    assert key_of(tmp_path) == key
    mode = (tmp_path / "answers.key").stat().st_mode & 0o777
    assert mode & 0o077 == 0 or mode == 0o666  # Windows has no modes
    (tmp_path / "answers.key").write_bytes(b"torn")
    assert key_of(tmp_path) == b""
