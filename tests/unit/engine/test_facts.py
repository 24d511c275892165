"""Claims on facts: who said it, what overrules whom, and that nothing missing becomes a default."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, CaseState, Control, GoodsLine, InterceptState, ServiceTag
from bot.domain.courier import ParcelStatus, TrailNode
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.money import Money
from bot.engine.claim import plain
from bot.engine.combine import both, derive
from bot.engine.facts import Facts, gather, waybills_of
from bot.engine.parameters import Parameters
from bot.engine.parcel import same_city, weight_fits
from tests.unit.engine.builders import (
    BACK,
    GOODS_G,
    NOW,
    OUT,
    PAID,
    Situation,
    came_back,
    changed,
    courier,
    difference,
    labelled,
    odd,
    paid_before,
    parcel,
    shipped,
    shipped_policy,
    shop,
    trail,
    unshipped,
    wants_return,
    warehouse,
)

P = ParcelStatus
PARAMETERS = shipped_policy().parameters


def facts_of(situation: Situation, parameters: Parameters = PARAMETERS) -> Facts:
    return gather(situation.page, situation.trails, parameters, NOW)


def value(fact: Fact[Any]) -> Any:
    return fact.value if isinstance(fact, Known) else None


def why(fact: Fact[Any]) -> str:
    return fact.why if isinstance(fact, Unknown) else ""


def test_the_courier_is_asked_for_both_parcels_each_once() -> None:
    assert waybills_of(unshipped().page) == ()
    assert waybills_of(came_back().page) == (OUT, BACK)
    assert waybills_of(came_back(returned=parcel(OUT)).page) == (OUT,)
    assert waybills_of(shipped(forward=parcel("")).page) == ()


def test_the_couriers_word_comes_from_the_courier_and_the_warehouses_from_the_warehouse() -> None:
    facts = facts_of(came_back())
    sources = {name: fact.source for name, fact in facts.items()}
    assert {sources[name] for name in ("parcel_status", "signer", "return_status", "return_trail_sound")} == {
        Source.COURIER
    }
    assert {sources[name] for name in ("left_warehouse", "stocked", "counted", "return_weight")} == {Source.WAREHOUSE}
    counted_by_the_page = ("serial_buyer", "clean_buyer", "insured_often")
    assert {sources[name] for name in ("type", "amount", "threat", *counted_by_the_page)} == {Source.SHOP}


def test_the_back_ends_unshipped_is_overruled_by_a_scan_and_by_the_warehouse() -> None:
    scanned, out = labelled(P.PICKED_UP), labelled().shows(warehouse=warehouse(out=True))
    for situation in (scanned, out, scanned.silent()):
        assert situation.judged().verb is not Verb.AGREE_REFUND


def test_no_waybill_is_no_scan_only_where_the_shop_says_unshipped() -> None:
    assert value(facts_of(unshipped()).parcel_status) is P.NO_SCAN
    assert why(facts_of(shipped(forward=None)).parcel_status) == "unknown.no_waybill"
    assert why(facts_of(unshipped().shows(ship_status=odd("分仓调拨中"))).parcel_status) == "unknown.no_waybill"


@pytest.mark.parametrize(
    ("says_shop", "says_courier", "state"),
    [
        (InterceptState.NONE, InterceptState.NONE, InterceptState.NONE),
        (InterceptState.FAILED, InterceptState.NONE, InterceptState.FAILED),
        (InterceptState.NONE, InterceptState.REQUESTED, InterceptState.REQUESTED),
        (InterceptState.REQUESTED, InterceptState.RETURNING, InterceptState.RETURNING),
        (None, InterceptState.FAILED, InterceptState.FAILED),
        (None, InterceptState.NONE, None),
        (InterceptState.NONE, None, None),
    ],
)
def test_no_intercept_is_believed_only_where_both_say_none(
    says_shop: InterceptState | None, says_courier: InterceptState | None, state: InterceptState | None
) -> None:
    page_word = shop(says_shop) if says_shop else odd("协商中")
    told = courier(says_courier) if says_courier else odd("协商中", Source.COURIER)
    situation = shipped(forward=changed(parcel(), {"intercept": page_word})).tells(intercept=told)
    assert value(facts_of(situation).intercept_state) is state


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (unshipped(), False),
        (unshipped().shows(payments=paid_before(Money(0), "小额打款")), True),
        (unshipped().shows(refunded=Money(1)), True),
        (difference(), False),
        (difference(Money(500)).shows(payments=paid_before(Money(1000))), False),
        (difference(Money(501)).shows(payments=paid_before(Money(1000))), True),
        (difference(due=None).shows(payments=paid_before(Money(1000))), None),
        (difference(due=None), False),
        (unshipped().shows(type=odd("以旧换新"), payments=paid_before(Money(1))), None),
    ],
)
def test_a_duplicate_is_anything_before_or_more_than_the_difference_in_all(
    situation: Situation, expected: bool | None
) -> None:
    assert value(facts_of(situation).duplicate) is expected


@pytest.mark.parametrize(("amount", "within"), [(0, False), (1, True), (12900, True), (12901, False)])
def test_the_amount_lies_between_nothing_and_what_is_left(amount: int, within: bool) -> None:
    assert value(facts_of(unshipped().shows(amount=Money(amount))).within_refundable) is within


@pytest.mark.parametrize(
    ("reason", "ground"),
    [
        ("7天无理由退换货", "no_reason"),
        ("质量问题", "quality"),
        ("材质与商品描述不符", "quality"),
        ("其他", None),
        ("", None),
        ("7天无理由，也有质量问题", None),
    ],
)
def test_a_ground_is_known_only_where_the_reason_names_one(reason: str, ground: str | None) -> None:
    assert value(facts_of(wants_return(reason)).ground) == ground


def test_an_unclear_reason_is_quoted() -> None:
    fact = facts_of(wants_return("其他")).ground
    assert isinstance(fact, Unknown)
    assert (fact.why, fact.raw) == ("unknown.ground", "其他")


@pytest.mark.parametrize(
    ("situation", "barred"),
    [
        (unshipped(), True),
        (shipped(), False),
        (shipped(service_tags=frozenset({ServiceTag.ONLINE_GAME})), True),
        (wants_return("7天无理由"), True),
        (wants_return("7天无理由", service_tags=frozenset({ServiceTag.NO_REASON_EXCLUDED})), False),
        (wants_return("质量问题"), False),
        (wants_return("其他"), None),
        (came_back(reason="7天无理由"), False),
        (shipped(type=odd("以旧换新")), None),
    ],
)
def test_what_the_platform_bars_from_refusal(situation: Situation, barred: bool | None) -> None:
    assert value(facts_of(situation).refusal_barred) is barred


@pytest.mark.parametrize(
    ("aftersales", "refusals", "serial", "clean"),
    [(5, 2, True, False), (4, 2, False, False), (5, 1, False, False), (4, 0, False, True), (5, 0, False, False)],
)
def test_lines_of_a_buyers_record(aftersales: int, refusals: int, serial: bool, clean: bool) -> None:
    record = unshipped().page.buyer.model_copy(update={"aftersales_90d": aftersales, "refusals_90d": refusals})
    facts = facts_of(unshipped().shows(buyer=record))
    assert (value(facts.serial_buyer), value(facts.clean_buyer)) == (serial, clean)


@pytest.mark.parametrize(("minutes", "hours"), [(60, 1), (59, 0), (0, 0), (-1, -1), (121, 2)])
def test_hours_left_are_whole_and_never_flatter(minutes: int, hours: int) -> None:
    deadline = unshipped().page.deadline
    assert deadline
    page = unshipped().shows(deadline=deadline.model_copy(update={"at": NOW + timedelta(minutes=minutes)}))
    assert value(facts_of(page).hours_left) == hours


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.HOLD])
def test_a_control_counts_only_in_the_state_it_belongs_to(verb: Verb) -> None:
    name = {
        Verb.AGREE_REFUND: "refund_offered",
        Verb.AGREE_RETURN: "return_offered",
        Verb.REFUSE: "refusal_offered",
        Verb.INTERCEPT: "intercept_offered",
        Verb.REMARK: "remark_offered",
        Verb.NEGOTIATE: "negotiation_offered",
        Verb.COMPLAIN: "complaint_offered",
    }[verb]
    everything = unshipped().shows(controls=frozenset(Control))
    offered = {state: value(getattr(facts_of(everything.shows(state=shop(state))), name)) for state in CaseState}
    pending = {state for state, yes in offered.items() if yes}
    receive = {CaseState.WAIT_SELLER_RECEIVE}
    both_states = verb not in {Verb.AGREE_RETURN, Verb.INTERCEPT}
    assert pending == {CaseState.WAIT_SELLER} | (receive if both_states else set())
    nothing = unshipped().shows(controls=frozenset())
    assert value(getattr(facts_of(nothing), name)) is False


@pytest.mark.parametrize(
    ("actual", "expected", "fits"),
    [(150, 200, True), (149, 200, False), (250, 200, True), (251, 200, False), (900, 1000, True), (899, 1000, False)],
)
def test_weights_fit_within_the_larger_tolerance(actual: int, expected: int, fits: bool) -> None:
    assert weight_fits(actual, expected, PARAMETERS) is fits


@pytest.mark.parametrize(
    ("prices", "applied", "claim", "within"),
    [
        ([(12_900, 3)], 1, 38_700, False),
        ([(12_900, 3)], 1, 12_900, True),
        ([(12_900, 3)], 3, 38_700, True),
        ([(1_000, 1), (118_000, 1)], 1, 119_000, False),
        ([(1_000, 1), (118_000, 1)], 1, 118_000, True),
        ([(12_900, 3)], 0, 12_900, False),
    ],
)
def test_a_part_of_the_pieces_is_never_refunded_like_all_of_them(
    prices: list[tuple[int, int]], applied: int, claim: int, within: bool
) -> None:
    goods = tuple(
        GoodsLine(name=str(fen), spec="", unit_price=Money(fen), quantity=many, weight_g=GOODS_G)
        for fen, many in prices
    )
    paid = Money(sum(fen * many for fen, many in prices))
    told = came_back().shows(goods=goods, paid=paid, quantity_applied=applied, amount=Money(claim))
    assert value(facts_of(told).within_refundable) is within


def test_weights_of_different_goods_count_only_when_all_of_them_come_back() -> None:
    light, heavy = (
        GoodsLine(name=str(g), spec="", unit_price=PAID, quantity=1, weight_g=g) for g in (GOODS_G, 2 * GOODS_G)
    )
    two = came_back().shows(goods=(light, heavy))
    assert value(facts_of(two.shows(quantity_applied=2)).expected_weight) == 3 * GOODS_G + 100
    assert why(facts_of(two).expected_weight) == "unknown.goods_weight"
    same = came_back().shows(goods=(light, light))
    assert value(facts_of(same).expected_weight) == GOODS_G + 100
    assert why(facts_of(came_back().shows(goods=())).expected_weight) == "unknown.goods_weight"


def test_a_shared_parcel_is_compared_with_its_own_way_out_only() -> None:
    shared = shipped(P.RETURNED_SIGNED, other_goods=("保温杯",), warehouse=warehouse(out=False))
    unknown = shared.tells(picked_up_weight_g=None)
    assert value(facts_of(shared).came_back_fits) is True
    assert why(facts_of(unknown).came_back_fits) == "unknown.return_weight"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("杭州市", "杭州", True), (" 杭州市 ", "杭州市", True), ("杭州市", "广州市", False), ("杭州市", "杭", False)],
)
def test_cities_are_compared_without_their_suffix(left: str, right: str, same: bool) -> None:
    assert same_city(left, right, PARAMETERS) is same


def test_without_a_city_on_the_page_there_is_nothing_to_compare() -> None:
    assert why(facts_of(shipped(P.SIGNED, receiver_city=" ")).sign_city_matches) == "unknown.expected_city"
    no_city = came_back(returned=parcel(BACK))
    assert why(facts_of(no_city).return_city_matches) == "unknown.expected_city"


def test_a_return_number_without_a_date_is_unknown_but_an_early_scan_settles_it() -> None:
    undated = came_back().tells(BACK, created_at=None)
    assert why(facts_of(undated).return_waybill_new) == "unknown.waybill_made"
    early = undated.tells(BACK, nodes=trail_nodes(hours_ago=500))
    assert value(facts_of(early).return_waybill_new) is False


def trail_nodes(hours_ago: float) -> Any:
    known = trail(P.PICKED_UP)
    assert isinstance(known, Known)
    return tuple(node.model_copy(update={"at": NOW - timedelta(hours=hours_ago)}) for node in known.value.nodes)


def test_a_trail_without_scans_or_a_policy_without_words_says_nothing_about_a_pick_up() -> None:
    assert why(facts_of(came_back().tells(BACK, nodes=())).return_trail_sound) == "unknown.no_scans"
    wordless = PARAMETERS.model_copy(update={"pickup_words": ()})
    assert why(facts_of(came_back(), wordless).return_trail_sound) == "unknown.no_scans"


def road(*stops: tuple[float, str]) -> Any:
    """Scans newest first, from (hours ago, city), oldest first; the oldest is the pick-up."""
    words = ["已揽收", *["运输中"] * (len(stops) - 1)]
    scans = [
        TrailNode(at=NOW - timedelta(hours=hours), city=city, status=word, text=word)
        for (hours, city), word in zip(stops, words, strict=True)
    ]
    return tuple(reversed(scans))


@pytest.mark.parametrize(
    ("stops", "sound"),
    [
        (((40, "杭州市"), (30, "金华市"), (20, "义乌市")), True),
        (((40, "杭州市"), (30, "金华市"), (25, "上海市"), (20, "金华市"), (10, "义乌市")), False),
        (((40, "杭州市"), (30, "金华市"), (29, "金华市"), (20, "义乌市")), True),
        (((40, "杭州市"), (30, "金华市"), (29.6, "义乌市")), False),
        (((40, "杭州市"), (30, "金华市"), (29.5, "义乌市")), True),
        (((40, "杭州市"), (30, ""), (29.9, "杭州市"), (20, "义乌市")), True),
    ],
)
def test_a_road_that_turns_back_or_outruns_every_lorry_is_not_sound(
    stops: tuple[tuple[float, str], ...], sound: bool
) -> None:
    assert value(facts_of(came_back().tells(BACK, nodes=road(*stops))).return_trail_sound) is sound


def test_an_impossible_road_is_known_even_where_nobody_says_what_a_pick_up_is() -> None:
    wordless = PARAMETERS.model_copy(update={"pickup_words": ()})
    loop = came_back().tells(BACK, nodes=road((40, "杭州市"), (30, "金华市"), (20, "杭州市")))
    assert value(facts_of(loop, wordless).return_trail_sound) is False


def test_a_parcel_that_is_not_signed_has_no_time_of_signature() -> None:
    assert why(facts_of(shipped(P.IN_TRANSIT)).signed_at) == "unknown.signed_at"
    assert why(facts_of(shipped(P.SIGNED).tells(nodes=())).signed_at) == "unknown.signed_at"
    odd_status = shipped(P.SIGNED).tells(status=odd("转投", Source.COURIER))
    assert why(facts_of(odd_status).signed_at) == "unknown.signed_at"


def test_signing_before_and_after_the_claim_is_told_apart() -> None:
    before, after = shipped(P.SIGNED), shipped(P.SIGNED, applied_at=NOW - timedelta(hours=70))
    assert [value(facts_of(one).signed_before_claim) for one in (before, after)] == [True, False]


@pytest.mark.parametrize(
    ("words", "threatens"),
    [
        ("我打12315了", True),
        ("我打１２３１５", True),
        ("1-2-3-1-5 见", True),
        ("12315 12345 都打了", True),
        ("买家已退货，物流公司：中通快递，运单号：TH7123150021934", False),
        ("订单123150", False),
    ],
)
def test_a_number_that_threatens_is_a_whole_number_and_no_piece_of_a_waybill(words: str, threatens: bool) -> None:
    listed = PARAMETERS.model_copy(update={"threat_words": ("12315", "12345")})
    assert value(facts_of(shipped(buyer_text=words), listed).threat) is threatens


def test_without_a_word_list_a_threat_is_unknown_and_never_no() -> None:
    wordless = PARAMETERS.model_copy(update={"threat_words": ()})
    assert why(facts_of(unshipped(), wordless).threat) == "unknown.no_word_list"


@given(st.text())
@example("<b>ＡＢ c\u200bd</b>\u202e!")
def test_plain_text_keeps_letters_and_digits_only(text: str) -> None:
    bare = plain(text)
    assert bare == plain(bare)
    assert bare.isalnum() or not bare


def test_unknowns_are_passed_on_as_they_are() -> None:
    known: Fact[int] = shop(1)
    unknown: Fact[int] = odd("x")
    assert both(unknown, known, max) is unknown
    assert both(known, unknown, max) is unknown
    assert derive(unknown, str) is unknown
    assert both(known, replace_moment(known), max).model_dump()["seen_at"] == NOW - timedelta(hours=1)


def replace_moment(fact: Fact[int]) -> Fact[int]:
    return fact.model_copy(update={"seen_at": NOW - timedelta(hours=1)})


def test_a_kind_of_claim_is_needed_for_every_difference() -> None:
    kinds = {
        kind
        for kind in AftersaleType
        if value(facts_of(replace(difference()).shows(type=shop(kind), payments=paid_before(Money(1)))).duplicate)
    }
    assert kinds == set(AftersaleType), "one fen paid before is too much for each of them"


@pytest.mark.parametrize("part", ["status", "signer", "intercept"])
@pytest.mark.parametrize("waybill", [OUT, BACK])
def test_a_word_of_the_courier_that_nobody_knows_counts_like_one_of_the_shops_page(part: str, waybill: str) -> None:
    assert value(facts_of(came_back()).unknown_labels) is False
    found = facts_of(came_back().tells(waybill, **{part: odd("转投", Source.COURIER)})).unknown_labels
    assert isinstance(found, Known)
    assert (found.value, found.source) == (True, Source.COURIER)


def test_a_courier_who_says_nothing_uses_no_unknown_words() -> None:
    silent = Unknown(why="unknown.courier_unreachable", source=Source.COURIER)
    assert value(facts_of(shipped().silent()).unknown_labels) is False
    assert value(facts_of(shipped().tells(status=silent)).unknown_labels) is False
