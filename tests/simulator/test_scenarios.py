"""Claims about the scenarios: repeatable, complete, realistic, and labelled alike by table and clerk."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from simulator.scenarios import texts
from simulator.scenarios.build import Built, build
from simulator.scenarios.catalogue import ANY, BY_NAME, SCENARIOS
from simulator.scenarios.labels import right_verbs, sight_of
from simulator.world.model import Shop, Truth, Verb
from tests.simulator.conftest import Staging


@pytest.mark.parametrize("seed", range(6))
def test_the_clerk_agrees_with_the_table_of_archetypes(stage: Staging, seed: int) -> None:
    scene = stage(seed=seed, cases=1_000)
    wrong = Counter()
    for case in scene.cases():
        expected = BY_NAME[case.truth.archetype].label
        if expected != (ANY,) and scene.label(case) != sorted(expected):
            wrong[case.truth.archetype, tuple(scene.label(case))] += 1
    assert not wrong


def test_the_clerk_never_looks_at_the_truth(stage: Staging) -> None:
    scene = stage(cases=400)
    before = {case.aftersale_id: right_verbs(sight_of(scene.world.store, case)) for case in scene.cases()}
    for case in scene.cases():
        case.truth = Truth("none", "none", 1, 1, "none", "none", 1, sends_back=False, intercept_works=False)
    assert before == {case.aftersale_id: right_verbs(sight_of(scene.world.store, case)) for case in scene.cases()}


def test_hostile_text_keeps_the_label_of_the_case_below_it(stage: Staging) -> None:
    scene = stage(cases=2_000)
    for case in scene.cases("hostile_text"):
        before = right_verbs(sight_of(scene.world.store, case))
        case.words, case.order.buyer = "", "tb1"
        case.order.goods = (replace(case.order.goods[0], title="杯子"),)
        assert right_verbs(sight_of(scene.world.store, case)) == before
    assert any(len(case.words) == 5_000 for case in stage(cases=2_000).cases("hostile_text"))


def test_a_seed_gives_the_same_world_and_another_seed_another(stage: Staging) -> None:
    def prints(seed: int) -> list[tuple[object, ...]]:
        return [
            (c.aftersale_id, c.amount_fen, c.words, c.order.forward, c.deadline_at) for c in stage(seed=seed).cases()
        ]

    assert prints(7) == prints(7)
    assert prints(7) != prints(8)


@pytest.mark.parametrize("name", [name for name, scenario in SCENARIOS.items() if not scenario.arrives])
@pytest.mark.parametrize("cases", [10, 61])
def test_every_scenario_has_as_many_cases_as_asked_all_waiting_for_the_seller(
    stage: Staging, name: str, cases: int
) -> None:
    scene = stage(name, cases=cases)
    assert len(scene.cases()) == cases
    waiting = [case for case in scene.cases() if case.truth.archetype != "never_sent"]
    assert {case.state.value for case in waiting} <= {"wait_seller", "wait_seller_receive"}
    assert len({case.aftersale_id for case in scene.cases()}) == cases
    assert len({case.order.order_id for case in scene.cases()}) == cases


@pytest.mark.parametrize("seed", range(8))
def test_mixed_shows_every_archetype_from_sixty_cases_on(stage: Staging, seed: int) -> None:
    assert {case.truth.archetype for case in stage(seed=seed, cases=60).cases()} == {
        name for name, archetype in BY_NAME.items() if archetype.row in SCENARIOS["mixed"].rows
    }


@pytest.mark.parametrize("cases", [10, 200, 2_000])
def test_mixed_leaves_about_two_thirds_to_a_robot(stage: Staging, cases: int) -> None:
    scene = stage(cases=cases)
    share = sum(scene.label(case) != ["hold"] for case in scene.cases()) / cases
    assert 0.55 <= share <= 0.7


def test_amounts_and_deadlines_are_realistic(stage: Staging) -> None:
    scene = stage(cases=2_000)
    amounts = [case.amount_fen for case in scene.cases() if case.amount_fen]
    hours = [(case.deadline_at - scene.world.now()).total_seconds() / 3600 for case in scene.cases()]
    assert 390 * 0.04 <= min(amounts) < 1_000
    assert 500_000 < max(amounts) <= 1_280_000
    assert min(hours) > 0.6
    assert max(hours) <= 120
    assert 0.1 < sum(h < 24 for h in hours) / len(hours) < 0.6


def test_no_date_lies_in_the_future_or_before_what_caused_it(stage: Staging) -> None:
    scene = stage(cases=2_000)
    now = scene.world.now()
    for parcel in scene.world.store.parcels.values():
        times = [parcel.created_at, *(node.at for node in parcel.nodes)]
        assert times == sorted(times), parcel
        assert times[-1] <= now, parcel
    for case in scene.cases():
        assert case.order.paid_at < case.applied_at <= now, case


def test_only_threats_read_like_threats() -> None:
    kind_words = [
        getattr(texts, name) for name in dir(texts) if name.startswith(("WORDS_", "HOSTILE_", "NOT_RECEIVED"))
    ]
    for line in (line for lines in kind_words for line in lines):
        assert not any(mark in line for mark in texts.THREAT_MARKS), line
    assert all(any(mark in line for mark in texts.THREAT_MARKS) for line in texts.THREATS)


def test_minutes_that_pass_during_a_sweep_take_nothing_away_and_add_nothing(stage: Staging) -> None:
    scene = stage(cases=1_000)
    before = {case.aftersale_id: (scene.label(case), case.version) for case in scene.cases()}
    scene.pass_hours(0.6)
    assert before == {case.aftersale_id: (scene.label(case), case.version) for case in scene.cases()}


def test_labels_only_ever_grow(stage: Staging) -> None:
    scene = stage(cases=300)
    known = {case.aftersale_id: set(scene.label(case)) - {"hold"} for case in scene.cases()}
    for _ in range(20):
        scene.pass_hours(6)
        for case in scene.cases():
            now = set(scene.label(case)) - {"hold"}
            assert now >= known[case.aftersale_id]
            known[case.aftersale_id] = now


def test_invisible_fraud_is_not_marked_by_its_label(stage: Staging) -> None:
    scene = stage(cases=2_000)
    invisible = scene.cases("invisible")
    assert {case.truth.owed_fen > 0 for case in invisible} == {True, False}
    assert all(scene.label(case) != ["hold"] for case in invisible)


def test_ten_thousand_cases_are_made_within_five_seconds() -> None:
    def seconds() -> float:
        """Of the processor; the best of three is the code's own, the others are the neighbours' on a shared machine."""
        began = time.process_time()
        built.append(build("mixed", 5, 10_000))
        return time.process_time() - began

    built: list[Built] = []
    assert any(seconds() < 5 for _ in range(3))

    assert sum(not case.background for case in built[0].world.store.cases.values()) == 10_000


@pytest.mark.parametrize(("name", "cases"), [("no-such", 60), ("mixed", 9), ("mixed", 10_001)])
def test_impossible_worlds_are_refused(name: str, cases: int) -> None:
    with pytest.raises(ValueError, match=r"scenario|--cases"):
        build(name, 1, cases)


def test_some_seeds_have_shops_with_the_list_in_a_frame_but_never_those_for_measuring() -> None:
    def shops(name: str, seeds: range) -> list[Shop]:
        return [shop for seed in seeds for shop in build(name, seed, 10).world.store.shops.values()]

    mixed = [shop.list_in_frame for shop in shops("mixed", range(60))]
    assert 0.1 < sum(mixed) / len(mixed) < 0.4
    assert all(shop.list_in_frame for shop in shops("frame", range(5)))
    assert not any(shop.list_in_frame for shop in shops("unshipped", range(60)))
    assert all(shop.rows_linger for shop in shops("mixed", range(3)))
    assert not any(shop.rows_linger for shop in shops("unshipped", range(3)))


def test_special_shops(stage: Staging) -> None:
    assert next(iter(stage("frame").world.store.shops.values())).list_in_frame
    assert next(iter(stage("challenge").world.store.shops.values())).sign_in_challenge is not None
    assert Verb.AGREE_REFUND not in stage("limited").world.accounts.all[0].rights
    two = stage("two-shops", cases=80)
    assert Counter(case.shop_id for case in two.cases()) == dict.fromkeys(two.world.store.shops, 40)
    assert len({account.password for account in two.world.accounts.all}) == 2
