"""The detail page → Snapshot: pure, all fields or an error with the raw text (design.md 4.3; docs/simulator.md, Detail)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from bot.browser.read import Block, Entry, PageData
from bot.domain.case import (
    BuyerRecord,
    Complaint,
    Control,
    Deadline,
    GoodsLine,
    InterceptState,
    Negotiable,
    Negotiation,
    Offer,
    OtherClaim,
    Payment,
    ServiceTag,
    ShopParcel,
    Snapshot,
    TimeoutAction,
    Warehouse,
)
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import Unreadable, WrongPage
from flows.grammar import countdown, grams, moment, printed, whole
from flows.taobao import wording
from flows.taobao.parse import check_shop, identity, optional, or_nothing, table_rows, words

T = TypeVar("T")
_COLON: Final = re.compile(r"[:：]")


def parse_snapshot(case: CaseKey, shop: str, page: PageData, now: datetime) -> Snapshot:
    """The detail page as a snapshot; `now` is the server's moment (its Date header).

    Raises:
        WrongShop, WrongPage: the page belongs to another shop or shows another case (F28, F60).
        Unreadable: a mandatory field is missing, stands twice or does not fit its grammar.
    """
    check_shop(page, shop)
    claim = page.section("售后信息")
    shown = claim.value("售后编号")
    if shown != case.aftersale_id:
        raise WrongPage(
            f"the page shows case {shown}, not {case.aftersale_id}", case=str(case), page=page.url, raw=shown
        )
    return _Detail(case, page, claim, page.section("订单信息"), now).snapshot()


@dataclass(frozen=True, slots=True)
class _Detail:
    """One detail page being parsed: its sections and the moment at which the server rendered it."""

    case: CaseKey
    page: PageData
    claim: Block
    order: Block
    now: datetime

    def snapshot(self) -> Snapshot:
        services, odd_services = self._services()
        controls, odd_buttons = self._controls()
        snapshot = Snapshot(
            key=self.case,
            order_id=identity("订单编号", self.claim.value("订单编号")),
            seen_at=self.now,
            version=self.claim.value("版本号"),
            type=self.label(wording.TYPES, self.claim.value("售后类型")),
            state=self.label(wording.STATES, self.claim.value("售后状态")),
            amount=self.money(self.claim, "退款金额"),
            paid=self.money(self.order, "实付金额"),
            refunded=self.money(self.order, "已退金额"),
            reason=self.claim.value("申请原因"),
            goods_status=self.label(wording.GOODS, self.claim.value("货物状态")),
            ship_status=self.label(wording.SHIPPING, self.order.value("发货状态")),
            quantity_applied=printed(whole, "申请件数", self.claim.value("申请件数")),
            applied_at=printed(moment, "申请时间", self.claim.value("申请时间")),
            deadline=self._deadline(),
            platform_tags=words(self.claim.value("平台标记")),
            service_tags=services,
            buyer=self._buyer(),
            buyer_text=or_nothing(self.claim.value("买家留言")),
            buyer_pictures=self._pictures(),
            receiver_city=or_nothing(self.order.value("收货城市")),
            goods=self._goods(),
            other_goods=words(self.order.value("同包裹其他商品")),
            difference_due=optional(Money.parse, "应退差价", self.page.section("价格保护").value("应退差价")),
            forward=self._parcel("发货物流"),
            returned=self._parcel("退货物流"),
            warehouse=self._warehouse(),
            payments=self._payments(),
            negotiation=self._negotiation(),
            seller_remark=or_nothing(self.claim.value("商家备注")),
            controls=controls,
            unknown_labels=(),
            negotiable=self._negotiable(),
            complaint=self._complaint(),
            paid_at=self._moment_of("付款时间"),
            shipped_at=self._moment_of("发货时间"),
            other_claims=self._other_claims(),
        )
        odd = (*_odd_facts(snapshot), *odd_services, *odd_buttons)
        return snapshot.model_copy(update={"unknown_labels": odd})

    def money(self, block: Block, label: str) -> Money:
        return printed(Money.parse, label, block.value(label))

    def label(self, table: Mapping[str, T], raw: str, source: Source = Source.SHOP) -> Fact[T]:
        if raw not in table:
            return Unknown(why="unknown.label", source=source, raw=raw)
        return Known(value=table[raw], source=source, seen_at=self.now)

    def _moment_of(self, label: str) -> datetime | None:
        """A moment of the order that not every page prints; printed, it has to be readable."""
        found = self.order.fields_named(label)
        return optional(moment, label, found[0].value or "") if found else None

    def _deadline(self) -> Deadline | None:
        raw = self.claim.value("剩余时间")
        if raw in wording.NONE:
            return None
        left, tail = printed(countdown, "剩余时间", raw)
        return Deadline(at=self.now + left, action=self._timeout(tail))

    def _timeout(self, tail: str) -> Fact[TimeoutAction]:
        if tail in wording.TIMEOUTS_UNUSED:
            return Unknown(why="unknown.unused", source=Source.SHOP, raw=tail)
        return self.label(wording.TIMEOUTS, tail)

    def _services(self) -> tuple[frozenset[ServiceTag], tuple[str, ...]]:
        printed_tags = words(self.order.value("服务标签"))
        known = frozenset(wording.SERVICES[tag] for tag in printed_tags if tag in wording.SERVICES)
        return known, tuple(tag for tag in printed_tags if tag not in wording.SERVICES)

    def _controls(self) -> tuple[frozenset[Control], tuple[str, ...]]:
        presses = self.page.section("操作").presses
        known = [wording.CONTROLS[one.name] for one in presses if one.enabled and one.name in wording.CONTROLS]
        odd = {one.name for one in presses} - set(wording.CONTROLS) - wording.BUTTONS_UNUSED
        return frozenset(known), tuple(sorted(odd))

    def _buyer(self) -> BuyerRecord:
        record = self.page.section("买家售后记录")
        return BuyerRecord(
            name=self.order.value("买家"),
            aftersales_90d=printed(_times, "近90天售后", record.value("近90天售后")),
            refusals_90d=printed(_times, "商家拒绝", record.value("商家拒绝")),
        )

    def _pictures(self) -> tuple[str, ...]:
        field = self.claim.field("买家凭证")
        if not field.pictures and field.value not in wording.NONE:
            raise Unreadable("买家凭证: neither pictures nor 无", target="买家凭证", raw=field.value or "")
        return tuple(picture.src for picture in field.pictures)

    def _goods(self) -> tuple[GoodsLine, ...]:
        lines = tuple(
            self._goods_line(row) for row in table_rows(self.order.grids, "商品", "规格", "单价", "数量", "商品重量")
        )
        if not lines:
            raise Unreadable("订单信息: no goods", target="商品")
        return lines

    def _goods_line(self, row: Mapping[str, str]) -> GoodsLine:
        return GoodsLine(
            name=row["商品"],
            spec=or_nothing(row["规格"]),
            unit_price=printed(Money.parse, "单价", row["单价"]),
            quantity=printed(whole, "数量", row["数量"]),
            weight_g=optional(grams, "商品重量", row["商品重量"]),
        )

    def _parcel(self, group: str) -> ShopParcel | None:
        block = self.page.section("物流信息")
        if not block.fields_named("运单号", group):
            _expect_no_parcel(block, group)
            return None
        return ShopParcel(
            courier=block.value("快递公司", group),
            waybill=identity("运单号", block.value("运单号", group)),
            latest=block.value("最新轨迹", group),
            intercept=self._intercept(block, group),
            return_city=or_nothing(block.value("退货地址城市", group)) if group == "退货物流" else "",
        )

    def _intercept(self, block: Block, group: str) -> Fact[InterceptState]:
        found = block.fields_named("拦截状态", group)
        if not found:
            return Unknown(why="unknown.absent", source=Source.SHOP)
        return self.label(wording.INTERCEPTS, _COLON.split(found[0].value or "", maxsplit=1)[0])

    def _warehouse(self) -> Warehouse:
        block = self.page.section("仓储信息")
        return Warehouse(
            outbound=self.label(wording.OUTBOUND, block.value("出库状态"), Source.WAREHOUSE),
            outbound_at=optional(moment, "出库时间", block.value("出库时间")),
            outbound_weight_g=optional(grams, "出库称重", block.value("出库称重")),
            inbound=self.label(wording.INBOUND, block.value("退货入库"), Source.WAREHOUSE),
            counted=optional(whole, "实收件数", block.value("实收件数")),
            inbound_weight_g=optional(grams, "入库称重", block.value("入库称重")),
        )

    def _payments(self) -> tuple[Payment, ...]:
        return tuple(
            Payment(
                at=printed(moment, "退款记录", row["时间"]),
                kind=row["类型"],
                amount=printed(Money.parse, "退款记录", row["金额"]),
            )
            for row in table_rows(self.page.section("退款记录").grids, "时间", "类型", "金额")
        )

    def _other_claims(self) -> tuple[OtherClaim, ...]:
        grids = self.page.section("同订单售后").grids
        rows = table_rows(grids, "售后编号", "申请时间", "售后类型", "退款金额", "售后状态")
        return tuple(self._other_claim(row) for row in rows)

    def _other_claim(self, row: Mapping[str, str]) -> OtherClaim:
        return OtherClaim(
            aftersale_id=identity("售后编号", row["售后编号"]),
            applied_at=printed(moment, "同订单售后", row["申请时间"]),
            type=self.label(wording.TYPES, row["售后类型"]),
            amount=printed(Money.parse, "同订单售后", row["退款金额"]),
            state=self.label(wording.STATES, row["售后状态"]),
        )

    def _negotiation(self) -> tuple[Negotiation, ...]:
        return tuple(_said(entry) for entry in self.page.section("协商记录").entries)

    def _negotiable(self) -> Negotiable | None:
        """Offers, oldest first; a shop without the tool has no such section (domain.md 28)."""
        if not self.page.has_section(wording.OFFERS_SECTION):
            return None
        block = self.page.section(wording.OFFERS_SECTION)
        rows = table_rows(block.grids, "时间", "方案", "金额", "状态")
        return Negotiable(
            offers=tuple(self._offer(row) for row in reversed(rows)),
            most=self.money(block, "最高可协商金额"),
            rounds_left=printed(_times, "剩余协商次数", block.value("剩余协商次数")),
        )

    def _offer(self, row: Mapping[str, str]) -> Offer:
        return Offer(
            at=printed(moment, "协商方案", row["时间"]),
            amount=printed(Money.parse, "协商方案", row["金额"]),
            state=self.label(wording.OFFERS, row["状态"]),
        )

    def _complaint(self) -> Complaint | None:
        if not self.page.has_section(wording.COMPLAINT_SECTION):
            return None
        block = self.page.section(wording.COMPLAINT_SECTION)
        scene = block.value("投诉场景")
        return Complaint(
            state=self.label(wording.COMPLAINTS, block.value("投诉状态")),
            scene=None if scene in wording.NONE else self.label(wording.SCENES, scene),
        )


def _times(text: str) -> int:
    return whole(text, "次")


def _said(entry: Entry) -> Negotiation:
    return Negotiation(at=printed(moment, "协商记录", entry.time), role=entry.who, text=entry.text)


def _expect_no_parcel(block: Block, group: str) -> None:
    """No waybill is only believed where the page says 「无」 in its place."""
    if not any(note.group == group and note.text in wording.NONE for note in block.notes):
        raise Unreadable(f"{group}: neither a waybill nor 无", target=group)


def _odd_facts(snapshot: Snapshot) -> tuple[str, ...]:
    """Raw texts of all labels that no table knows."""
    offers = [offer.state for offer in snapshot.negotiable.offers] if snapshot.negotiable else []
    complaint = [snapshot.complaint.state, snapshot.complaint.scene] if snapshot.complaint else []
    others = [fact for other in snapshot.other_claims or () for fact in (other.type, other.state)]
    parcels = [parcel.intercept for parcel in (snapshot.forward, snapshot.returned) if parcel]
    facts: list[Fact[Any]] = [
        snapshot.type,
        snapshot.state,
        snapshot.goods_status,
        snapshot.ship_status,
        snapshot.warehouse.outbound,
        snapshot.warehouse.inbound,
        *parcels,
        *offers,
        *others,
        *(fact for fact in complaint if fact is not None),
        *([snapshot.deadline.action] if snapshot.deadline else []),
    ]
    return tuple(fact.raw for fact in facts if isinstance(fact, Unknown) and fact.why == "unknown.label")
