"""Claims about a day at a rate: cases come by the curve, the clerk is right although parcels move on, delays are the truth."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from simulator.scenarios.build import build
from simulator.scenarios.catalogue import ANY, BY_NAME
from simulator.scenarios.day import BEFORE, CURVE, DAY, moments
from simulator.scenarios.delays import DelayBook, figures, row
from simulator.scenarios.loss import LossBook
from simulator.scenarios.people import Clerk, Hands
from simulator.scenarios.playing import play
from simulator.scenarios.shops import MOST_SHOPS
from simulator.world.clock import START, WorldClock
from simulator.world.listing import ListQuery, Tab
from simulator.world.model import Case, CaseState, Verb
from tests.simulator.conftest import Stage, Staging

WHOLE_DAY_H = 24.5


# ---- the clock at a rate --------------------------------------------------------------------------------------------


def test_time_runs_so_many_times_as_fast_and_what_has_passed_has_passed() -> None:
    ticks = [0.0]
    clock = WorldClock(monotonic=lambda: ticks[0])
    ticks[0] = 10
    clock.set_rate(20)
    ticks[0] = 13
    assert clock.now() == START + timedelta(seconds=10 + 3 * 20)
    clock.set_rate(0)
    ticks[0] = 1_000
    assert clock.now() == START + timedelta(seconds=70)
    clock.advance(5)
    assert clock.now() == START + timedelta(seconds=75)


def test_the_agenda_obeys_the_rate() -> None:
    ticks, fired = [0.0], []
    clock = WorldClock(monotonic=lambda: ticks[0])
    clock.set_rate(60)
    clock.at(START + timedelta(minutes=5), lambda: fired.append(clock.now()))
    ticks[0] = 4.9
    clock.catch_up()
    assert not fired
    ticks[0] = 5.1
    clock.catch_up()
    assert fired == [START + timedelta(minutes=5)]


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), 3_601, 10**400])
def test_a_rate_that_nothing_can_run_at_changes_nothing(rate: float) -> None:
    clock = WorldClock(monotonic=lambda: 0.0)
    with pytest.raises(ValueError, match="rate"):
        clock.set_rate(rate)
    assert clock.rate == 1


# ---- shops ----------------------------------------------------------------------------------------------------------


def test_five_shops_have_a_name_an_account_and_a_fifth_of_the_cases_each_and_share_the_courier() -> None:
    world = build("mixed", 3, 100, lambda: 0.0, shops=5).world
    assert len({shop.name for shop in world.store.shops.values()}) == 5
    assert [account.shop_id for account in world.accounts.all] == list(world.store.shops)
    assert not any(account.also for account in world.accounts.all)
    cases = Counter(case.shop_id for case in world.store.cases.values() if not case.background)
    assert cases == dict.fromkeys(world.store.shops, 20)
    assert world.accounts.courier.shop_id == ""


def test_as_many_shops_as_a_scenario_has_of_itself_change_nothing() -> None:
    def prints(shops: int | None) -> list[tuple[object, ...]]:
        world = build("mixed", 5, 30, lambda: 0.0, shops=shops).world
        return [(case.aftersale_id, case.amount_fen, case.shop_id) for case in world.store.cases.values()]

    assert prints(None) == prints(1)


@pytest.mark.parametrize("shops", [0, MOST_SHOPS + 1])
def test_impossible_numbers_of_shops_are_refused(shops: int) -> None:
    with pytest.raises(ValueError, match="--shops"):
        build("mixed", 1, 20, shops=shops)


# ---- cases that come ------------------------------------------------------------------------------------------------


def day(stage: Staging, cases: int = 400) -> Stage:
    return stage("promotion_day", seed=2, cases=cases)


def test_a_case_is_nowhere_before_its_application(stage: Staging) -> None:
    scene = day(stage)
    assert scene.world.now() == DAY - BEFORE
    standing = len(scene.cases())
    assert standing + scene.world.arrivals.left == 400
    assert standing < 80
    assert all(case.applied_at <= scene.world.now() for case in scene.cases())
    for _ in range(int(WHOLE_DAY_H * 2)):
        scene.pass_hours(0.5)
        now = scene.world.now()
        assert all(node.at <= now for parcel in scene.world.store.parcels.values() for node in parcel.nodes)
        assert all(case.applied_at <= now for case in scene.cases())
    assert (scene.world.arrivals.left, len(scene.cases())) == (0, 400)


def test_applications_follow_the_curve(stage: Staging) -> None:
    scene = day(stage, 2_000)
    scene.pass_hours(WHOLE_DAY_H)
    came = Counter(case.applied_at.hour for case in scene.cases() if case.applied_at > DAY)
    assert came[0] > 1.5 * came[1] > 0
    assert max(came[hour] for hour in (3, 4, 5)) < came[0] / 8
    share = sum(CURVE[20:23]) / sum(CURVE)
    assert sum(came[hour] for hour in (20, 21, 22)) / came.total() == pytest.approx(share, abs=0.02)


def test_a_new_row_is_on_the_list_when_it_has_come_and_not_before(stage: Staging) -> None:
    scene = day(stage, 60)

    def listed() -> set[str]:
        page = scene.world.list_cases(scene.clerk, ListQuery(tab=Tab.WAIT_SELLER))
        assert page.pages == 1
        return {case.aftersale_id for case in page.rows}

    before = listed()
    scene.pass_until(lambda: scene.world.arrivals.left < 45, step_hours=0.1)
    assert listed() == {case.aftersale_id for case in scene.cases() if case.state is CaseState.WAIT_SELLER} > before


def test_the_day_is_the_same_for_the_same_seed_however_it_is_moved(stage: Staging) -> None:
    def prints(step_hours: float) -> list[tuple[object, ...]]:
        scene = day(stage, 120)
        while scene.world.arrivals.left:
            scene.pass_hours(step_hours)
        return sorted((c.aftersale_id, c.applied_at, c.deadline_at, c.amount_fen) for c in scene.cases())

    assert [one[:2] for one in prints(0.7)] == [one[:2] for one in prints(9)]


def test_labels_are_the_tables_when_a_case_comes_and_only_grow(stage: Staging) -> None:
    scene = day(stage, 1_000)
    scene.pass_hours(WHOLE_DAY_H)
    for case in scene.cases():
        expected = BY_NAME[case.truth.archetype].label
        if expected != (ANY,):
            assert {verb for verb in expected if verb != "hold"} <= set(scene.label(case)) - {"hold"}, case.truth
        if case.applied_at > DAY and expected not in {(ANY,), ("hold",)}:
            assert sorted(scene.built.labels.initial[case.aftersale_id]) == sorted(expected)


def test_a_return_that_was_unpacked_today_was_on_its_way_before(stage: Staging) -> None:
    scene = day(stage, 1_000)
    returns = scene.cases("return_whole")
    assert returns
    assert all(scene.label(case) == ["hold"] and case.inbound.at is None for case in returns if late(case))
    scene.pass_hours(WHOLE_DAY_H)
    assert all("agree_refund" in scene.label(case) for case in returns)


def late(case: Case) -> bool:
    """Its deadline was written beside its hour: far ahead means that the hour is far ahead."""
    return case.deadline_at is not None and case.deadline_at > DAY + timedelta(days=5, hours=18)


def test_no_deadline_of_the_day_is_nearer_than_three_hours_after_the_application(stage: Staging) -> None:
    scene = day(stage, 1_000)
    scene.pass_hours(WHOLE_DAY_H)
    left = [case.deadline_at - case.applied_at for case in scene.cases() if case.deadline_at and case.applied_at > DAY]
    assert min(left) >= timedelta(hours=3)
    assert 0.02 < sum(one < timedelta(hours=8) for one in left) / len(left) < 0.12


# ---- delays ---------------------------------------------------------------------------------------------------------


def nearly_there(scene: Stage) -> Case:
    scene.pass_until(lambda: any(is_open(case) for case in scene.cases("nearly_there")), step_hours=0.05)
    return next(case for case in scene.cases("nearly_there") if is_open(case))


def is_open(case: Case) -> bool:
    return case.state is CaseState.WAIT_SELLER


def delay_of(scene: Stage, book: DelayBook, case: Case) -> dict[str, object]:
    return next(row(one) for one in book.delays() if one.aftersale_id == case.aftersale_id)


def test_an_intercept_is_measured_from_the_application_and_can_be_missed(stage: Staging) -> None:
    scene = day(stage, 200)
    book = DelayBook(scene.built)
    case = nearly_there(scene)
    scene.world.store.clock.advance(30)
    Hands(scene.built, "seller:x").intercept(case)
    asked = delay_of(scene, book, case)
    waited = (scene.world.now() - case.applied_at).total_seconds()
    assert (asked["intercept_waited_s"], asked["waited_s"], asked["intercept_until"]) == (waited, waited, None)
    scene.pass_hours(WHOLE_DAY_H)
    missed = next(one for one in scene.cases("nearly_there") if one is not case)
    told = delay_of(scene, book, missed)
    out = next(node.at for node in scene.world.parcel(missed.order.forward).nodes if node.state == "delivering")
    assert told["intercept_until"] == out.isoformat()
    assert told["intercept_waited_s"] == (out - missed.applied_at).total_seconds()


def test_an_act_after_its_time_is_told_as_late_although_the_label_still_has_it(stage: Staging) -> None:
    scene = day(stage, 300)
    book = DelayBook(scene.built)
    case = nearly_there(scene)
    scene.world.machine.edit(case, case.amount_fen, case.reason)
    scene.pass_until(lambda: scene.built.labels.story[case.aftersale_id][-1].verbs == frozenset(), step_hours=0.1)
    gone = scene.built.labels.story[case.aftersale_id][-1].since
    scene.world.store.effects.add(scene.world.now(), "seller:x", Verb.INTERCEPT, case.aftersale_id)
    acted = delay_of(scene, book, case)["acted"]
    assert "intercept" in scene.label(case)
    assert isinstance(acted, dict)
    assert acted["late_s"] == (scene.world.now() - gone).total_seconds() > 0


def test_who_is_never_answered_counts_with_the_time_waited_so_far(stage: Staging) -> None:
    scene = day(stage, 300)
    book = DelayBook(scene.built)
    scene.pass_hours(3)
    told = [one for one in book.delays() if one.at_once and one.archetype == "unshipped_full"]
    assert told
    assert all(one.acted is None and one.waited_s is not None for one in told)
    waiting = [one for one in told if scene.world.store.cases[one.aftersale_id].state is CaseState.WAIT_SELLER]
    now = scene.world.now()
    assert [one.waited_s for one in waiting] == [(now - one.applied_at).total_seconds() for one in waiting]
    assert figures(told)["action"]["open"] == len(told)


def test_a_deadline_that_the_platform_let_pass_is_lost_and_counted_in_its_shop() -> None:
    built = build("promotion_day", 2, 300, lambda: 0.0, shops=3)
    book = DelayBook(built)
    built.world.store.clock.advance(timedelta(hours=30).total_seconds())
    sheet = book.sheet()
    lost = {one.aftersale_id for one in book.delays() if one.deadline_lost_at}
    assert lost
    assert set(sheet["all"]["deadlines_lost"]) == lost
    assert sorted(key for shop in built.world.store.shops for key in sheet[shop]["deadlines_lost"]) == sorted(lost)
    assert {built.world.store.cases[key].state for key in lost} <= {CaseState.SUCCESS, CaseState.WAIT_BUYER_RETURN}


# ---- loss -----------------------------------------------------------------------------------------------------------


def test_the_loss_of_the_shops_adds_up_and_a_clerk_beats_doing_nothing_on_the_day() -> None:
    built = build("promotion_day", 4, 100, lambda: 0.0, shops=2)
    book = LossBook(built)
    whole, parts = book.sheet(), [book.sheet(shop) for shop in built.world.store.shops]
    assert {name: sheet["total"] for name, sheet in whole.items()} == {
        name: sum(part[name]["total"] for part in parts) for name in whole
    }
    assert whole["flawless_clerk"]["total"] < whole["agree_to_all"]["total"] < whole["do_nothing"]["total"]
    assert built.world.arrivals.left > 0, "playing what might have been moves nothing here"


def test_moments_are_in_order_and_within_the_day() -> None:
    drawn = moments(500, random.Random(1))
    assert all(one <= after for one, after in pairwise(drawn))
    assert drawn[0] >= DAY
    assert drawn[-1] < DAY + timedelta(days=1)


def test_a_clerk_who_looks_every_two_minutes_meets_the_figures_that_a_robot_is_held_to() -> None:
    built = build("promotion_day", 6, 150, lambda: 0.0, shops=5)
    book = DelayBook(built)
    play(built, Clerk(built))
    told = book.sheet()["all"]
    assert (told["action"]["open"], told["intercept"]["missed"], told["deadlines_lost"]) == (0, 0, [])
    assert 0 < told["action"]["p95_s"] <= 120
    assert 0 < told["intercept"]["p95_s"] <= 120
    assert (told["stale"], told["never_right"]) == (0, 0)
