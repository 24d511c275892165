"""The agenda and the queue of errands: due once, missed once, in an order that lets nobody wait for ever."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import Settings
from bot.domain.base import SHANGHAI
from bot.domain.ids import ShopKey
from bot.errors import Stopped
from bot.ports.wanted import Wanted
from bot.scheduler.agenda import MOST, Agenda
from bot.scheduler.duties import Duty, Job
from bot.scheduler.errands import PATIENCE, Errands
from bot.scheduler.heartbeat import Beat, Phase, read_beat, write_beat

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=SHANGHAI)
A, B = (ShopKey(platform="taobao", shop_id=name) for name in "AB")
SWEEP_A, SWEEP_B = Duty(Job.SWEEP, A), Duty(Job.SWEEP, B)
NO_CHORES: frozenset[Job] = frozenset()


def settings(*shops: str, **schedule: object) -> Settings:
    frame = {"platform": "taobao", "url": "https://shop.example", "account": "a", "courier": ""}
    still = {"follow_up": "never", "reconcile": "never", **schedule}
    return Settings.model_validate(
        {"schedule": still, "shop": [{**frame, "shop_id": name, "name": name} for name in shops]}
    )


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def test_duty_is_due_once_at_its_time() -> None:
    agenda = Agenda(settings("A", sweep="5m"), NO_CHORES, NOW)
    assert list(agenda.due(minutes(4.9))) == []
    (due,) = agenda.due(minutes(5))
    assert (due.duty, due.first, due.count) == (SWEEP_A, minutes(5), 1)
    assert list(agenda.due(minutes(5.1))) == []
    assert agenda.coming()[0] == (minutes(10), SWEEP_A)


def test_two_hours_of_sleep_are_one_due_run_with_its_count() -> None:
    agenda = Agenda(settings("A", sweep="5m"), NO_CHORES, NOW)
    (due,) = agenda.due(minutes(122))
    assert (due.first, due.last, due.count) == (minutes(5), minutes(120), 24)


def test_months_of_absence_are_not_counted_one_by_one() -> None:
    agenda = Agenda(settings("A", sweep="1m"), NO_CHORES, NOW)
    (due,) = agenda.missed_since({SWEEP_A: NOW - timedelta(days=90)}, NOW)
    assert due.count == MOST


def test_only_what_was_done_before_can_have_been_missed() -> None:
    agenda = Agenda(settings("A", "B", sweep="5m"), NO_CHORES, NOW)
    assert [due.duty for due in agenda.missed_since({SWEEP_A: minutes(-11)}, NOW)] == [SWEEP_A]


def test_clock_that_is_set_back_does_not_silence_the_schedule() -> None:
    agenda = Agenda(settings("A", sweep="5m"), NO_CHORES, NOW)
    assert list(agenda.due(minutes(-600))) == []
    assert agenda.coming()[0][0] == minutes(-595)


def test_changed_settings_count_from_now_and_keep_what_is_due() -> None:
    agenda = Agenda(settings("A", sweep="5m"), NO_CHORES, NOW)
    agenda.change(settings("A", "B", sweep="2h"), minutes(6))
    assert [due.duty for due in agenda.due(minutes(6))] == [SWEEP_A]
    assert {duty for _, duty in agenda.coming()} == {SWEEP_A, SWEEP_B}
    agenda.change(settings("B", sweep="2h"), minutes(7))
    assert {duty for _, duty in agenda.coming()} == {SWEEP_B}


def test_chores_are_planned_only_where_somebody_does_them() -> None:
    agenda = Agenda(settings("A", sweep="never"), frozenset({Job.AUDIT}), NOW)
    assert agenda.coming() == ((datetime(2026, 11, 29, 3, 30, tzinfo=SHANGHAI), Duty(Job.AUDIT)),)


def no_plan(_: object) -> None:
    """It makes no difference."""


def test_duty_waits_once_however_often_it_comes_round() -> None:
    errands = Errands()
    for minute in range(4):
        errands.add(SWEEP_A, minutes(minute))
    assert [(one.duty, one.swallowed) for one in errands.waiting] == [(SWEEP_A, 3)]


def test_duty_in_hand_is_queued_once_more() -> None:
    errands = Errands()
    errands.add(SWEEP_A, NOW)
    errands.take(no_plan)
    errands.add(SWEEP_A, minutes(1))
    errands.add(SWEEP_A, minutes(2))
    assert len(errands.waiting) == 1


def test_parts_of_a_sweep_are_not_queued_beside_it() -> None:
    errands = Errands()
    errands.add(SWEEP_A, NOW)
    assert errands.add(Duty(Job.FOLLOW_UP, A), NOW) is None
    assert errands.add(Duty(Job.FOLLOW_UP, B), NOW) is not None


async def test_people_come_first_then_open_actions_then_the_shop_that_the_plan_names() -> None:
    errands, order = Errands(), []
    errands.add(SWEEP_A, NOW)
    errands.add(SWEEP_B, minutes(1))
    errands.add(Duty(Job.RECONCILE, ShopKey(platform="taobao", shop_id="C")), minutes(2))
    answer = errands.ask(Wanted(), minutes(3))
    while errand := errands.take(lambda _: B):
        order.append(errand.duty.key if errand.duty else "by hand")
    assert order == ["by hand", "reconcile taobao/C", "sweep taobao/B", "sweep taobao/A"]
    answer.cancel()


def test_where_the_plan_names_no_shop_who_waited_longest_goes_first() -> None:
    errands, asked = Errands(), []
    errands.add(SWEEP_B, minutes(1))
    errands.add(SWEEP_A, NOW)
    taken = errands.take(lambda due: asked.append(sorted(due, key=str)))
    assert (taken and taken.duty, asked) == (SWEEP_A, [[A, B]])
    last = errands.take(lambda due: asked.append(sorted(due, key=str)))
    assert (last and last.duty, len(asked)) == (SWEEP_B, 1), "one shop alone needs no plan"


@pytest.mark.parametrize(("came_round", "goes_first"), [(1, SWEEP_B), (2, SWEEP_A), (3, SWEEP_A)])
def test_a_shop_that_waited_two_of_its_intervals_goes_before_the_plan(came_round: int, goes_first: Duty) -> None:
    errands = Errands()
    for minute in range(came_round + 1):
        errands.add(SWEEP_A, minutes(minute))
    errands.add(SWEEP_B, minutes(3))
    taken = errands.take(lambda _: B)
    assert taken is not None
    assert taken.duty == goes_first


@given(intervals=st.lists(st.integers(1, 4), min_size=2, max_size=5), takes=st.integers(1, 3))
def test_no_shop_waits_for_ever_behind_dearer_ones(intervals: list[int], takes: int) -> None:
    """Each shop comes round by its own interval; the plan always names the first one that it may name."""
    shops = [ShopKey(platform="taobao", shop_id=str(number)) for number in range(len(intervals))]
    errands, busy, waited = Errands(), 0, dict.fromkeys(shops, 0)
    for minute in range(120):
        for shop, interval in zip(shops, intervals, strict=True):
            if minute % interval == 0:
                errands.add(Duty(Job.SWEEP, shop), minutes(minute))
        busy -= 1
        if busy <= 0 and (taken := errands.take(lambda due: min(due, key=str))):
            assert taken.duty is not None
            assert taken.duty.shop is not None
            waited[taken.duty.shop] = max(waited[taken.duty.shop], minute - int((taken.asked_at - NOW).seconds / 60))
            errands.done()
            busy = takes
    for shop, interval in zip(shops, intervals, strict=True):
        assert waited[shop] <= PATIENCE * interval + takes * len(shops), "its own patience, and one turn of all others"


async def test_kill_switch_leaves_the_schedule_in_the_queue() -> None:
    errands = Errands()
    errands.add(SWEEP_A, NOW)
    assert errands.take(no_plan, by_hand_only=True) is None
    answer = errands.ask(Wanted(), NOW)
    taken = errands.take(no_plan, by_hand_only=True)
    assert taken is not None
    assert taken.answer is answer
    answer.cancel()


async def test_who_still_waits_at_the_end_is_told() -> None:
    errands = Errands()
    answer = errands.ask(Wanted(), NOW)
    errands.refuse(Stopped("over"))
    with pytest.raises(Stopped):
        await asyncio.wait_for(answer, 1)


def test_heartbeat_is_read_as_it_was_written_and_rubbish_is_none(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat.json"
    assert read_beat(file) is None
    beat = Beat(
        at=NOW, pid=7, created=1.5, command=("refundpilot", "run"), phase=Phase.SENT, phase_since=NOW, shop="taobao/A"
    )
    write_beat(file, beat)
    assert read_beat(file) == beat
    told = {"at", "command", "created", "phase", "phase_since", "pid", "shop", "signed_in"}
    assert set(json.loads(file.read_text(encoding="utf-8"))) == told
    file.write_text("{", encoding="utf-8")
    assert read_beat(file) is None
