"""The Chinese words of the Taobao skin, as tables from the world's nouns (docs/simulator.md; domain.md 2.2, 3.3)."""

from __future__ import annotations

from typing import Final

from simulator.world.listing import Sort, Tab
from simulator.world.model import (
    Button,
    CaseState,
    CaseType,
    ComplaintState,
    DeadlineAction,
    GoodsStatus,
    OfferState,
    ParcelState,
    Role,
    ShipStatus,
)

NONE: Final = "无"
UNKNOWN: Final = "—"

TYPES: Final = {
    CaseType.REFUND_UNSHIPPED: "仅退款（未发货）",
    CaseType.REFUND_SHIPPED: "仅退款（已发货）",
    CaseType.RETURN_REFUND: "退货退款",
    CaseType.EXCHANGE: "换货",
    CaseType.RESEND: "补寄",
    CaseType.REPAIR: "维修",
    CaseType.PRICE_PROTECTION: "价保退差",
    CaseType.PRICE_DIFFERENCE: "退差价",
}
STATES: Final = {
    CaseState.WAIT_SELLER: "待商家处理",
    CaseState.WAIT_SELLER_RECEIVE: "待商家收货",
    CaseState.WAIT_BUYER_RETURN: "待买家退货",
    CaseState.WAIT_BUYER_ANSWER: "待买家确认方案",
    CaseState.SELLER_REFUSED: "待买家处理",
    CaseState.PLATFORM: "平台介入处理中",
    CaseState.SUCCESS: "退款成功",
    CaseState.CLOSED: "已关闭",
}
STATE_TONES: Final = {
    CaseState.WAIT_SELLER: "orange",
    CaseState.WAIT_SELLER_RECEIVE: "orange",
    CaseState.WAIT_BUYER_RETURN: "blue",
    CaseState.WAIT_BUYER_ANSWER: "blue",
    CaseState.SELLER_REFUSED: "blue",
    CaseState.PLATFORM: "red",
    CaseState.SUCCESS: "green",
    CaseState.CLOSED: "gray",
}
GOODS_STATUS: Final = {
    GoodsStatus.NOT_RECEIVED: "未收到货",
    GoodsStatus.RECEIVED: "已收到货",
    GoodsStatus.RETURNED: "买家已退货",
}
SHIP_STATUS: Final = {
    ShipStatus.UNSHIPPED: "待发货",
    ShipStatus.SHIPPED: "已发货",
    ShipStatus.SIGNED: "已签收",
}
PARCEL_STATES: Final = {
    ParcelState.NO_TRACE: "无轨迹",
    ParcelState.PICKED_UP: "已揽收",
    ParcelState.IN_TRANSIT: "运输中",
    ParcelState.DELIVERING: "派送中",
    ParcelState.SIGNED: "已签收",
    ParcelState.RETURNING: "退回中",
    ParcelState.RETURN_SIGNED: "退件已签收",
    ParcelState.REJECTED: "拒签",
}
ROLES: Final = {Role.BUYER: "买家", Role.SELLER: "商家", Role.PLATFORM: "平台"}

AFTER_DEADLINE: Final = {
    DeadlineAction.REFUND: "，逾期未处理系统将自动退款",
    DeadlineAction.AGREE_RETURN: "，逾期未处理系统将自动同意退货并发送默认退货地址",
    DeadlineAction.AGREE_SERVICE: "，逾期未处理系统将自动同意申请",
    DeadlineAction.CLOSE: "，逾期未处理售后将自动关闭",
    DeadlineAction.LAPSE_OFFER: "，逾期未确认协商方案将自动失效",
}

SERVICE_AGREES: Final = {CaseType.EXCHANGE: "同意换货", CaseType.RESEND: "同意补寄", CaseType.REPAIR: "同意维修"}
BUTTONS: Final = {
    Button.AGREE_REFUND: "同意退款",
    Button.BATCH_AGREE: "批量同意退款",
    Button.AGREE_RETURN: "同意退货",
    Button.CONFIRM_RECEIPT: "确认收货并退款",
    Button.AGREE_SERVICE: "同意换货",
    Button.REFUSE: "拒绝退款申请",
    Button.INTERCEPT: "拦截快递",
    Button.REMARK: "备注",
    Button.NEGOTIATE: "发起协商",
    Button.COMPLAIN: "异常退款投诉",
}
OFFERS: Final = {
    OfferState.OPEN: "待买家确认",
    OfferState.ACCEPTED: "买家已接受",
    OfferState.DECLINED: "买家已拒绝",
    OfferState.LAPSED: "已失效",
}
COMPLAINTS: Final = {
    ComplaintState.FILED: "处理中",
    ComplaintState.UPHELD: "投诉成立",
    ComplaintState.REJECTED: "投诉不成立",
}
NO_COMPLAINT: Final = "未投诉"
COUNTS: Final = "计入体验分"
DOES_NOT_COUNT: Final = "不计入体验分"
REFUSE_RECEIPT: Final = "拒绝确认收货"
REFUSE_SERVICE: Final = "拒绝申请"

FLAGS: Final = (("red", "红色"), ("yellow", "黄色"), ("green", "绿色"), ("blue", "蓝色"), ("purple", "紫色"))
TABS: Final = (
    (Tab.ALL, "全部"),
    (Tab.WAIT_SELLER, "待商家处理"),
    (Tab.WAIT_RECEIVE, "待商家收货"),
    (Tab.WAIT_BUYER, "待买家处理"),
    (Tab.PLATFORM, "平台介入"),
    (Tab.FINISHED, "已结束"),
)
COUNTERS: Final = (
    ("within_24h", "24小时内待处理"),
    ("pending", "待处理售后"),
    ("to_receive", "待收货"),
    ("to_prove", "待举证"),
    ("platform", "小二已介入"),
    ("refused", "商家已拒绝"),
    ("urged", "买家催促退款"),
)
SORTS: Final = ((Sort.APPLIED, "最近申请排序"), (Sort.DEADLINE, "临近超时排序"))
ANY_TYPE: Final = ("", "全部类型")
LIST_HEAD: Final = (
    "售后编号", "订单编号", "商品信息", "售后类型", "退款金额", "申请原因", "发货状态", "售后状态", "剩余时间", "申请时间", "操作",
)  # fmt: skip
MARKER: Final = "请按要求提交凭证，此处凭证将作为后续平台介入判决的依据！"
