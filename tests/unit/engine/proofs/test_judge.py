"""What a picture proves, by its lines: exact numbers, own weights, moments of the trail; nothing by a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action import ComplaintScene, RefusalReason
from bot.domain.base import SHANGHAI
from bot.domain.lines import Line
from bot.domain.proofs import OF_COMPLAINT, OF_REFUSAL, Demand, ProofFacts, ProofStanding
from bot.engine.proofs.judge import demanded, judge_proof
from tests.unit.engine.proofs.sheets import line, page

OUT, BACK = "SF1234567890123", "781752042000027"
SIGNED = datetime(2026, 11, 21, 21, 32, 56, tzinfo=SHANGHAI)
MOMENTS = (SIGNED, datetime(2026, 11, 20, 9, 43, tzinfo=SHANGHAI), datetime(2026, 11, 18, 21, 53, tzinfo=SHANGHAI))
FACTS = ProofFacts(
    waybill=OUT,
    return_waybill=BACK,
    ids=frozenset({"4539516163633000028", "98212345678901"}),
    weights_g=frozenset({12}),
    other_weights_g=frozenset({593}),
    signed_at=SIGNED,
    moments=MOMENTS,
    until=datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI),
    city="郑州市",
    counted=0,
    goods=("陶瓷杯",),
)
SIGNED_FOR = OF_REFUSAL[RefusalReason.SIGNED_FOR]
IN_TRANSIT = OF_REFUSAL[RefusalReason.IN_TRANSIT]
EMPTY = OF_REFUSAL[RefusalReason.EMPTY_RETURN]
ROAD = ("已揽收", "运输中", "派送中", "已签收")
GOOD_TRAIL = (f"运单号：{OUT}", ROAD, ("签收人", "本人"), ("2026-11-21 21:32:56", "郑州市", "快件已签收"))
GOOD_LABEL = (f"退货运单号：{BACK}", "称重：0.012kg", "实收件数：0")


def standing(demands: tuple[Demand, ...], *rows: str | tuple[str, ...], facts: ProofFacts = FACTS) -> ProofStanding:
    return judge_proof(demands, facts, page(*rows)).standing


def test_every_reason_and_scene_demands_something() -> None:
    assert set(OF_REFUSAL) == set(RefusalReason)
    assert set(OF_COMPLAINT) == set(ComplaintScene)
    assert all((*OF_REFUSAL.values(), *OF_COMPLAINT.values()))


def test_good_pictures_show_all_that_is_asked_for() -> None:
    assert standing(SIGNED_FOR, *GOOD_TRAIL) is ProofStanding.OK
    assert standing(EMPTY, *GOOD_LABEL) is ProofStanding.OK


@pytest.mark.parametrize(
    "text",
    [
        f"运单号：{OUT}",
        f"运单号 {OUT}",
        "运单号：ＳＦ１２３４５６７８９０１２３",
        "运单号：SF 1234 5678 90123",
        OUT,
        f"{OUT}已签收",
        f"{OUT} 2026-11-21 21:32",
        f"{OUT}2026-11-2121:32:56",
    ],
)
def test_own_number_is_known_in_full_width_with_blanks_and_beside_a_date(text: str) -> None:
    assert Demand.WAYBILL in judge_proof(SIGNED_FOR, FACTS, page(text)).shown


@pytest.mark.parametrize("place", range(2, len(OUT)))
@pytest.mark.parametrize("label", ["运单号：", "", "快递单号 "])
def test_number_that_differs_in_one_digit_speaks_against_the_picture(place: int, label: str) -> None:
    other = OUT[:place] + str((int(OUT[place]) + 1) % 10) + OUT[place + 1 :]
    judged = judge_proof(SIGNED_FOR, FACTS, page(label + other, *GOOD_TRAIL[1:]))
    assert judged.standing is ProofStanding.CONTRADICTS
    assert judged.against[0].seen == other


def test_other_number_beside_the_own_one_speaks_against_the_picture() -> None:
    assert standing(SIGNED_FOR, *GOOD_TRAIL, "YT5546317000021") is ProofStanding.CONTRADICTS
    assert standing(SIGNED_FOR, *GOOD_TRAIL, ("单号", "YT55463170")) is ProofStanding.CONTRADICTS


@pytest.mark.parametrize(
    "harmless",
    [
        f"退货单号：{BACK}",
        "订单编号：4539516163633000028",
        "订单编号：4539516163633000099",
        "98212345678901",
        "客服电话 95338",
        "138****0000",
        "联系电话：138000000001",
    ],
)
def test_numbers_that_are_no_strange_waybills_are_no_matter(harmless: str) -> None:
    assert standing(SIGNED_FOR, *GOOD_TRAIL, harmless) is ProofStanding.OK


@pytest.mark.parametrize(("true", "read"), [("0", "O"), ("1", "l"), ("1", "I"), ("5", "S"), ("8", "B"), ("2", "Z")])
def test_letter_taken_for_a_digit_is_no_match(true: str, read: str) -> None:
    place = OUT.index(true, 2)
    judged = judge_proof(SIGNED_FOR, FACTS, page(f"运单号：{OUT[:place]}{read}{OUT[place + 1 :]}", *GOOD_TRAIL[1:]))
    assert judged.standing is ProofStanding.UNREADABLE
    assert Demand.WAYBILL not in judged.shown


@pytest.mark.parametrize("piece", [OUT[:9], OUT[4:], OUT[:-1], OUT + "4", OUT[2:]])
def test_piece_of_the_number_is_no_match(piece: str) -> None:
    judged = judge_proof(SIGNED_FOR, FACTS, page(piece, *GOOD_TRAIL[1:]))
    assert Demand.WAYBILL not in judged.shown
    assert judged.standing is ProofStanding.UNREADABLE


def test_one_doubtful_digit_makes_the_number_unread() -> None:
    blurred = line(f"运单号：{OUT}", doubt=(10, 0.6))
    judged = judge_proof((Demand.WAYBILL,), FACTS, (blurred,))
    assert (judged.standing, judged.unsure) == (ProofStanding.UNREADABLE, (OUT,))


def test_doubt_outside_the_number_is_no_matter() -> None:
    assert judge_proof((Demand.WAYBILL,), FACTS, (line(f"运单号：{OUT}", doubt=(3, 0.2)),)).standing is ProofStanding.OK


def test_picture_without_a_word_is_unreadable() -> None:
    assert judge_proof(SIGNED_FOR, FACTS, ()).standing is ProofStanding.UNREADABLE


@given(st.text(alphabet="0123456789OIlSFB 运单号：-", max_size=40), st.floats(0, 1))
def test_waybill_is_shown_only_where_its_very_letters_stand(text: str, sure: float) -> None:
    judged = judge_proof((Demand.WAYBILL,), FACTS, (line(text, sure=sure),) if text.strip() else ())
    assert judged.standing is not ProofStanding.OK or (OUT in "".join(text.split()) and sure >= 0.9)


def test_stages_of_a_road_prove_no_signature() -> None:
    judged = judge_proof(SIGNED_FOR, FACTS, page(f"运单号：{OUT}", ROAD))
    assert Demand.SIGNED in judged.missing


@pytest.mark.parametrize("text", ["已签收", "您的快件已签收", "签收人：快递柜(取件码已取)", "签收人 本人", "家人签收"])
def test_signature_is_known_in_its_words(text: str) -> None:
    assert judge_proof((Demand.SIGNED,), FACTS, page(text)).standing is ProofStanding.OK


@pytest.mark.parametrize(
    "text",
    [
        *(
            "未签收",
            "待签收",
            "拒签",
            "退件已签收",
            "退件本人签收",
            "退件已签收，签收人：仓库",
            "签收人：无",
            "签收人",
            "签收人 —",
            "签收凭证",
        ),
        *("非本人签收", "不是本人签收", "未能本人签收", "请本人签收，注意查验", "需本人签收", "须收件人本人签收"),
        *("无法联系本人签收", "请您尽快到驿站本人签收", "没有本人签收", "待家人签收", "是否本人签收", "签收人：非本人"),
        *("要求本人签收", "如已签收请忽略"),
    ],
)
def test_words_that_only_look_like_a_signature_are_none(text: str) -> None:
    assert judge_proof((Demand.SIGNED,), FACTS, page(text)).shown == ()


@pytest.mark.parametrize(
    "text",
    [
        "派送中，请本人签收。已签收",
        "快件已签收，如有疑问请电联",
        "如有疑问请致电95338 签收人：本人",
        "因未能联系，已由家人签收",
        "招待所代签收",
        "退款申请已签收",
    ],
)
def test_a_no_or_a_plea_elsewhere_takes_nothing_from_a_signature(text: str) -> None:
    assert judge_proof((Demand.SIGNED,), FACTS, page(text)).standing is ProofStanding.OK


@pytest.mark.parametrize("row", ["已签收，非本人签收", "签收人：不是本人", ("签收人", "非本人")])
def test_signature_that_was_not_the_buyers_speaks_against_the_picture(row: str | tuple[str, ...]) -> None:
    assert standing(SIGNED_FOR, *GOOD_TRAIL, row) is ProofStanding.CONTRADICTS
    on_the_way = (OUT, ("2026-11-21 21:32", "郑州市", "运输中"), row)
    assert standing(IN_TRANSIT, *on_the_way, facts=replace(FACTS, signed_at=None)) is ProofStanding.CONTRADICTS


SIGNED_AWAY = ("2026-11-21 21:32:56", "上海市", "快件已签收")


@pytest.mark.parametrize(
    "rows",
    [
        (SIGNED_AWAY, "寄件地：郑州市"),
        (("寄件地", "郑州市"), SIGNED_AWAY),
        (SIGNED_AWAY, ("2026-11-20 09:43", "郑州市", "运输中")),
        ("已签收", "2026-11-21 21:32", "郑州市 运输中"),
        ("郑州市", f"运单号：{OUT}", "已签收"),
        ("寄件城市 郑州", "已签收"),
    ],
)
def test_city_elsewhere_on_the_picture_is_not_where_it_was_signed_for(rows: tuple[str | tuple[str, ...], ...]) -> None:
    assert Demand.CITY in judge_proof(SIGNED_FOR, FACTS, page(*rows)).missing


@pytest.mark.parametrize(
    "rows",
    [
        (("2026-11-21 21:32:56", "郑州", "已签收"),),
        ("【郑州市】您的快件", "已签收"),
        ("已签收", "2026-11-21 21:32", "郑州市"),
        ("已在超市代签收", "寄件地：上海市 收件地：郑州市"),
    ],
)
def test_city_stands_in_the_row_that_says_signed_or_beside_it(rows: tuple[str | tuple[str, ...], ...]) -> None:
    assert Demand.CITY in judge_proof(SIGNED_FOR, FACTS, page(*rows)).shown


DOUBTFUL = [
    (Demand.COUNTED, "实收件数：0"),
    (Demand.COUNTED, "实收件数：1"),
    (Demand.SIGNED_AT, "2026-11-21 21:32"),
    (Demand.SIGNED_AT, "2026-10-02 21:32"),
    (Demand.CITY, "郑州市"),
]


@pytest.mark.parametrize(("demand", "text"), DOUBTFUL)
def test_doubtful_count_moment_and_city_are_neither_shown_nor_against(demand: Demand, text: str) -> None:
    judged = judge_proof((demand,), FACTS, (line(text, sure=0.2),))
    assert (judged.standing, judged.shown, judged.against) == (ProofStanding.UNREADABLE, (), ())
    assert judged.unsure


@pytest.mark.parametrize(("demand", "text"), [DOUBTFUL[0], DOUBTFUL[2], DOUBTFUL[4]])
def test_what_is_clear_at_one_place_may_be_doubtful_at_another(demand: Demand, text: str) -> None:
    lines = (line(text), line(text, top=80, sure=0.2))
    assert judge_proof((demand,), FACTS, lines).standing is ProofStanding.OK


def test_doubt_in_one_digit_of_a_moment_counts_whatever_blanks_stand_before_it() -> None:
    text = "时间 11-20 09:43  2026-11-21 21:32"
    for place, right in ((-1, ProofStanding.UNREADABLE), (4, ProofStanding.OK), (-3, ProofStanding.OK)):
        lines = (line(text, doubt=(place, 0.4)),)
        assert judge_proof((Demand.SIGNED_AT,), FACTS, lines).standing is right


def test_digit_behind_the_blank_of_a_moment_may_be_as_doubtful_as_on_clear_pictures() -> None:
    text = "2026-11-21 21:32:56"
    lines = (line(text, doubt=(text.index(" ") + 1, 0.68)),)
    assert judge_proof((Demand.SIGNED_AT,), FACTS, lines).standing is ProofStanding.OK


@pytest.mark.parametrize(
    "text",
    ["2026-11-21 21:32:56", "2026-11-2121:32", "2026/11/21 21:32", "2026年11月21日 21:32", "11-21 21:32", "2026-11-21"],
)
def test_moment_of_the_signature_is_known_however_it_is_written(text: str) -> None:
    assert judge_proof((Demand.SIGNED_AT,), FACTS, page(text)).standing is ProofStanding.OK


@pytest.mark.parametrize("text", ["2026-11-21 21:33", "2026-11-20 09:43", "21:32", "2026-11-2 21:32"])
def test_other_moment_of_the_trail_is_not_the_signature(text: str) -> None:
    assert judge_proof((Demand.SIGNED_AT,), FACTS, page(text)).shown == ()


def test_day_outside_the_trail_speaks_against_the_picture() -> None:
    judged = judge_proof((Demand.SIGNED_AT,), FACTS, page("2026-10-02 21:32"))
    assert judged.standing is ProofStanding.CONTRADICTS


def test_signed_picture_speaks_against_a_parcel_on_its_way() -> None:
    facts = replace(FACTS, signed_at=None)
    assert standing(IN_TRANSIT, OUT, ROAD, ("2026-11-21 21:32", "郑州市", "运输中"), facts=facts) is ProofStanding.OK
    assert standing(IN_TRANSIT, *GOOD_TRAIL, facts=facts) is ProofStanding.CONTRADICTS


@pytest.mark.parametrize(
    "text", ["称重：0.012kg", "称重:12g", "重量 12 克", "入库称重 0.012千克", "0.0120KG", "０．０１２ｋｇ"]
)
def test_weight_is_compared_by_value_and_unit(text: str) -> None:
    assert judge_proof((Demand.WEIGHT,), FACTS, page(text)).standing is ProofStanding.OK


@pytest.mark.parametrize(
    "text",
    [
        "称重：0.013kg",
        "称重：12kg",
        "重量：0.12kg",
        "入库称重：1.012kg",
        "净重 0.0125kg",
        "称重：1,012g",
        "称重：1，012 克",
    ],
)
def test_other_weight_that_was_weighed_speaks_against_the_picture(text: str) -> None:
    assert judge_proof((Demand.WEIGHT,), FACTS, page(text)).standing is ProofStanding.CONTRADICTS


@pytest.mark.parametrize("text", ["称重：3,12g", "称重：1、012g"])
def test_end_of_a_number_is_no_weight(text: str) -> None:
    assert judge_proof((Demand.WEIGHT,), FACTS, page(text)).shown == ()


def test_thousands_are_read_whole() -> None:
    facts = replace(FACTS, weights_g=frozenset({1012}))
    assert judge_proof((Demand.WEIGHT,), facts, page("称重：1,012g")).standing is ProofStanding.OK
    assert judge_proof((Demand.WEIGHT,), facts, page("实收1件，1.012kg")).standing is ProofStanding.OK


@pytest.mark.parametrize("text", ["出库称重 593克", "计费重量 1kg", "咖啡豆500g", "商品重量：300g"])
def test_weights_that_are_no_scale_of_this_parcel_neither_prove_nor_contradict(text: str) -> None:
    judged = judge_proof((Demand.WEIGHT,), FACTS, page(text))
    assert (judged.shown, judged.standing) == ((), ProofStanding.PART)


@pytest.mark.parametrize("text", ["称重：0.012kg", "0.012kg", "称重：0.013kg"])
def test_doubtful_weight_is_neither_shown_nor_against(text: str) -> None:
    judged = judge_proof((Demand.WEIGHT,), FACTS, (line(text, doubt=(len(text) - 3, 0.5)),))
    assert (judged.standing, judged.shown) == (ProofStanding.UNREADABLE, ())


def test_values_stand_beside_or_below_their_labels() -> None:
    assert standing(EMPTY, ("退货单号", BACK), ("入库称重", "12克"), ("实收件数", "0")) is ProofStanding.OK
    assert standing((Demand.WEIGHT,), ("入库称重", "13克")) is ProofStanding.CONTRADICTS
    assert standing((Demand.WEIGHT,), "入库称重", "13克") is ProofStanding.CONTRADICTS


def test_other_count_speaks_against_the_picture() -> None:
    assert standing(EMPTY, *GOOD_LABEL[:2], "实收件数：1") is ProofStanding.CONTRADICTS


def test_goods_are_known_by_their_name() -> None:
    assert judge_proof((Demand.GOODS,), FACTS, page("白色陶瓷杯 350ml")).standing is ProofStanding.OK
    assert judge_proof((Demand.GOODS,), FACTS, page("玻璃杯")).missing == (Demand.GOODS,)


def test_what_nobody_knows_is_not_demanded_but_a_waybill_always_is() -> None:
    assert demanded(EMPTY, ProofFacts()) == (Demand.RETURN_WAYBILL,)
    assert judge_proof(EMPTY, ProofFacts(), page("称重：0.012kg")).missing == (Demand.RETURN_WAYBILL,)


def test_names_of_people_are_not_among_what_is_told() -> None:
    lines: tuple[Line, ...] = page("收件人：王小明 13800000000", *GOOD_TRAIL)
    assert judge_proof(SIGNED_FOR, FACTS, lines).read == (OUT, "2026-11-21 21:32")


@pytest.mark.parametrize(
    ("printed", "told"),
    [("2026-11-1806:36:16", "2026-11-18 06:36"), ("11-18 06:36", "11-18 06:36"), ("2026年11月8日", "2026-11-08")],
)
def test_a_moment_is_told_as_people_write_it_whatever_blank_was_lost_in_reading(printed: str, told: str) -> None:
    assert judge_proof(SIGNED_FOR, FACTS, page(printed)).read == (told,)


def test_figure_that_is_clear_once_may_be_doubtful_elsewhere() -> None:
    doubtful = (line(f"运单号：{BACK}", 20, 200, doubt=(8, 0.5)), line("揽收重量 0.012kg", 20, 240, doubt=(8, 0.5)))
    assert judge_proof(EMPTY, FACTS, (*page(*GOOD_LABEL), *doubtful)).standing is ProofStanding.OK
    other = line("揽收重量 0.013kg", 20, 240, doubt=(8, 0.5))
    assert judge_proof(EMPTY, FACTS, (*page(*GOOD_LABEL), other)).standing is ProofStanding.UNREADABLE
