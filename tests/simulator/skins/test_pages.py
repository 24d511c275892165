"""What the pages print: every label of the contract, money, states, and hostile text as mere text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.skins.styling import Styling
from simulator.skins.taobao.wording import LIST_HEAD
from tests.simulator.skins import small_world as small
from tests.simulator.skins.visitor import DETAIL, REFUSE, stranger, visitor, words

SKIN = Path(__file__).resolve().parents[3] / "simulator" / "skins" / "taobao"
LABELS = [
    "售后编号",
    "订单编号",
    "版本号",
    "售后类型",
    "售后状态",
    "退款金额",
    "申请原因",
    "货物状态",
    "申请件数",
    "申请时间",
    "剩余时间",
    "平台标记",
    "买家留言",
    "买家凭证",
    "商家备注",
    "买家",
    "收货城市",
    "实付金额",
    "已退金额",
    "优惠前金额",
    "付款时间",
    "发货时间",
    "发货状态",
    "同包裹其他商品",
    "服务标签",
    "下单价",
    "当前价",
    "应退差价",
    "快递公司",
    "运单号",
    "最新轨迹",
    "出库状态",
    "出库时间",
    "出库称重",
    "退货入库",
    "实收件数",
    "入库称重",
    "近90天售后",
    "商家拒绝",
]
SECTIONS = [
    "操作",
    "售后信息",
    "订单信息",
    "价格保护",
    "物流信息",
    "仓储信息",
    "退款记录",
    "同订单售后",
    "买家售后记录",
    "协商记录",
    "协商方案",
    "异常退款投诉",
]
BUTTONS = {
    small.UNSHIPPED: ["同意退款", "批量同意退款", "拒绝退款申请", "备注", "异常退款投诉"],
    small.IN_TRANSIT: ["同意退款", "批量同意退款", "拒绝退款申请", "备注", "拦截快递", "发起协商", "异常退款投诉"],
    small.RETURN_ASKED: ["同意退货", "拒绝退款申请", "备注", "发起协商", "异常退款投诉"],
    small.RETURN_BACK: ["确认收货并退款", "拒绝确认收货", "备注", "发起协商", "异常退款投诉"],
    small.EXCHANGE: ["同意换货", "拒绝申请", "备注", "异常退款投诉"],
    small.FINISHED: ["备注"],
}


def test_detail_prints_every_label_and_section_of_the_contract() -> None:
    guest = visitor()
    assert set(LABELS) <= set(guest.pairs(small.IN_TRANSIT))
    text = guest.client.get(DETAIL + small.RETURN_BACK).text
    assert set(SECTIONS) <= set(re.findall(r"<h2>(.*?)</h2>", text))
    assert "退货地址城市" in text


def test_detail_prints_what_the_world_knows() -> None:
    pairs = visitor().pairs(small.IN_TRANSIT)
    assert pairs["退款金额"] == "¥129.00"
    assert pairs["售后类型"] == "仅退款（已发货）"
    assert pairs["剩余时间"] == "还剩 1 天 3 时 20 分，逾期未处理系统将自动退款"
    assert pairs["版本号"] == "1002"
    assert visitor().pairs(small.LARGE)["退款金额"] == "¥3,599.00"
    assert visitor().pairs(small.DIFFERENCE)["应退差价"] == "¥30.00"


def test_the_shops_own_trail_may_lag_behind_the_courier() -> None:
    assert "武汉" not in visitor().pairs(small.IN_TRANSIT)["最新轨迹"]


@pytest.mark.parametrize(("number", "expected"), BUTTONS.items())
def test_buttons_are_those_of_state_and_type(number: str, expected: list[str]) -> None:
    assert visitor().buttons(number) == expected


def test_hostile_text_stays_text() -> None:
    guest = visitor()
    assert guest.pairs(small.HOSTILE)["买家留言"] == small.HOSTILE_WORDS.strip()
    text = guest.client.get(DETAIL + small.HOSTILE).text
    assert "<script>window.hacked" not in text
    assert "<b>加粗" not in text


def test_unknown_words_are_printed_as_they_are() -> None:
    pairs = visitor().pairs(small.ODD)
    assert (pairs["售后类型"], pairs["售后状态"]) == ("极速秒退", "待商家二次确认")


def test_list_speaks_in_rows_of_twenty() -> None:
    guest = visitor()
    first = guest.xhr("list", tab="all", type="", sort="applied", keyword="", page=1)["data"]
    second = guest.xhr("list", page=2)["data"]
    assert (first["total"], first["pages"], len(first["rows"]), len(second["rows"])) == (36, 2, 20, 16)
    assert first["rows"][0]["refundFee"] == "¥129.00"


@pytest.mark.parametrize("body", [{"tab": "x"}, {"sort": "x"}, {"type": "x"}, {"page": "1"}, {"page": True}])
def test_list_refuses_what_its_page_never_asks(body: dict[str, object]) -> None:
    assert visitor().xhr("list", **body)["ret"] == "BAD_REQUEST"


def test_list_page_heads_are_the_contracts_and_open_on_the_wrong_tab() -> None:
    text = visitor().client.get("/trade-platform/refund-list").text
    assert tuple(re.findall(r'<th scope="col">(.*?)</th>', text)) == LIST_HEAD
    chosen = re.search(r'aria-selected="true"[^>]*>(.*?)<', text)
    assert chosen
    assert chosen[1] == "全部"


def test_some_shops_show_the_list_in_a_frame() -> None:
    guest = visitor(small.make_world(framed=True))
    assert 'src="/trade-platform/refund-list/frame"' in guest.client.get("/trade-platform/refund-list").text
    assert "<table" in guest.client.get("/trade-platform/refund-list/frame").text


def test_refusal_page_is_barred_where_the_platform_bars_it() -> None:
    text = visitor().client.get(REFUSE + small.UNSHIPPED).text
    assert "当前售后不支持拒绝" in text
    assert "data-refuse" not in text


def test_marker_text_stands_only_where_proof_is_demanded() -> None:
    guest = visitor()
    assert "请按要求提交凭证，此处凭证将作为后续平台介入判决的依据！" in guest.client.get(REFUSE + small.SIGNED).text
    assert "请按要求提交凭证" not in guest.client.get(REFUSE + small.IN_TRANSIT).text


def test_unknown_case_is_a_404_page() -> None:
    answer = visitor().client.get(DETAIL + "1")
    assert answer.status_code == 404
    assert "售后单不存在" in answer.text


def test_class_names_change_with_the_seed_and_carry_no_plain_word() -> None:
    one, two = (visitor(seed=seed).client.get("/home").text for seed in (1, 2))
    names = [set(" ".join(re.findall(r'class="(.*?)"', text)).split()) for text in (one, two)]
    assert not names[0] & names[1]
    assert all(re.fullmatch(r"[a-z-]+_?\w*__\w{5}", name) for name in names[0] | names[1])


def test_every_class_that_a_page_uses_is_styled_or_means_nothing() -> None:
    css = "\n".join(path.read_text("utf-8") for path in (SKIN / "static" / "css").glob("*.css"))
    used = "\n".join(path.read_text("utf-8") for path in (SKIN / "static" / "js").glob("*.js"))
    names = {name for names in re.findall(r'cls\("(.*?)"\)', used) for name in names.split()}
    assert {name for name in names if not re.search(rf"\.{name}\b", css)} == set()


def test_assets_are_kept_for_ever_and_named_by_content() -> None:
    guest = stranger()
    path = Styling(1, SKIN / "static").js.path
    assert "immutable" in guest.client.get(path).headers["cache-control"]
    assert guest.client.get("/static/app.000000000000.js").status_code == 404


def test_pages_load_nothing_from_outside() -> None:
    guest = visitor()
    styling = Styling(1, SKIN / "static")
    texts = [guest.client.get(DETAIL + small.IN_TRANSIT).text, *(a.content.decode() for a in styling.assets.values())]
    assert all(set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"} for text in texts)


def test_a_detail_page_loads_one_style_sheet_and_one_script() -> None:
    text = visitor().client.get(DETAIL + small.RETURN_ASKED).text
    assert len(re.findall(r"<link rel=.stylesheet|<script [^>]*src=", text)) == 2
    assert all("loading=" in image for image in re.findall(r"<img [^>]*>", text))


def test_noise_is_answered_and_means_nothing() -> None:
    guest = visitor()
    assert guest.client.post("/h5api/telemetry", json={"event": "view"}).json()["ret"] == "SUCCESS"
    assert guest.client.get("/img/beacon.gif").content.startswith(b"GIF89a")
    assert not guest.world.store.effects.all


def test_pictures_are_for_signed_in_eyes() -> None:
    sha = small.make_world().store.cases[small.RETURN_ASKED].pictures[0].sha
    assert stranger().client.get(f"/img/{sha}.png").status_code == 403
    answer = visitor().client.get(f"/img/{sha}.png")
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["content-type"] == "image/png"
    assert visitor().client.get("/img/0000.png").status_code == 404
    assert visitor().client.get("/img/goods/999.svg").status_code == 404


def test_words_helper_reads_text() -> None:
    assert words("<b>a&lt;</b> ") == "a<"
