"""Claims on what a person's verdict comes to: who has to stand behind it, and the plan of its deed or why there is none."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from bot.domain.action import ComplaintScene, RefusalReason, Verb
from bot.domain.case import AftersaleType, Complaint, ComplaintState, Control, GoodsStatus
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Decision, Plan, ProofKind, Reason
from bot.domain.hand import HandVerdict, Instead, identity, same_person
from bot.domain.money import Money
from bot.engine.conditions import conditions_of
from bot.engine.facts import gather
from bot.engine.grounds import PROOF_OF, proven
from bot.engine.hand import SPEAKS_FOR, agreeing_verb, plan_by_hand
from bot.engine.second_person import NEEDED, Persons, at_stake, lacks_person, needs_two
from tests.unit.engine.builders import NOW, PAID, Situation, courier, shipped, shipped_policy, shop, unshipped

LIMIT = Money(1_000)
DEEDS = [verb for verb in Verb if verb not in {Verb.HOLD, Verb.REMARK}]


def verdict(case: Situation | None = None, verb: Verb = Verb.AGREE_REFUND, **told: Any) -> HandVerdict:
    page = (case or unshipped()).page
    given = {"case": page.key, "fingerprint": page.fingerprint, "by": "Li", "why": "so", "decided_at": NOW}
    return HandVerdict(**({**given, "verb": verb} | told))


def planned(case: Situation, verb: Verb, own: Decision | None = None, **told: Any) -> Plan | Reason:
    policy = shipped_policy()
    facts = gather(case.page, case.trails, policy.parameters, NOW)
    return plan_by_hand(verdict(case, verb, **told), own or case.judged(), facts, policy)


def code(said: Plan | Reason) -> str:
    return said.code if isinstance(said, Reason) else ""


@pytest.mark.parametrize("approved_by", ["", "Li", "ｌ ｉ", "Wang"])
@pytest.mark.parametrize("above", [LIMIT, None])
def test_the_whole_matrix_of_deeds(above: Money | None, approved_by: str) -> None:
    for verb, stake in product(DEEDS, (999, 1_000, 1_001)):
        said = lacks_person(verdict(verb=verb, approved_by=approved_by), Money(stake), above)
        if approved_by not in {"", "Wang"}:
            assert code_of(said) == "hand.own_approval", "also where nobody else is needed"
        elif not approved_by and above is not None and stake > 1_000:
            assert code_of(said) == "hand.two_above"
        else:
            assert said is None


@pytest.mark.parametrize(("instead", "approved_by"), list(product(Instead, ("", "Li", "Wang"))))
def test_the_whole_matrix_of_what_is_no_deed(instead: Instead, approved_by: str) -> None:
    said = lacks_person(verdict(verb=Verb.HOLD, instead=instead, approved_by=approved_by), Money(10**9), LIMIT)
    alone = "hand.two_to_release" if instead is Instead.RELEASE else ""
    assert code_of(said) == {"": alone, "Li": "hand.own_approval", "Wang": ""}[approved_by]


def code_of(said: Reason | None) -> str:
    return said.code if said else ""


def test_every_deed_and_every_other_wish_has_its_line_in_the_table() -> None:
    assert set(NEEDED) == {*DEEDS, *Instead}
    assert needs_two(verdict(verb=Verb.REMARK), Money(0), None), "what is not in the table needs two"
    assert {NEEDED[verb] for verb in DEEDS} == {Persons.TWO_ABOVE}


def test_at_stake_is_the_fee_of_an_intercept_and_the_sum_of_anything_else() -> None:
    plan = Plan(strategy="s", amount=Money(5_000), max_fee=Money(800))
    assert [at_stake(verb, plan) for verb in (Verb.INTERCEPT, Verb.REFUSE)] == [Money(800), Money(5_000)]


@pytest.mark.parametrize("other", ["li na", "LI NA", "Ｌｉ　Ｎａ", "Li\u200bNa", "li-na"])
def test_no_spelling_makes_two_people_of_one(other: str) -> None:
    assert same_person("Li Na", other)
    assert not same_person("Li Na", "Li Nan")


@pytest.mark.parametrize("by", ["", "  ", "--", "\u200b", "Li\nNa", "x" * 61])
def test_who_is_nobody_decides_nothing(by: str) -> None:
    with pytest.raises(ValueError, match="by"):
        verdict(by=by)


def test_a_verdict_has_a_why() -> None:
    with pytest.raises(ValueError, match="why"):
        verdict(why="  ")


def test_the_budgets_strategy_of_a_person_is_none_that_a_policy_could_have() -> None:
    plan = planned(unshipped(), Verb.AGREE_REFUND)
    assert isinstance(plan, Plan)
    assert plan.strategy == f"person:{identity('Li')}"
    assert (plan.amount, plan.strategy_cap_day, plan.earned) == (PAID, None, "")
    assert ":" not in "".join(shipped_policy().by_id)


@pytest.mark.parametrize("verb", DEEDS)
def test_what_the_page_does_not_offer_is_refused(verb: Verb) -> None:
    bare = unshipped().shows(controls=frozenset({Control.REMARK}))
    assert code(planned(bare, verb, amount=None)) == "hand.not_offered"


def test_a_note_is_no_deed() -> None:
    assert code(planned(unshipped(), Verb.REMARK)) == "hand.no_deed"


def test_another_amount_than_the_pages_is_refused() -> None:
    assert code(planned(unshipped(), Verb.AGREE_REFUND, amount=PAID - Money(1))) == "hand.other_amount"
    assert isinstance(planned(unshipped(), Verb.AGREE_REFUND, amount=PAID), Plan)


def test_more_than_can_be_refunded_is_refused() -> None:
    assert code(planned(unshipped().shows(amount=PAID + Money(1)), Verb.AGREE_REFUND)) == "hand.over_refundable"


def on_the_road(**changes: Any) -> Situation:
    told = {"goods_status": shop(GoodsStatus.NOT_RECEIVED)} | changes
    return shipped().shows(**told).tells(status=courier(ParcelStatus.IN_TRANSIT))


def test_an_unshipped_claim_cannot_be_refused() -> None:
    said = planned(unshipped(), Verb.REFUSE, refusal=RefusalReason.IN_TRANSIT, message="no way")
    assert code(said) == "hand.refusal_barred"


def test_a_refusal_takes_the_proof_that_its_reason_needs() -> None:
    plan = planned(on_the_road(), Verb.REFUSE, refusal=RefusalReason.IN_TRANSIT, message="on its way")
    assert isinstance(plan, Plan), plan
    assert (plan.proofs, plan.message, plan.without_proof_allowed) == ((ProofKind.TRAIL,), "on its way", False)
    bare = planned(
        on_the_road(), Verb.REFUSE, refusal=RefusalReason.IN_TRANSIT, message="on its way", without_proof_allowed=True
    )
    assert isinstance(bare, Plan)
    assert bare.proofs == ()


@pytest.mark.parametrize(
    ("case", "refusal", "wanted"),
    [
        (on_the_road(), RefusalReason.SIGNED_FOR, "hand.no_ground"),
        (on_the_road(goods_status=shop(GoodsStatus.RECEIVED)), RefusalReason.IN_TRANSIT, "hand.no_ground"),
        (on_the_road().silent(), RefusalReason.SIGNED_FOR, ""),
        (on_the_road(), RefusalReason.RETURN_DAMAGED, ""),
        (on_the_road(), None, "hand.no_refusal"),
    ],
    ids=["another truth", "another claim", "nobody knows", "only a picture tells", "no reason"],
)
def test_a_reason_that_is_known_to_be_false_is_refused(
    case: Situation, refusal: RefusalReason | None, wanted: str
) -> None:
    hold = case.judged().model_copy(update={"verb": Verb.HOLD, "plan": None})
    assert code(planned(case, Verb.REFUSE, hold, refusal=refusal, message="no way")) == wanted


def test_what_speaks_for_a_reason_would_be_ground_for_a_policys_refusal_too() -> None:
    for reason, ways in SPEAKS_FOR.items():
        assert reason in PROOF_OF
        assert all(proven(conditions_of(way)) for way in ways), reason


@pytest.mark.parametrize("length", [0, 1, 201])
def test_a_refusals_text_fits_the_platform(length: int) -> None:
    said = planned(on_the_road(), Verb.REFUSE, refusal=RefusalReason.IN_TRANSIT, message="不" * length)
    assert code(said) == "hand.text"


def proposing(case: Situation, verb: Verb, **plan: Any) -> Decision:
    """The robot proposes this on the case."""
    return case.judged().model_copy(update={"verb": verb, "plan": Plan(strategy="own", earned="v1", **plan)})


def test_agreeing_with_a_proposal_takes_its_words_and_proofs() -> None:
    case = on_the_road()
    told = {"refusal": RefusalReason.IN_TRANSIT, "message": "as proposed", "proofs": (ProofKind.TRAIL, ProofKind.INBOX)}
    plan = planned(case, Verb.REFUSE, proposing(case, Verb.REFUSE, amount=PAID, **told))
    assert isinstance(plan, Plan), plan
    assert (plan.message, plan.proofs) == ("as proposed", told["proofs"])
    assert (plan.strategy, plan.earned) == ("person:li", "")


def test_another_proposal_lends_nothing() -> None:
    case = on_the_road()
    own = proposing(case, Verb.COMPLAIN, message="robot's words", proofs=(ProofKind.INBOX,))
    plan = planned(case, Verb.REFUSE, own, refusal=RefusalReason.IN_TRANSIT, message="mine")
    assert isinstance(plan, Plan), plan
    assert (plan.message, plan.proofs) == ("mine", (ProofKind.TRAIL,))


def test_an_intercept_costs_at_most_what_person_proposal_or_policy_say() -> None:
    case = on_the_road().shows(controls=frozenset({Control.INTERCEPT}))
    hold = case.judged().model_copy(update={"verb": Verb.HOLD, "plan": None})
    fees = [
        planned(case, Verb.INTERCEPT, hold, max_fee=Money(300)),
        planned(case, Verb.INTERCEPT, proposing(case, Verb.INTERCEPT, max_fee=Money(400))),
        planned(case, Verb.INTERCEPT, hold),
    ]
    told = [plan.max_fee for plan in fees if isinstance(plan, Plan)]
    assert told[:2] == [Money(300), Money(400)]
    assert told[2] is not None, "the shipped policy has an intercept of its own"


def test_a_complaint_needs_scene_proof_and_words_and_is_made_once() -> None:
    entry = Complaint(state=shop(ComplaintState.NONE))
    case = on_the_road().shows(controls=frozenset({Control.COMPLAIN}), complaint=entry)
    told = {"scene": ComplaintScene.FALSE_PROOF, "proofs": (ProofKind.TRAIL,), "message": "long enough"}
    assert isinstance(planned(case, Verb.COMPLAIN, **told), Plan)
    for lacking, why in (("scene", "hand.no_scene"), ("proofs", "hand.no_scene"), ("message", "hand.text")):
        assert code(planned(case, Verb.COMPLAIN, **{key: told[key] for key in told if key != lacking})) == why
    filed = Complaint(state=shop(ComplaintState.FILED), scene=shop(ComplaintScene.FALSE_PROOF))
    assert code(planned(case.shows(complaint=filed), Verb.COMPLAIN, **told)) == "hand.complained"


def test_agree_means_the_yes_that_the_case_asks_for() -> None:
    policy = shipped_policy()
    for case, wanted in (
        (unshipped(), Verb.AGREE_REFUND),
        (shipped().shows(type=shop(AftersaleType.RETURN_REFUND)), Verb.AGREE_RETURN),
    ):
        hold = case.judged().model_copy(update={"verb": Verb.HOLD, "plan": None})
        facts = gather(case.page, case.trails, policy.parameters, NOW)
        assert agreeing_verb(hold, facts) is wanted
        assert agreeing_verb(proposing(case, Verb.AGREE_REFUND), facts) is Verb.AGREE_REFUND
