"""A believable detail page as plain data, with single fields changed at will."""

from __future__ import annotations

from datetime import datetime

from bot.browser.read import Block, Entry, Field, Grid, Note, PageData, Picture, Press
from bot.domain.base import SHANGHAI
from bot.domain.ids import CaseKey, ShopKey

SHOP = ShopKey(platform="taobao", shop_id="s1")
CASE = CaseKey(platform="taobao", shop_id="s1", aftersale_id="880001")
NAME = "山风户外旗舰店"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)

CLAIM = {
    "售后编号": "880001",
    "订单编号": "770001",
    "售后类型": "仅退款（未发货）",
    "售后状态": "待商家处理",
    "退款金额": "¥1,299.00",
    "申请原因": "不想要了",
    "货物状态": "未收到货",
    "申请件数": "1",
    "申请时间": "2026-11-21 09:00:00",
    "版本号": "3",
    "剩余时间": "还剩 1 天 3 时 20 分，逾期未处理系统将自动退款",
    "平台标记": "无",
    "买家留言": "无",
    "买家凭证": "无",
    "商家备注": "无",
}
ORDER = {
    "买家": "tb_12**8",
    "收货城市": "杭州市",
    "实付金额": "¥1,299.00",
    "已退金额": "¥0.00",
    "优惠前金额": "¥1,399.00",
    "付款时间": "2026-11-20 08:00:00",
    "发货时间": "2026-11-21 09:30:00",
    "发货状态": "待发货",
    "服务标签": "运费险，7天无理由",
    "同包裹其他商品": "无",
}
FORWARD = {
    "快递公司": "圆通速递",
    "运单号": "YT0001",
    "最新轨迹": "2026-11-21 12:00:00 【杭州】已揽收",
    "拦截状态": "无",
}
RETURN = {"快递公司": "中通快递", "运单号": "ZT0009", "退货地址城市": "金华市", "最新轨迹": "暂无物流轨迹"}
STOCK = {"出库状态": "未出库", "退货入库": "未入库", "出库时间": "—", "实收件数": "—", "出库称重": "—", "入库称重": "—"}
BUYER = {"近90天售后": "2 次", "商家拒绝": "0 次"}
PRICES = {"下单价": "¥1,299.00", "当前价": "—", "应退差价": "—"}
GOODS_HEAD = ("商品", "规格", "单价", "数量", "商品重量")
OTHERS_HEAD = ("售后编号", "申请时间", "售后类型", "退款金额", "售后状态")
ONE_GOODS = ("户外帐篷", "绿色", "¥1,299.00", "1", "2500克")
BUTTONS = ("同意退款", "批量同意退款", "拒绝退款申请", "备注")


def fields(values: dict[str, str], group: str = "") -> tuple[Field, ...]:
    return tuple(Field(group=group, label=label, value=value) for label, value in values.items())


def detail(
    *,
    claim: dict[str, str] | None = None,
    order: dict[str, str] | None = None,
    stock: dict[str, str] | None = None,
    prices: dict[str, str] | None = None,
    forward: dict[str, str] | None = None,
    returned: dict[str, str] | None = None,
    goods: tuple[tuple[str, ...], ...] = (ONE_GOODS,),
    payments: tuple[tuple[str, ...], ...] = (),
    others: tuple[tuple[str, ...], ...] = (),
    talk: tuple[Entry, ...] = (),
    buttons: tuple[str, ...] = BUTTONS,
    pictures: tuple[str, ...] = (),
    header: tuple[str, ...] = ("千牛商家工作台", f"店铺：{NAME}", "seller01"),
) -> PageData:
    """The page; a value of "<drop>" removes the field."""
    claimed = _fields(CLAIM, claim)
    if pictures:
        shown = tuple(Picture(alt="", src=src) for src in pictures)
        claimed = tuple(
            one.model_copy(update={"pictures": shown, "value": ""}) if one.label == "买家凭证" else one
            for one in claimed
        )
    parcels = (_parcel("发货物流", forward), _parcel("退货物流", returned))
    sections = (
        Block(title="操作", presses=tuple(Press(name=name, enabled=True) for name in buttons)),
        Block(title="售后信息", fields=claimed),
        Block(title="订单信息", fields=_fields(ORDER, order), grids=(Grid(group="", head=GOODS_HEAD, rows=goods),)),
        Block(title="价格保护", fields=_fields(PRICES, prices)),
        Block(
            title="物流信息",
            fields=tuple(one for found, _ in parcels for one in found),
            notes=tuple(note for _, notes in parcels for note in notes),
        ),
        Block(title="仓储信息", fields=_fields(STOCK, stock)),
        Block(title="退款记录", grids=(Grid(group="", head=("时间", "类型", "金额"), rows=payments),)),
        Block(title="同订单售后", grids=(Grid(group="", head=OTHERS_HEAD, rows=others),)),
        Block(title="协商记录", entries=talk),
        Block(title="买家售后记录", fields=fields(BUYER)),
    )
    return PageData(
        url="https://shop.example/detail", name="售后详情", header=header, body=Block(title=""), sections=sections
    )


def without(page: PageData, section: str) -> PageData:
    return page.model_copy(update={"sections": tuple(one for one in page.sections if one.title != section)})


def _fields(base: dict[str, str], changes: dict[str, str] | None) -> tuple[Field, ...]:
    merged = {**base, **(changes or {})}
    return fields({label: value for label, value in merged.items() if value != "<drop>"})


def _parcel(group: str, values: dict[str, str] | None) -> tuple[tuple[Field, ...], tuple[Note, ...]]:
    return (fields(values, group), ()) if values else ((), (Note(group=group, text="无"),))
