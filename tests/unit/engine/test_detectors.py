"""Claims on the detectors (domain.md 4.3, 5): each on both sides, and never a no where something is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, CaseState, OtherClaim, ServiceTag
from bot.domain.courier import ParcelStatus, SignerKind
from bot.domain.decision import Answer, Detector
from bot.domain.facts import Known, Source, Unknown
from bot.domain.history import UNASKED, History, Likeness, PastCase
from bot.domain.money import Money
from bot.engine.asking import Detected, Scored
from bot.engine.conditions import When, conditions_of
from bot.engine.couriers import couriers, families_of
from bot.engine.detectors import DETECTORS, find, findings, rests_on
from bot.engine.facts import VALUE_TYPES, Facts, gather
from bot.engine.parameters import Parameters
from tests.unit.engine.builders import (
    APPLIED,
    AWAY,
    BACK,
    GOODS_G,
    HOME,
    NOW,
    PAID,
    Situation,
    came_back,
    courier,
    labelled,
    node,
    on_the_road_back,
    shipped,
    shipped_policy,
    shop,
    unshipped,
)
from tests.unit.engine.policies import HOLD, REFUND, policy_of, strategy
from tests.unit.engine.situations import ROWS

D, YES, NO, UNKNOWN = Detector, Answer.YES, Answer.NO, Answer.UNKNOWN
PARAMETERS = shipped_policy().parameters
OLD = History(since=NOW - timedelta(days=400))
GONE = Unknown(why="gone", source=Source.SHOP)
PICTURES: dict[str, Any] = {"buyer_pictures": ("/a.png",)}
LOOKS = Known[tuple[str, ...]](value=("ab" * 16,), source=Source.SHOP, seen_at=NOW)


def past(number: int = 7, **changes: Any) -> PastCase:
    told: dict[str, Any] = {
        "aftersale_id": f"26{number}",
        "order_id": f"45{number}",
        "same_buyer": False,
        "type": AftersaleType.REFUND_SHIPPED,
        "state": CaseState.WAIT_SELLER,
        "amount": PAID,
        "applied_at": APPLIED - timedelta(hours=3),
        "seen_at": NOW,
    }
    return PastCase(**(told | changes))


def other(state: CaseState | None, hours: float = -3, number: str = "267") -> OtherClaim:
    """The after-sale of `past`, as the page of this case lists it; without a state, in a word that nobody knows."""
    word = shop(state) if state else GONE
    kind = shop(AftersaleType.REFUND_SHIPPED)
    return OtherClaim(
        aftersale_id=number, applied_at=APPLIED + timedelta(hours=hours), type=kind, amount=PAID, state=word
    )


def facts_of(situation: Situation, history: History = OLD, parameters: Parameters = PARAMETERS) -> Facts:
    return gather(situation.page, situation.trails, parameters, NOW, history)


def says(detector: Detector, situation: Situation, history: History = OLD) -> Answer:
    return find(detector, facts_of(situation, history)).answer


def order(situation: Situation, *others: PastCase) -> History:
    return OLD.model_copy(
        update={"of_order": tuple(one.model_copy(update={"order_id": situation.page.order_id}) for one in others)}
    )


def burst(*hours: float) -> History:
    cases = tuple(past(n, same_buyer=True, applied_at=APPLIED + timedelta(hours=h)) for n, h in enumerate(hours))
    return OLD.model_copy(update={"of_buyer": cases})


WHOLE, EMPTY = came_back(), came_back(counted=0, back_g=12)
INSURED = frozenset({ServiceTag.FREIGHT_INSURANCE})
NODES = (node(14, HOME, "已签收"), node(19, HOME, "派送中"), node(60, "上海市", "运输中"), node(90, AWAY, "已揽收"))
SIGNED = shipped(ParcelStatus.SIGNED)
TWO = {"quantity_applied": 2}


def buyer(many: int, refused: int = 0) -> dict[str, Any]:
    return {"buyer": unshipped().page.buyer.model_copy(update={"aftersales_90d": many, "refusals_90d": refused})}


def looking(*likes: PastCase, since_days: int = 400) -> History:
    alike = tuple(Likeness(case=case, distance=2) for case in likes)
    return History(since=NOW - timedelta(days=since_days), of_pictures=alike)


SEEN = shipped().shows(**PICTURES, picture_hashes=LOOKS)
TABLE: list[tuple[Detector, Answer, Situation, History]] = [
    (D.WEIGHT_ANOMALY, NO, WHOLE, OLD),
    (D.WEIGHT_ANOMALY, YES, came_back(back_g=GOODS_G + 600), OLD),
    (D.WEIGHT_ANOMALY, NO, unshipped(), OLD),
    (D.WEIGHT_ANOMALY, UNKNOWN, came_back(back_g=None), OLD),
    (D.TRAIL_ANOMALY, NO, WHOLE, OLD),
    (D.TRAIL_ANOMALY, YES, WHOLE.tells(BACK, nodes=NODES[:3]), OLD),
    (D.TRAIL_ANOMALY, YES, WHOLE.tells(BACK, nodes=(NODES[0], *NODES[2:])), OLD),
    (D.TRAIL_ANOMALY, YES, WHOLE.tells(BACK, nodes=(*NODES[:2], node(40, AWAY, "运输中"), *NODES[2:])), OLD),
    (D.TRAIL_ANOMALY, YES, WHOLE.tells(BACK, nodes=(*NODES[:2], node(19.1, "上海市", "运输中"), NODES[3])), OLD),
    (D.TRAIL_ANOMALY, YES, WHOLE.tells(BACK, sign_city="深圳市"), OLD),
    (D.TRAIL_ANOMALY, YES, on_the_road_back().tells(BACK, nodes=(node(73, "上海市", "运输中"), NODES[3])), OLD),
    (D.TRAIL_ANOMALY, NO, on_the_road_back(), OLD),
    (D.TRAIL_ANOMALY, YES, on_the_road_back(ParcelStatus.NO_SCAN).tells(BACK, nodes=()), OLD),
    (D.TRAIL_ANOMALY, UNKNOWN, WHOLE.silent(BACK), OLD),
    (D.EMPTY_PARCEL, YES, EMPTY, OLD),
    (D.EMPTY_PARCEL, NO, WHOLE, OLD),
    (D.EMPTY_PARCEL, UNKNOWN, came_back(counted=0, back_g=None), OLD),
    (D.EMPTY_PARCEL, UNKNOWN, came_back(counted=None, back_g=12), OLD),
    (D.EMPTY_PARCEL, YES, on_the_road_back().tells(BACK, picked_up_weight_g=12), OLD),
    (D.SHORT_COUNT, YES, came_back(counted=1, **TWO), OLD),
    (D.SHORT_COUNT, NO, came_back(counted=2, back_g=2 * GOODS_G + 90, **TWO), OLD),
    (D.SHORT_COUNT, NO, EMPTY, OLD),
    (D.SHORT_COUNT, YES, on_the_road_back().shows(**TWO).tells(BACK, picked_up_weight_g=GOODS_G + 100), OLD),
    (D.SHORT_COUNT, UNKNOWN, came_back(counted=None, **TWO), OLD),
    (D.SWAPPED, YES, came_back(back_g=GOODS_G + 600), OLD),
    (D.SWAPPED, YES, came_back(counted=0), OLD),
    (D.SWAPPED, NO, WHOLE, OLD),
    (D.SWAPPED, NO, EMPTY, OLD),
    (D.SWAPPED, UNKNOWN, came_back(back_g=None), OLD),
    (D.BORROWED_WAYBILL, NO, WHOLE.shows(returned=WHOLE.page.returned.model_copy(update={"courier": "圆通"})), OLD),  # type: ignore[union-attr]  # it has one
    (D.BORROWED_WAYBILL, YES, WHOLE.tells(BACK, created_at=NOW - timedelta(days=9)), OLD),
    (D.BORROWED_WAYBILL, YES, WHOLE.tells(BACK, origin_city="深圳市"), OLD),
    (D.SHIPPED_AFTER_ALL, YES, labelled(ParcelStatus.PICKED_UP), OLD),
    (D.SHIPPED_AFTER_ALL, NO, labelled(ParcelStatus.NO_SCAN), OLD),
    (D.SHIPPED_AFTER_ALL, NO, shipped(), OLD),
    (D.SHIPPED_AFTER_ALL, UNKNOWN, labelled().silent(), OLD),
    (D.RECEIVED_AFTER_ALL, YES, SIGNED, OLD),
    *(
        (D.RECEIVED_AFTER_ALL, UNKNOWN, SIGNED.tells(signer=courier(kind)), OLD)
        for kind in (SignerKind.DOORSTEP, SignerKind.OTHER, SignerKind.NOT_TAKEN)
    ),
    (D.RECEIVED_AFTER_ALL, NO, SIGNED.tells(sign_city="深圳市"), OLD),
    (D.RECEIVED_AFTER_ALL, NO, shipped(), OLD),
    (D.RECEIVED_AFTER_ALL, UNKNOWN, SIGNED.tells(sign_city=""), OLD),
    (D.REUSED_PICTURE, NO, shipped(), UNASKED),
    (D.REUSED_PICTURE, YES, SEEN, looking(past())),
    (D.REUSED_PICTURE, NO, SEEN, looking()),
    (D.REUSED_PICTURE, NO, SEEN, looking(past(order_id=SEEN.page.order_id))),
    (D.REUSED_PICTURE, NO, SEEN, looking(past(applied_at=APPLIED + timedelta(hours=1)))),
    (D.REUSED_PICTURE, UNKNOWN, SEEN, looking(since_days=2)),
    (D.REUSED_PICTURE, UNKNOWN, SEEN, UNASKED),
    (D.REUSED_PICTURE, UNKNOWN, shipped().shows(**PICTURES), looking()),
    (D.REUSED_PICTURE, UNKNOWN, SEEN.shows(picture_hashes=LOOKS.model_copy(update={"value": ("",)})), looking()),
    (D.DUPLICATE_REFUND, NO, unshipped(), OLD),
    (D.DUPLICATE_REFUND, YES, unshipped().shows(refunded=Money(100)), OLD),
    (D.DUPLICATE_REFUND, YES, unshipped(), order(unshipped(), past(state=CaseState.SUCCESS))),
    (D.DUPLICATE_REFUND, YES, unshipped(), order(unshipped(), past(refunded=Money(1)))),
    (D.DUPLICATE_REFUND, UNKNOWN, unshipped(), order(unshipped(), past())),
    (D.DUPLICATE_REFUND, NO, unshipped(), order(unshipped(), past(state=CaseState.CLOSED))),
    (
        D.DUPLICATE_REFUND,
        NO,
        unshipped().shows(amount=Money(100)),
        order(unshipped(), past(amount=Money(100), refunded=Money(100))),
    ),
    (D.DUPLICATE_REFUND, UNKNOWN, unshipped().shows(other_claims=None), UNASKED),
    (D.DUPLICATE_REFUND, NO, unshipped().shows(other_claims=()), UNASKED),
    (D.DUPLICATE_REFUND, YES, unshipped().shows(other_claims=(other(CaseState.SUCCESS),)), UNASKED),
    (D.DUPLICATE_REFUND, UNKNOWN, unshipped().shows(other_claims=(other(CaseState.WAIT_BUYER_RETURN),)), UNASKED),
    (D.DUPLICATE_REFUND, NO, unshipped().shows(other_claims=(other(CaseState.WAIT_SELLER, hours=1),)), UNASKED),
    (D.DUPLICATE_REFUND, YES, unshipped(), order(unshipped(), past(state=CaseState.REFUNDING))),
    (D.DUPLICATE_REFUND, NO, unshipped().shows(other_claims=(other(CaseState.CLOSED),)), UNASKED),
    (D.DUPLICATE_REFUND, UNKNOWN, unshipped().shows(other_claims=(other(None),)), UNASKED),
    (
        D.DUPLICATE_REFUND,
        NO,
        unshipped().shows(other_claims=(other(CaseState.CLOSED),)),
        order(unshipped(), past(state=CaseState.WAIT_SELLER)),
    ),
    (
        D.DUPLICATE_REFUND,
        YES,
        unshipped().shows(other_claims=(other(CaseState.WAIT_BUYER_RETURN),)),
        order(unshipped(), past(refunded=Money(1))),
    ),
    (D.SERIAL_CLAIMANT, YES, unshipped().shows(**buyer(5, 2)), OLD),
    (D.SERIAL_CLAIMANT, NO, unshipped().shows(**buyer(5, 1)), OLD),
    (D.EXTORTION, YES, unshipped().shows(buyer_text="不退就差 评"), OLD),
    (D.EXTORTION, NO, unshipped(), OLD),
    (D.ORDER_BURST, YES, unshipped(), burst(-1, 2)),
    (D.ORDER_BURST, NO, unshipped(), burst(-1)),
    (D.ORDER_BURST, NO, unshipped(), burst(-30, 30, 40)),
    (D.ORDER_BURST, UNKNOWN, unshipped(), History(since=NOW - timedelta(hours=5))),
    (D.ORDER_BURST, UNKNOWN, unshipped(), UNASKED),
    (D.RIVAL, YES, unshipped().shows(buyer_text="我是同行"), OLD),
    (D.RIVAL, YES, unshipped().shows(platform_tags=("疑似同行恶意下单",)), OLD),
    (D.RIVAL, NO, unshipped(), OLD),
    (D.FREIGHT_INSURANCE, NO, unshipped().shows(**buyer(9)), OLD),
    (D.FREIGHT_INSURANCE, YES, unshipped().shows(**buyer(9), service_tags=INSURED, amount=Money(9_900)), OLD),
    (D.FREIGHT_INSURANCE, NO, unshipped().shows(**buyer(1), service_tags=INSURED, amount=Money(9_900)), OLD),
    (D.FREIGHT_INSURANCE, YES, EMPTY.shows(**buyer(9), service_tags=INSURED), OLD),
]


@pytest.mark.parametrize(("detector", "answer", "situation", "history"), TABLE)
def test_a_detector_says(detector: Detector, answer: Answer, situation: Situation, history: History) -> None:
    assert says(detector, situation, history) is answer


def test_every_detector_is_shown_on_both_sides() -> None:
    shown = {(detector, answer) for detector, answer, _, _ in TABLE}
    assert {(one, answer) for one in Detector for answer in (YES, NO)} <= shown


OTHERS = [
    ((), NO),
    ((past(same_buyer=False),), YES),
    ((past(same_buyer=True, refunded=Money(1)),), YES),
    ((past(same_buyer=True, state=CaseState.SUCCESS),), YES),
    ((past(same_buyer=True),), UNKNOWN),
]


@pytest.mark.parametrize(("others", "answer"), OTHERS)
def test_a_return_under_another_buyers_number_is_never_paid_by_itself(
    others: tuple[PastCase, ...], answer: Answer
) -> None:
    """Whatever the courier's dates say: it came back once, and was paid once."""
    decided = came_back().judged(history=OLD.model_copy(update={"of_waybill": others}))
    assert decided.verb is (Verb.AGREE_REFUND if answer is NO else Verb.HOLD)


@pytest.mark.parametrize(("others", "answer"), OTHERS)
def test_a_number_that_another_case_named_is_reused_unless_one_parcel_may_hold_both(
    others: tuple[PastCase, ...], answer: Answer
) -> None:
    named = WHOLE.page.returned
    assert named is not None
    same = WHOLE.shows(returned=named.model_copy(update={"courier": "圆通速递"}))
    assert says(D.BORROWED_WAYBILL, same, OLD.model_copy(update={"of_waybill": others})) is answer


COURIERS: list[tuple[str, str, Answer]] = [
    ("韵达快递", "上海韵达", NO),
    ("顺丰速运", "SF", NO),
    ("顺丰速运", "SF Express", NO),
    ("中国邮政", "EMS", NO),
    ("邮政快递包裹", "中国邮政", NO),
    ("极兔速递", "J&T极兔", NO),
    ("极兔速递", "J&T Express", NO),
    ("圆通", "圆通速递有限公司", NO),
    ("本地小快递", "本地小", NO),
    ("中通快递", "中国邮政", YES),
    ("中通快递", "申通快递", YES),
    ("SF", "YTO", YES),
    ("其他快递", "中通快递", UNKNOWN),
    ("快递", "中通快递", UNKNOWN),
    ("", "中通快递", UNKNOWN),
    ("中通或圆通", "申通快递", UNKNOWN),
    ("中通或圆通", "圆通速递", NO),
    ("百世快递", "极兔速递", UNKNOWN),
]


@pytest.mark.parametrize(("named", "told", "answer"), COURIERS)
def test_a_courier_under_another_of_its_names_is_no_borrowed_number(named: str, told: str, answer: Answer) -> None:
    """A refusal may rest on it: "another courier" is only said of two names that are each one known courier's."""
    back = WHOLE.page.returned
    assert back is not None
    for left, right in ((named, told), (told, named)):
        asked = WHOLE.shows(returned=back.model_copy(update={"courier": left})).tells(BACK, courier=right)
        assert says(D.BORROWED_WAYBILL, asked) is answer, (left, right)


def test_no_name_of_a_courier_is_in_two_families() -> None:
    table = couriers()
    for family, names in table.families.items():
        assert {families_of(name) for name in names} == {frozenset({family})}
    assert all(families_of(word) == frozenset() for word in table.general.words)


def test_every_decision_carries_what_every_detector_said() -> None:
    decision = EMPTY.judged(history=OLD)
    assert [finding.name for finding in decision.findings] == list(Detector)
    found = {finding.name: finding for finding in decision.findings}
    assert found[D.EMPTY_PARCEL].answer is YES
    assert set(found[D.EMPTY_PARCEL].facts) >= {"return_light", "counted"}


def test_a_finding_names_known_facts_for_an_answer_and_missing_ones_for_none() -> None:
    for situation, _ in ROWS.values():
        facts = facts_of(situation)
        for finding in findings(facts):
            missing = {isinstance(getattr(facts, name), Unknown) for name in finding.facts}
            assert finding.facts, finding
            if finding.answer is UNKNOWN:
                assert missing == {True}, finding
            if finding.answer is YES:
                assert missing == {False}, finding


def test_every_fact_that_a_detector_looks_at_exists() -> None:
    assert set(rests_on(tuple(Detector))) <= set(VALUE_TYPES)
    assert set(DETECTORS) == set(Detector)


SITUATIONS = [situation for situation, _ in ROWS.values()]


@settings(max_examples=120)
@given(st.sampled_from(SITUATIONS), st.sets(st.sampled_from(rests_on(tuple(Detector)))))
def test_taking_facts_away_never_makes_a_no_nor_a_yes(situation: Situation, names: set[str]) -> None:
    """Missing data is never "no": what was unknown stays unknown, what was known stays so or becomes unknown."""
    facts = facts_of(situation)
    poorer = replace(facts, **dict.fromkeys(names, GONE))
    for before, after in zip(findings(facts), findings(poorer), strict=True):
        assert after.answer in {before.answer, UNKNOWN}, before.name


def test_knowing_nothing_every_detector_is_open() -> None:
    facts = facts_of(WHOLE)
    blank = replace(facts, **dict.fromkeys(VALUE_TYPES, GONE))
    assert {finding.answer for finding in findings(blank)} == {UNKNOWN}


def condition(**when: Any) -> Any:
    (made,) = conditions_of(When(**when))
    return made


@pytest.mark.parametrize(
    ("answers", "one_of", "none_of"),
    [
        ((YES, UNKNOWN), YES, NO),
        ((YES, NO), YES, NO),
        ((NO, UNKNOWN), UNKNOWN, UNKNOWN),
        ((NO, NO), NO, YES),
    ],
)
def test_one_of_these_and_none_of_these_are_three_valued(
    answers: tuple[Answer, Answer], one_of: Answer, none_of: Answer
) -> None:
    value: dict[Answer, Any] = {YES: shop(True), NO: shop(False), UNKNOWN: GONE}
    facts = replace(facts_of(unshipped()), threat=value[answers[0]], serial_buyer=value[answers[1]])
    asked = ("extortion", "serial_claimant")
    assert condition(detected=asked).answer(facts) is one_of
    assert condition(not_detected=asked).answer(facts) is none_of


def test_a_score_adds_up_and_stays_open_while_it_may_still_be_reached() -> None:
    parameters = PARAMETERS.model_copy(update={"weights": {D.EXTORTION: 30, D.SERIAL_CLAIMANT: 20}})
    facts = facts_of(unshipped(), parameters=parameters)
    threat, open_serial = replace(facts, threat=shop(True)), replace(facts, threat=shop(True), serial_buyer=GONE)
    assert [condition(score_at_least=wanted).answer(threat) for wanted in (30, 31)] == [YES, NO]
    assert [condition(score_at_least=wanted).answer(open_serial) for wanted in (30, 31, 50, 51)] == [
        YES,
        UNKNOWN,
        UNKNOWN,
        NO,
    ]


MINUTE_LATER = 1 / 60
TOUCHED = (
    CaseState.WAIT_BUYER_RETURN,
    CaseState.WAIT_SELLER_RECEIVE,
    CaseState.WAIT_BUYER_ANSWER,
    CaseState.PLATFORM,
)


@pytest.mark.parametrize("hours", [-3, 0, MINUTE_LATER])
def test_another_claim_that_is_being_refunded_counts_as_paid_whenever_it_was_made(hours: float) -> None:
    situation = unshipped().shows(other_claims=(other(CaseState.REFUNDING, hours),))
    assert says(D.DUPLICATE_REFUND, situation) is YES
    assert situation.judged().verb is Verb.HOLD


@pytest.mark.parametrize("hours", [0, MINUTE_LATER])
@pytest.mark.parametrize("state", TOUCHED)
def test_another_claim_that_somebody_took_a_step_in_is_in_the_way_however_late(state: CaseState, hours: float) -> None:
    situation = unshipped().shows(other_claims=(other(state, hours, number="2600000009"),))
    assert says(D.DUPLICATE_REFUND, situation) is UNKNOWN
    assert situation.judged().verb is Verb.HOLD


def test_of_two_untouched_claims_of_one_minute_the_one_with_the_smaller_number_goes_first() -> None:
    own = int(unshipped().page.key.aftersale_id)
    before, after = (
        unshipped().shows(other_claims=(other(CaseState.WAIT_SELLER, 0, number=str(own + step)),)) for step in (-1, 1)
    )
    assert [one.judged().verb for one in (before, after)] == [Verb.HOLD, Verb.AGREE_REFUND]


def test_a_strategy_that_asks_detectors_holds_when_they_do_not_know() -> None:
    policy = policy_of(
        strategy(HOLD, "odd", {"detected": ["reused_picture"]}),
        strategy(REFUND, "pays"),
    )
    told = [SEEN.judged(policy, history=history) for history in (looking(past()), UNASKED, looking())]
    assert [one.verb for one in told] == [Verb.HOLD, Verb.HOLD, Verb.AGREE_REFUND]
    assert [one.reasons[0].code for one in told[:2]] == ["hold.strategy", "hold.missing"]
    assert ("finding.yes", {"detector": "reused_picture"}) in [(one.code, one.params) for one in told[0].reasons]
    assert "fact.picture_elsewhere.yes" in [one.code for one in told[0].reasons]


def test_what_a_detector_rests_on_can_be_the_nearest_flip() -> None:
    policy = policy_of(strategy(REFUND, "pays", {"not_detected": ["duplicate_refund"]}))
    flip = unshipped().judged(policy, history=order(unshipped(), past(state=CaseState.SUCCESS))).flip
    assert flip is not None
    assert (flip.fact, flip.verb) == ("order_overclaimed", Verb.AGREE_REFUND)


def test_conditions_over_detectors_are_of_their_own_kinds() -> None:
    assert isinstance(condition(detected=("rival",)), Detected)
    assert isinstance(condition(score_at_least=1), Scored)
