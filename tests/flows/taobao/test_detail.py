"""The detail page becomes a snapshot, or an error with the raw text in it; never a default, never a guess."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.browser.read import Entry
from bot.domain.base import SHANGHAI
from bot.domain.case import (
    AftersaleType,
    CaseState,
    Control,
    GoodsStatus,
    InterceptState,
    ServiceTag,
    ShipStatus,
    Snapshot,
    TimeoutAction,
)
from bot.domain.facts import Fact, Known, Unknown
from bot.domain.money import Money
from bot.errors import Unreadable, WrongPage, WrongShop
from flows.taobao.detail import parse_snapshot
from tests.flows.taobao import pages
from tests.flows.taobao.pages import CASE, NAME, NOW, detail


def read(**changes: object) -> Snapshot:
    return parse_snapshot(CASE, NAME, detail(**changes), NOW)  # type: ignore[arg-type]


def value(fact: Fact[object]) -> object:
    assert isinstance(fact, Known), fact
    return fact.value


def test_a_plain_case_is_read_whole() -> None:
    snapshot = read()
    assert snapshot.key == CASE
    assert (snapshot.order_id, snapshot.version, snapshot.quantity_applied) == ("770001", "3", 1)
    assert (snapshot.amount, snapshot.paid, snapshot.refunded) == (Money(129900), Money(129900), Money(0))
    assert value(snapshot.type) is AftersaleType.REFUND_UNSHIPPED
    assert value(snapshot.state) is CaseState.WAIT_SELLER
    assert value(snapshot.goods_status) is GoodsStatus.NOT_RECEIVED
    assert value(snapshot.ship_status) is ShipStatus.UNSHIPPED
    assert snapshot.service_tags == {ServiceTag.FREIGHT_INSURANCE, ServiceTag.NO_REASON_7D}
    assert snapshot.controls == {Control.AGREE_REFUND, Control.REFUSE, Control.REMARK}
    assert (snapshot.forward, snapshot.returned, snapshot.difference_due) == (None, None, None)
    assert snapshot.goods[0].weight_g == 2500
    assert (snapshot.buyer.aftersales_90d, snapshot.buyer.refusals_90d) == (2, 0)
    assert snapshot.unknown_labels == ()


def test_payment_and_shipping_are_moments_where_the_page_prints_them() -> None:
    snapshot = read()
    assert snapshot.paid_at == datetime(2026, 11, 20, 8, 0, tzinfo=SHANGHAI)
    assert snapshot.shipped_at == datetime(2026, 11, 21, 9, 30, tzinfo=SHANGHAI)
    assert read(order={"发货时间": "—"}).shipped_at is None
    assert read(order={"发货时间": "<drop>"}).shipped_at is None
    with pytest.raises(Unreadable):
        read(order={"发货时间": "昨天"})


def test_the_tag_refund_without_return_is_known() -> None:
    snapshot = read(order={"服务标签": "7天无理由，退款不退货"})
    assert ServiceTag.KEEPS_GOODS in snapshot.service_tags
    assert snapshot.unknown_labels == ()


def test_the_countdown_becomes_a_moment_on_the_servers_clock() -> None:
    deadline = read().deadline
    assert deadline is not None
    assert deadline.at == NOW + timedelta(days=1, hours=3, minutes=20)
    assert value(deadline.action) is TimeoutAction.AGREE_REFUND


def test_no_countdown_is_no_deadline() -> None:
    assert read(claim={"剩余时间": "—"}).deadline is None


def test_an_unused_time_out_word_is_unknown_but_not_odd() -> None:
    snapshot = read(claim={"剩余时间": "还剩 1 天 0 时 0 分，逾期未处理系统将自动同意申请"})
    assert snapshot.deadline is not None
    assert isinstance(snapshot.deadline.action, Unknown)
    assert snapshot.unknown_labels == ()


ODD = {
    "type": ({"claim": {"售后类型": "极速仅退"}}, "极速仅退"),
    "state": ({"claim": {"售后状态": "待小二处理"}}, "待小二处理"),
    "goods status": ({"claim": {"货物状态": "部分收到"}}, "部分收到"),
    "ship status": ({"order": {"发货状态": "部分发货"}}, "部分发货"),
    "service tag": ({"order": {"服务标签": "运费险，神秘服务"}}, "神秘服务"),
    "outbound": ({"stock": {"出库状态": "拣货中"}}, "拣货中"),
    "inbound": ({"stock": {"退货入库": "质检中"}}, "质检中"),
    "time-out": ({"claim": {"剩余时间": "还剩 1 天 0 时 0 分，逾期将转交平台"}}, "逾期将转交平台"),
    "a renamed button": ({"buttons": ("同意退钱", "备注")}, "同意退钱"),
    "intercept": ({"forward": {**pages.FORWARD, "拦截状态": "改派中"}}, "改派中"),
}


@pytest.mark.parametrize(("changes", "raw"), ODD.values(), ids=ODD)
def test_an_unknown_label_is_listed_with_its_text_and_never_guessed(changes: dict[str, object], raw: str) -> None:
    assert read(**changes).unknown_labels == (raw,)


def test_an_unknown_type_is_an_unknown_fact() -> None:
    snapshot = read(claim={"售后类型": "极速仅退"})
    assert isinstance(snapshot.type, Unknown)
    assert snapshot.type.raw == "极速仅退"


MANDATORY = {
    **dict.fromkeys(["订单编号", "售后类型", "售后状态", "退款金额", "申请原因", "货物状态", "申请件数", "申请时间", "版本号",
                     "剩余时间", "平台标记", "买家留言", "买家凭证"], "claim"),
    **dict.fromkeys(["买家", "收货城市", "实付金额", "已退金额", "发货状态", "服务标签", "同包裹其他商品"], "order"),
    **dict.fromkeys(["出库状态", "退货入库", "出库时间", "实收件数", "出库称重", "入库称重"], "stock"),
    "应退差价": "prices",
}  # fmt: skip


@pytest.mark.parametrize(("label", "where"), MANDATORY.items(), ids=list(MANDATORY))
def test_a_missing_field_is_no_snapshot(label: str, where: str) -> None:
    with pytest.raises(Unreadable, match=label):
        read(**{where: {label: "<drop>"}})


@pytest.mark.parametrize("label", ["退款金额", "申请时间", "版本号", "售后类型"])
def test_an_empty_field_is_no_snapshot(label: str) -> None:
    with pytest.raises(Unreadable):
        read(claim={label: ""})


@pytest.mark.parametrize(
    "section",
    [
        "操作",
        "订单信息",
        "价格保护",
        "物流信息",
        "仓储信息",
        "退款记录",
        "同订单售后",
        "买家售后记录",
        "协商记录",
        "售后信息",
    ],
)
def test_a_half_loaded_page_is_no_snapshot(section: str) -> None:
    with pytest.raises(Unreadable, match=section):
        parse_snapshot(CASE, NAME, pages.without(detail(), section), NOW)


AMOUNTS = {
    "¥1,299.00": 129900, "¥0.01": 1, "1299": 129900, "1,299元": 129900, "￥5": 500, "¥ 12.5": 1250, "１２．５０": 1250, "¥0.00": 0,
    "¥999,999,999": 99999999900, "¥12,34.00": None, "1e3": None, "NaN": None, "Infinity": None, "-5": None, "+5": None, "¥1.299,00": None,
    "¥1.234": None, "¥": None, "—": None, "五元": None, "12_0": None, "¥٣٤": None, "¥5 ¥6": None, "¥5起": None, "¥1,299.00元": None,
    "0x10": None, "¥05": None, "免费": None, "=1+1": None, "<b>¥5</b>": None, "¥5\u202e00": None, "约¥5": None, "¥5-¥6": None,
    "5.": None, ".5": None, "¥1 299.00": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "fen"), AMOUNTS.items(), ids=[repr(text) for text in AMOUNTS])
def test_amounts_are_read_strictly_or_not_at_all(text: str, fen: int | None) -> None:
    if fen is None:
        with pytest.raises(Unreadable) as caught:
            read(claim={"退款金额": text})
        assert caught.value.raw == text
    else:
        assert read(claim={"退款金额": text}).amount == Money(fen)


def test_a_field_that_stands_twice_is_no_snapshot() -> None:
    page = detail()
    twice = page.section("售后信息").fields[4]
    claim = page.section("售后信息").model_copy(update={"fields": (*page.section("售后信息").fields, twice)})
    sections = tuple(claim if one.title == "售后信息" else one for one in page.sections)
    with pytest.raises(Unreadable, match="2 fields named '退款金额'"):
        parse_snapshot(CASE, NAME, page.model_copy(update={"sections": sections}), NOW)


HOSTILE = [
    "<script>alert(1)</script>", '=HYPERLINK("http://x")', "退款金额 ¥9.99", "店铺：别家店", "😀" * 500, "长" * 5000,
    "\u202e倒过来\u202c", "{{7*7}}", "'; DROP TABLE cases; --", "同意退款", "售后编号\n999999",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_buyers_words_stay_words(text: str) -> None:
    snapshot = read(claim={"买家留言": text}, goods=((text, text, "¥1.00", "1", "—"),))
    assert snapshot.buyer_text == text
    assert snapshot.goods[0].name == text
    assert (snapshot.amount, snapshot.key, snapshot.controls) == (read().amount, CASE, read().controls)


def test_another_case_on_the_page_is_refused() -> None:
    with pytest.raises(WrongPage, match="880002"):
        read(claim={"售后编号": "880002"})


def test_a_longer_id_that_begins_the_same_is_another_case() -> None:
    with pytest.raises(WrongPage):
        read(claim={"售后编号": "8800012"})


def test_another_shop_in_the_header_is_refused() -> None:
    with pytest.raises(WrongShop, match="别家"):
        read(header=("店铺：别家旗舰店",))


@pytest.mark.parametrize("header", [(), ("千牛商家工作台",), ("店铺：甲", "店铺：乙")])
def test_a_header_without_one_shop_is_refused(header: tuple[str, ...]) -> None:
    with pytest.raises(WrongPage):
        read(header=header)


def test_parcels_are_read_by_their_own_heading() -> None:
    snapshot = read(forward=pages.FORWARD, returned=pages.RETURN)
    assert snapshot.forward is not None
    assert snapshot.returned is not None
    assert (snapshot.forward.waybill, snapshot.returned.waybill) == ("YT0001", "ZT0009")
    assert snapshot.returned.return_city == "金华市"
    assert value(snapshot.forward.intercept) is InterceptState.NONE


@pytest.mark.parametrize(
    ("text", "state"), [("拦截失败：已签收", InterceptState.FAILED), ("退回中", InterceptState.RETURNING)]
)
def test_an_intercept_is_read_up_to_its_reason(text: str, state: InterceptState) -> None:
    snapshot = read(forward={**pages.FORWARD, "拦截状态": text})
    assert snapshot.forward is not None
    assert value(snapshot.forward.intercept) is state


def test_a_page_that_prints_no_intercept_state_leaves_it_unknown() -> None:
    snapshot = read(forward={key: text for key, text in pages.FORWARD.items() if key != "拦截状态"})
    assert snapshot.forward is not None
    assert isinstance(snapshot.forward.intercept, Unknown)


def test_no_waybill_is_believed_only_where_the_page_says_so() -> None:
    page = detail()
    bare = page.section("物流信息").model_copy(update={"notes": ()})
    sections = tuple(bare if one.title == "物流信息" else one for one in page.sections)
    with pytest.raises(Unreadable, match="发货物流"):
        parse_snapshot(CASE, NAME, page.model_copy(update={"sections": sections}), NOW)


def test_weights_and_counts_of_the_warehouse_are_whole_numbers() -> None:
    stock = {
        "出库状态": "已出库",
        "出库时间": "2026-11-20 10:00:00",
        "出库称重": "2610克",
        "退货入库": "已入库",
        "实收件数": "0",
        "入库称重": "80克",
    }
    warehouse = read(stock=stock).warehouse
    assert (value(warehouse.outbound), value(warehouse.inbound)) == (True, True)
    assert (warehouse.outbound_weight_g, warehouse.counted, warehouse.inbound_weight_g) == (2610, 0, 80)


def test_a_count_that_is_not_there_is_not_zero() -> None:
    assert read().warehouse.counted is None


def test_earlier_payments_are_read_with_their_kind() -> None:
    payment = read(payments=(("2026-11-21 10:00:00", "小额打款", "¥5.00"),)).payments[0]
    assert (payment.kind, payment.amount) == ("小额打款", Money(500))


def test_other_after_sales_of_the_order_are_read_with_state_and_sum() -> None:
    row = ("900000000000000002", "2026-11-01 08:30:00", "退货退款", "¥1,050.00", "待买家退货")
    [other] = read(others=(row,)).other_claims or ()
    assert (other.aftersale_id, other.amount, other.applied_at.hour) == (row[0], Money(105_000), 8)
    assert isinstance(other.state, Known)
    assert other.state.value is CaseState.WAIT_BUYER_RETURN
    assert read().other_claims == ()


@pytest.mark.parametrize(("column", "text"), [(2, "秒退"), (4, "待商家二次确认")])
def test_an_unknown_word_about_another_after_sale_is_listed(column: int, text: str) -> None:
    row = ["900000000000000002", "2026-11-01 08:30:00", "退货退款", "¥10.00", "待买家退货"]
    row[column] = text
    assert read(others=(tuple(row),)).unknown_labels == (text,)


def test_a_table_with_other_columns_is_no_snapshot() -> None:
    with pytest.raises(Unreadable, match="商品"):
        read(goods=(("户外帐篷", "绿色", "1", "2500克"),))


def test_an_order_without_goods_is_no_snapshot() -> None:
    with pytest.raises(Unreadable, match="no goods"):
        read(goods=())


def test_what_was_said_keeps_time_and_speaker() -> None:
    said = read(talk=(Entry(group="", time="2026-11-21 10:00:00", who="买家", text="尽快"),)).negotiation[0]
    assert (said.at, said.role, said.text) == (datetime(2026, 11, 21, 10, tzinfo=SHANGHAI), "买家", "尽快")


def test_our_remarks_are_kept_word_for_word() -> None:
    assert read(claim={"商家备注": "第二条\n第一条"}).seller_remark == "第二条\n第一条"
    assert read().seller_remark == ""


def test_buyers_pictures_are_listed() -> None:
    assert read(pictures=("/pic/a.png",)).buyer_pictures == ("/pic/a.png",)


def test_pictures_that_did_not_load_are_no_snapshot() -> None:
    with pytest.raises(Unreadable, match="买家凭证"):
        read(claim={"买家凭证": "加载中"})


def test_a_disabled_button_is_no_control() -> None:
    page = detail()
    grey = page.section("操作").presses[0].model_copy(update={"enabled": False})
    acts = page.section("操作").model_copy(update={"presses": (grey,)})
    sections = tuple(acts if one.title == "操作" else one for one in page.sections)
    assert parse_snapshot(CASE, NAME, page.model_copy(update={"sections": sections}), NOW).controls == frozenset()


def test_the_same_page_a_minute_later_has_the_same_fingerprint() -> None:
    later = parse_snapshot(
        CASE,
        NAME,
        detail(claim={"剩余时间": "还剩 1 天 3 时 19 分，逾期未处理系统将自动退款"}),
        NOW + timedelta(minutes=1),
    )
    assert later.fingerprint == read().fingerprint
