"""Claims about the dice: exact plans strike exactly, chance is seeded and bounded."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.faults import HERE, KINDS, Faults, Place


def storm(faults: Faults, rate: float, seed: int, rounds: int = 40) -> list[tuple[str, str]]:
    faults.set_rate(rate, seed)
    return [
        (kind, place)
        for _ in range(rounds)
        for place in ("2600001", "2600002", "/h5api/dispute/list")
        for kind in KINDS
        if faults.draw(kind, place)
    ]


def test_nothing_strikes_before_it_is_switched_on() -> None:
    faults = Faults()
    assert not any(faults.draw(kind, "2600001") for kind in KINDS)


def test_a_plan_strikes_at_its_place_and_as_often_as_ordered() -> None:
    faults = Faults()
    faults.add("http_5xx", "2600001", times=2)
    assert not faults.draw("http_5xx", "2600002")
    assert [faults.draw("http_5xx", "2600001") for _ in range(4)] == [True, True, False, False]
    assert faults.status()["fired"] == {"http_5xx": 2}
    assert faults.status()["plans"] == []


@pytest.mark.parametrize("at", ["2600001", "/h5api/dispute/agree", "*"])
def test_a_plan_may_name_the_case_the_path_or_anything(at: str) -> None:
    faults = Faults()
    faults.add("slow", at, seconds=0.25)
    token = HERE.set(Place("/h5api/dispute/agree", "2600001"))
    try:
        assert (faults.draw_delay(), faults.draw_delay()) == (0.25, 0.0)
    finally:
        HERE.reset(token)


def test_the_same_seed_gives_the_same_storm_whatever_the_order_of_requests() -> None:
    storms = [storm(Faults(), 0.2, seed) for seed in (1, 1, 2)]
    assert storms[0] == storms[1] != storms[2]
    backwards = Faults()
    backwards.set_rate(0.2, 1)
    struck = [
        (kind, place)
        for _ in range(40)
        for kind in reversed(KINDS)
        for place in ("/h5api/dispute/list", "2600002", "2600001")
        if backwards.draw(kind, place)
    ]
    free = {kind for kind, _ in struck} - {"challenge", "session_loss", "rate_limited"}
    assert sorted(pair for pair in struck if pair[0] in free) == sorted(pair for pair in storms[0] if pair[0] in free)


def test_even_a_full_storm_lets_a_retry_through() -> None:
    faults = Faults()
    faults.set_rate(1.0, 3)
    at_case = [faults.draw("http_5xx", "2600001") for _ in range(10)]
    at_path = [faults.draw("http_5xx", "/h5api/dispute/list") for _ in range(10)]
    assert at_case == [True, False, True] + [False] * 7
    assert at_path == [True, False] * 5
    assert sum(faults.draw("buyer_withdraws", "2600001") for _ in range(10)) == 1
    assert sum(faults.draw("challenge", f"26{n}") for n in range(50)) == 3


def test_a_release_never_comes_by_chance() -> None:
    faults = Faults()
    faults.set_rate(1.0, 3)
    assert not any(faults.draw("changed_dialog", f"26{n}") for n in range(50))
    faults.add("changed_dialog", times=2)
    assert [faults.draw("changed_dialog", "2600001") for _ in range(3)] == [True, True, False]


def test_rate_zero_ends_everything() -> None:
    faults = Faults()
    faults.add("slow")
    faults.set_rate(0.5, 1)
    faults.set_rate(0)
    assert not any(faults.draw(kind, "2600001") for kind in KINDS)


@pytest.mark.parametrize(("kind", "times"), [("no_such", 1), ("slow", 0)])
def test_wrong_plans_are_refused(kind: str, times: int) -> None:
    with pytest.raises(ValueError, match=r"no fault|times"):
        Faults().add(kind, times=times)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", ["slow"]),
        ("kind", None),
        ("at", ["x"]),
        ("at", ""),
        ("times", True),
        ("times", "2"),
        ("times", 1.5),
        ("seconds", "a"),
        ("seconds", -1),
        ("seconds", float("nan")),
        ("seconds", float("inf")),
        ("which", "slider"),  # a slow answer is no challenge
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_by_its_key_and_plans_nothing(key: str, value: Any) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=rf"^{key}: "):
        faults.add(**{"kind": "slow", key: value})
    assert faults.status()["plans"] == []


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), True, "1", None])
def test_wrong_rates_are_refused(rate: Any) -> None:
    with pytest.raises(ValueError, match="rate"):
        Faults().set_rate(rate)


@pytest.mark.parametrize("seed", ["abc", 1.5, None, True])
def test_a_wrong_seed_is_refused_and_the_old_chance_stays(seed: Any) -> None:
    faults = Faults()
    faults.set_rate(0.5, 7)
    with pytest.raises(ValueError, match=r"^seed: "):
        faults.set_rate(1, seed)
    assert (faults.status()["rate"], faults.status()["seed"]) == (0.5, 7)


def test_a_challenge_says_which_one_was_ordered_and_chance_orders_none() -> None:
    faults = Faults()
    faults.add("challenge", which="sms")
    faults.set_rate(1.0, 3)
    struck = [faults.strike("challenge", "2600001") for _ in range(2)]
    assert [plan and plan.which for plan in struck] == ["sms", None]
    assert struck[1] is not None


def test_a_lost_toast_is_a_lying_toast() -> None:
    faults = Faults()
    faults.add("lost_toast")
    assert faults.draw("lying_toast", "2600001")
