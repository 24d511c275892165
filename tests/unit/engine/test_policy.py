"""Claims on the policy file: typed on load, refused by name, hashed by meaning."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.domain.action import RefusalReason, Verb
from bot.domain.decision import ProofKind
from bot.domain.money import Money
from bot.engine.grounds import PROOF_OF
from bot.engine.policy import Policy, parse_policy
from bot.engine.strategies import InterceptStrategy
from bot.errors import ConfigError
from tests.unit.engine.builders import shipped_policy, shipped_policy_data
from tests.unit.engine.policies import (
    HOLD,
    INTERCEPT,
    REFUND,
    REFUSE,
    REMARK,
    RETURN,
    SIGNED_FOR,
    policy_of,
    shipped_but,
    strategy,
)


def refusal_of(data: dict[str, Any]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_policy(data)
    return caught.value


def with_strategy(**changes: Any) -> dict[str, Any]:
    return {"name": "test", "strategy": [strategy(REFUND, "a") | changes]}


def test_the_shipped_policy_is_whole() -> None:
    policy = shipped_policy()
    assert len(policy.ranked) == len(policy.strategy), "every shipped strategy is switched on"
    assert {one.verb for one in policy.strategy} == set(Verb) - {Verb.REMARK, Verb.NEGOTIATE, Verb.COMPLAIN}
    assert all(one.when.state or one.verb is Verb.HOLD for one in policy.strategy), "acts name the state they act in"


def test_the_shipped_policy_never_spends_more_than_was_settled() -> None:
    for one in shipped_policy().strategy:
        if one.verb is not Verb.HOLD:
            assert getattr(one, "max_amount", None), one.id
            assert one.max_amount <= Money(200_000), one.id
        if isinstance(one, InterceptStrategy):
            assert (one.max_fee, one.max_fee_percent) == (Money(2000), 30)


@pytest.mark.parametrize(
    ("data", "target", "hint"),
    [
        (with_strategy(when={"amont_over": "1.00"}), "strategy[0].when.amont_over", "amount_over"),
        (with_strategy(max_amout="1.00"), "strategy[0].max_amout", "max_amount"),
        (with_strategy(max_fee="1.00"), "strategy[0].max_fee", ""),
        (with_strategy() | {"paramters": {}}, "paramters", "parameters"),
        (with_strategy() | {"parameters": {"packing_g": 1}}, "parameters.packing_g", "packaging_g"),
        (with_strategy() | {"xyzzy": 1}, "xyzzy", ""),
    ],
)
def test_an_unknown_key_is_refused_with_its_path_and_the_nearest_known_one(
    data: dict[str, Any], target: str, hint: str
) -> None:
    error = refusal_of(data)
    assert (error.target, error.hint) == (target, hint or error.hint)
    assert f"{target}: unknown key" in str(error)
    assert not hint or f"did you mean {hint}?" in str(error)


@pytest.mark.parametrize(
    ("data", "target"),
    [
        (with_strategy(max_amount=20.5), "strategy[0].max_amount"),
        (with_strategy(max_amount="20,5"), "strategy[0].max_amount"),
        (with_strategy(max_amount="0.00"), "strategy[0].max_amount"),
        (with_strategy(max_amount=True), "strategy[0].max_amount"),
        (with_strategy(cap_day=0), "strategy[0].cap_day"),
        (with_strategy(id="Big One"), "strategy[0].id"),
        (with_strategy(name=""), "strategy[0].name"),
        (with_strategy(active="yes"), "strategy[0].active"),
        (with_strategy(priority="1"), "strategy[0].priority"),
        (with_strategy(priority=0), "strategy[0].priority"),
        (with_strategy(when={"full": "true"}), "strategy[0].when.full"),
        (with_strategy(when={"full": None}), "strategy[0].when"),
        (with_strategy(verb="pay"), "strategy[0]"),
        (with_strategy(remark="{nobody}"), "strategy[0].remark"),
        (with_strategy(remark="{city!r}"), "strategy[0].remark"),
        (with_strategy(remark="{city:>20}"), "strategy[0].remark"),
        (with_strategy(remark="{city.__class__}"), "strategy[0].remark"),
        (with_strategy(remark="{0}"), "strategy[0].remark"),
        (with_strategy(remark="{"), "strategy[0].remark"),
        ({"name": "t", "strategy": []}, "strategy"),
        ({"name": "t"}, "strategy"),
        ({"strategy": [strategy(HOLD, "a")]}, "name"),
        ({"name": "t", "strategy": [strategy(REFUSE, "a", message="不")]}, "strategy[0].message"),
        ({"name": "t", "strategy": [strategy(REFUSE, "a", proofs=["photo"])]}, "strategy[0].proofs[0]"),
        ({"name": "t", "strategy": [strategy(REFUSE, "a", proofs=[])]}, "strategy[0]"),
        ({"name": "t", "strategy": [strategy(REFUSE, "a", refusal="because")]}, "strategy[0].refusal"),
        ({"name": "t", "strategy": [strategy(INTERCEPT, "a", max_fee_percent=101)]}, "strategy[0].max_fee_percent"),
        ({"name": "t", "strategy": [strategy(HOLD, "a"), strategy(HOLD, "b", waits="later")]}, "strategy[1].waits"),
        ({"name": "t", "strategy": [strategy(HOLD, "a"), strategy(REMARK, "a")]}, ""),
        (with_strategy() | {"parameters": {"packaging_g": "100"}}, "parameters.packaging_g"),
        (with_strategy() | {"parameters": {"weight_tolerance_percent": 101}}, "parameters.weight_tolerance_percent"),
        (
            with_strategy() | {"parameters": {"signer_words": {"neighbour": "邻居"}}},
            "parameters.signer_words.neighbour",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_path(data: dict[str, Any], target: str) -> None:
    assert refusal_of(data).target.startswith(target)


def test_all_that_is_wrong_is_named_at_once() -> None:
    text = str(refusal_of(with_strategy(max_amount="x", when={"ful": True})))
    assert "strategy[0].max_amount" in text
    assert "strategy[0].when.ful" in text


def test_money_caps_may_not_be_forgotten() -> None:
    for base in (REFUND, RETURN):
        data = {key: value for key, value in base.items() if key != "max_amount"}
        assert refusal_of({"name": "t", "strategy": [strategy(data, "a")]}).target == "strategy[0].max_amount"


def test_a_refusal_without_proof_has_to_be_said_out_loud() -> None:
    policy = policy_of(strategy(REFUSE, "a", SIGNED_FOR, proofs=[], without_proof_allowed=True))
    assert policy.strategy[0].verb is Verb.REFUSE


@pytest.mark.parametrize("reason", RefusalReason)
def test_a_refusal_names_the_proof_that_its_reason_needs(reason: RefusalReason) -> None:
    others = [kind.value for kind in ProofKind if kind is not PROOF_OF[reason]]
    bare = strategy(REFUSE, "a", SIGNED_FOR, refusal=reason.value, proofs=others)
    error = refusal_of({"name": "t", "strategy": [bare]})
    assert (error.target, f'needs "{PROOF_OF[reason].value}"' in str(error)) == ("strategy[0]", True)
    assert policy_of(bare | {"without_proof_allowed": True}).strategy


def test_the_daily_cap_is_fifty_thousand_unless_written() -> None:
    policy = policy_of(strategy(REFUND, "a"), strategy(INTERCEPT, "b"), strategy(REFUND, "c", cap_day="10.00"))
    assert [getattr(one, "cap_day", None) for one in policy.strategy] == [
        Money(5_000_000),
        Money(5_000_000),
        Money(1000),
    ]


def test_ranks_follow_the_file_unless_a_priority_is_written() -> None:
    policy = policy_of(strategy(HOLD, "a"), strategy(HOLD, "b"), strategy(HOLD, "c", priority=15))
    assert [(one.strategy.id, one.rank) for one in policy.ranked] == [("a", 10), ("c", 15), ("b", 20)]


def test_the_hash_is_of_the_meaning_not_of_the_text() -> None:
    data = copy.deepcopy(dict(shipped_policy_data()))
    turned = {key: data[key] for key in reversed(data)}
    turned["strategy"] = [{key: one[key] for key in reversed(one)} for one in data["strategy"]]
    turned["strategy"][-1]["when"]["type"] = ["return_refund", "return_refund"]
    assert parse_policy(turned).hash == shipped_policy().hash


@pytest.mark.parametrize(
    "data",
    [
        shipped_but(packaging_g=101),
        shipped_but(threat_words=["差评"]),
        {**shipped_policy_data(), "strategy": shipped_policy_data()["strategy"][::-1]},
        {**shipped_policy_data(), "strategy": shipped_policy_data()["strategy"][:-1]},
    ],
)
def test_another_meaning_has_another_hash(data: dict[str, Any]) -> None:
    assert parse_policy(data).hash != shipped_policy().hash


def test_a_policy_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        shipped_policy().name = "other"  # type: ignore[misc]  # the point of the test


def test_reasons_of_refusal_are_the_domains() -> None:
    policies: list[Policy] = [
        policy_of(strategy(REFUSE, "a", SIGNED_FOR, refusal=reason.value, proofs=[PROOF_OF[reason].value]))
        for reason in RefusalReason
    ]
    assert len(policies) == len(RefusalReason)
