"""Planted defects: each is named, with the right strategies, and shown on a case that the real engine judges as claimed."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from bot.domain.action import Verb
from bot.domain.decision import Verdict
from bot.domain.facts import Known, Unknown
from bot.engine.check import Finding, Kind, Severity, check_policy
from bot.engine.facts import Facts
from bot.engine.policy import Policy, parse_policy
from bot.engine.ruling import Cause, Ruling, rule, stand_all
from tests.unit.engine.builders import shipped_policy, shipped_policy_data
from tests.unit.engine.policies import HOLD, INTERCEPT, REFUND, REFUSE, RETURN, SIGNED_FOR, WAIT, policy_of, strategy

TODAY = date(2026, 11, 22)
ANY = {"state": ["wait_seller", "wait_seller_receive", "platform"]}
UNSHIPPED = {"type": ["refund_unshipped"]}
SHIPPED = {"type": ["refund_shipped"]}
THREATS = {"threat_words": ["差评"], "no_reason_words": ["无理由"], "quality_words": ["质量"], "pickup_words": ["揽收"]}


def checked(policy: Policy) -> tuple[Finding, ...]:
    return check_policy(policy, TODAY)


def of(kind: Kind, policy: Policy) -> list[tuple[str, ...]]:
    return [one.strategies for one in checked(policy) if one.kind is kind]


def ruled(policy: Policy, facts: Facts) -> Ruling:
    return rule(stand_all(facts, policy), facts, policy.parameters)


def small(*strategies: dict[str, Any]) -> Policy:
    """Nothing else can be wrong with it: what is not under test is a person's, kind by kind."""
    rest = [strategy(HOLD, f"rest_{n}", {"type": [kind]}, priority=90_000) for n, kind in enumerate(KINDS)]
    return policy_of(*strategies, *rest, **THREATS)


KINDS = (
    "refund_unshipped",
    "refund_shipped",
    "return_refund",
    "exchange",
    "resend",
    "repair",
    "price_protection",
    "price_difference",
)


def without(name: str) -> Policy:
    """The shipped policy with one strategy taken out."""
    data = copy.deepcopy(dict(shipped_policy_data()))
    data["strategy"] = [one for one in data["strategy"] if one["id"] != name]
    return parse_policy(data)


@dataclass(frozen=True)
class Planted:
    """A policy with one thing wrong: what the checker has to say, and of whom."""

    kind: Kind
    strategies: tuple[str, ...]
    policy: Policy
    conditions: tuple[str, ...] = ()


def refusal(**changes: Any) -> dict[str, Any]:
    return strategy(REFUSE, "bad", {**SHIPPED, **SIGNED_FOR, "state": ["wait_seller"]}, **changes)


def offer(more: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    base = {"verb": "negotiate", "active": True, "offers": ["30%", "50%"], "max_offer": "40.00"}
    return strategy(base, "bad", {**SHIPPED, "state": ["wait_seller"], **(more or {})}, **changes)


PLANTED = {
    "numbers the wrong way round": Planted(
        Kind.CONTRADICTION,
        ("bad",),
        small(strategy(REFUND, "bad", {**UNSHIPPED, "amount_over": "500.00"}, max_amount="200.00")),
        ("amount_over", "max_amount"),
    ),
    "no number is left between two hours": Planted(
        Kind.CONTRADICTION,
        ("bad",),
        small(strategy(HOLD, "bad", {"hours_left_over": 12, "hours_left_at_most": 12})),
        ("hours_left_at_most", "hours_left_over"),
    ),
    "a type that is never in this state": Planted(
        Kind.CONTRADICTION,
        ("bad",),
        small(strategy(REFUND, "bad", {**UNSHIPPED, "state": ["wait_seller_receive"]})),
        ("type", "state"),
    ),
    "scanned, and not scanned": Planted(
        Kind.CONTRADICTION,
        ("bad",),
        small(strategy(INTERCEPT, "bad", {**SHIPPED, "parcel": ["in_transit", "picked_up"], "scanned": False})),
        ("parcel", "scanned"),
    ),
    "three facts that never come together": Planted(
        Kind.CONTRADICTION,
        ("bad",),
        small(strategy(HOLD, "bad", {"return_empty": True, "counted_fits": True, "clean_buyer": True})),
        ("counted_fits", "return_empty"),
    ),
    "a return's fact, asked before there is a return": Planted(
        Kind.NEVER_KNOWN,
        ("bad",),
        small(strategy(HOLD, "bad", {**SHIPPED, "return_waybill_new": False})),
        ("type", "return_waybill_new"),
    ),
    "over for good": Planted(
        Kind.CONTRADICTION,
        ("bad",),
        small(strategy(HOLD, "bad", {**UNSHIPPED, "valid_to": date(2026, 11, 21)})),
        ("valid_to",),
    ),
    "covered by one": Planted(
        Kind.COVERED,
        ("bad", "first"),
        small(
            strategy(HOLD, "first", {**UNSHIPPED, "full": True}),
            strategy(REFUND, "bad", {**UNSHIPPED, "full": True, "scanned": False}),
        ),
    ),
    "covered by the union of two": Planted(
        Kind.COVERED,
        ("bad", "yes", "no"),
        small(
            strategy(HOLD, "yes", {**UNSHIPPED, "full": True}),
            strategy(RETURN, "other", {"type": ["return_refund"]}),
            strategy(HOLD, "no", {"type": ["refund_unshipped", "refund_shipped"], "full": False}),
            strategy(REFUND, "bad", {**UNSHIPPED, "state": ["wait_seller"]}),
        ),
    ),
    "covered by neighbouring intervals": Planted(
        Kind.COVERED,
        ("bad", "low", "high"),
        small(
            strategy(HOLD, "low", {"amount_at_most": "100.00"}),
            strategy(HOLD, "high", {"amount_over": "100.00"}),
            strategy(REFUND, "bad", UNSHIPPED),
        ),
    ),
    "covered by what the world rules out between them": Planted(
        Kind.COVERED,
        ("bad", "out", "back"),
        small(
            strategy(HOLD, "out", {**SHIPPED, "shop_says": ["shipped"]}),
            strategy(HOLD, "back", {**SHIPPED, "shop_says": ["signed"]}),
            strategy(REFUND, "bad", {**SHIPPED, "shop_says": ["unshipped", "shipped", "signed"]}),
        ),
    ),
    "a hold behind a hold": Planted(
        Kind.UNHEARD,
        ("bad", "first"),
        small(strategy(HOLD, "first", UNSHIPPED), strategy(HOLD, "bad", {**UNSHIPPED, "duplicate": True})),
    ),
    "an act that only a spent cap lets through": Planted(
        Kind.BEHIND_CAP,
        ("bad", "first"),
        small(strategy(REFUND, "first", UNSHIPPED), strategy(REFUND, "bad", UNSHIPPED, max_amount="50.00")),
    ),
    "never offered in this state": Planted(
        Kind.HOLLOW,
        ("bad",),
        small(strategy(RETURN, "bad", {"type": ["return_refund"], "state": ["wait_seller_receive"]})),
    ),
    "never offered for this type": Planted(
        Kind.HOLLOW, ("bad",), small(strategy(INTERCEPT, "bad", {"type": ["repair"]}))
    ),
    "words that nobody knows": Planted(
        Kind.HOLLOW, ("bad",), small(strategy(REFUND, "bad", {**UNSHIPPED, "unknown_labels": True}))
    ),
    "more than can be refunded": Planted(
        Kind.HOLLOW, ("bad",), small(strategy(REFUND, "bad", {**UNSHIPPED, "within_refundable": False}))
    ),
    **{
        name: Planted(Kind.IDLE, ("bad",), small(bad), (key,))
        for name, (key, bad) in {
            "a place that nothing fills": ("message", refusal(message="退货单号{return_waybill}")),
            "a signer without a word": ("message", refusal(message="签收人{signer}")),
            "a place in a remark": (
                "remark",
                strategy(REFUND, "bad", {**UNSHIPPED, "scanned": False}, remark="签收于{signed_at}"),
            ),
            "a text that is always too long": ("message", refusal(message="您" * 200 + "{waybill}")),
            "weights without a return": ("proofs", refusal(proofs=["trail", "weights"])),
            "a fee of nothing": ("max_fee_percent", strategy(INTERCEPT, "bad", SHIPPED, max_fee_percent=0)),
            "an offer of nothing": ("offers", offer(max_offer_percent=0)),
            "offers no smaller than the claims": ("offers", offer(offers=["5.00"], max_amount="5.00")),
            "an offer while one is open": ("negotiation", offer({"negotiation": ["open"]})),
            "an offer beyond the ladder": ("offers_made_over", offer({"offers_made_over": 1})),
            "a score above all weights": ("score_at_least", strategy(HOLD, "bad", {"score_at_least": 1}, priority=1)),
        }.items()
    },
    "rungs above the limit": Planted(Kind.CUT_DOWN, ("bad",), small(offer(max_offer_percent=40)), ("offers",)),
    "a share of good reviews below nothing": Planted(
        Kind.CONTRADICTION, ("bad",), small(strategy(HOLD, "bad", {"good_review_below": "0"})), ("good_review_below",)
    ),
    "waits without a bound": Planted(
        Kind.ENDLESS, ("bad",), small(strategy(WAIT, "bad", {**SHIPPED, "parcel": ["returning"]}))
    ),
    "waits only while time is short": Planted(
        Kind.ENDLESS, ("bad",), small(strategy(WAIT, "bad", {**SHIPPED, "hours_left_at_most": 12}))
    ),
    "not switched on": Planted(Kind.OFF, ("bad",), small(strategy(REFUND, "bad", UNSHIPPED, active=False))),
    "equal rank, different verbs": Planted(
        Kind.CONFLICT,
        ("bad", "worse"),
        small(
            strategy(REFUSE, "bad", {**SHIPPED, **SIGNED_FOR}, priority=7),
            strategy(REFUND, "worse", SHIPPED, priority=7, max_amount="10.00"),
        ),
    ),
    "equal rank, an act before a call for a person": Planted(
        Kind.CONFLICT,
        ("bad", "worse"),
        small(
            strategy(REFUND, "bad", UNSHIPPED, priority=7), strategy(HOLD, "worse", {"clean_buyer": False}, priority=7)
        ),
    ),
    "equal rank, by a written number that is another's place": Planted(
        Kind.CONFLICT,
        ("first", "bad"),
        small(strategy(REFUND, "first", UNSHIPPED), strategy(INTERCEPT, "bad", UNSHIPPED, priority=10)),
    ),
    "pays what the next would refuse": Planted(
        Kind.OPPOSED,
        ("bad", "worse"),
        small(
            strategy(REFUND, "bad", SHIPPED, max_amount="10.00"),
            strategy(REFUSE, "worse", {**SHIPPED, **SIGNED_FOR}),
        ),
    ),
    "takes everything": Planted(
        Kind.CATCH_ALL,
        ("bad",),
        policy_of(strategy(REFUND, "a", UNSHIPPED), strategy(HOLD, "bad", ANY), **THREATS),
    ),
    "takes everything, with a condition that is always true": Planted(
        Kind.CATCH_ALL,
        ("bad",),
        policy_of(strategy(REFUND, "a", UNSHIPPED), strategy(HOLD, "bad", {"type": list(KINDS)}), **THREATS),
    ),
    "the cap of the day": Planted(
        Kind.CAP_SPENT,
        ("bad",),
        policy_of(strategy(REFUND, "bad", UNSHIPPED), strategy(HOLD, "rest", {**UNSHIPPED, "amount_over": "2000.00"})),
    ),
    "asks for threats without a list of words": Planted(
        Kind.NEVER_KNOWN,
        ("bad",),
        policy_of(strategy(HOLD, "bad", {"threat": True}), strategy(HOLD, "rest", ANY)),
        ("threat",),
    ),
    "a kind without a strategy: partial": Planted(Kind.HOLE, (), without("unshipped_partial")),
    "a kind without a strategy: platform": Planted(Kind.HOLE, (), without("platform")),
    "a kind without a strategy: out for delivery": Planted(Kind.HOLE, (), without("delivering")),
    "a kind without a strategy: doubtful returns": Planted(Kind.HOLE, (), without("return_doubtful")),
    "a kind without a strategy: large sums": Planted(Kind.HOLE, (), without("large")),
    "a kind without a strategy: a gap of one fen": Planted(
        Kind.HOLE,
        (),
        policy_of(
            strategy(HOLD, "low", {"amount_at_most": "9.99"}),
            strategy(HOLD, "high", {"amount_over": "10.00"}),
            **THREATS,
        ),
    ),
}

CAUSES = {
    Kind.CONFLICT: {Cause.CONFLICT},
    Kind.HOLE: {Cause.NO_MATCH},
    Kind.CAP_SPENT: {Cause.NO_MATCH},
    Kind.NEVER_KNOWN: {Cause.MISSING, Cause.STRATEGY},
    Kind.HOLLOW: {Cause.NOT_OFFERED, Cause.UNKNOWN_LABELS, Cause.OVER_REFUNDABLE},
    Kind.ENDLESS: {Cause.LATE},
    Kind.OPPOSED: {Cause.DECIDED},
    Kind.CATCH_ALL: {Cause.STRATEGY},
    Kind.UNHEARD: {Cause.STRATEGY},
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_defect_is_named(planted: Planted) -> None:
    found = [one for one in checked(planted.policy) if one.kind is planted.kind]
    assert planted.strategies in [one.strategies for one in found]
    mine = next(one for one in found if one.strategies == planted.strategies)
    assert mine.conditions == planted.conditions
    assert mine.proven


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_nothing_else_is_wrong_with_it(planted: Planted) -> None:
    """One cause, one finding: what follows from a defect is not told as another one."""
    others = {one.kind for one in checked(planted.policy) if one.severity is Severity.ERROR} - {planted.kind}
    small_one = any(one.id.startswith("rest_") for one in planted.policy.strategy)
    assert not others or not small_one


@pytest.mark.parametrize("name", [name for name, planted in PLANTED.items() if planted.kind in CAUSES])
def test_its_example_really_ends_so(name: str) -> None:
    planted = PLANTED[name]
    mine = next(
        one for one in checked(planted.policy) if (one.kind, one.strategies) == (planted.kind, planted.strategies)
    )
    assert mine.patterns
    for pattern in mine.patterns:
        assert ruled(planted.policy, pattern.case.facts).cause in CAUSES[planted.kind], pattern


def test_the_case_that_nobody_can_decide_stays_undecided() -> None:
    for planted in PLANTED.values():
        for one in checked(planted.policy) if planted.kind is Kind.NEVER_KNOWN else ():
            for pattern in one.patterns if one.kind is Kind.NEVER_KNOWN else ():
                standings = {each.strategy.id: each for each in stand_all(pattern.case.facts, planted.policy)}
                assert standings["bad"].verdict is Verdict.UNDECIDED


def test_one_place_of_the_gap_is_shown() -> None:
    found = [
        one for one in checked(PLANTED["a kind without a strategy: a gap of one fen"].policy) if one.kind is Kind.HOLE
    ]
    patterns = [pattern for hole in found for pattern in hole.patterns]
    amounts = {one.spans for pattern in patterns for one in pattern.traits if one.fact == "amount"}
    assert amounts == {(("¥10.00", "¥10.00"),)}


def test_types_with_the_same_hole_are_told_as_one() -> None:
    policy = policy_of(strategy(REFUND, "a", UNSHIPPED), strategy(HOLD, "b", UNSHIPPED), **THREATS)
    found = [one for one in checked(policy) if one.kind is Kind.HOLE]
    assert len(found) == 2, "returns of goods, which can be on their way back, and all others"
    types = [trait.values for one in found for trait in one.patterns[0].traits if trait.fact == "type"]
    assert sorted(len(names) for names in types) == [3, 7]


@pytest.mark.parametrize(
    "good",
    [
        refusal(message="{waybill}{signed_at}{city}{amount}"),
        strategy(REFUND, "bad", UNSHIPPED, remark="签收于{signed_at}"),
        offer({"offers_made_over": 0}),
        offer({"negotiation": ["open", "declined"]}),
        offer(offers=["5.00"], max_amount="5.01"),
        strategy(INTERCEPT, "bad", SHIPPED, max_fee_percent=1),
    ],
)
def test_what_can_still_do_something_is_not_called_idle(good: dict[str, Any]) -> None:
    assert of(Kind.IDLE, small(good)) == []


def test_an_idle_strategy_is_told_why() -> None:
    (found,) = [one for one in checked(small(refusal(message="退货单号{return_waybill}"))) if one.kind is Kind.IDLE]
    assert [(one.code, one.params) for one in found.because] == [("idle.place", {"place": "return_waybill"})]


def test_a_wait_that_ends_in_time_is_not_told() -> None:
    bounded = strategy(WAIT, "until", {**SHIPPED, "hours_left_over": 0})
    behind = (strategy(HOLD, "late", {"hours_left_at_most": 6}), strategy(WAIT, "rest", SHIPPED))
    assert of(Kind.ENDLESS, small(bounded)) == of(Kind.ENDLESS, small(*behind)) == []


def test_the_shipped_policy_has_no_error() -> None:
    assert [one for one in checked(shipped_policy()) if one.severity is Severity.ERROR] == []


def test_a_catch_all_does_not_hide_the_kinds_behind_it() -> None:
    data = copy.deepcopy(dict(shipped_policy_data()))
    data["strategy"] = [one for one in data["strategy"] if one["id"] not in {"delivering", "service"}]
    data["strategy"].append(strategy(HOLD, "rest", ANY))
    (found,) = [one for one in checked(parse_policy(data)) if one.kind is Kind.CATCH_ALL]
    types = {
        value
        for pattern in found.patterns
        for trait in pattern.traits
        if trait.fact == "type"
        for value in trait.values
    }
    assert {"aftersale_type.exchange", "aftersale_type.refund_unshipped", "aftersale_type.refund_shipped"} <= types


def test_a_strategy_that_can_never_be_decided_is_told_once_and_hides_nothing() -> None:
    policy = policy_of(strategy(HOLD, "threats", {"threat": True}), strategy(REFUND, "pay", UNSHIPPED))
    kinds = [one.kind for one in checked(policy)]
    assert kinds.count(Kind.NEVER_KNOWN) == 1
    assert Kind.HOLE in kinds
    assert Kind.COVERED not in kinds


def test_the_rules_of_the_world_are_named_where_they_make_it_so() -> None:
    (found,) = [
        one for one in checked(PLANTED["a type that is never in this state"].policy) if one.strategies == ("bad",)
    ]
    assert [reason.code for reason in found.because] == ["world.nothing_to_receive"]


def test_the_check_is_the_same_every_time_and_tells_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    policy = without("platform")
    assert check_policy(policy, TODAY, lambda done, steps: heard.append((done, steps))) == checked(policy)
    assert [done for done, _ in heard] == list(range(len(heard)))
    assert {steps for _, steps in heard} == {len(heard)}


def test_an_example_looks_like_a_case() -> None:
    """Known words, no threat, no duplicate, a usual sum: nothing odd but what the finding is about."""
    (hole,) = [one for one in checked(without("unshipped_partial")) if one.kind is Kind.HOLE]
    facts = hole.patterns[0].case.facts
    for quiet in ("threat", "duplicate", "order_overclaimed", "platform_marked", "unknown_labels", "serial_buyer"):
        fact = getattr(facts, quiet)
        assert isinstance(fact, Known), quiet
        assert fact.value is False, quiet
    assert isinstance(facts.return_status, Unknown), "a refund without return has no return parcel"
    assert str(replace(facts).amount.model_dump()["value"]) != ""
    assert ruled(without("unshipped_partial"), facts).verb is Verb.HOLD
