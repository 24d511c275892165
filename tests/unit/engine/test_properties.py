"""Claims that hold for every situation: the unknown never acts, caps are never passed, words persuade nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, CaseState, GoodsStatus, InterceptState, ShipStatus
from bot.domain.courier import ParcelStatus, SignerKind
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.money import Money
from bot.engine.claim import plain
from bot.engine.facts import Facts, gather
from bot.engine.policy import Policy, parse_policy
from bot.engine.ruling import Ruling, rule, stand_all
from tests.unit.engine.builders import (
    BACK,
    NOW,
    OUT,
    Situation,
    came_back,
    courier,
    shipped,
    shipped_policy,
    shipped_policy_data,
    shop,
    trail,
    warehouse,
)
from tests.unit.engine.situations import ROWS

POLICY = shipped_policy()
FRESH = parse_policy(shipped_policy_data())
NAMES = [field.name for field in fields(Facts)]
GONE = Unknown(why="unknown.absent", source=Source.SHOP)
quick = settings(max_examples=60)


def words(value: str) -> Fact[Any]:
    return Unknown(why="unknown.label", source=Source.SHOP, raw=value)


def maybe(values: Any) -> st.SearchStrategy[Fact[Any]]:
    """A known member, or now and then a label that nobody knows."""
    return st.one_of(
        st.sampled_from(list(values)).map(shop), st.sampled_from(list(values)).map(shop), st.just(words("?"))
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Any mixture of what shop, courier and warehouse may show, likely or not."""
    start = draw(st.sampled_from([situation for situation, _ in ROWS.values()]))
    amount = draw(st.integers(0, 260_000))
    shown = {
        "type": draw(maybe(AftersaleType)),
        "state": draw(maybe(CaseState)),
        "goods_status": draw(maybe(GoodsStatus)),
        "ship_status": draw(maybe(ShipStatus)),
        "amount": Money(amount),
        "paid": Money(draw(st.sampled_from([amount, amount + 1, max(0, amount - 1), 500_000]))),
        "other_goods": draw(st.sampled_from([(), ("保温杯",)])),
        "warehouse": draw(
            st.builds(
                warehouse,
                out=st.booleans(),
                back=st.booleans(),
                counted=st.sampled_from([None, 0, 1, 2]),
                back_g=st.sampled_from([None, 10, 520, 900]),
            )
        ),
    }
    kept = draw(st.sets(st.sampled_from(sorted(shown))))
    page = start.shows(**{key: shown[key] for key in kept})
    status = draw(st.sampled_from(ParcelStatus))
    told = {OUT: trail(status, signer=courier(draw(st.sampled_from(SignerKind))))}
    trails = draw(st.sampled_from([page.trails, {**page.trails, **told}, {}]))
    return replace(page, trails=trails)


def facts_of(situation: Situation) -> Facts:
    return gather(situation.page, situation.trails, POLICY.parameters, NOW)


def ruling_of(facts: Facts, policy: Policy = POLICY) -> Ruling:
    return rule(stand_all(facts, policy), facts, policy.parameters)


def judged_facts(ruling: Ruling) -> set[str]:
    """The facts that the winning strategy asked."""
    return {condition.test.fact for one in ruling.standings for condition in one.strategy.conditions}


def test_the_unknown_never_acts() -> None:
    """Taking away any single fact that the deciding strategy asked turns every act into a hold."""
    for situation, expected in ROWS.values():
        facts = facts_of(situation)
        ruling = ruling_of(facts)
        assert (ruling.verb is not Verb.HOLD) == expected.startswith("decided.")
        for name in judged_facts(ruling) if ruling.plan else ():
            assert ruling_of(replace(facts, **{name: GONE})).verb is Verb.HOLD, name


@quick
@given(situations(), st.sets(st.sampled_from(NAMES)))
def test_taking_facts_away_never_turns_a_hold_into_an_act_nor_one_act_into_another(
    situation: Situation, names: set[str]
) -> None:
    facts = facts_of(situation)
    before = ruling_of(facts).verb
    after = ruling_of(replace(facts, **dict.fromkeys(names, GONE))).verb
    assert after in {before, Verb.HOLD}


def test_knowing_nothing_at_all_holds() -> None:
    facts = facts_of(shipped())
    assert ruling_of(replace(facts, **dict.fromkeys(NAMES, GONE))).verb is Verb.HOLD


@quick
@given(situations())
def test_no_act_passes_a_cap_or_what_is_left_to_refund(situation: Situation) -> None:
    decision, page = situation.judged(), situation.page
    if decision.verb is not Verb.HOLD:
        assert Money(0) < page.amount <= Money(200_000)
        assert decision.plan
        assert decision.plan.amount in {None, page.amount}
    if decision.verb in {Verb.AGREE_REFUND, Verb.AGREE_RETURN}:
        assert page.amount <= page.refundable
    if decision.verb is Verb.INTERCEPT:
        assert decision.plan
        assert decision.plan.max_fee
        assert decision.plan.max_fee <= Money(min(2000, page.amount.fen * 30 // 100))


@quick
@given(situations())
def test_an_unshipped_refund_is_never_paid_for_a_parcel_that_is_out(situation: Situation) -> None:
    facts, decision = facts_of(situation), situation.judged()
    if decision.plan and decision.plan.strategy == "unshipped_full":
        assert isinstance(facts.parcel_status, Known)
        assert facts.parcel_status.value is ParcelStatus.NO_SCAN
        assert isinstance(facts.left_warehouse, Known)
        assert facts.left_warehouse.value is False


@quick
@given(situations())
def test_no_refund_is_paid_while_an_intercept_runs(situation: Situation) -> None:
    running = {InterceptState.REQUESTED, InterceptState.ACCEPTED, InterceptState.INTERCEPTING, InterceptState.RETURNING}
    facts, decision = facts_of(situation), situation.judged()
    state = facts.intercept_state
    refund_only = situation.page.type.model_dump().get("value") in {"refund_unshipped", "refund_shipped"}
    if refund_only and isinstance(state, Known) and state.value in running and decision.verb is Verb.AGREE_REFUND:
        assert isinstance(facts.parcel_status, Known)
        assert facts.parcel_status.value in {ParcelStatus.RETURNED_SIGNED, ParcelStatus.SIGNED, ParcelStatus.NO_SCAN}


@quick
@given(situations())
def test_the_same_facts_give_the_same_decision(situation: Situation) -> None:
    again = replace(situation, trails=dict(reversed(situation.trails.items())))
    assert situation.judged() == again.judged(FRESH)


@settings(max_examples=40)
@given(st.sampled_from(sorted(ROWS)), st.text(max_size=300))
def test_what_the_buyer_writes_changes_nothing_unless_it_threatens(name: str, text: str) -> None:
    assume(not any(plain(word) in plain(text) for word in POLICY.parameters.threat_words))
    silent = ROWS[name][0].shows(buyer_text="", seller_remark="")
    wordy = silent.shows(buyer_text=text, seller_remark=text, buyer_pictures=(text,))
    one, other = silent.judged(), wordy.judged()
    assert (one.verb, one.plan, one.reasons, one.flip) == (other.verb, other.plan, other.reasons, other.flip)


@settings(max_examples=40)
@given(
    st.sampled_from(POLICY.parameters.threat_words),
    st.text(alphabet=" .-_·~*|/\u200b\u200c\u202e\u3000\n!？", max_size=4),
    st.text(max_size=30),
)
def test_a_threat_is_heard_however_it_is_spaced(word: str, gap: str, around: str) -> None:
    apart = gap.join(word)
    assert ROWS["1 unshipped, no waybill"][0].shows(buyer_text=f"{apart}{gap}").judged().verb is Verb.HOLD
    quiet = around.replace("<", "").replace(">", "")
    # a digit before spaced digits makes another number of them: a waybill with 12315 in it is no threat
    assume(not (word.isdigit() and plain(quiet)[-1:].isdigit()))
    loud = ROWS["5 in transit"][0].shows(buyer_text=f"{quiet}。{apart}。")
    assert loud.judged().verb is Verb.HOLD


@settings(max_examples=40)
@given(st.sampled_from(sorted(ROWS)), st.integers(0, 96))
def test_time_alone_never_turns_a_hold_into_an_act(name: str, hours: int) -> None:
    situation, _ = ROWS[name]
    verbs: Mapping[str, Verb] = {
        "now": situation.judged().verb,
        "later": situation.judged(now=NOW + timedelta(hours=hours)).verb,
    }
    assert len(set(verbs.values())) == 1


def test_a_return_is_paid_only_when_courier_and_warehouse_agree() -> None:
    whole = came_back()
    assert whole.judged().verb is Verb.AGREE_REFUND
    assert whole.silent(BACK).judged().verb is Verb.HOLD
    assert whole.shows(warehouse=warehouse(out=True)).judged().verb is Verb.HOLD
