"""A shop with a handful of hand-made cases, one for each thing the pages must show; no scenario generator needed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.world.accounts import Accounts
from simulator.world.clock import START, WorldClock
from simulator.world.evidence import picture_named
from simulator.world.model import (
    Account,
    BuyerRecord,
    Case,
    CaseState,
    CaseType,
    Challenge,
    DeadlineAction,
    Goods,
    GoodsStatus,
    Inbound,
    NegotiationEntry,
    Order,
    Outbound,
    Parcel,
    ParcelState,
    PriceProtection,
    RefundRecord,
    ReturnAddress,
    Role,
    ShipStatus,
    Shop,
    TrailNode,
    Truth,
    Verb,
)
from simulator.world.service import World
from simulator.world.store import Store

UNSHIPPED, IN_TRANSIT, SIGNED, RETURN_ASKED, RETURN_BACK = "9001001", "9001002", "9001003", "9001004", "9001005"
LARGE, DIFFERENCE, EXCHANGE, HOSTILE, FINISHED, ODD = "9001006", "9001007", "9001008", "9001009", "9001010", "9001011"
FILLERS = 25
HOSTILE_WORDS = (
    "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\">{{7*7}}=cmd|'/c calc'!A1 😀👨‍👩‍👧 "
    "\u202e反转文字\u202c " + "很长的话" * 1200
)
_TRUTH = Truth("test", "honest", 0, 0, "warehouse")


@dataclass
class NoFaults:
    """Nothing goes wrong, except the kinds that a test switches on."""

    kinds: set[str] = field(default_factory=set)

    def draw(self, kind: str) -> bool:
        return kind in self.kinds


def make_world(
    *,
    rights: frozenset[Verb] = frozenset(Verb),
    challenge: Challenge | None = None,
    framed: bool = False,
    lingers: bool = False,
) -> World:
    clock = WorldClock(monotonic=lambda: 0.0)
    shop = Shop(
        "tb-1",
        "taobao",
        "山野户外旗舰店",
        (
            ReturnAddress("A1", "杭州", "浙江省杭州市余杭区仓前街道 1 号仓 王师傅 138****6621"),
            ReturnAddress("A2", "广州", "广东省广州市白云区太和镇 2 号仓 李师傅 139****1180"),
        ),
        frozenset({"圆通速递", "中通快递"}),
        list_in_frame=framed,
        rows_linger=lingers,
        sign_in_challenge=challenge,
    )
    seller = Account("shanye:ops", "secret-1", "tb-1", rights)
    courier = Account("courier-ops", "secret-2", "tb-1", frozenset())
    rng = random.Random(7)
    parcels = _parcels(START)
    store = Store(clock, [shop], _cases(START), parcels, rng)
    return World(store, Accounts({"tb-1": shop}, (seller,), courier, rng))


def _parcels(now: datetime) -> list[Parcel]:
    def node(hours: int, city: str, state: ParcelState, text: str) -> TrailNode:
        return TrailNode(now - timedelta(hours=hours), city, state, f"【{city}】{text}")

    out = [
        node(60, "杭州", ParcelState.PICKED_UP, "您的快件已由杭州营业部揽收"),
        node(52, "杭州", ParcelState.IN_TRANSIT, "快件离开杭州转运中心，发往下一站"),
        node(30, "武汉", ParcelState.IN_TRANSIT, "快件到达武汉转运中心"),
    ]
    signed = [
        *out,
        node(8, "成都", ParcelState.DELIVERING, "快件正在派送中，派件员会与您联系"),
        node(5, "成都", ParcelState.SIGNED, "您的快件已签收，签收人：本人"),
    ]
    back = [
        node(40, "成都", ParcelState.PICKED_UP, "您的快件已由成都营业部揽收"),
        node(6, "杭州", ParcelState.SIGNED, "您的快件已签收，签收人：商家仓库"),
    ]
    ago = now - timedelta(hours=61)
    return [
        Parcel("YT1000002", "圆通速递", "杭州", "成都", ago, ParcelState.IN_TRANSIT, 1250, nodes=out, shop_lag=1),
        Parcel(
            "ZT1000003",
            "中通快递",
            "杭州",
            "成都",
            ago,
            ParcelState.SIGNED,
            1250,
            1240,
            "本人",
            "成都",
            "签收照片",
            nodes=signed,
        ),
        Parcel(
            "SF2000005", "顺丰速运", "成都", "杭州", ago, ParcelState.SIGNED, 560, 560, "商家仓库", "杭州", nodes=back
        ),
    ]


def _cases(now: datetime) -> list[Case]:
    unshipped = _case(now, UNSHIPPED, CaseType.REFUND_UNSHIPPED, 1, flags=("高退款率买家",))
    transit = _case(now, IN_TRANSIT, CaseType.REFUND_SHIPPED, 2, forward="YT1000002", ship=ShipStatus.SHIPPED)
    signed = _case(
        now,
        SIGNED,
        CaseType.REFUND_SHIPPED,
        3,
        forward="ZT1000003",
        ship=ShipStatus.SIGNED,
        proof_demanded=True,
        urged=True,
    )
    asked = _case(now, RETURN_ASKED, CaseType.RETURN_REFUND, 4, forward="ZT1000003", ship=ShipStatus.SIGNED)
    asked.goods_status, asked.reason = GoodsStatus.RECEIVED, "商品质量问题"
    asked.pictures = (picture_named("破损照片", "p1"), picture_named("面单照片", "p2"))
    back = _case(
        now,
        RETURN_BACK,
        CaseType.RETURN_REFUND,
        5,
        CaseState.WAIT_SELLER_RECEIVE,
        forward="ZT1000003",
        ship=ShipStatus.SIGNED,
    )
    back.backward, back.return_city, back.goods_status = "SF2000005", "杭州", GoodsStatus.RETURNED
    back.inbound = Inbound(now - timedelta(hours=2), 1, 555)
    large = _case(now, LARGE, CaseType.REFUND_UNSHIPPED, 6, amount=359_900)
    difference = _case(now, DIFFERENCE, CaseType.PRICE_PROTECTION, 7, amount=3_000, paid=29_900, ship=ShipStatus.SIGNED)
    difference.order.price_protection = PriceProtection(29_900, 26_900, 3_000)
    difference.order.refunds.append(RefundRecord(now - timedelta(days=1), "小额打款", 500))
    exchange = _case(now, EXCHANGE, CaseType.EXCHANGE, 8, ship=ShipStatus.SIGNED)
    hostile = _case(now, HOSTILE, CaseType.REFUND_UNSHIPPED, 9, title='<b>加粗</b> "衫" & 裤 {{ 1 }}' + "长" * 300)
    hostile.words, hostile.reason = HOSTILE_WORDS, "<i>其他</i>"
    hostile.order.buyer = "\u202eevil<script>"
    done = _case(now, FINISHED, CaseType.REFUND_UNSHIPPED, 10, CaseState.SUCCESS)
    odd = _case(now, ODD, CaseType.REFUND_UNSHIPPED, 11)
    odd.odd_words = {"type": "极速秒退", "state": "待商家二次确认"}
    named = [unshipped, transit, signed, asked, back, large, difference, exchange, hostile, done, odd]
    return named + [_case(now, f"90020{i:02d}", CaseType.REFUND_UNSHIPPED, 20 + i) for i in range(FILLERS)]


def _case(
    now: datetime,
    number: str,
    kind: CaseType,
    hours: int,
    state: CaseState = CaseState.WAIT_SELLER,
    *,
    amount: int = 12_900,
    paid: int | None = None,
    forward: str | None = None,
    ship: ShipStatus = ShipStatus.UNSHIPPED,
    title: str = "轻量防泼水冲锋衣男女同款户外外套",
    **more: object,
) -> Case:
    order = Order(
        order_id=f"3{number}88",
        buyer="t**小鹿",
        receiver_city="成都",
        paid_fen=paid or amount,
        list_price_fen=(paid or amount) + 2_000,
        paid_at=now - timedelta(days=3),
        ship_status=ship,
        goods=(Goods(title, "雾蓝色；L", (paid or amount), 1, 450),),
        forward=forward,
        service_tags=("7天无理由", "运费险"),
        outbound=Outbound(now - timedelta(days=2), 1260) if forward else Outbound(),
        buyer_record=BuyerRecord(2, 0),
    )
    return Case(
        aftersale_id=number,
        shop_id="tb-1",
        order=order,
        type=kind,
        state=state,
        version=1000 + hours,
        goods_status=GoodsStatus.NOT_RECEIVED,
        amount_fen=amount,
        reason="不想要了",
        quantity=1,
        applied_at=now - timedelta(hours=hours),
        truth=_TRUTH,
        deadline_at=None if state is CaseState.SUCCESS else now + timedelta(days=1, hours=3, minutes=20),
        deadline_action=None if state is CaseState.SUCCESS else DeadlineAction.REFUND,
        words="拍错了，麻烦尽快退款，谢谢",
        negotiation=[
            NegotiationEntry(now - timedelta(hours=hours), Role.BUYER, "买家发起了退款申请，申请金额：¥129.00")
        ],
        **more,  # type: ignore[arg-type]  # keyword fields of Case that single tests set
    )
