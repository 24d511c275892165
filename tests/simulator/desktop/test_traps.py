"""Claims about the traps' dice: by name, by rate, by seed, and never so often that nothing can be done."""

from __future__ import annotations

import random

import pytest

from simulator.desktop.traps import REST, TRAPS, Traps, twin_of


def story(traps: Traps, name: str, times: int = 300) -> list[bool]:
    return [traps.strike(name) is not None for _ in range(times)]


def test_a_trap_that_is_not_named_never_strikes() -> None:
    traps = Traps({"signed_out": 1.0})
    assert not any(any(story(traps, name)) for name in TRAPS if name != "signed_out")
    assert any(story(traps, "signed_out"))


@pytest.mark.parametrize("name", TRAPS)
def test_a_seed_repeats_a_trap_whatever_the_others_did(name: str) -> None:
    alone, among = Traps(dict.fromkeys(TRAPS, 0.2), 7), Traps(dict.fromkeys(TRAPS, 0.2), 7)
    for other in TRAPS:
        if other != name:
            story(among, other, 31)
    assert story(alone, name) == story(among, name)
    assert story(Traps({name: 0.2}, 8), name) != story(Traps({name: 0.2}, 7), name)


@pytest.mark.parametrize("name", sorted(set(TRAPS) - set(REST)))
def test_a_rate_is_a_share_of_the_opportunities(name: str) -> None:
    assert 0.15 < sum(story(Traps({name: 0.2}), name, 2_000)) / 2_000 < 0.25


@pytest.mark.parametrize("name", sorted(REST))
def test_a_trap_that_bars_the_way_rests_after_it_struck_even_at_rate_one(name: str) -> None:
    assert story(Traps({name: 1.0}), name, 2 * REST[name] + 2) == 2 * [True, *([False] * REST[name])]


@pytest.mark.parametrize("rates", [{"no_such": 0.5}, {"signed_out": 1.5}, {"signed_out": float("nan")}])
def test_strange_traps_and_rates_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a trap is one of"):
        Traps(rates)


def test_a_twin_differs_in_exactly_one_digit() -> None:
    for number in ("YT0737068000002", "78123", "432448747000385"):
        twin = twin_of(number, random.Random(number))
        assert sum(a != b for a, b in zip(number, twin, strict=True)) == 1
    assert twin_of("SF", random.Random(1)) == "SF"
