"""Claims on the nearest flip where a policy reckons: between what is and what is stated, and as near on the other side, nothing flips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.case import CaseState, Control, Negotiable, OfferState
from bot.domain.decision import Flip
from bot.domain.facts import Known
from bot.domain.money import Money
from bot.engine.crossings import cuts_of
from bot.engine.facts import Facts, gather
from bot.engine.flip import as_code, nearest_flip
from bot.engine.measures import LINES
from bot.engine.policy import Policy
from bot.engine.ruling import rule, stand_all
from tests.unit.engine.builders import NOW, Situation, came_back, received, shop, unshipped
from tests.unit.engine.policies import HOLD, REFUND, REMARK, policy_of, strategy

MOVING = ("amount", "hours_left", "waited_s", "offers_made", "counted", "best_offer", "most_offered", "today")


def verb_of(facts: Facts, policy: Policy) -> Verb:
    return rule(stand_all(facts, policy), facts, policy.parameters).verb


def flip_of(facts: Facts, policy: Policy) -> Flip | None:
    standings = stand_all(facts, policy)
    return nearest_flip(facts, policy, standings, rule(standings, facts, policy.parameters), NOW)


def with_number(facts: Facts, name: str, number: int) -> Facts:
    return replace(facts, **{name: shop(LINES[name].value(number))})


def number_of(name: str, code: str) -> int:
    """The number that a flip states in words."""
    line = LINES[name]
    value: Any = (
        Money.parse(code) if line.kind is Money else date.fromisoformat(code) if line.kind is date else int(code)
    )
    return line.number(value)


def nearer(here: int, there: int, name: str) -> Iterator[int]:
    """Every number that is nearer than `there`, on either side."""
    line = LINES[name]
    for way in range(1, abs(there - here)):
        yield from (number for number in (here - way, here + way) if line.low <= number <= line.high)


def holds_its_word(facts: Facts, policy: Policy, most: int = 2_500) -> Flip | None:
    """The stated flip flips, and nothing nearer of that fact does, each value tried; how far is looked is bounded."""
    flip, before = flip_of(facts, policy), verb_of(facts, policy)
    if flip is None or flip.fact not in LINES:
        return flip
    here = LINES[flip.fact].number(getattr(facts, flip.fact).value)
    there = number_of(flip.fact, flip.would_be)
    assert verb_of(with_number(facts, flip.fact, there), policy) is flip.verb is not before
    for tried, number in enumerate(nearer(here, there, flip.fact)):
        if tried > most:
            break
        assert verb_of(with_number(facts, flip.fact, number), policy) is before, (flip, number)
    return flip


def facts_of(situation: Situation, policy: Policy) -> Facts:
    return gather(situation.page, situation.trails, policy.parameters, NOW)


NUMBERS = st.sampled_from(["amount", "hours_left", "waited_s", "best_offer"])
SMALL = st.integers(0, 30).map(str) | st.sampled_from(["0.5", "2.25", "9.995"])


def sides(most: int) -> st.SearchStrategy[str]:
    """Sums, products, fractions and choices of facts and numbers."""
    leaf = NUMBERS | SMALL
    return st.recursive(
        leaf,
        lambda side: st.one_of(
            st.tuples(side, st.sampled_from(["+", "-", "*"]), side).map(lambda one: f"({' '.join(one)})"),
            st.tuples(side, st.sampled_from([" / 3", " / 7", " / hours_left"])).map(lambda one: f"({''.join(one)})"),
            side.map(lambda one: f"(full ? {one} : 4)"),
        ),
        max_leaves=most,
    )


COMPARED = st.tuples(sides(3), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), sides(2)).map(" ".join)
STEPPED = st.tuples(
    NUMBERS,
    st.sampled_from(["//", "%"]),
    st.sampled_from(["2", "3", "5"]),
    st.just(">"),
    st.sampled_from(["0", "1", "2"]),
).map(" ".join)
NAMED = COMPARED.filter(lambda text: any(name in text for name in ("amount", "hours_left", "waited_s", "best_offer")))
EXPRESSIONS = st.one_of(
    NAMED,
    st.tuples(NAMED, st.sampled_from(["and", "or"]), NAMED).map(" ".join),
    st.tuples(NAMED, st.just("or"), STEPPED).map(" ".join),
    NAMED.map(lambda one: f"not ({one})"),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    bases = st.sampled_from([REFUND, HOLD, REMARK])
    return policy_of(
        *(
            strategy(draw(bases), f"s{place}", {"amount_at_most": f"{draw(st.integers(1, 9))}.00"}, expression=text)
            if draw(st.booleans())
            else strategy(draw(bases), f"s{place}", expression=text)
            for place, text in enumerate(draw(st.lists(EXPRESSIONS, min_size=1, max_size=3)))
        )
    )


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "amount": draw(st.integers(0, 1_500).map(Money)),
        "hours_left": draw(st.integers(-5, 60)),
        "waited_s": draw(st.integers(0, 100)),
        "best_offer": draw(st.integers(0, 900).map(Money)),
    }


@settings(max_examples=40)
@given(policies(), cases())
def test_no_nearer_value_flips_whatever_an_expression_reckons(policy: Policy, drawn: dict[str, Any]) -> None:
    facts = replace(facts_of(unshipped(), policy), **{name: shop(value) for name, value in drawn.items()})
    holds_its_word(facts, policy)


LADDERS = st.sampled_from([["20.00"], ["30%", "50%"], ["5.00", "10.00"], ["10%", "3.00", "60%"], ["99%"]])


@settings(max_examples=25)
@given(
    LADDERS,
    st.integers(1, 60),
    st.integers(1, 100),
    st.integers(0, 6_000),
    st.integers(0, 3),
    st.integers(0, 2_500),
    st.integers(0, 4_000),
)
def test_no_nearer_value_flips_where_an_offer_is_made(
    offers: list[str], most: int, percent: int, fen: int, made: int, best: int, page: int
) -> None:
    bounds = {"offers": offers, "max_offer": f"{most}.00", "max_offer_percent": percent}
    negotiate = {"verb": "negotiate", "active": True, **bounds}
    policy = policy_of(strategy(negotiate, "n", {"type": ["refund_shipped"], "amount_at_most": "200.00"}))
    facts = replace(
        facts_of(received(), policy),
        amount=shop(Money(fen)),
        negotiation=shop(OfferState.NONE),
        offers_made=shop(made),
        best_offer=shop(Money(best)),
        most_offered=shop(Money(page)),
        negotiation_offered=shop(value=True),
    )
    holds_its_word(facts, policy)


def bargaining(fen: int, policy: Policy) -> Facts:
    tool = Negotiable(offers=(), most=Money(99_999), rounds_left=3)
    there = received(amount=Money(fen), paid=Money(fen))
    return facts_of(there.shows(negotiable=tool, controls=there.page.controls | {Control.NEGOTIATE}), policy)


def test_an_offer_of_the_whole_claim_flips_at_one_fen_more() -> None:
    negotiate = {"verb": "negotiate", "active": True, "offers": ["20.00"], "max_offer": "60.00"}
    policy = policy_of(strategy(negotiate, "n", {"type": ["refund_shipped"], "amount_at_most": "200.00"}))
    flip = holds_its_word(bargaining(2_000, policy), policy)
    assert flip is not None
    assert (flip.fact, flip.would_be, flip.verb) == ("amount", "¥20.01", Verb.NEGOTIATE)


@pytest.mark.parametrize(
    ("text", "fen", "fact", "would_be"),
    [
        ("amount * 2 <= 20.00", 1_500, "amount", "¥10.00"),
        ("amount - 100 > 50", 12_900, "amount", "¥150.01"),
        ("hours_left * 2 > 101", 12_900, "hours_left", "51"),
        ("waited_s > hours_left * 3600", 12_900, "hours_left", "19"),
        ("today < d'2026-11-20'", 12_900, "today", "2026-11-19"),
        ("today - t'P3D' > d'2026-11-20'", 12_900, "today", "2026-11-24"),
        ("amount * amount < 100", 1_500, "amount", "¥9.99"),
        ("amount in [128, 131.5]", 12_900, "amount", "¥128.00"),
        ("amount // 50 == 3", 12_900, "amount", "¥150.00"),
        ("amount % 10 == 0", 12_900, "amount", "¥130.00"),
        ("(full ? amount : 0) > 130", 12_900, "amount", "¥130.01"),
        ("100 / (hours_left - 49) > 1000", 12_900, "hours_left", None),
    ],
)
def test_an_expression_flips_at_its_own_crossing(text: str, fen: int, fact: str, would_be: str | None) -> None:
    policy = policy_of(strategy(REFUND, "a", expression=text))
    amount = Money(fen)
    flip = holds_its_word(facts_of(unshipped().shows(amount=amount, paid=amount), policy), policy)
    assert (flip.fact, flip.would_be) == (fact, would_be) if flip and would_be else flip is None


def test_nobody_is_told_that_he_would_have_had_to_claim_less_than_nothing() -> None:
    policy = policy_of(strategy(REFUND, "a", expression="amount > -1"))
    flip = flip_of(facts_of(unshipped().shows(amount=Money(50), paid=Money(50)), policy), policy)
    assert flip is None or flip.fact != "amount"


def test_the_warehouses_count_is_among_what_is_tried() -> None:
    policy = policy_of(
        strategy(HOLD, "empty", {"detected": ["empty_parcel"]}),
        strategy(REFUND, "back", {"type": ["return_refund"], "state": [CaseState.WAIT_SELLER_RECEIVE]}),
    )
    facts = facts_of(came_back(counted=0, back_g=60), policy)
    flip = holds_its_word(facts, policy)
    assert flip is not None
    assert (flip.fact, flip.would_be, flip.verb) == ("counted", "1", Verb.AGREE_REFUND)


def test_a_rule_that_breaks_on_this_number_alone_flips_at_the_next() -> None:
    policy = policy_of(strategy(REFUND, "a", expression="1 / (hours_left - 50) < 5"))
    facts = facts_of(unshipped(), policy)
    assert isinstance(facts.hours_left, Known)
    assert facts.hours_left.value == 50
    flip = holds_its_word(facts, policy)
    assert flip is not None
    assert (flip.fact, flip.verb) == ("hours_left", Verb.AGREE_REFUND)


def test_a_lost_rule_that_would_break_is_seen_coming() -> None:
    policy = policy_of(
        strategy(REFUND, "a"),
        strategy(HOLD, "b", {"threat": True}, expression="1 / (hours_left - 49) > 5"),
        threat_words=["差评"],
    )
    flip = holds_its_word(facts_of(unshipped(), policy), policy)
    assert flip is not None
    assert (flip.fact, flip.would_be) == ("hours_left", "49")


def test_a_flip_far_off_is_found_without_looking_at_every_fen() -> None:
    policy = policy_of(strategy(REMARK, "a", expression="amount // 1000 >= 750"))
    flip = flip_of(facts_of(unshipped(), policy), policy)
    assert flip is not None
    assert flip.would_be == as_code(shop(Money(75_000_000)))


@settings(max_examples=80)
@given(st.lists(st.integers(-8, 8), min_size=2, max_size=7))
@example([0, -1, 2, 0, -1])
@example([-1, 1, 3, -2, -3])
def test_every_change_of_sign_is_beside_a_cut(factors: list[int]) -> None:
    while factors and factors[-1] == 0:
        factors.pop()
    near = {place for cut in cuts_of(tuple(map(Fraction, factors)), -40, 40) for place in (cut - 1, cut, cut + 1)}

    def sign(at: int) -> int:
        value: int = sum(factor * int(at**power) for power, factor in enumerate(factors))
        return (value > 0) - (value < 0)

    assert all(place in near for place in range(-40, 40) if sign(place) != sign(place + 1) if len(factors) > 1)
