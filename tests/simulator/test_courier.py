"""Claims about parcels: trails, quotes, asynchronous intercepts, what comes home and what the warehouse counts."""

from __future__ import annotations

import pytest

from simulator.world.errors import Code, WorldError
from simulator.world.model import Case, InterceptState, Parcel, ParcelState
from tests.simulator.conftest import Stage, Staging


def commit(scene: Stage, case: Case) -> Parcel:
    quote = scene.world.intercept_quote(scene.clerk, case.aftersale_id, case.version)
    scene.world.intercept_commit(scene.clerk, case.aftersale_id, case.version, quote.waybill, quote.fee_fen)
    return scene.world.parcel(quote.waybill)


def in_transit(scene: Stage, *, works: bool) -> Case:
    found = (case for case in scene.cases("in_transit") if case.truth.intercept_works is works)
    return scene.patient(next(found))


def test_an_intercept_is_accepted_first_and_home_much_later(stage: Staging) -> None:
    scene = stage(cases=200)
    case = in_transit(scene, works=True)
    parcel = commit(scene, case)
    assert parcel.intercept.state is InterceptState.REQUESTED
    assert scene.effects(case) == [(scene.clerk.label, "intercept", parcel.fee_fen, 1)]
    scene.pass_hours(1)
    assert parcel.intercept.state is InterceptState.INTERCEPTING
    assert scene.label(case) == ["intercept"]
    scene.pass_until(lambda: parcel.intercept.state is InterceptState.RETURNED_SIGNED, step_hours=1)
    assert parcel.state is ParcelState.RETURN_SIGNED
    assert parcel.signed_city == parcel.from_city
    assert scene.label(case) == ["agree_refund", "intercept"]
    steps = [state for _, state in parcel.intercept.history]
    assert steps == ["requested", "accepted", "intercepting", "returning", "returned_signed"]


def test_a_failed_intercept_says_why_and_the_parcel_is_delivered(stage: Staging) -> None:
    scene = stage(cases=400)
    case = in_transit(scene, works=False)
    parcel = commit(scene, case)
    scene.pass_until(lambda: parcel.intercept.state is InterceptState.FAILED, step_hours=1)
    assert parcel.intercept.reason
    scene.pass_until(lambda: parcel.state is ParcelState.SIGNED)
    assert "agree_refund" not in scene.label(case)


def test_a_waybill_is_intercepted_once(stage: Staging) -> None:
    scene = stage(cases=200)
    case = in_transit(scene, works=True)
    parcel = commit(scene, case)
    with pytest.raises(WorldError) as caught:
        scene.world.intercept_commit(scene.clerk, case.aftersale_id, case.version, parcel.waybill, parcel.fee_fen)
    assert caught.value.code is Code.NOT_INTERCEPTABLE
    assert scene.effects(case) == [(scene.clerk.label, "intercept", parcel.fee_fen, 2)]


@pytest.mark.parametrize(("waybill", "more"), [("0", 0), ("", 1)])
def test_another_waybill_or_fee_is_not_intercepted(stage: Staging, waybill: str, more: int) -> None:
    scene = stage(cases=200)
    case = in_transit(scene, works=True)
    quote = scene.world.intercept_quote(scene.clerk, case.aftersale_id, case.version)
    with pytest.raises(WorldError) as caught:
        scene.world.intercept_commit(
            scene.clerk, case.aftersale_id, case.version, waybill or quote.waybill, quote.fee_fen + more
        )
    assert caught.value.code is Code.NOT_INTERCEPTABLE
    assert scene.effects(case) == []


def test_every_blocked_intercept_is_visible_in_the_quote_or_on_the_page(stage: Staging) -> None:
    scene = stage(cases=600)
    reasons = set()
    for case in scene.cases("transit_blocked"):
        quote = scene.world.intercept_quote(scene.clerk, case.aftersale_id, case.version)
        dear = quote.fee_fen > 2_000 or quote.fee_fen * 100 > 30 * case.amount_fen
        assert quote.reason or quote.other_goods or dear
        assert quote.feasible is not bool(quote.reason)
        reasons.add(quote.reason)
    assert len(reasons) == 4


def test_a_parcel_on_its_way_home_arrives_and_then_the_refund_is_right(stage: Staging) -> None:
    scene = stage(cases=200)
    case = scene.patient(scene.one("returning"))
    assert scene.label(case) == ["hold"]
    scene.pass_until(lambda: scene.label(case) == ["agree_refund"])
    assert case.inbound.counted == case.quantity


def test_an_unscanned_parcel_is_scanned_hours_later(stage: Staging) -> None:
    scene = stage(cases=200)
    case = scene.patient(scene.one("unshipped_out"))
    scene.pass_until(lambda: scene.label(case) == ["intercept"], step_hours=1)
    assert scene.world.parcel(case.order.forward).state is ParcelState.PICKED_UP


def test_the_shops_page_lags_behind_the_courier(stage: Staging) -> None:
    scene = stage(cases=200)
    lagging = [parcel for parcel in scene.world.store.parcels.values() if parcel.shop_lag and len(parcel.nodes) > 2]
    assert lagging
    for parcel in lagging:
        assert scene.world.shop_trace(parcel.waybill) == parcel.nodes[-1 - parcel.shop_lag]


def test_tracking_keeps_the_order_asked_and_knows_nothing_of_strange_numbers(stage: Staging) -> None:
    scene = stage()
    numbers = [*list(scene.world.store.parcels)[:3], "NOSUCH"]
    answer = scene.world.track(numbers)
    assert [number for number, _ in answer] == numbers
    assert [parcel is None for _, parcel in answer] == [False, False, False, True]
    assert len(scene.world.track(["X"] * 80)) == 50


def test_a_return_not_yet_unpacked_is_counted_hours_later(stage: Staging) -> None:
    scene = stage(cases=800)
    doubtful = [
        case for case in scene.cases("return_doubtful") if case.truth.sent_back == "all" and case.inbound.at is None
    ]
    for case in doubtful:
        scene.patient(case)
    scene.pass_until(lambda: all(case.inbound.at for case in doubtful))
    for case in doubtful:
        assert scene.label(case) == ["agree_refund"]
