"""Claims about the loss: reckoned from the truth, and ordered as judgement should order it."""

from __future__ import annotations

import pytest

from simulator.scenarios.loss import LOST_DEADLINE_FEN, WRONG_REFUSAL_FEN, Loss, LossBook, reckon, reckon_case
from simulator.scenarios.people import Clerk, Person
from simulator.scenarios.playing import play
from simulator.world.model import FINISHED, Complaint, ComplaintScene, Offer, Verb
from tests.simulator.conftest import Stage, Staging


def book(scene: Stage) -> LossBook:
    return LossBook(scene.built)


@pytest.mark.parametrize("seed", range(4))
def test_judgement_beats_agreeing_to_all_which_beats_doing_nothing(stage: Staging, seed: int) -> None:
    sheet = book(stage(seed=seed, cases=300)).sheet()
    assert sheet["flawless_clerk"]["total"] < sheet["agree_to_all"]["total"] < sheet["do_nothing"]["total"]
    assert sheet["actual"]["total"] == 0


def test_doing_nothing_for_a_week_costs_about_what_was_foretold(stage: Staging) -> None:
    scene = stage(cases=300)
    reckoning = book(scene)
    scene.pass_hours(24 * 30)
    sheet = reckoning.sheet()
    assert sheet["actual"]["paid_not_owed"] == pytest.approx(sheet["do_nothing"]["paid_not_owed"], rel=0.35)
    assert sheet["actual"]["lost_deadline_penalty"] > 200 * LOST_DEADLINE_FEN


def test_refusing_an_honest_buyer_is_a_loss_and_a_liar_is_not(stage: Staging) -> None:
    scene = stage(cases=2_000)
    honest = next(c for c in scene.cases("invisible") if c.truth.owed_fen > 0)
    liar = scene.one("signed_for")
    for case in (honest, liar):
        args = scene.clerk, case.aftersale_id, case.amount_fen, case.version, "SIGNED", "物流显示已签收"
        scene.world.refuse(*args, force=True)
    assert book(scene).sheet()["actual"]["wrong_refusal_penalty"] == WRONG_REFUSAL_FEN


def test_an_accepted_offer_costs_what_was_not_owed_and_a_complaint_about_an_honest_buyer_costs_as_a_refusal(
    stage: Staging,
) -> None:
    scene = stage(cases=400)
    case = next(c for c in scene.cases("quality_pictures") if c.truth.owed_fen)
    offer = Offer(scene.world.now(), "KEEP", case.truth.owed_fen // 2, "")
    scene.world.machine.offer(case, "seller:x", offer, "")
    scene.world.machine.accept(case)
    assert reckon_case(scene.built, case) == Loss()
    honest, liar = scene.one("return_whole"), scene.one("return_empty")
    for accused in (honest, liar):
        filed = Complaint(scene.world.now(), ComplaintScene.FALSE_RETURN, "空包", ())
        scene.world.machine.complain(accused, "seller:x", filed, "")
    assert reckon_case(scene.built, honest).wrong_refusal_penalty == WRONG_REFUSAL_FEN
    assert reckon_case(scene.built, liar) == Loss()


def test_paying_for_a_parcel_on_the_way_gives_the_goods_up_unless_it_comes_home(stage: Staging) -> None:
    scene = stage(cases=400)
    lost, brought = [c for c in scene.cases("in_transit") if c.truth.intercept_works][:2]
    scene.patient(brought)
    scene.world.agree_refund(scene.clerk, lost.aftersale_id, lost.amount_fen, lost.version)
    parcel = scene.world.parcel(brought.order.forward)
    scene.world.intercept_commit(scene.clerk, brought.aftersale_id, brought.version, parcel.waybill, parcel.fee_fen)
    scene.pass_until(lambda: "agree_refund" in scene.label(brought))
    scene.world.agree_refund(scene.clerk, brought.aftersale_id, brought.amount_fen, brought.version)
    others = {lost.aftersale_id, brought.aftersale_id}
    scene.world.store.effects.all[:] = [e for e in scene.world.store.effects.all if e.aftersale_id in others]
    actual = book(scene).sheet()["actual"]
    assert (actual["goods_given_up"], actual["fees"]) == (lost.truth.goods_fen, parcel.fee_fen)


@pytest.mark.parametrize("name", ["mixed", "returns", "intercept", "patterns"])
def test_a_person_who_finds_out_what_is_owed_loses_nothing(stage: Staging, name: str) -> None:
    scene = stage(name, seed=3, cases=120)
    play(scene.built, Person(scene.built))
    assert reckon(scene.built).sheet()["total"] == 0
    assert {case.state for case in scene.cases()} <= FINISHED


def test_what_might_have_been_leaves_what_is_alone(stage: Staging) -> None:
    scene = stage(cases=60)
    before = [(case.version, case.state) for case in scene.cases()]
    book(scene).sheet()
    assert [(case.version, case.state) for case in scene.cases()] == before
    assert not scene.world.store.effects.all


def test_the_clerk_pays_the_fee_of_an_intercept_that_fails_and_gives_no_goods_up(stage: Staging) -> None:
    scene = stage("intercept", seed=2, cases=120)
    failing = next(case for case in scene.cases("in_transit") if not case.truth.intercept_works)
    play(scene.built, Clerk(scene.built))
    fee = scene.world.store.parcels[failing.order.forward].fee_fen
    lost = reckon_case(scene.built, failing)
    assert (lost.fees, lost.goods_given_up, lost.wrong_refusal_penalty) == (fee, 0, 0)


def test_nobody_is_refused_by_the_person_who_is_owed_anything(stage: Staging) -> None:
    scene = stage("abuse", seed=4, cases=120)
    play(scene.built, Person(scene.built))
    refused = {e.aftersale_id for e in scene.world.store.effects.all if e.verb is Verb.REFUSE}
    assert refused
    assert all(case.truth.owed_fen == 0 for case in scene.cases() if case.aftersale_id in refused)
