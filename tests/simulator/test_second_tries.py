"""Claims about buyers who change their minds: who applies again after a refusal, what edits become, when a service is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.faults import Faults
from simulator.meddling import Meddling
from simulator.scenarios.playing import cases_of
from simulator.scenarios.texts import THREAT_MARKS
from simulator.world.buyers import MOST_APPLICATIONS
from simulator.world.errors import WorldError
from simulator.world.model import FINISHED, Case, CaseState, CaseType, DeadlineAction, Verb
from simulator.world.rules import SELLER_LIMITS
from simulator.world.wording import NO_REASON_REASON, WORDS_AGAIN
from tests.simulator.conftest import Stage, Staging

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
AGAIN_WITHIN_H = 61
"""Whoever applies again has done so by then, and the platform has not been called meanwhile."""


def refuse(scene: Stage, case: Case) -> None:
    proof = scene.world.upload_proof(scene.clerk, case.aftersale_id, PNG).sha256
    reason = scene.world.refusal_form(scene.clerk, case.aftersale_id).reasons[0][0]
    told = case.aftersale_id, case.amount_fen, case.version
    scene.world.refuse(scene.clerk, *told, reason, "凭证见附件", (proof,))


def refused(scene: Stage, archetype: str) -> list[Case]:
    cases = [case for case in scene.cases(archetype) if scene.label(case) == ["refuse"]]
    for case in cases:
        refuse(scene, scene.patient(case))
    return cases


def tried_again(scene: Stage, archetype: str) -> list[Case]:
    cases = refused(scene, archetype)
    scene.pass_hours(AGAIN_WITHIN_H)
    return [case for case in cases if case.applications > 1]


def test_who_applies_again_waits_for_the_seller_in_a_new_version_with_the_whole_time(stage: Staging) -> None:
    scene = stage("refusals", cases=200)
    cases = refused(scene, "signed_for")
    before = {case.aftersale_id: case.version for case in cases}
    scene.pass_until(lambda: any(one.applications > 1 for one in cases), step_hours=0.5)
    case = next(one for one in cases if one.applications > 1)
    limit, action = SELLER_LIMITS[case.type]
    assert (case.state, case.deadline_action) == (CaseState.WAIT_SELLER, action)
    assert case.version > before[case.aftersale_id]
    assert case.deadline_at
    assert timedelta() <= scene.world.now() + limit - case.deadline_at <= timedelta(hours=0.5)
    assert [verb for _, verb, _, _ in scene.effects(case)] == ["refuse", "reapply"]


@pytest.mark.parametrize("archetype", ["signed_for", "return_empty"])
def test_the_same_facts_have_the_same_label_and_may_be_refused_again(stage: Staging, archetype: str) -> None:
    scene = stage("refusals", cases=400)
    again = tried_again(scene, archetype)
    assert len(again) >= 3
    for case in again:
        assert scene.label(case) == ["refuse"]
        assert not scene.world.refusal_form(scene.clerk, case.aftersale_id).barred
        refuse(scene, case)
        assert [verb for _, verb, _, _ in scene.effects(case)] == ["refuse", "reapply", "refuse"]


def test_goods_that_came_back_are_not_agreed_to_a_second_time(stage: Staging) -> None:
    scene = stage("refusals", cases=400)
    for case in tried_again(scene, "return_empty"):
        assert case.state is CaseState.WAIT_SELLER_RECEIVE
        assert case.deadline_at
        assert case.deadline_at - scene.world.now() <= timedelta(hours=48)


def test_only_some_apply_again_and_nobody_who_is_owed_money(stage: Staging) -> None:
    scene = stage("refusals", cases=400)
    cases = refused(scene, "signed_for")
    scene.pass_hours(AGAIN_WITHIN_H)
    again = [case for case in cases if case.applications > 1]
    assert 0.1 < len(again) / len(cases) < 0.45
    honest = stage("abuse", cases=400)
    wronged = [case for case in refused(honest, "invisible") if case.truth.owed_fen > 0]
    honest.pass_hours(23)
    assert wronged
    assert all(case.applications == 1 for case in wronged)
    honest.pass_hours(2)
    assert {case.state for case in wronged} == {CaseState.PLATFORM}


def test_applying_again_asks_for_no_more_and_threatens_nobody(stage: Staging) -> None:
    scene = stage("refusals", cases=400)
    claimed = {case.aftersale_id: case.amount_fen for case in scene.cases()}
    again = tried_again(scene, "signed_for")
    lower = [case for case in again if case.amount_fen < claimed[case.aftersale_id]]
    assert all(0 < case.amount_fen <= claimed[case.aftersale_id] for case in again)
    assert 0 < len(lower) < len(again)
    assert not [words for words in WORDS_AGAIN if any(mark in words for mark in THREAT_MARKS)]


def test_refusals_without_end_end(stage: Staging) -> None:
    scene = stage("refusals", cases=200)
    for _ in range(40):
        for case in cases_of(scene.built):
            if scene.label(case) == ["refuse"] and case.state in {CaseState.WAIT_SELLER, CaseState.WAIT_SELLER_RECEIVE}:
                refuse(scene, case)
        scene.pass_hours(24)
    most = max(case.applications for case in scene.cases())
    assert 1 < most <= MOST_APPLICATIONS
    assert {case.state for case in scene.cases()} <= FINISHED


def test_whether_one_applies_again_moves_nobody_elses_luck(stage: Staging) -> None:
    scene = stage("refusals", cases=200)
    before = scene.world.store.rng.getstate()
    assert tried_again(scene, "signed_for")
    assert scene.world.store.rng.getstate() == before


# ---- services ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (CaseType.RESEND, CaseState.SUCCESS),
        (CaseType.EXCHANGE, CaseState.WAIT_BUYER_RETURN),
        (CaseType.REPAIR, CaseState.WAIT_BUYER_RETURN),
    ],
)
def test_a_resend_asks_nothing_of_the_buyer(stage: Staging, kind: CaseType, state: CaseState) -> None:
    scene = stage(cases=900)
    case, late = [case for case in scene.cases("service") if case.type is kind][:2]
    scene.world.agree_service(scene.clerk, case.aftersale_id, case.amount_fen, case.version)
    assert case.state is state
    scene.pass_hours(5 * 24)
    assert (late.state, scene.effects(late)[-1]) == (state, ("platform", "agree_service", 0, 1))


# ---- edits ------------------------------------------------------------------------------------------------------------


def edited(scene: Stage) -> dict[str, list[tuple[Case, int, CaseType]]]:
    """Every case whose buyer has edited it, with what was claimed before, by what became of it."""
    faults = Faults()
    meddling = Meddling(scene.world, scene.built.labels, faults, 1)
    found: dict[str, list[tuple[Case, int, CaseType]]] = {"lower": [], "higher": [], "other type": [], "same": []}
    for case in scene.cases():
        claimed, kind, version = case.amount_fen, case.type, case.version
        faults.add("buyer_edits")
        meddling.around_case(case.aftersale_id)
        if case.version == version:
            continue
        move = "lower" if case.amount_fen < claimed else "higher" if case.amount_fen > claimed else "same"
        found["other type" if case.type is not kind else move].append((case, claimed, kind))
    return found


def test_an_edit_goes_up_or_down_or_asks_for_a_return(stage: Staging) -> None:
    found = edited(stage(cases=1_000))
    assert min(len(found[move]) for move in ("lower", "higher", "other type")) >= 10
    assert len(found["lower"]) > len(found["higher"]) + len(found["other type"])


def test_an_edit_never_asks_for_more_than_was_paid(stage: Staging) -> None:
    raised = edited(stage(cases=1_000))["higher"]
    assert raised
    for case, _, _ in raised:
        assert case.amount_fen <= case.order.paid_fen - case.order.refunded_fen
        assert case.truth.owed_fen <= case.order.paid_fen


def test_a_buyer_who_would_rather_return_has_the_goods_and_a_right_to_it(stage: Staging) -> None:
    scene = stage(cases=1_000)
    switched = edited(scene)["other type"]
    for case, _, kind in switched:
        assert (kind, case.type) == (CaseType.REFUND_SHIPPED, CaseType.RETURN_REFUND)
        assert case.deadline_action is DeadlineAction.AGREE_RETURN
        assert case.truth.goods_at != "lost"
    plain = [case for case, _, _ in switched if case.truth.archetype == "signed_for"]
    assert plain
    for case in plain:
        assert case.reason == NO_REASON_REASON
        assert "agree_return" in scene.label(case)
        assert scene.world.refusal_form(scene.clerk, case.aftersale_id).barred


def test_an_edit_voids_what_was_read_before(stage: Staging) -> None:
    scene = stage(cases=400)
    case = scene.one("signed_for")
    read = case.aftersale_id, case.amount_fen, case.version
    assert scene.world.buyers.would_rather_return(case)
    with pytest.raises(WorldError, match=r"STATE_CHANGED|VERSION_CHANGED"):
        scene.world.agree_refund(scene.clerk, *read)
    assert [verb for _, verb, _, _ in scene.effects(case)] == [Verb.EDIT]


def test_who_is_owed_nothing_and_would_rather_return_sends_an_empty_bag(stage: Staging) -> None:
    scene = stage(cases=400)
    case = scene.one("signed_for")
    scene.world.buyers.would_rather_return(case)
    address = scene.world.return_addresses(scene.clerk)[0].address_id
    scene.world.agree_return(scene.clerk, case.aftersale_id, case.amount_fen, case.version, address)
    scene.pass_until(lambda: case.inbound.at)
    assert case.inbound.counted == 0
    assert "refuse" in scene.label(case)
    assert scene.world.store.parcels[case.backward or ""].pickup_weight_g == case.truth.sent_back_g


def test_edits_of_unshipped_claims_in_full_are_what_they_always_were(stage: Staging) -> None:
    scene = stage("unshipped", cases=100)
    found = edited(scene)
    assert {move for move, cases in found.items() if cases} == {"lower"}
    for case, claimed, _ in found["lower"]:
        assert claimed * 60 // 100 <= case.amount_fen <= claimed * 95 // 100


# ---- rows of the shop's history -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_the_history_have_the_deadline_that_their_state_has(stage: Staging, seed: int) -> None:
    scene = stage(seed=seed, cases=300)
    rows = [case for case in scene.world.store.cases.values() if case.background]
    timed = {CaseState.SELLER_REFUSED, CaseState.WAIT_BUYER_RETURN}
    for case in rows:
        assert (case.deadline_at is not None) is (case.state in timed)
        if case.deadline_at is not None:
            began = case.deadline_at - timedelta(days=7)
            assert case.applied_at < began <= scene.world.now() < case.deadline_at
    scene.pass_hours(7 * 24)
    assert {case.state for case in rows}.isdisjoint(timed)


def test_some_of_the_shops_cases_with_the_platform_wait_for_proof(stage: Staging) -> None:
    def to_prove(seed: int) -> tuple[int, int]:
        world = stage(seed=seed, cases=300).world
        counters = world.listing.counters(next(iter(world.store.shops)), world.now())
        return counters.to_prove, counters.platform

    counted = [to_prove(seed) for seed in range(4)]
    assert all(proofs <= platform for proofs, platform in counted)
    assert 0 < sum(proofs for proofs, _ in counted) < sum(platform for _, platform in counted)
