"""What the detail page says, section by section, from one case of the world (docs/simulator.md, "Detail")."""

from __future__ import annotations

from datetime import datetime

from simulator.courier.wording import intercept_word
from simulator.skins.taobao.blocks import Item, Line, Note, Pairs, Section, Table, Talk, Trail
from simulator.skins.taobao.formats import countdown, grams, moment, yuan
from simulator.skins.taobao.pictures import goods_picture, picture_path
from simulator.skins.taobao.wording import (
    AFTER_DEADLINE,
    COMPLAINTS,
    COUNTS,
    DOES_NOT_COUNT,
    FLAGS,
    GOODS_STATUS,
    NO_COMPLAINT,
    NONE,
    OFFERS,
    ROLES,
    SHIP_STATUS,
    STATE_TONES,
    STATES,
    TYPES,
    UNKNOWN,
)
from simulator.world.model import Case, ComplaintState, Goods, Offer, Parcel, ShipStatus, TrailNode
from simulator.world.rules import most_fen, rounds_left
from simulator.world.wording import PLAN_NAMES, SCENE_NAMES

_TRAIL_LENGTH = 6


def type_word(case: Case) -> str:
    """The printed type; archetype 23 prints a word that nobody has seen before."""
    return case.odd_words.get("type", TYPES[case.type])


def state_word(case: Case) -> str:
    """The printed state."""
    return case.odd_words.get("state", STATES[case.state])


def ship_word(case: Case) -> str:
    """The printed ship status: what the back end believes."""
    return case.odd_words.get("ship", SHIP_STATUS[case.order.ship_status])


def time_left(case: Case, now: datetime) -> str:
    """The countdown and what happens at its end, 「—」 without a deadline."""
    tail = AFTER_DEADLINE[case.deadline_action] if case.deadline_at and case.deadline_action else ""
    return countdown(case.deadline_at, now) + tail


def claim(case: Case, now: datetime) -> Section:
    """售后信息."""
    pictures = tuple(picture_path(picture.sha) for picture in case.pictures)
    entries = (
        Item("售后编号", case.aftersale_id, "mono"),
        Item("订单编号", case.order.order_id, "mono"),
        Item("售后类型", type_word(case)),
        Item("售后状态", state_word(case), "tag", STATE_TONES[case.state]),
        Item("退款金额", yuan(case.amount_fen), "money"),
        Item("申请原因", case.reason),
        Item("货物状态", GOODS_STATUS[case.goods_status]),
        Item("申请件数", str(case.quantity)),
        Item("申请时间", moment(case.applied_at), "mono"),
        Item("版本号", str(case.version), "mono"),
        Item("剩余时间", time_left(case, now), "left", wide=True),
        Item("平台标记", "，".join(case.flags) or NONE, wide=True),
        Item("买家留言", case.words or NONE, "raw", wide=True),
        Item("买家凭证", NONE, "pictures" if pictures else "text", pictures=pictures, wide=True),
        Item("商家备注", "\n".join(note.text for note in reversed(case.remarks)) or NONE, "raw", wide=True),
    )
    return Section("售后信息", (Pairs(entries),))


def order(case: Case) -> Section:
    """订单信息 with the table of goods."""
    bought = case.order
    entries = (
        Item("买家", bought.buyer),
        Item("收货城市", bought.receiver_city),
        Item("实付金额", yuan(bought.paid_fen), "money"),
        Item("已退金额", yuan(bought.refunded_fen)),
        Item("优惠前金额", yuan(bought.list_price_fen)),
        Item("付款时间", moment(bought.paid_at), "mono"),
        Item("发货时间", _shipped_at(case), "mono"),
        Item("发货状态", ship_word(case)),
        Item("服务标签", "，".join(bought.service_tags) or NONE),
        Item("同包裹其他商品", "，".join(bought.other_goods) or NONE, wide=True),
    )
    head = ("商品", "规格", "单价", "数量", "商品重量")
    return Section("订单信息", (Pairs(entries), Table(head, tuple(_goods_row(goods) for goods in bought.goods))))


def _shipped_at(case: Case) -> str:
    """When the shop handed it over, by its own books: nothing while it says 待发货, whatever the warehouse did."""
    left = case.order.outbound.at
    return moment(left) if left and case.order.ship_status is not ShipStatus.UNSHIPPED else UNKNOWN


def _goods_row(goods: Goods) -> tuple[Item, ...]:
    return (
        Item("", goods.title, "goods", pictures=(goods_picture(goods.title),)),
        Item("", goods.spec or UNKNOWN),
        Item("", yuan(goods.price_fen), "mono"),
        Item("", str(goods.quantity), "mono"),
        Item("", grams(goods.weight_g)),
    )


def protection(case: Case) -> Section:
    """价格保护."""
    box = case.order.price_protection
    prices = (("下单价", box.ordered_fen), ("当前价", box.current_fen), ("应退差价", box.owed_fen))
    return Section("价格保护", (Pairs(tuple(Item(label, yuan(fen)) for label, fen in prices), narrow=True),))


def logistics(case: Case, forward: Parcel | None, backward: Parcel | None) -> Section:
    """物流信息 as the shop's own page knows it, which may lag behind the courier's portal."""
    return Section(
        "物流信息",
        (
            *_parcel("发货物流", forward, _intercepted(forward)),
            *_parcel("退货物流", backward, (Item("退货地址城市", case.return_city or UNKNOWN),)),
        ),
    )


def _intercepted(parcel: Parcel | None) -> tuple[Item, ...]:
    return (Item("拦截状态", intercept_word(parcel.intercept)),) if parcel else ()


def _parcel(heading: str, parcel: Parcel | None, extra: tuple[Item, ...]) -> tuple[Pairs | Trail | Note, ...]:
    if parcel is None:
        return (Note(NONE, heading),)
    nodes = seen_by_shop(parcel)[:_TRAIL_LENGTH]
    entries = (
        Item("快递公司", parcel.courier),
        Item("运单号", parcel.waybill, "mono"),
        *extra,
        Item("最新轨迹", _node_text(nodes[0]) if nodes else "暂无物流轨迹", wide=True),
    )
    trail = Trail(tuple((moment(node.at), node.text) for node in nodes))
    return (Pairs(entries, heading), trail) if nodes else (Pairs(entries, heading),)


def seen_by_shop(parcel: Parcel) -> list[TrailNode]:
    """The nodes that the shop's page shows, newest first: the newest `shop_lag` have not reached it yet."""
    return parcel.nodes[: max(0, len(parcel.nodes) - parcel.shop_lag)][::-1]


def _node_text(node: TrailNode) -> str:
    return f"{moment(node.at)} {node.text}"


def warehouse(case: Case) -> Section:
    """仓储信息: what the shop's own warehouse wrote."""
    out, back = case.order.outbound, case.inbound
    entries = (
        Item("出库状态", "已出库" if out.at else "未出库"),
        Item("退货入库", "已入库" if back.at else "未入库"),
        Item("出库时间", moment(out.at), "mono"),
        Item("实收件数", UNKNOWN if back.counted is None else str(back.counted)),
        Item("出库称重", grams(out.weight_g)),
        Item("入库称重", grams(back.weight_g)),
    )
    return Section("仓储信息", (Pairs(entries),))


def refunds(case: Case) -> Section:
    """退款记录 of the order."""
    rows = tuple(
        (Item("", moment(row.at), "mono"), Item("", row.kind), Item("", yuan(row.amount_fen), "money"))
        for row in case.order.refunds
    )
    return Section("退款记录", (Table(("时间", "类型", "金额"), rows),))


def others(cases: tuple[Case, ...]) -> Section:
    """同订单售后: the other after-sales of the order, newest first; a reconstruction, as the list of one order shows them."""
    rows = tuple(
        (
            Item("", one.aftersale_id, "mono"),
            Item("", moment(one.applied_at), "mono"),
            Item("", type_word(one)),
            Item("", yuan(one.amount_fen), "money"),
            Item("", state_word(one)),
        )
        for one in sorted(cases, key=lambda one: one.applied_at, reverse=True)
    )
    return Section("同订单售后", (Table(("售后编号", "申请时间", "售后类型", "退款金额", "售后状态"), rows),))


def buyer_record(case: Case) -> Section:
    """买家售后记录 in this shop."""
    record = case.order.buyer_record
    entries = (Item("近90天售后", f"{record.after_sales} 次"), Item("商家拒绝", f"{record.refusals} 次"))
    return Section("买家售后记录", (Pairs(entries),))


def negotiation(case: Case) -> Section:
    """协商记录, newest first."""
    lines = (
        Line(moment(line.at), ROLES[line.role], line.role.value, line.text, tuple(map(picture_path, line.pictures)))
        for line in reversed(case.negotiation)
    )
    return Section("协商记录", (Talk(tuple(lines)),))


def remarks(case: Case) -> Section:
    """备注记录: the shop's own notes with their time and flag, newest first."""
    colours = dict(FLAGS)
    rows = tuple(
        (Item("", moment(note.at), "mono"), Item("", colours.get(note.flag, NONE)), Item("", note.text, "raw"))
        for note in reversed(case.remarks)
    )
    return Section("备注记录", (Table(("时间", "标记", "内容"), rows),))


def offers(case: Case) -> Section:
    """协商方案, newest first: a reconstruction, the tool is known from one sentence (domain.md 28)."""
    limits = (Item("最高可协商金额", yuan(most_fen(case))), Item("剩余协商次数", f"{rounds_left(case)} 次"))
    rows = tuple(_offer_row(offer) for offer in reversed(case.offers))
    return Section("协商方案", (Pairs(limits, narrow=True), Table(("时间", "方案", "金额", "状态"), rows)))


def _offer_row(offer: Offer) -> tuple[Item, ...]:
    return (
        Item("", moment(offer.at), "mono"),
        Item("", PLAN_NAMES[offer.plan]),
        Item("", yuan(offer.amount_fen), "money"),
        Item("", OFFERS[offer.state]),
    )


def complaint(case: Case) -> Section:
    """异常退款投诉: a reconstruction from one paragraph (domain.md 4, 5)."""
    filed = case.complaint
    exempt = filed is not None and filed.state is ComplaintState.UPHELD
    entries = (
        Item("投诉状态", COMPLAINTS[filed.state] if filed else NO_COMPLAINT),
        Item("投诉场景", SCENE_NAMES[filed.scene] if filed else NONE),
        Item("投诉时间", moment(filed.at) if filed else UNKNOWN, "mono"),
        Item("体验分", DOES_NOT_COUNT if exempt else COUNTS),
    )
    return Section("异常退款投诉", (Pairs(entries, narrow=True),))
