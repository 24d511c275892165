"""Claims on the cap of a day: spent + this > cap is no hit, equal is one, in whatever order the claims come (domain.md 45, 52)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.decision import Verdict
from bot.domain.facts import Source, Unknown
from bot.domain.history import UNASKED, History
from bot.domain.money import ZERO, Money
from bot.engine.facts import gather
from bot.engine.policy import Policy
from bot.engine.ruling import rule, stand_all
from tests.unit.engine.builders import NOW, Situation, shipped, unshipped
from tests.unit.engine.policies import INTERCEPT, REFUND, policy_of, strategy

CAP = Money(10_000)
PAYING = policy_of(strategy(REFUND, "pays", max_amount="2000.00", cap_day="100.00"))
STOPPING = policy_of(strategy(INTERCEPT, "stops", max_fee="20.00", max_fee_percent=30, cap_day="30.00"))


def spent(fen: int, strategy_id: str = "pays") -> History:
    return History(since=NOW, day="2026-11-22", spent={strategy_id: Money(fen)})


def claim(fen: int) -> Situation:
    return unshipped().shows(amount=Money(fen), paid=Money(max(fen, 500_000)))


def hit(fen: int, history: History, policy: Policy = PAYING, situation: Situation | None = None) -> bool:
    return (situation or claim(fen)).judged(policy, history=history).verb is not Verb.HOLD


@pytest.mark.parametrize(
    ("before", "fen", "fits"), [(0, 10_000, True), (0, 10_001, False), (9_900, 100, True), (9_900, 101, False)]
)
def test_equal_is_allowed_and_one_fen_more_is_not(before: int, fen: int, *, fits: bool) -> None:
    assert hit(fen, spent(before)) is fits


@settings(max_examples=60)
@given(st.lists(st.integers(1, 12_000), min_size=1, max_size=12))
def test_a_claim_that_crosses_is_left_out_and_a_smaller_one_behind_it_still_goes(claims: list[int]) -> None:
    taken = 0
    for fen in claims:
        fits = taken + fen <= CAP.fen
        assert hit(fen, spent(taken)) is fits
        taken += fen if fits else 0
    assert taken <= CAP.fen


def test_what_other_strategies_spent_does_not_count() -> None:
    assert hit(10_000, spent(10_000, "another"))


def test_an_intercept_takes_its_highest_fee_not_the_claim() -> None:
    """30 % of ¥50.00 are ¥15.00; of ¥129.00 they would be ¥38.70, and ¥20.00 is the most."""
    small, large = (shipped(amount=Money(fen), paid=Money(fen)) for fen in (5_000, 12_900))
    told = [
        hit(0, spent(before, "stops"), STOPPING, case) for case in (small, large) for before in (1_000, 1_500, 1_501)
    ]
    assert told == [True, True, False, True, False, False]


def test_the_trace_tells_the_cap_and_the_hold_tells_it_too() -> None:
    decision = claim(101).judged(PAYING, history=spent(9_900))
    (trace,) = decision.traces
    assert trace.verdict is Verdict.LOST
    (why,) = trace.because
    assert (why.code, why.params) == ("test.cap_day.no", {"spent": "¥99.00", "value": "¥1.01", "wanted": "¥100.00"})
    assert [reason.code for reason in decision.reasons] == ["hold.no_match", "test.cap_day.no"]


@settings(max_examples=60)
@given(st.integers(0, 9_999), st.integers(1, 200_000))
def test_the_flip_of_a_capped_claim_is_exactly_what_is_left(before: int, fen: int) -> None:
    decision = claim(fen).judged(PAYING, history=spent(before))
    if decision.verb is Verb.HOLD:
        assert decision.flip is not None
        assert (decision.flip.fact, decision.flip.would_be) == ("amount", str(Money(10_000 - before)))
        assert hit(10_000 - before, spent(before))
        assert not hit(10_000 - before + 1, spent(before))


@settings(max_examples=60)
@given(st.integers(0, 3_500), st.integers(1, 200_000))
def test_the_flip_of_a_capped_intercept_really_flips(before: int, fen: int) -> None:
    case = shipped(amount=Money(fen), paid=Money(max(fen, 1)))
    flip = case.judged(STOPPING, history=spent(before, "stops")).flip
    if flip is not None and flip.fact == "amount":
        other = Money.parse(flip.would_be)
        flipped = case.shows(amount=other, paid=max(other, case.page.paid))
        assert flipped.judged(STOPPING, history=spent(before, "stops")).verb is flip.verb


def test_unasked_the_books_alone_hold_the_cap() -> None:
    """Whoever judges without a ledger gets what he got before there was a history: the cap of the day is looked at when arming."""
    assert hit(10_000, UNASKED)
    (reason,) = [one for one in claim(100).judged(PAYING).reasons if one.code.startswith("test.cap_day")]
    assert reason.code == "test.cap_day.unasked"


def test_a_ledger_that_could_not_say_is_not_one_that_was_not_asked() -> None:
    facts = gather(claim(100).page, {}, PAYING.parameters, NOW, spent(0))
    silent = replace(facts, spent=Unknown(why="gone", source=Source.HISTORY))
    assert rule(stand_all(facts, PAYING), facts, PAYING.parameters).verb is Verb.AGREE_REFUND
    assert rule(stand_all(silent, PAYING), silent, PAYING.parameters).verb is Verb.HOLD


def test_a_full_cap_leaves_nothing_to_spend() -> None:
    assert not hit(1, spent(10_000))
    assert not hit(1, spent(20_000))
    assert PAYING.strategy[0].last(ZERO) == ZERO
