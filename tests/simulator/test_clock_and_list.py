"""Claims about time, the list and its counters, sign-in and pictures."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from simulator.world.accounts import Realm
from simulator.world.clock import FARTHEST, START, WorldClock
from simulator.world.errors import Code, WorldError
from simulator.world.listing import ListQuery, Sort, Tab
from simulator.world.model import FINISHED, Case, CaseState, Challenge
from tests.simulator.conftest import Stage, Staging


def test_the_agenda_fires_in_order_each_entry_at_its_own_time() -> None:
    clock, seen = WorldClock(monotonic=lambda: 0.0), []
    for hours in (3, 1, 2):
        clock.at(START + timedelta(hours=hours), lambda hours=hours: seen.append((hours, clock.now())))
    clock.at(
        START + timedelta(hours=1), lambda: clock.after(timedelta(minutes=30), lambda: seen.append((1.5, clock.now())))
    )
    assert clock.advance(2.5 * 3600) == 4
    assert seen == [(hours, START + timedelta(hours=hours)) for hours in (1, 1.5, 2)]
    assert clock.now() == START + timedelta(hours=2.5)


def test_time_runs_at_real_speed_and_never_back() -> None:
    ticks = [0.0]
    clock = WorldClock(monotonic=lambda: ticks[0])
    ticks[0] = 90
    assert clock.now() == START + timedelta(seconds=90)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


@pytest.mark.parametrize("seconds", [1e12, float("nan"), float("inf"), 10**400, -0.5])
def test_a_jump_that_no_calendar_holds_moves_nothing(seconds: float) -> None:
    clock, fired = WorldClock(monotonic=lambda: 0.0), []
    clock.at(START + timedelta(hours=1), lambda: fired.append(1))
    with pytest.raises(ValueError, match="forward"):
        clock.advance(seconds)
    assert (clock.now(), clock.catch_up(), fired) == (START, START, [])


def test_many_jumps_go_no_farther_than_one() -> None:
    clock = WorldClock(monotonic=lambda: 0.0)
    clock.advance(FARTHEST.total_seconds() - 10)
    clock.advance(10)
    with pytest.raises(ValueError, match="by 0 s at most"):
        clock.advance(1)
    assert clock.now() == START + FARTHEST


def all_rows(scene: Stage, **query: Any) -> tuple[int, list[Case]]:
    rows, page = [], 1
    while True:
        answer = scene.world.list_cases(scene.clerk, ListQuery(page=page, **query))
        rows += answer.rows
        if page >= answer.pages:
            return answer.total, rows
        page += 1


def test_the_pages_of_a_tab_hold_every_case_once(stage: Staging) -> None:
    scene = stage(cases=130)
    total, rows = all_rows(scene, tab=Tab.WAIT_SELLER)
    ids = [case.aftersale_id for case in rows]
    assert total == len(ids) == len(set(ids))
    assert set(ids) == {case.aftersale_id for case in scene.cases() if case.state is CaseState.WAIT_SELLER}


def test_the_sort_orders_are_what_their_names_say(stage: Staging) -> None:
    scene = stage(cases=130)
    _, applied = all_rows(scene, sort=Sort.APPLIED)
    _, urgent = all_rows(scene, tab=Tab.WAIT_SELLER, sort=Sort.DEADLINE)
    assert [case.applied_at for case in applied] == sorted((case.applied_at for case in applied), reverse=True)
    assert [case.deadline_at for case in urgent] == sorted(case.deadline_at for case in urgent)


def test_search_and_type_filter(stage: Staging) -> None:
    scene = stage(cases=130)
    case = scene.one("in_transit")
    for keyword in (case.aftersale_id, f" {case.order.order_id} "):
        assert all_rows(scene, keyword=keyword) == (1, [case])
    _, rows = all_rows(scene, type=case.type)
    assert {row.type for row in rows} == {case.type}


def test_the_opening_tab_shows_more_than_waits_for_the_seller(stage: Staging) -> None:
    scene = stage(cases=130)
    _, rows = all_rows(scene)
    assert any(case.state in FINISHED for case in rows)
    assert (
        scene.world.list_cases(scene.clerk, ListQuery(tab=Tab.PLATFORM)).total
        == scene.world.counters(scene.clerk).platform
        > 0
    )


def test_an_acted_case_leaves_the_tab_at_once(stage: Staging) -> None:
    scene = stage()
    case = scene.one("unshipped_full")
    before, _ = all_rows(scene, tab=Tab.WAIT_SELLER)
    scene.world.agree_refund(scene.clerk, case.aftersale_id, case.amount_fen, case.version)
    after, rows = all_rows(scene, tab=Tab.WAIT_SELLER)
    assert after == before - 1
    assert case not in rows


@pytest.mark.parametrize("hidden", [True, False])
def test_a_shifted_row_is_out_of_place_for_some_requests_only(stage: Staging, hidden: bool) -> None:
    scene = stage(cases=130)
    _, rows = all_rows(scene)
    moved = rows[-1]
    scene.world.listing.shift(scene.clerk.shop_id, moved.aftersale_id, hidden=hidden, requests=1)
    page = scene.world.list_cases(scene.clerk, ListQuery())
    assert (page.total, page.rows[0] is moved) == ((len(rows) - 1, False) if hidden else (len(rows), True))
    assert all_rows(scene) == (len(rows), rows)


def test_thousands_of_rows_are_paged_once_each(stage: Staging) -> None:
    scene = stage(cases=3_000)
    total, rows = all_rows(scene, sort=Sort.DEADLINE)
    assert total == len(rows) > 3_000


def test_sign_in_sessions_and_realms(stage: Staging) -> None:
    world, account = stage().world, stage().world.accounts.all[0]
    session = world.sign_in(account.name, account.password)
    assert world.session(session.token).actor.shop_id == account.shop_id
    for token, realm in ((None, Realm.SHOP), ("x", Realm.SHOP), (session.token, Realm.COURIER)):
        with pytest.raises(WorldError) as caught:
            world.session(token, realm)
        assert caught.value.code is Code.SESSION_EXPIRED
    with pytest.raises(WorldError):
        world.sign_in(account.name, "wrong")
    world.sign_out(session.token)
    with pytest.raises(WorldError):
        world.session(session.token)


@pytest.mark.parametrize("kind", Challenge)
def test_a_challenged_session_is_useless_until_a_person_has_passed(stage: Staging, kind: Challenge) -> None:
    world = stage().world
    account = world.accounts.all[0]
    token = world.sign_in(account.name, account.password).token
    world.accounts.challenge_all(kind)
    with pytest.raises(WorldError) as caught:
        world.session(token)
    assert caught.value.code is Code.NEED_CHALLENGE
    token = world.sign_in(account.name, account.password).token
    with pytest.raises(WorldError):
        world.session(token)
    if kind is Challenge.SLIDER:
        world.pass_slider(token)
    else:
        world.send_sms(token)
        world.pass_sms(token, world.accounts.phone()[0]["code"])
    assert world.session(token).challenge is None
    assert world.sign_in(account.name, account.password).challenge is None


def test_pictures_are_small_pngs_and_the_same_each_time(stage: Staging) -> None:
    scene = stage(cases=200)
    picture = next(picture for case in scene.cases() for picture in case.pictures)
    png = scene.world.picture(picture.sha)
    assert png == scene.world.picture(picture.sha)
    assert Image.open(io.BytesIO(png)).size == (320, 240)
    assert len(png) < 20_000
    assert scene.world.picture("0" * 64) is None
