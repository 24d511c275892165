"""Claims on how one verb comes out of many strategies, and on everything that holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.action import Verb
from bot.domain.case import CaseState, Control, Deadline, TimeoutAction
from bot.domain.courier import ParcelStatus, SignerKind
from bot.domain.decision import Decision, Verdict
from bot.domain.facts import Source, Unknown
from bot.domain.money import Money
from bot.engine import decide as decide_module
from bot.engine.asking import Condition
from bot.engine.facts import gather
from bot.engine.ruling import Cause, rule, stand_all
from tests.unit.engine.builders import NOW, PAID, Situation, courier, odd, paid_before, shipped, shop, unshipped
from tests.unit.engine.policies import (
    HOLD,
    INTERCEPT,
    PAID_BEFORE,
    REFUND,
    REFUSE,
    REMARK,
    RETURN,
    SIGNED_FOR,
    WAIT,
    policy_of,
    strategy,
)
from tests.unit.engine.situations import ROWS

P = ParcelStatus
MATCH: dict[str, Any] = {"full": True}
MISS: dict[str, Any] = {"full": False}
OPEN: dict[str, Any] = {"signer": ["buyer"]}
"""Matches, does not match, and cannot tell on `unshipped()`."""
TWICE = unshipped().shows(payments=paid_before(PAID, "打款"))
"""A claim on what was paid back already: there is a ground to refuse it."""


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def judged(*strategies: dict[str, Any], situation: Situation | None = None) -> Decision:
    return (situation or unshipped()).judged(policy_of(*strategies))


def test_the_first_matching_strategy_of_the_file_wins() -> None:
    decision = judged(strategy(REMARK, "a", MISS), strategy(REFUND, "b", MATCH), strategy(REMARK, "c", MATCH))
    assert decision.plan
    assert (decision.verb, decision.plan.strategy) == (Verb.AGREE_REFUND, "b")


def test_a_stated_priority_beats_the_order_of_the_file() -> None:
    decision = judged(strategy(REFUND, "a", MATCH), strategy(REMARK, "b", MATCH, priority=5))
    assert decision.verb is Verb.REMARK


def test_every_strategy_is_evaluated_and_told() -> None:
    decision = judged(strategy(REFUND, "a", MATCH), strategy(REMARK, "b", MISS), strategy(HOLD, "c", OPEN))
    assert [(one.strategy, one.verdict) for one in decision.traces] == [
        ("a", Verdict.MATCHED),
        ("b", Verdict.LOST),
        ("c", Verdict.UNDECIDED),
    ]
    assert [one.because[0].code for one in decision.traces] == ["fact.full.yes", "fact.full.yes", "missing.fact"]


def test_a_strategy_that_is_switched_off_takes_no_part() -> None:
    decision = judged(strategy(REFUND, "a", MATCH, active=False), strategy(HOLD, "b", MATCH, active=False))
    assert (codes(decision), decision.traces) == (["hold.no_match"], ())


def test_an_acting_strategy_is_off_until_switched_on_and_a_hold_is_on() -> None:
    decision = judged(strategy({**REFUND, "active": None}, "a", MATCH), strategy(HOLD, "b", MATCH))
    assert [one.strategy for one in decision.traces] == ["b"]


def test_an_undecided_strategy_above_the_winner_holds() -> None:
    decision = judged(strategy(REMARK, "a", OPEN), strategy(REFUND, "b", MATCH))
    assert codes(decision) == ["hold.missing", "missing.fact"]
    assert decision.reasons[1].params == {"fact": "signer", "why": "unknown.no_waybill"}


def test_an_undecided_strategy_level_with_the_winner_holds() -> None:
    decision = judged(strategy(REFUND, "a", MATCH, priority=3), strategy(REMARK, "b", OPEN, priority=3))
    assert decision.verb is Verb.HOLD


def test_an_undecided_strategy_below_the_winner_does_not_matter() -> None:
    decision = judged(strategy(REFUND, "a", MATCH), strategy(REMARK, "b", OPEN))
    assert decision.verb is Verb.AGREE_REFUND


def test_a_no_settles_a_strategy_whatever_else_is_unknown() -> None:
    decision = judged(strategy(REMARK, "a", OPEN | MISS), strategy(REFUND, "b", MATCH))
    assert decision.verb is Verb.AGREE_REFUND


def test_equals_that_want_different_things_are_a_conflict() -> None:
    decision = judged(strategy(REFUND, "a", MATCH, priority=3), strategy(REMARK, "b", MATCH, priority=3))
    assert codes(decision) == ["hold.conflict"]
    assert decision.reasons[0].params["strategy"] == "a, b"


def test_equals_that_want_the_same_are_no_conflict() -> None:
    decision = judged(strategy(REFUND, "a", MATCH, priority=3), strategy(REFUND, "b", MATCH, priority=3))
    assert decision.plan
    assert decision.plan.strategy == "a"


def test_all_persons_that_are_called_are_told_at_once() -> None:
    decision = judged(strategy(HOLD, "a", MATCH), strategy(REFUND, "b", MATCH), strategy(HOLD, "c", MATCH))
    held = [reason.params["strategy"] for reason in decision.reasons if reason.code == "hold.strategy"]
    assert held == ["a", "c"]


def test_what_is_missing_above_a_hold_is_told_as_well() -> None:
    decision = judged(strategy(REFUND, "a", OPEN), strategy(HOLD, "b", MATCH))
    assert codes(decision) == ["hold.strategy", "fact.full.yes", "missing.fact"]


def test_waiting_calls_nobody_but_gives_way_to_a_call_above_it() -> None:
    assert codes(judged(strategy(WAIT, "a", MATCH)))[0] == "wait.strategy"
    assert codes(judged(strategy(HOLD, "a", MATCH), strategy(WAIT, "b", MATCH)))[0] == "hold.strategy"
    assert codes(judged(strategy(HOLD, "a", OPEN), strategy(WAIT, "b", MATCH)))[0] == "hold.missing"


def test_a_call_for_a_person_goes_before_a_wait_of_the_same_rank() -> None:
    wait, call = strategy(WAIT, "a", MATCH, priority=3), strategy(HOLD, "b", MATCH, priority=3)
    assert codes(judged(wait, call))[0] == codes(judged(call, wait))[0] == "hold.strategy"


def test_an_act_and_a_hold_of_the_same_rank_are_a_conflict() -> None:
    for hold in (HOLD, WAIT):
        decision = judged(strategy(REFUND, "a", MATCH, priority=3), strategy(hold, "b", MATCH, priority=3))
        assert codes(decision) == ["hold.conflict"]


def test_no_sum_is_promised_while_the_amount_is_unknown() -> None:
    policy = policy_of(strategy(REFUND, "a", MATCH))
    situation = unshipped()
    facts = gather(situation.page, situation.trails, policy.parameters, NOW)
    blind = replace(facts, amount=odd("约129元"))
    standings = tuple(replace(one, verdict=Verdict.MATCHED) for one in stand_all(blind, policy))
    ruling = rule(standings, blind, policy.parameters)
    assert (ruling.verb, ruling.cause, ruling.named) == (Verb.HOLD, Cause.MISSING, "amount")


@pytest.mark.parametrize(
    ("left", "code"),
    [
        (timedelta(hours=2), "wait.strategy"),
        (timedelta(hours=2, seconds=-1), "hold.late"),
        (timedelta(minutes=5), "hold.late"),
        (timedelta(hours=-1), "hold.late"),
        (None, "hold.late"),
    ],
)
def test_no_case_waits_through_its_last_two_hours(left: timedelta | None, code: str) -> None:
    """I22: whatever the policy says, and also where nobody knows the deadline, a person is called."""
    deadline = None if left is None else Deadline(at=NOW + left, action=shop(TimeoutAction.AGREE_REFUND))
    decision = unshipped().shows(deadline=deadline).judged(policy_of(strategy(WAIT, "a", MATCH, owner="B")))
    assert (decision.verb, codes(decision)[0]) == (Verb.HOLD, code)
    assert decision.owner == ("B" if code == "hold.late" else "")


def test_the_owner_of_a_hold_is_the_first_that_a_strategy_names() -> None:
    holds = [
        strategy(HOLD, name, MATCH, **more)
        for name, more in {"a": {}, "b": {"owner": "B"}, "c": {"owner": "C"}}.items()
    ]
    assert [judged(*chosen).owner for chosen in (holds[:1], holds, holds[2:])] == ["", "B", "C"]
    assert judged(strategy(REFUND, "pays", MATCH), strategy(HOLD, "d", MISS, owner="D")).owner == ""


def test_a_case_that_nothing_covers_is_held() -> None:
    assert codes(judged(strategy(REFUND, "a", MISS))) == ["hold.no_match"]


@pytest.mark.parametrize(
    ("base", "control"),
    [
        (REFUND, Control.AGREE_REFUND),
        (RETURN, Control.AGREE_RETURN),
        (REFUSE, Control.REFUSE),
        (INTERCEPT, Control.INTERCEPT),
        (REMARK, Control.REMARK),
    ],
)
def test_what_the_page_does_not_offer_is_not_done(base: dict[str, Any], control: Control) -> None:
    policy = policy_of(strategy(base, "a", {**MATCH, **PAID_BEFORE}))
    offered = TWICE.shows(controls=frozenset({control}))
    assert offered.judged(policy).verb.value == base["verb"]
    others = TWICE.shows(controls=frozenset(Control) - {control})
    assert codes(others.judged(policy))[0] == "hold.not_offered"


@pytest.mark.parametrize("state", [CaseState.PLATFORM, *(state for state in CaseState if "wait" not in state)])
def test_no_policy_acts_on_a_case_that_does_not_wait_for_the_seller(state: CaseState) -> None:
    everything = TWICE.shows(state=shop(state), controls=frozenset(Control))
    for base in (REFUND, RETURN, REFUSE, INTERCEPT, REMARK):
        assert everything.judged(policy_of(strategy(base, "a", {**MATCH, **PAID_BEFORE}))).verb is Verb.HOLD


def test_no_policy_acts_while_the_state_is_unknown() -> None:
    situation = unshipped().shows(state=odd("待风控复核"), controls=frozenset(Control))
    assert codes(situation.judged(policy_of(strategy(REFUND, "a", MATCH))))[0] == "hold.unknown_labels"


@pytest.mark.parametrize("base", [REFUND, REMARK])
def test_no_policy_acts_where_a_word_is_unknown_whatever_it_asks(base: dict[str, Any]) -> None:
    policy = policy_of(strategy(base, "a", {"state": ["wait_seller"]}))
    on_the_page = unshipped().shows(unknown_labels=("闪电极速退",))
    of_the_courier = shipped().tells(status=odd("驿站暂存", Source.COURIER))
    assert unshipped().judged(policy).verb.value == base["verb"]
    assert codes(on_the_page.judged(policy)) == ["hold.unknown_labels", "fact.unknown_labels.yes"]
    told = of_the_courier.judged(policy).reasons
    assert told[0].code == "hold.unknown_labels"
    assert "驿站暂存" in {reason.params.get("raw") for reason in told}


@pytest.mark.parametrize("base", [REFUND, RETURN])
@pytest.mark.parametrize("amount", [Money(0), Money(12901)])
def test_no_policy_promises_nothing_or_more_than_is_left(base: dict[str, Any], amount: Money) -> None:
    situation = unshipped().shows(amount=amount, controls=frozenset(Control))
    decision = situation.judged(policy_of(strategy(base, "a", {"state": ["wait_seller"]})))
    assert codes(decision)[0] == "hold.over_refundable"


def test_a_place_that_nothing_fills_holds() -> None:
    refuse = strategy(REFUSE, "a", PAID_BEFORE, message="已由{signer}签收")
    decision = judged(refuse, situation=TWICE)
    assert codes(decision) == ["hold.text_missing", "missing.fact"]
    assert decision.reasons[1].params["fact"] == "signer"


def test_a_signer_without_a_word_in_the_policy_holds() -> None:
    policy = policy_of(strategy(REFUSE, "a", SIGNED_FOR, message="已由{signer}签收"), signer_words={"buyer": "本人"})
    known, unnamed = shipped(P.SIGNED), shipped(P.SIGNED).tells(signer=courier(SignerKind.FAMILY))
    assert known.judged(policy).verb is Verb.REFUSE
    assert codes(unnamed.judged(policy)) == ["hold.text_missing", "fact.signer"]


@pytest.mark.parametrize(
    "base",
    [
        strategy(REFUSE, "a", SIGNED_FOR, message="签" * 195 + "{city}"),
        strategy(REMARK, "a", MATCH, remark="签" * 294 + "{city}"),
    ],
)
def test_a_text_that_grows_too_long_holds(base: dict[str, Any]) -> None:
    fits, grows = (shipped(P.SIGNED).tells(sign_city=city) for city in ("杭州", "黔西南布依族苗族自治州"))
    assert fits.judged(policy_of(base)).verb is not Verb.HOLD
    assert codes(grows.judged(policy_of(base))) == ["hold.text_too_long"]


def test_a_condition_that_raises_holds_the_case_and_names_its_strategy(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Condition.answer

    def breaks(self: Condition, facts: Any) -> Any:
        if self.name == "threat":
            raise ZeroDivisionError("boom")
        return answer(self, facts)

    monkeypatch.setattr(Condition, "answer", breaks)
    decision = judged(strategy(REFUND, "good", MATCH), strategy(REMARK, "bad", {"threat": False}))
    assert codes(decision) == ["hold.broken"]
    assert decision.reasons[0].params == {"strategy": "bad", "detail": "ZeroDivisionError('boom')"}
    assert decision.traces[1].because == decision.reasons
    for situation, _ in ROWS.values():
        assert situation.judged().verb is Verb.HOLD


@pytest.mark.parametrize("part", ["gather", "stand_all", "rule", "explain", "trace", "nearest_flip"])
def test_whatever_breaks_in_judging_holds(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(decide_module, part, breaks)
    decision = unshipped().judged()
    assert (decision.verb, codes(decision)) == (Verb.HOLD, ["hold.broken"])


def test_a_decision_names_case_policy_page_and_moment() -> None:
    situation, policy = unshipped(), policy_of(strategy(REFUND, "a", MATCH))
    decision = situation.judged(policy)
    assert (decision.case, decision.policy_hash) == (situation.page.key, policy.hash)
    assert decision.fingerprint == situation.page.fingerprint


def test_raw_words_of_the_page_are_quoted_and_cut() -> None:
    signer = Unknown(why="unknown.signer", source=Source.COURIER, raw="菜" * 500)
    reasons = shipped(P.SIGNED).tells(signer=signer).judged().reasons
    raw = [reason for reason in reasons if reason.code == "missing.raw"]
    assert [len(reason.params["raw"]) for reason in raw] == [80]
