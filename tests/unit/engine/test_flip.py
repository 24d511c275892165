"""Claims on the nearest flip: it really flips, nothing smaller of the same field does, and it reads well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.courier import ParcelStatus, SignerKind
from bot.domain.decision import Flip
from bot.domain.facts import Known
from bot.domain.money import Money
from bot.engine.facts import Facts, gather
from bot.engine.flip import VALUE_TYPES, Change, as_code, changes_of
from bot.engine.policy import Policy
from bot.engine.ruling import rule, stand_all
from tests.unit.engine.builders import NOW, Situation, courier, received, shipped, shipped_policy, unshipped
from tests.unit.engine.policies import HOLD, REFUND, REMARK, policy_of, strategy
from tests.unit.engine.situations import ROWS, decided

POLICY = shipped_policy()


def facts_of(situation: Situation) -> Facts:
    return gather(situation.page, situation.trails, POLICY.parameters, NOW)


def changes(facts: Facts, policy: Policy) -> Iterator[Change]:
    """Every single change of every fact."""
    for name, fact in facts.items():
        yield from changes_of(name, fact, policy.edges.get(name, ()))


def verb_after(change: Change, facts: Facts, policy: Policy = POLICY) -> Verb:
    """The verb under a changed fact, judged from the beginning."""
    changed = change.of(facts, NOW)
    return rule(stand_all(changed, policy), changed, policy.parameters).verb


def stated(flip: Flip, facts: Facts, policy: Policy = POLICY) -> Change:
    """The change that a flip states in words."""
    found = [
        change
        for change in changes(facts, policy)
        if change.name == flip.fact and as_code(getattr(change.of(facts, NOW), change.name)) == flip.would_be
    ]
    assert len(found) == 1
    return found[0]


def test_a_stated_flip_really_flips() -> None:
    for name in ROWS:
        decision, facts = decided(name), facts_of(ROWS[name][0])
        if decision.flip:
            assert verb_after(stated(decision.flip, facts), facts) is decision.flip.verb is not decision.verb
            assert decision.flip.was == as_code(getattr(facts, decision.flip.fact))


@settings(max_examples=25)
@given(st.sampled_from(sorted(ROWS)))
def test_no_cheaper_change_flips_and_none_is_passed_over(name: str) -> None:
    decision, facts = decided(name), facts_of(ROWS[name][0])
    flipping = [change for change in changes(facts, POLICY) if verb_after(change, facts) is not decision.verb]
    assert bool(flipping) == (decision.flip is not None)
    if decision.flip:
        assert stated(decision.flip, facts).cost == min(change.cost for change in flipping)


@settings(max_examples=40)
@given(fen=st.integers(1, 250_000))
def test_no_smaller_change_of_the_amount_flips(fen: int) -> None:
    situation = received(amount=Money(fen), paid=Money(fen))
    decision, facts = situation.judged(), facts_of(situation)
    if decision.flip is None or decision.flip.fact != "amount":
        return
    target = stated(decision.flip, facts).value.fen
    nearer = target + (1 if target < fen else -1)
    assert verb_after(Change("amount", Money(target), 0), facts) is decision.flip.verb
    assert verb_after(Change("amount", Money(nearer), 0), facts) is decision.verb


@pytest.mark.parametrize(
    ("situation", "fact", "would_be", "verb"),
    [
        (unshipped().shows(amount=Money(200_001), paid=Money(200_001)), "amount", "¥2,000.00", Verb.AGREE_REFUND),
        (received(amount=Money(1001), paid=Money(1001)), "amount", "¥10.00", Verb.AGREE_REFUND),
        (shipped(ParcelStatus.SIGNED).tells(sign_city="广州市"), "sign_city_matches", "answer.yes", Verb.REFUSE),
        (
            shipped(ParcelStatus.SIGNED).tells(signer=courier(SignerKind.OTHER)),
            "signer",
            "signer_kind.buyer",
            Verb.REFUSE,
        ),
        (unshipped().shows(platform_tags=("高风险账号",)), "platform_marked", "answer.no", Verb.AGREE_REFUND),
        (shipped(), "amount", "¥10.00", Verb.AGREE_REFUND),
    ],
)
def test_the_nearest_flip_is_the_one_a_clerk_would_name(
    situation: Situation, fact: str, would_be: str, verb: Verb
) -> None:
    flip = situation.judged().flip
    assert flip
    assert (flip.fact, flip.would_be, flip.verb) == (fact, would_be, verb)


def test_a_change_that_leads_to_an_act_is_told_before_one_that_only_holds() -> None:
    policy = policy_of(
        strategy(HOLD, "a", {"threat": True}),
        strategy(REMARK, "b", {"duplicate": True}),
        strategy(REFUND, "c", {"full": True}),
        threat_words=["差评"],
    )
    flip = unshipped().judged(policy).flip
    assert flip
    assert (flip.fact, flip.verb) == ("duplicate", Verb.REMARK)


def test_where_no_single_change_helps_none_is_stated() -> None:
    policy = policy_of(strategy(REFUND, "a", {"full": False, "threat": True}), threat_words=["差评"])
    assert unshipped().judged(policy).flip is None


def test_a_settled_case_would_be_judged_if_it_were_pending() -> None:
    flip = decided("already refunded").flip
    assert flip is None, "its buttons are gone as well"


def test_every_fact_has_a_known_kind_of_value() -> None:
    facts = facts_of(unshipped())
    for name, fact in facts.items():
        assert isinstance(VALUE_TYPES[name], type)
        if isinstance(fact, Known):
            assert isinstance(fact.value, VALUE_TYPES[name])
