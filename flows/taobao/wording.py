"""The Chinese words of the Taobao/Tmall back end, as tables to and from the canonical nouns (domain.md 2.2, 2.3, 3.3)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from bot.domain.action import ComplaintScene, RefusalReason
from bot.domain.case import (
    AftersaleType,
    CaseState,
    ComplaintState,
    Control,
    GoodsStatus,
    InterceptState,
    OfferState,
    ServiceTag,
    ShipStatus,
    TimeoutAction,
)
from bot.tape.rules import Datum

NONE: Final = frozenset({"", "无", "—", "-"})
"""What the pages print where there is nothing."""

TYPES: Final = MappingProxyType(
    {
        "仅退款（未发货）": AftersaleType.REFUND_UNSHIPPED,
        "仅退款（已发货）": AftersaleType.REFUND_SHIPPED,
        "退货退款": AftersaleType.RETURN_REFUND,
        "换货": AftersaleType.EXCHANGE,
        "补寄": AftersaleType.RESEND,
        "维修": AftersaleType.REPAIR,
        "价保退差": AftersaleType.PRICE_PROTECTION,
        "退差价": AftersaleType.PRICE_DIFFERENCE,
    }
)
STATES: Final = MappingProxyType(
    {
        "待商家处理": CaseState.WAIT_SELLER,
        "待商家收货": CaseState.WAIT_SELLER_RECEIVE,
        "待买家退货": CaseState.WAIT_BUYER_RETURN,
        "待买家确认方案": CaseState.WAIT_BUYER_ANSWER,
        "待买家处理": CaseState.SELLER_REFUSED,
        "平台介入处理中": CaseState.PLATFORM,
        "退款处理中": CaseState.REFUNDING,
        "退款成功": CaseState.SUCCESS,
        "已关闭": CaseState.CLOSED,
    }
)
GOODS: Final = MappingProxyType(
    {"未收到货": GoodsStatus.NOT_RECEIVED, "已收到货": GoodsStatus.RECEIVED, "买家已退货": GoodsStatus.RETURNED}
)
SHIPPING: Final = MappingProxyType(
    {"待发货": ShipStatus.UNSHIPPED, "已发货": ShipStatus.SHIPPED, "已签收": ShipStatus.SIGNED}
)
SERVICES: Final = MappingProxyType(
    {
        "7天无理由": ServiceTag.NO_REASON_7D,
        "不支持7天无理由": ServiceTag.NO_REASON_EXCLUDED,
        "运费险": ServiceTag.FREIGHT_INSURANCE,
        "网络游戏": ServiceTag.ONLINE_GAME,
        "退款不退货": ServiceTag.KEEPS_GOODS,
    }
)
INTERCEPTS: Final = MappingProxyType(
    {
        "无": InterceptState.NONE,
        "已申请": InterceptState.REQUESTED,
        "已登记": InterceptState.ACCEPTED,
        "拦截中": InterceptState.INTERCEPTING,
        "退回中": InterceptState.RETURNING,
        "已退回": InterceptState.RETURNED_SIGNED,
        "拦截失败": InterceptState.FAILED,
    }
)
"""The word up to its first colon: 「拦截失败：已签收」 carries its reason behind it."""

TIMEOUTS: Final = MappingProxyType(
    {
        "逾期未处理系统将自动退款": TimeoutAction.AGREE_REFUND,
        "逾期未处理系统将自动同意退货并发送默认退货地址": TimeoutAction.AGREE_RETURN,
        "逾期未处理系统将自动确认收货": TimeoutAction.CONFIRM_RECEIPT,
        "逾期未处理售后将自动关闭": TimeoutAction.CLOSE,
        "逾期未确认协商方案将自动失效": TimeoutAction.LAPSE_OFFER,
    }
)
TIMEOUTS_UNUSED: Final = frozenset({"逾期未处理系统将自动同意申请"})
"""Known words for exchanges, resends and repairs, which are held whatever happens then."""

CONTROLS: Final = MappingProxyType(
    {
        "同意退款": Control.AGREE_REFUND,
        "同意退货": Control.AGREE_RETURN,
        "确认收货并退款": Control.CONFIRM_RECEIPT,
        "拒绝退款申请": Control.REFUSE,
        "拒绝确认收货": Control.REFUSE_RECEIPT,
        "拦截快递": Control.INTERCEPT,
        "备注": Control.REMARK,
        "发起协商": Control.NEGOTIATE,
        "异常退款投诉": Control.COMPLAIN,
    }
)
BUTTONS_UNUSED: Final = frozenset({"批量同意退款", "批量审核", "同意换货", "同意补寄", "同意维修", "拒绝申请"})
"""Known buttons that this robot never presses."""

OUTBOUND: Final = MappingProxyType({"已出库": True, "未出库": False})
INBOUND: Final = MappingProxyType({"已入库": True, "未入库": False})
FEASIBLE: Final = MappingProxyType(
    {"是": True, "可拦截": True, "支持": True, "否": False, "不可拦截": False, "不支持": False}
)

REFUSALS: Final = MappingProxyType(
    {
        RefusalReason.SIGNED_FOR: "物流显示已签收",
        RefusalReason.IN_TRANSIT: "商品已在途",
        RefusalReason.EMPTY_RETURN: "退货空包或少件",
        RefusalReason.RETURN_DAMAGED: "退回商品影响二次销售",
        RefusalReason.RETURN_NOT_RECEIVED: "未收到退货",
    }
)
"""Our reason to the option of the refusal page's list (docs/simulator.md, refusal page)."""

SCENES: Final = MappingProxyType(
    {
        "虚假退货": ComplaintScene.FALSE_RETURN,
        "退货少件": ComplaintScene.SHORT_RETURN,
        "恶意不退货退款": ComplaintScene.REFUND_WITHOUT_RETURN,
        "虚假凭证": ComplaintScene.FALSE_PROOF,
        "骗运费险": ComplaintScene.FREIGHT_INSURANCE,
    }
)
COMPLAINTS: Final = MappingProxyType(
    {
        "未投诉": ComplaintState.NONE,
        "处理中": ComplaintState.FILED,
        "投诉成立": ComplaintState.UPHELD,
        "投诉不成立": ComplaintState.REJECTED,
    }
)
OFFERS: Final = MappingProxyType(
    {
        "待买家确认": OfferState.OPEN,
        "买家已接受": OfferState.ACCEPTED,
        "买家已拒绝": OfferState.DECLINED,
        "已失效": OfferState.LAPSED,
    }
)
PLANS: Final = ("部分退款，商品留用", "按退回实际情况折价退款", "延误补偿，继续派送")
"""Plans that we offer, the first that the page has; others of its plans are a person's to choose (domain.md 28)."""

CARDS: Final = MappingProxyType({"待商家处理": "待处理售后", "待商家收货": "待收货"})
"""The tabs whose rows wait for the seller, each with the counter card that counts the same cases."""
TABS: Final = tuple(CARDS)

SORT_BY_DEADLINE: Final = "临近超时排序"
SORT_BY_APPLICATION: Final = "最近申请排序"
ANY_TYPE: Final = "全部类型"
NEXT_PAGE: Final = "下一页"
_FIGURE = r"\d{1,3}(?:,\d{3})+|\d+"
COUNT: Final = re.compile(_FIGURE, re.ASCII)
TOTAL: Final = re.compile(rf"共\s*({_FIGURE})\s*条", re.ASCII)
SHOP_MARK: Final = "店铺："
NOTHING_FOUND: Final = "没有符合条件的宝贝"
RETURN_ADDRESS: Final = "退货地址"
NOTHING_CHOSEN: Final = "请选择"
DEFAULT_MARK: Final = "默认"
COMPLAINT_SECTION: Final = "异常退款投诉"
OFFERS_SECTION: Final = "协商方案"
PLAN: Final = "协商方案"
INTERCEPT_DIALOG: Final = "拦截快递"
REFUSAL_SECTION: Final = "拒绝申请"
BARRED: Final = "当前售后不支持拒绝"
NO_COMPLAINT: Final = "当前售后不支持投诉"
PROOF_DEMANDED: Final = "请按要求提交凭证，此处凭证将作为后续平台介入判决的依据！"

PEOPLE: Final = MappingProxyType(
    {
        "买家": Datum.BUYER,
        "买家昵称": Datum.BUYER,
        "buyerNick": Datum.BUYER,
        "收货人": Datum.PERSON,
        "receiverName": Datum.PERSON,
        "联系电话": Datum.PHONE,
        "手机号": Datum.PHONE,
        "receiverPhone": Datum.PHONE,
        "收货地址": Datum.ADDRESS,
        "receiverAddress": Datum.ADDRESS,
        "账号": Datum.ACCOUNT,
    }
)
"""Labels of pages and keys of answers that tell of a person; the city is left, decisions rest on it."""
