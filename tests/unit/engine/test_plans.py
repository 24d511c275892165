"""Claims on plans: exact sums, finished sentences, named proofs."""

from __future__ import annotations

from bot.domain.action import RefusalReason, Verb
from bot.domain.courier import ParcelStatus as P
from bot.domain.courier import SignerKind
from bot.domain.decision import ProofKind
from bot.domain.money import Money
from tests.unit.engine.builders import came_back, courier, difference, labelled, shipped, unshipped, wants_return


def test_a_refund_states_the_claimed_amount_and_its_daily_cap() -> None:
    plan = unshipped().judged().plan
    assert plan
    assert (plan.amount, plan.strategy, plan.strategy_cap_day) == (Money(12900), "unshipped_full", Money(5_000_000))


def test_an_intercept_costs_at_most_the_smaller_of_sum_and_share() -> None:
    dear, cheap = shipped(), shipped(amount=Money(3199), paid=Money(3199))
    plans = [situation.judged().plan for situation in (dear, cheap)]
    assert [plan and plan.max_fee for plan in plans] == [Money(2000), Money(959)]


def test_a_share_of_odd_fen_is_rounded_down() -> None:
    plan = labelled(P.IN_TRANSIT).shows(amount=Money(1003), paid=Money(1003)).judged().plan
    assert plan
    assert plan.max_fee == Money(300)


def test_a_refusal_names_waybill_time_city_and_signer() -> None:
    decision = shipped(P.SIGNED).tells(signer=courier(SignerKind.LOCKER_TAKEN)).judged()
    plan = decision.plan
    assert decision.verb is Verb.REFUSE
    assert plan
    assert (plan.refusal, plan.proofs, plan.without_proof_allowed) == (
        RefusalReason.SIGNED_FOR,
        (ProofKind.TRAIL,),
        False,
    )
    for part in ("780001112223", "2026-11-20 23:00", "杭州市", "快递柜（取件码已使用）"):
        assert part in plan.message
    assert 2 <= len(plan.message) <= 200


def test_an_empty_return_is_refused_with_both_weights() -> None:
    plan = came_back(counted=0, back_g=60).judged().plan
    assert plan
    assert (plan.refusal, plan.proofs) == (RefusalReason.EMPTY_RETURN, (ProofKind.WEIGHTS, ProofKind.TRAIL))
    for part in ("YT5556667778", "实收0件", "称重60克", "约530克"):
        assert part in plan.message


def test_a_difference_invites_to_a_review_afterwards() -> None:
    plan = difference().judged().plan
    assert plan
    assert (plan.amount, plan.remark) == (Money(1500), "差价¥15.00已退，请邀请买家评价。")


def test_an_agreed_return_tells_the_buyer_what_to_do() -> None:
    plan = wants_return().judged().plan
    assert plan
    assert plan.amount == Money(12900)
    assert "退货单号" in plan.message
