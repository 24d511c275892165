"""Claims about the rare kinds of `abuse` and `patterns`: what they are, that the clerk is right about them, and that nobody else moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from simulator.scenarios import build as making
from simulator.scenarios.catalogue import ARCHETYPES, SCENARIOS
from simulator.scenarios.loss import reckon
from simulator.scenarios.people import Clerk, Person
from simulator.scenarios.playing import play
from simulator.world.model import FINISHED, Case, CaseState, CaseType, GoodsStatus
from simulator.world.rules import refusal_barred
from tests.simulator.conftest import Stage, Staging

WITH_RARE = [name for name, scenario in SCENARIOS.items() if scenario.rare]
RARE = {archetype.name for archetype in ARCHETYPES if 30 < archetype.row < 35}


def prints(scene: Stage) -> dict[str, tuple[object, ...]]:
    cases = scene.world.store.cases.values()
    return {
        c.aftersale_id: (c.amount_fen, c.words, c.order.forward, c.deadline_at, c.truth, c.order.buyer) for c in cases
    }


def test_only_two_scenarios_have_rare_kinds(stage: Staging) -> None:
    assert WITH_RARE == ["abuse", "patterns"]
    for name in SCENARIOS:
        kinds = {case.truth.archetype for case in stage(name, cases=300).cases()}
        assert kinds >= RARE if name in WITH_RARE else not RARE & kinds


@pytest.mark.parametrize("name", WITH_RARE)
@pytest.mark.parametrize("cases", [20, 61, 200])
def test_rare_kinds_take_a_few_places_and_leave_all_others_as_they_were(
    stage: Staging, monkeypatch: pytest.MonkeyPatch, name: str, cases: int
) -> None:
    now = stage(name, seed=3, cases=cases)
    monkeypatch.setattr(making, "_with_rare", lambda scenario, maker, usual: usual)
    before = prints(stage(name, seed=3, cases=cases))
    after, rare = prints(now), {case.aftersale_id for case in now.cases() if case.truth.archetype in RARE}
    pointed_to = {key for key in after.keys() - before.keys() - rare if now.world.store.cases[key].background}
    assert len(rare) == cases // making.RARE_OF == len(before.keys() - after.keys())
    assert after.keys() - before.keys() == rare | pointed_to
    assert all(after[key] == before[key] for key in before.keys() & after.keys())


@pytest.mark.parametrize("name", WITH_RARE)
def test_no_kind_loses_its_only_case_and_no_pair_its_half(
    stage: Staging, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    now = Counter(case.truth.archetype for case in stage(name, cases=100).cases())
    monkeypatch.setattr(making, "_with_rare", lambda scenario, maker, usual: usual)
    before = Counter(case.truth.archetype for case in stage(name, cases=100).cases())
    assert before.keys() <= now.keys()
    for kind in ("number_passed_on", "borrowed_picture", "revenge_orders"):
        assert now[kind] == before[kind]


def rare(stage: Staging, archetype: str) -> tuple[Stage, list[Case]]:
    scene = stage("abuse", cases=600)
    return scene, scene.cases(archetype)


def test_a_game_order_is_agreed_to_or_held_and_never_refused(stage: Staging) -> None:
    scene, cases = rare(stage, "game_order")
    for case in cases:
        assert refusal_barred(case)
        unshipped = case.type is CaseType.REFUND_UNSHIPPED
        assert scene.label(case) == (["agree_refund"] if unshipped else ["hold"])
    signed = [case for case in cases if case.order.forward]
    assert signed
    for case in signed:
        case.order.service_tags = ()
        case.order.buyer_record = replace(case.order.buyer_record, refusals=0)
        scene.world.store.noticed(case)
        assert scene.label(case) == ["refuse"], "nothing but the game's mark stood in the way"


def test_two_claims_of_one_order_ask_for_more_than_was_paid(stage: Staging) -> None:
    scene, cases = rare(stage, "second_claim")
    states = Counter()
    for case in cases:
        first, second = sorted(scene.world.store.of_order(case.order.order_id), key=lambda one: one.applied_at)
        assert second is case
        assert first.background
        assert first.aftersale_id != case.aftersale_id
        assert first.amount_fen + case.amount_fen > case.order.paid_fen
        assert first.applied_at < case.applied_at
        assert scene.label(case) == ["hold"]
        states[first.state] += 1
    assert set(states) == {CaseState.SUCCESS, CaseState.WAIT_BUYER_RETURN}


def test_a_second_claim_is_right_once_the_first_has_come_to_nothing(stage: Staging) -> None:
    scene, cases = rare(stage, "second_claim")
    case = next(case for case in cases if not case.order.refunds)
    first = next(one for one in scene.world.store.of_order(case.order.order_id) if one is not case)
    scene.patient(case)
    scene.pass_until(lambda: first.state is CaseState.CLOSED)
    assert scene.label(case) == ["agree_return"]


def test_a_first_claim_waits_for_a_second_that_somebody_agreed_to(stage: Staging) -> None:
    scene, cases = rare(stage, "second_claim")
    case = next(case for case in cases if not case.order.refunds)
    first = next(one for one in scene.world.store.of_order(case.order.order_id) if one is not case)
    case.applied_at = first.applied_at - timedelta(minutes=1)
    scene.world.store.noticed(case)
    assert scene.label(case) == ["hold"], "the return that was agreed to may take its half"
    first.state = CaseState.WAIT_SELLER
    scene.world.store.noticed(case)
    assert scene.label(case) == ["agree_return"]


def test_one_line_of_several_is_claimed_at_its_own_price(stage: Staging) -> None:
    scene, cases = rare(stage, "one_line_of_many")
    labels = Counter()
    for case in cases:
        lines = case.order.goods
        assert len(lines) >= 2
        assert case.amount_fen == lines[0].price_fen < case.order.paid_fen == sum(line.price_fen for line in lines)
        assert len({line.weight_g for line in lines}) == len(lines)
        wanted = case.type is CaseType.RETURN_REFUND
        assert scene.label(case) == (["agree_return"] if wanted else ["hold"])
        labels[case.type, case.goods_status] += 1
    assert set(labels) == {
        (CaseType.RETURN_REFUND, GoodsStatus.RECEIVED),
        (CaseType.REFUND_SHIPPED, GoodsStatus.RECEIVED),
        (CaseType.REFUND_SHIPPED, GoodsStatus.NOT_RECEIVED),
        (CaseType.REFUND_UNSHIPPED, GoodsStatus.NOT_RECEIVED),
    }


def test_what_one_of_several_lines_should_weigh_no_page_says(stage: Staging) -> None:
    scene, cases = rare(stage, "one_line_of_many")
    case = next(case for case in cases if case.type is CaseType.RETURN_REFUND)
    address = scene.world.return_addresses(scene.clerk)[0].address_id
    scene.world.agree_return(scene.clerk, case.aftersale_id, case.amount_fen, case.version, address)
    scene.pass_until(lambda: case.inbound.at)
    assert scene.label(case) == ["agree_return"]


def test_a_parcel_weighs_what_all_its_lines_weigh(stage: Staging) -> None:
    scene, cases = rare(stage, "one_line_of_many")
    for case in (case for case in cases if case.order.forward):
        goods = sum((line.weight_g or 0) * line.quantity for line in case.order.goods)
        weight = scene.world.store.parcels[case.order.forward or ""].pickup_weight_g
        assert weight is not None
        assert 50 <= weight - goods <= 150


def test_an_agreed_return_that_is_never_sent_lapses_within_a_day(stage: Staging) -> None:
    scene, cases = rare(stage, "never_sent")
    for case in cases:
        assert (case.state, scene.label(case)) == (CaseState.WAIT_BUYER_RETURN, ["hold"])
        assert case.deadline_at
        assert case.applied_at < case.deadline_at - timedelta(days=7) < scene.world.now()
        assert timedelta() < case.deadline_at - scene.world.now() <= timedelta(hours=20)
    liars = [case for case in cases if not case.truth.sends_back]
    late = [case for case in cases if case.truth.sends_back]
    assert len(liars) > len(late) > 0
    scene.pass_hours(20)
    assert {case.state for case in liars} == {CaseState.CLOSED}
    assert all(scene.effects(case) == [("platform", "close", 0, 1)] for case in liars)
    assert {case.state for case in late} == {CaseState.WAIT_SELLER_RECEIVE}
    scene.pass_until(lambda: all(case.inbound.at for case in late))
    assert all(scene.label(case) == ["agree_refund"] for case in late)


@pytest.mark.parametrize("name", WITH_RARE)
def test_clerk_and_person_lose_nothing_on_them(stage: Staging, name: str) -> None:
    for hand in (Clerk, Person):
        scene = stage(name, seed=5, cases=240)
        others = [case for case in scene.cases() if case.truth.archetype not in RARE]
        for case in others:
            case.background = True
        play(scene.built, hand(scene.built))
        assert reckon(scene.built).sheet()["total"] == 0
        assert {case.state for case in scene.cases()} <= FINISHED
