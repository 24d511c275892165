"""The dead-man's judgement: each silence is told once and its end once, and no sleep of the PC or step of its clock is a silence."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import Run
from bot.domain.base import SHANGHAI
from bot.service.heartbeat import Heartbeat
from bot.service.phases import SENT, TIMES_OVER, limit_of
from bot.service.watch import SILENT_AFTER, Look, Memory, Verdict, judge

NOON = datetime(2026, 11, 28, 12, tzinfo=SHANGHAI)
LIMITS = {"idle": None, "arming": 60.0, "sent": 30.0}


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def beat(when: float, phase: str = "idle", since: float = 0, **more: object) -> Heartbeat:
    return Heartbeat.model_validate(
        {"at": at(when), "pid": 7, "phase": phase, "phase_since": at(since), "shop": "taobao/1001", **more}
    )


def looks(*seen: tuple[float, Heartbeat | None], alive: bool = True) -> list[Verdict]:
    """One look after the other, each remembering the last."""
    verdicts: list[Verdict] = []
    memory: Memory | None = None
    for when, heard in seen:
        verdicts.append(judge(Look(now=at(when), beat=heard, alive=alive), memory, LIMITS.get))
        memory = verdicts[-1].memory
    return verdicts


def told(verdicts: list[Verdict]) -> list[str]:
    return [str(v.trouble) if v.begins else "over" for v in verdicts if v.begins or v.ended]


def test_a_silence_is_told_once_and_its_end_once() -> None:
    seen = [(m, beat(0)) for m in range(20)] + [(m, beat(m)) for m in range(20, 25)]
    verdicts = looks(*seen)
    assert told(verdicts) == ["silent", "over"]
    assert next(n for n, v in enumerate(verdicts) if v.begins) == 6


def test_a_process_that_is_gone_is_told_apart_from_one_that_hangs() -> None:
    assert told(looks((0, beat(0)), (2, beat(0)), (4, beat(0)), (6, beat(0)), alive=False)) == ["gone"]


def test_a_service_that_was_never_heard_is_told_after_five_minutes() -> None:
    verdicts = looks(*((m, None) for m in range(10)))
    assert told(verdicts) == ["never"]
    assert [v.trouble for v in verdicts[:6]] == [None] * 6


def test_the_first_look_ever_tells_an_old_heartbeat_at_once() -> None:
    assert told(looks((30, beat(0)))) == ["silent"]


def test_a_pc_that_slept_is_given_five_minutes_and_no_more() -> None:
    woken = looks((0, beat(0)), (120, beat(0)), (121, beat(121)), (122, beat(122)))
    assert told(woken) == []
    dead = looks((0, beat(0)), *((120 + m, beat(0)) for m in range(8)))
    assert told(dead) == ["silent"]
    assert dead[-2].begins


def test_a_watch_that_looks_too_seldom_still_tells() -> None:
    assert told(looks((0, beat(0)), (10, beat(0)), (20, beat(0)))) == ["silent"]


def test_sleep_during_a_phase_is_no_hanging() -> None:
    verdicts = looks((0, beat(0, "arming")), (180, beat(180, "arming")), (181, beat(181, "idle", since=181)))
    assert [(v.trouble, v.may_kill) for v in verdicts] == [(None, False)] * 3


def test_time_that_was_forgiven_is_not_told_as_life() -> None:
    verdicts = looks(*((m, beat(0)) for m in range(7)), (120, beat(0)), (121, beat(0)))
    assert told(verdicts) == ["silent"]
    assert told(looks(*((m, beat(0)) for m in range(7)), (120, beat(0)), (121, beat(121)))) == ["silent", "over"]


def test_a_clock_set_back_is_no_silence_and_hides_none() -> None:
    ahead = looks(*((m, beat(600 + m)) for m in range(10)))
    assert told(ahead) == []
    frozen = looks(*((m, beat(600)) for m in range(10)))
    assert told(frozen) == ["silent"]


def test_a_phase_over_three_times_its_limit_is_stuck_and_may_be_ended() -> None:
    verdicts = looks(*((m, beat(m, "arming")) for m in range(6)), (6, beat(6, "idle", since=6)))
    assert told(verdicts) == ["stuck", "over"]
    stuck = next(v for v in verdicts if v.begins)
    assert stuck.may_kill
    assert stuck.memory.looked_at - NOON > TIMES_OVER * timedelta(seconds=60)


def test_an_end_in_good_order_is_told_when_nobody_starts_it_again() -> None:
    off = [(0, beat(0, "stopped")), *((600 + m, beat(0, "stopped")) for m in range(8))]
    assert told(looks(*off, alive=False)) == ["stopped"]
    back = [(0, beat(0, "stopped")), (600, beat(0, "stopped")), (601, beat(601))]
    assert told(looks(*back, alive=False)) == []


@pytest.mark.parametrize(
    ("phase", "run", "seconds"),
    [
        ("sleeping", Run(), None),
        ("stopped", Run(), None),
        ("sent", Run(quiet_wait_s=10, verify_timeout_s=20), 10 + 160),
        ("sweeping", Run(), 600),
        ("sweeping", Run(verify_timeout_s=600), 3 * 1320),
        ("sweeping", Run(quiet_wait_s=600, challenge_wait_s=0), 2 * 760),
        ("sweeping", Run(challenge_wait_s=86_400), 86_400),
        ("something new", Run(), 600),
    ],
)
def test_each_phase_of_the_service_has_its_limit(phase: str, run: Run, seconds: float | None) -> None:
    assert limit_of(phase, run) == seconds


@given(quiet=st.integers(1, 600), verify=st.integers(1, 600), age=st.integers(0, 5000), heard=st.integers(0, 5000))
def test_a_request_that_may_have_left_is_never_cut_short_of_its_quiet_wait(
    quiet: int, verify: int, age: int, heard: int
) -> None:
    run = Run(quiet_wait_s=quiet, verify_timeout_s=verify)
    sent = beat(-min(heard, age) / 60, SENT, since=-age / 60)
    verdict = judge(Look(now=NOON, beat=sent, alive=True), None, lambda phase: limit_of(phase, run))
    assert not verdict.may_kill or age > quiet + verify


@given(st.lists(st.tuples(st.floats(0.1, 400), st.sampled_from(["beats", "silent", "absent", "busy"])), max_size=60))
def test_beginnings_and_ends_alternate_whatever_happens(story: list[tuple[float, str]]) -> None:
    now, last, since, seen = 0.0, 0.0, 0.0, []
    for step, what in story:
        now += step
        last = now if what in {"beats", "busy"} else last
        since = now if what == "beats" else since
        seen.append((now, None if what == "absent" else beat(last, "arming", since=since)))
    said = told(looks(*seen))
    assert all((word == "over") == bool(n % 2) for n, word in enumerate(said))


@given(st.lists(st.floats(0.5, 1.5), min_size=12, max_size=60))
def test_a_dead_service_is_always_told_and_a_living_one_never(steps: list[float]) -> None:
    moments = [sum(steps[: n + 1]) for n in range(len(steps))]
    dead = looks(*((when, beat(0)) for when in moments), alive=False)
    late = next(v.memory.looked_at for v in dead if v.begins) if told(dead) else None
    assert (late is not None) == (at(moments[-1]) - NOON > SILENT_AFTER)
    assert late is None or late - NOON <= SILENT_AFTER + timedelta(minutes=1.5)
    assert told(looks(*((when, beat(when - 0.4)) for when in moments))) == []
