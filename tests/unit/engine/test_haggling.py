"""Claims on offers and complaints: the ladder, its bounds, when a person decides, and what a complaint may rest on."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action import ComplaintScene, Verb
from bot.domain.case import CaseState, Complaint, ComplaintState, Control, Negotiable, Offer, OfferState
from bot.domain.money import Money
from bot.engine.facts import gather
from bot.engine.fast import verdict_of
from bot.engine.policy import parse_policy
from bot.engine.ruling import rule, stand_all
from bot.errors import ConfigError
from tests.unit.engine.builders import NOW, Situation, came_back, odd, received, shop
from tests.unit.engine.policies import policy_of, strategy

NEGOTIATE: dict[str, Any] = {
    "verb": "negotiate",
    "active": True,
    "offers": ["30%", "50%"],
    "max_offer": "40.00",
    "max_offer_percent": 60,
}
COMPLAIN: dict[str, Any] = {
    "verb": "complain",
    "active": True,
    "scene": "false_return",
    "message": "退回的是空包裹，实收 {counted} 件",
    "proofs": ["weights"],
}
EMPTY = {"state": ["wait_seller_receive"], "return_empty": True}
CLAIM = Money(10_000)
ROOT = Path(__file__).parents[3]


def offers(*made: tuple[int, OfferState]) -> tuple[Offer, ...]:
    return tuple(Offer(at=NOW - timedelta(hours=1), amount=Money(fen), state=shop(state)) for fen, state in made)


def haggled(*made: tuple[int, OfferState], claim: Money = CLAIM, most: int = 8_000) -> Situation:
    """A claim for goods that the buyer has, with these offers made so far."""
    asked = received(amount=claim, paid=claim)
    tool = Negotiable(offers=offers(*made), most=Money(most), rounds_left=3 - len(made))
    return asked.shows(negotiable=tool, controls=asked.page.controls | {Control.NEGOTIATE})


def empty(complaint: ComplaintState | None = ComplaintState.NONE) -> Situation:
    back = came_back(counted=0, back_g=20)
    seen = None if complaint is None else Complaint(state=shop(complaint))
    return back.shows(complaint=seen, controls=back.page.controls | {Control.COMPLAIN})


def negotiating(**changes: Any) -> Any:
    return policy_of(strategy(NEGOTIATE, "offer", **changes))


@pytest.mark.parametrize(
    ("made", "offered"),
    [
        ((), 3_000),
        (((3_000, OfferState.DECLINED),), 4_000),
        (((1_000, OfferState.DECLINED),), 4_000),
    ],
)
def test_each_rung_follows_the_buyers_no_and_stays_within_the_bounds(
    made: tuple[tuple[int, OfferState], ...], offered: int
) -> None:
    decision = haggled(*made).judged(negotiating())
    assert decision.verb is Verb.NEGOTIATE
    assert decision.plan
    assert decision.plan.amount == Money(offered)


@pytest.mark.parametrize(
    ("situation", "why"),
    [
        (haggled((3_000, OfferState.LAPSED)), "negotiation"),
        (haggled((3_000, OfferState.OPEN)), "negotiation"),
        (haggled((3_000, OfferState.DECLINED), (4_000, OfferState.DECLINED)), "offers_made"),
        (haggled((5_000, OfferState.DECLINED)), "best_offer"),
        (haggled((3_000, OfferState.DECLINED), most=3_000), "best_offer"),
        (haggled(most=0), "best_offer"),
        (haggled().shows(negotiable=None), "negotiation"),
    ],
)
def test_where_no_offer_is_left_a_person_decides(situation: Situation, why: str) -> None:
    decision = situation.judged(negotiating())
    assert decision.verb is Verb.HOLD
    assert decision.reasons[0].code == "hold.no_offer"
    assert why in decision.reasons[1].code or decision.reasons[1].params.get("fact") == why


def test_an_offer_is_never_the_whole_claim() -> None:
    whole = negotiating(offers=["9.00"], max_offer_percent=100)
    assert haggled(claim=Money(900), most=900).judged(whole).verb is Verb.HOLD


def test_a_label_that_nobody_knows_is_no_answer() -> None:
    unclear = Offer(at=NOW, amount=Money(3_000), state=odd("买家再想想"))
    asked = haggled()
    tool = asked.page.negotiable
    assert tool
    decision = asked.shows(negotiable=tool.model_copy(update={"offers": (unclear,)})).judged(negotiating())
    assert decision.reasons[0].code == "hold.no_offer"


def test_while_the_buyer_thinks_nothing_is_done() -> None:
    waiting = haggled((3_000, OfferState.OPEN)).shows(state=shop(CaseState.WAIT_BUYER_ANSWER))
    assert waiting.judged(negotiating()).reasons[0].code == "not_pending.wait_buyer_answer"


def test_the_sum_of_an_offer_stands_in_its_message_and_nowhere_else() -> None:
    decision = haggled().judged(negotiating(message="给您补偿 {offer}，商品留用，可以吗"))
    assert decision.plan
    assert decision.plan.message == "给您补偿 ¥30.00，商品留用，可以吗"
    with pytest.raises(ConfigError, match="no place to fill"):
        policy_of(strategy(COMPLAIN, "bad", EMPTY, message="补偿 {offer} 元"))


@pytest.mark.parametrize(
    "ladder", [["50%", "30%"], ["20.00", "20.00"], ["0%"], ["100%"], ["0.00"], [], ["30"], [0.3], ["30 percent"]]
)
def test_a_ladder_that_does_not_rise_or_cannot_be_read_is_refused(ladder: list[object]) -> None:
    if ladder == ["30"]:
        assert negotiating(offers=ladder), "thirty yuan"
        return
    with pytest.raises(ConfigError):
        negotiating(offers=ladder)


RUNG = st.one_of(
    st.integers(1, 99).map(lambda share: f"{share}%"), st.integers(1, 20_000).map(lambda fen: f"{fen / 100:.2f}")
)


@given(
    ladder=st.lists(RUNG, min_size=1, max_size=10),
    claim=st.integers(1, 30_000),
    most=st.integers(1, 20_000),
    percent=st.integers(1, 100),
    tool=st.integers(0, 30_000),
    edits=st.lists(st.integers(1, 30_000), max_size=10),
)
def test_over_any_declines_no_bound_is_passed_and_no_sum_is_offered_twice(
    ladder: list[str], claim: int, most: int, percent: int, tool: int, edits: list[int]
) -> None:
    """The buyer declines for ever, and changes his claim in between as he likes."""
    try:
        policy = negotiating(offers=ladder, max_offer=f"{most / 100:.2f}", max_offer_percent=percent)
    except ConfigError:
        return
    made: list[tuple[int, OfferState]] = []
    for turn in range(len(ladder) + 2):
        asked = Money(edits[turn - 1] if 0 < turn <= len(edits) else claim)
        decision = haggled(*made, claim=asked, most=tool).judged(policy)
        if decision.verb is Verb.HOLD:
            break
        assert decision.plan
        assert decision.plan.amount
        offer = decision.plan.amount.fen
        assert offer <= min(most, tool, asked.fen * percent // 100)
        assert all(offer > earlier for earlier, _ in made)
        assert offer < asked.fen
        made.append((offer, OfferState.DECLINED))
    else:
        pytest.fail("an offer beyond the ladder")
    assert len(made) <= len(ladder)


# ---- complaints ---------------------------------------------------------------------------------------------------


def test_an_empty_return_is_complained_about_once() -> None:
    policy = policy_of(strategy(COMPLAIN, "empty", EMPTY))
    decision = empty().judged(policy)
    assert (decision.verb, decision.plan and decision.plan.scene) == (Verb.COMPLAIN, ComplaintScene.FALSE_RETURN)
    assert decision.plan
    assert decision.plan.message == "退回的是空包裹，实收 0 件"
    for state in (ComplaintState.FILED, ComplaintState.UPHELD, ComplaintState.REJECTED):
        assert empty(state).judged(policy).reasons[0].code == "hold.no_match"


def test_a_page_without_the_entry_is_a_persons() -> None:
    assert empty(None).judged(policy_of(strategy(COMPLAIN, "empty", EMPTY))).reasons[0].code == "hold.missing"


@pytest.mark.parametrize(
    "when",
    [
        {"serial_buyer": True},
        {"clean_buyer": False, "amount_over": "100.00"},
        {"state": ["wait_seller_receive"], "serial_buyer": True, "complaint_offered": True},
    ],
)
def test_no_complaint_rests_on_a_buyers_record(when: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="never on his record"):
        policy_of(strategy(COMPLAIN, "grudge", when))


def test_a_complaint_without_proof_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="proofs"):
        policy_of(strategy(COMPLAIN, "bare", EMPTY, proofs=[]))
    with pytest.raises(ConfigError, match=r"strategy\[0\]\.sceen.*did you mean scene"):
        parse_policy({"name": "t", "strategy": [strategy(COMPLAIN, "typo", EMPTY, sceen="false_return")]})


def test_the_examples_in_the_shipped_policy_can_be_switched_on() -> None:
    text = (ROOT / "policy.example.toml").read_text(encoding="utf-8")
    whole, _, rest = text.partition("\n# ---- 两个没有启用的动作")
    examples = rest.partition("\n# ----")[0]
    switched_on = "\n".join(
        line.removeprefix("# ") for line in examples.partition("#\n")[2].splitlines() if line != "#"
    )
    policy = parse_policy(tomllib.loads(f"{whole}\n{switched_on}"))
    added = [one for one in policy.ranked if one.strategy.verb in {Verb.NEGOTIATE, Verb.COMPLAIN}]
    assert [one.strategy.id for one in added] == ["offer_to_keep", "complain_empty_return"]


@pytest.mark.parametrize(
    "situation",
    [
        haggled(),
        haggled((3_000, OfferState.DECLINED)),
        haggled((3_000, OfferState.LAPSED)),
        haggled((3_000, OfferState.DECLINED), (4_000, OfferState.DECLINED)),
        empty(),
        empty(ComplaintState.FILED),
        empty(None),
    ],
)
def test_the_compiled_policy_says_the_same(situation: Situation) -> None:
    offer = strategy(NEGOTIATE, "offer", message="补偿 {offer}")
    policy = policy_of(offer, strategy(COMPLAIN, "empty", EMPTY))
    facts = gather(situation.page, situation.trails, policy.parameters, NOW)
    whole, fast = rule(stand_all(facts, policy), facts, policy.parameters), verdict_of(facts, policy)
    assert (fast.verb, fast.cause) == (whole.verb, whole.cause)
