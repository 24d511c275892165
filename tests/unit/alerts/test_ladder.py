"""Laws of the ladder: never silent, never twice for nothing, nothing lost in a digest, nobody woken without need."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.ladder import Ladder, Rung, bundles, can_wait, ladder_of, next_step
from bot.config import Settings
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.engine.moments import Window
from bot.ports.alarms import Sending
from bot.ports.notifier import Urgency
from tests.unit.alerts.climbing import LADDER, MINUTE, NOW, World, always, entry

calmly = settings(max_examples=60, deadline=None)

QUIET = replace(LADDER, quiet=Window.parse("22:00-08:00"))
NIGHT = datetime(2026, 11, 28, 23, 0, tzinfo=SHANGHAI)
MORNING = datetime(2026, 11, 29, 8, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
HIGH, LOW = Money(100_000), Money(990)

minutes = st.integers(0, 36 * 60).map(lambda number: number * MINUTE)
amounts = st.one_of(st.none(), st.integers(1, 500_000).map(Money))
urgencies = st.sampled_from([Urgency.WARN, Urgency.CALL])
waits = st.lists(st.integers(0, 90), min_size=3, max_size=3)
quiets = st.sampled_from([None, "22:00-08:00", "00:00-24:00", "12:00-15:00", "23:30-23:31"])


def ladder_with(wait: list[int], quiet: str | None = None) -> Ladder:
    rungs = tuple(replace(rung, wait=n * MINUTE) for rung, n in zip(LADDER.rungs, wait, strict=True))
    return replace(LADDER, rungs=rungs, quiet=Window.parse(quiet) if quiet else None)


@calmly
@given(left=minutes, amount=amounts, urgency=urgencies, wait=waits, quiet=quiets, began=minutes)
def test_nobody_hears_of_a_deadline_only_after_it(
    left: timedelta, amount: Money | None, urgency: Urgency, wait: list[int], quiet: str | None, began: timedelta
) -> None:
    """Somebody is told before anything is lost, at night as well, however long the first rung would wait."""
    left += MINUTE
    ladder = ladder_with(wait, quiet)
    at = NOW + began
    world = World(ladder, [entry(at=at, amount=amount, deadline=at + left, urgency=urgency)], always)
    world.run(at, at + left)
    assert world.told(1)


@calmly
@given(left=st.integers(16, 1440), wait=waits, quiet=quiets)
def test_much_money_and_little_time_climbs_to_the_phone_before_the_deadline(
    left: int, wait: list[int], quiet: str | None
) -> None:
    ladder = ladder_with(wait, quiet)
    world = World(ladder, [entry(amount=HIGH, deadline=NOW + left * MINUTE)], always)
    world.run(NOW, NOW + left * MINUTE - MINUTE)
    assert [channel for _, channel in world.told(1)][-1] == "phone"


@calmly
@given(left=st.one_of(st.none(), minutes), amount=amounts, urgency=urgencies, wait=waits, quiet=quiets)
def test_nothing_is_said_twice_on_one_rung_before_it_is_due(
    left: timedelta | None, amount: Money | None, urgency: Urgency, wait: list[int], quiet: str | None
) -> None:
    ladder = ladder_with(wait, quiet)
    deadline = None if left is None else NOW + left
    world = World(ladder, [entry(amount=amount, deadline=deadline, urgency=urgency)], always)
    world.run(NOW, NOW + 50 * HOUR)
    told = world.told(1)
    assert told
    least = ladder.repeat if urgency is Urgency.CALL else timedelta(days=1)
    assert all(later - at >= least for (at, channel), (later, next_) in pairwise(told) if channel == next_)
    order = [("desk", "group", "phone").index(channel) for _, channel in told]
    assert order == sorted(order)


@calmly
@given(left=st.one_of(st.none(), minutes), amount=amounts, urgency=urgencies, after=minutes)
def test_an_answered_alarm_is_silent(
    left: timedelta | None, amount: Money | None, urgency: Urgency, after: timedelta
) -> None:
    deadline = None if left is None else NOW + left
    world = World(LADDER, [entry(amount=amount, deadline=deadline, urgency=urgency)], always)
    world.run(NOW, NOW + after)
    world.answer(1, NOW + after)
    said = len(world.messages)
    world.run(NOW + after, NOW + after + 50 * HOUR)
    assert len(world.messages) == said
    assert next_step(world.entries[1], LADDER) is None


@calmly
@given(left=st.one_of(st.none(), minutes), urgency=urgencies, ticks=st.integers(1, 400), works=st.booleans())
def test_an_alarm_without_an_answer_always_has_a_next_step(
    left: timedelta | None, urgency: Urgency, ticks: int, works: bool
) -> None:
    """Also after its deadline, and where no channel works."""
    world = World(LADDER, [entry(deadline=None if left is None else NOW + left, urgency=urgency)], lambda *_: works)
    world.run(NOW, NOW + ticks * MINUTE * 7)
    step = next_step(world.entries[1], LADDER)
    assert step is not None
    assert step.at <= NOW + ticks * MINUTE * 7 + timedelta(days=1, hours=10)


@calmly
@given(
    alarms=st.lists(st.tuples(st.one_of(st.none(), minutes), amounts, urgencies, minutes), min_size=1, max_size=12),
    quiet=quiets,
)
def test_whoever_is_woken_is_woken_for_what_cannot_wait(
    alarms: list[tuple[timedelta | None, Money | None, Urgency, timedelta]], quiet: str | None
) -> None:
    ladder = replace(LADDER, quiet=Window.parse(quiet) if quiet else None)
    entries = [
        entry(n, NOW + at, amount=amount, urgency=urgency, deadline=None if left is None else NOW + at + left)
        for n, (left, amount, urgency, at) in enumerate(alarms, 1)
    ]
    world = World(ladder, entries, always)
    world.run(NOW, NOW + 40 * HOUR)
    for at, _, numbers in world.messages:
        if ladder.quiet and at.hour * 60 + at.minute in ladder.quiet and (quiet or "").endswith("08:00"):
            morning = MORNING if at < MORNING else MORNING + timedelta(days=1)
            # what was due in the evening and went with others a little later is no breach
            late = at - timedelta(minutes=15)
            assert any(
                not can_wait(world.entries[n], ladder, at, morning) or late.hour * 60 + late.minute not in ladder.quiet
                for n in numbers
            )


@calmly
@given(
    raised=st.lists(st.integers(0, 60), min_size=1, max_size=50),
    digest=st.integers(1, 30),
    left=st.one_of(st.none(), st.integers(1, 600)),
)
def test_a_digest_loses_none_and_leaves_the_channel_alone_between(
    raised: list[int], digest: int, left: int | None
) -> None:
    ladder = replace(LADDER, rungs=(Rung(("desk",), 0 * MINUTE),), digest=digest * MINUTE, repeat=200 * HOUR)
    entries = [
        entry(n, NOW + at * MINUTE, deadline=None if left is None else NOW + (at + left) * MINUTE)
        for n, at in enumerate(raised, 1)
    ]
    world = World(ladder, entries, always)
    world.run(NOW, NOW + 3 * HOUR)
    heard = [number for _, _, numbers in world.messages for number in numbers]
    assert sorted(heard) == [one.number for one in entries]
    if left is None:
        assert all(later - at >= ladder.digest for (at, *_), (later, *_) in pairwise(world.messages))


def test_fifty_alarms_of_one_sweep_are_two_messages() -> None:
    world = World(LADDER, [entry(n, NOW + n * timedelta(seconds=2), urgency=Urgency.WARN) for n in range(50)], always)
    world.run(NOW, NOW + 8 * MINUTE)
    assert [len(numbers) for _, _, numbers in world.messages] == [1, 49]


@calmly
@given(left=st.one_of(st.none(), minutes), amount=amounts, wait=waits, works=st.booleans())
def test_a_warning_never_rings_the_phone_whatever_is_at_stake_and_whatever_fails(
    left: timedelta | None, amount: Money | None, wait: list[int], works: bool
) -> None:
    deadline = None if left is None else NOW + left
    tried: set[str] = set()

    def heard(channel: str, _: datetime) -> bool:
        tried.add(channel)
        return works

    world = World(ladder_with(wait), [entry(amount=amount, deadline=deadline, urgency=Urgency.WARN)], heard)
    world.run(NOW, NOW + 40 * HOUR)
    assert tried
    assert "phone" not in tried


@pytest.mark.parametrize(("code", "heard"), [("risk.found", {"desk"}), ("settle.wrong_amount", {"desk", "group"})])
def test_what_a_case_may_come_to_climbs_no_further_once_it_has_its_end(code: str, heard: set[str]) -> None:
    told = entry(urgency=Urgency.WARN, reason=Reason(code=code), amount=HIGH, deadline=NOW + HOUR)
    world = World(LADDER, [told.model_copy(update={"case_over": True})], always)
    world.run(NOW, NOW + 5 * HOUR)
    assert {channel for _, channel in world.told(1)} == heard


def test_a_low_amount_never_rings_the_phone() -> None:
    world = World(LADDER, [entry(amount=LOW, deadline=NOW + HOUR)], always)
    world.run(NOW, NOW + 5 * HOUR)
    assert {channel for _, channel in world.told(1)} == {"desk", "group"}


def test_what_was_too_late_from_the_start_rings_no_phone_and_is_said_all_the_same() -> None:
    world = World(LADDER, [entry(amount=HIGH, deadline=NOW - HOUR)], always)
    world.run(NOW, NOW + 5 * HOUR)
    assert {channel for _, channel in world.told(1)} == {"desk", "group"}


def test_a_high_amount_with_days_left_does_not_ring_yet() -> None:
    world = World(LADDER, [entry(amount=HIGH, deadline=NOW + 72 * HOUR)], always)
    world.run(NOW, NOW + 69 * HOUR)
    assert "phone" not in {channel for _, channel in world.told(1)}
    world.run(NOW + 69 * HOUR, NOW + 71 * HOUR)
    assert "phone" in {channel for _, channel in world.told(1)}


@pytest.mark.parametrize(
    ("urgency", "deadline", "first"),
    [
        (Urgency.WARN, None, MORNING),
        (Urgency.CALL, None, NIGHT),
        (Urgency.CALL, MORNING + 3 * HOUR, MORNING),
        (Urgency.CALL, MORNING + HOUR, NIGHT),
        (Urgency.WARN, NIGHT + 3 * HOUR, NIGHT),
    ],
)
def test_quiet_hours_hold_back_what_can_wait_and_never_what_cannot(
    urgency: Urgency, deadline: datetime | None, first: datetime
) -> None:
    step = next_step(entry(at=NIGHT, urgency=urgency, deadline=deadline), QUIET)
    assert step is not None
    assert step.at == first


def test_what_was_due_before_the_quiet_hours_and_can_wait_is_not_said_in_them() -> None:
    evening, within = NIGHT - 90 * MINUTE, NIGHT - 50 * MINUTE
    assert bundles([entry(at=evening, urgency=Urgency.WARN)], QUIET, {}, within) == ((), MORNING)
    assert bundles([entry(at=evening)], QUIET, {}, within)[0], "a call that nobody can put a time to"


def test_a_clock_that_is_set_back_silences_nobody_and_seconds_change_nothing() -> None:
    ahead = NOW + 8 * HOUR
    said = tuple(Sending(rung=rung, channel=name, at=ahead, ok=True) for rung, name in enumerate(("desk", "group")))
    unsaid, climbing = entry(1, ahead), entry(2, ahead).model_copy(update={"sendings": said})
    ready, _ = bundles([unsaid, climbing], LADDER, {}, NOW)
    assert [(bundle.channels, bundle.told[0][1]) for bundle in ready] == [(("desk",), 0), (("phone",), 2)]
    put_right = NOW + timedelta(seconds=2)
    assert bundles([entry(at=put_right)], LADDER, {}, NOW) == ((), put_right)


def test_another_channel_of_the_rung_is_tried_at_once() -> None:
    world = World(LADDER, [entry()], lambda channel, _: channel != "group")
    world.run(NOW, NOW + 12 * MINUTE)
    assert [channel for _, channel in world.told(1)] == ["desk", "mail"]


def test_a_rung_that_nothing_gets_through_is_climbed_past() -> None:
    world = World(LADDER, [entry()], lambda channel, _: channel != "desk")
    world.run(NOW, NOW + 5 * MINUTE)
    assert [channel for _, channel in world.told(1)] == ["group"]
    assert [(one.at - NOW) // MINUTE for one in world.entries[1].sendings if not one.ok] == [0, 1]


def test_a_top_that_nothing_gets_through_falls_back_to_whatever_works() -> None:
    world = World(LADDER, [entry()], lambda channel, at: channel == "mail" or at == NOW)
    world.run(NOW, NOW + HOUR)
    assert [channel for _, channel in world.told(1)][:3] == ["desk", "mail", "mail"]


def test_dead_channels_are_tried_again_less_and_less_often() -> None:
    world = World(LADDER, [entry(amount=LOW)], lambda *_: False)
    world.run(NOW, NOW + HOUR)
    moments = sorted({one.at for one in world.entries[1].sendings})
    assert 6 < len(moments) < 16
    assert moments[-1] - moments[-2] == 10 * MINUTE


def test_a_rung_without_a_wait_of_its_own_speaks_at_once_if_it_is_the_first_and_else_after_ten_minutes() -> None:
    said = {
        "shop": [{"platform": "taobao", "shop_id": "1", "name": "n", "url": "https://a.example", "account": "a"}],
        "alarms": {"rung": [{"channels": ["a"]}, {"channels": ["b"]}, {"channels": ["c"], "wait_minutes": 0}]},
    }
    rungs = ladder_of(Settings.model_validate(said)).rungs
    assert [rung.wait // MINUTE for rung in rungs] == [0, 10, 0]


def test_without_rungs_of_its_own_each_channel_is_one_in_the_order_of_the_file() -> None:
    said = {
        "shop": [{"platform": "taobao", "shop_id": "1", "name": "n", "url": "https://a.example", "account": "a"}],
        "channel": [
            {"name": "a", "kind": "wecom"},
            {"name": "b", "kind": "voice", "url": "https://v.example", "to": ["1"]},
        ],
    }
    ladder = ladder_of(Settings.model_validate(said))
    assert [(rung.channels, rung.wait) for rung in ladder.rungs] == [(("a",), 0 * MINUTE), (("b",), 10 * MINUTE)]
