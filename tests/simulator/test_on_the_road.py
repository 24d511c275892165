"""Claims about the scenario of parcels to bring back: enough of them, some beside a twin that nobody asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from simulator.world.counter import CourierCounter
from simulator.world.model import CaseState, Verb
from tests.simulator.conftest import Stage, Staging


def counter(scene: Stage) -> CourierCounter:
    return scene.world.counter


@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_and_twenty_cases_hold_a_hundred_intercepts_and_twins_among_them(stage: Staging, seed: int) -> None:
    scene = stage("on_the_road", seed=seed, cases=120)
    labels = Counter(tuple(scene.label(case)) for case in scene.cases())
    assert labels["intercept",] >= 100
    assert labels["hold",] >= 10
    assert sum(labels.values()) == labels["intercept",] + labels["hold",]
    assert len(scene.cases("twin_waybill")) >= 15


@pytest.mark.parametrize("seed", range(3))
def test_each_twin_could_be_intercepted_and_never_should(stage: Staging, seed: int) -> None:
    scene = stage("on_the_road", seed=seed, cases=120)
    fees = Counter[bool]()
    for case in scene.cases("twin_waybill"):
        (twin,) = counter(scene).twins(case.order.forward)
        differing = [place for place, pair in enumerate(zip(twin, case.order.forward, strict=True)) if len({*pair}) > 1]
        assert len(differing) == 1
        own, quote = counter(scene).quote(case.order.forward), counter(scene).quote(twin)
        assert own.feasible
        assert quote.feasible
        (owner,) = scene.world.store.of_waybill(twin)
        assert (owner.state, owner.background, scene.label(owner)) == (CaseState.CLOSED, True, ["hold"])
        fees[own.fee_fen == quote.fee_fen] += 1
    assert fees[True] >= 4
    assert fees[False] >= 4


def test_an_intercept_of_the_twin_is_told_as_the_twins_own(stage: Staging) -> None:
    scene = stage("on_the_road", cases=120)
    case = scene.cases("twin_waybill")[0]
    (twin,) = counter(scene).twins(case.order.forward)
    counter(scene).order(scene.clerk, twin, counter(scene).quote(twin).fee_fen)
    (owner,) = scene.world.store.of_waybill(twin)
    assert [effect.aftersale_id for effect in scene.world.store.effects.all] == [owner.aftersale_id]
    assert scene.world.store.effects.all[0].verb is Verb.INTERCEPT
    assert scene.world.parcel(case.order.forward).intercept is None
