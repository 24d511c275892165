"""Runs to report on: cases judged by the shipped policy, with receipts, pictures and strangers' words."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from PIL import Image

from bot.domain.action import (
    Action,
    AgreeRefund,
    Complain,
    ComplaintScene,
    Intent,
    Intercept,
    Negotiate,
    RefusalReason,
    Refuse,
)
from bot.domain.base import Sha256
from bot.domain.case import (
    BuyerRecord,
    Complaint,
    ComplaintState,
    GoodsLine,
    Negotiable,
    Negotiation,
    Offer,
    OfferState,
    Row,
)
from bot.domain.decision import Reason
from bot.domain.evidence import Evidence, EvidenceKind
from bot.domain.ids import CaseKey, IntentId, RunId
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus, Receipt
from bot.engine.policy import Policy
from bot.errors import EvidenceRefused
from bot.ports.ledger import CaseLine
from bot.ports.results import ShopSweep
from bot.report import ShopRun
from tests.unit.engine.builders import (
    APPLIED,
    NOW,
    PAID,
    Situation,
    changed,
    parcel,
    received,
    shipped,
    shipped_policy,
    shop,
    unshipped,
)

RUN = RunId("run-0001")


def png(colour: str = "#4488cc", size: tuple[int, int] = (1440, 900)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


class Store:
    """Pictures by hash."""

    def __init__(self, *pictures: bytes) -> None:
        self.kept = {Sha256(hashlib.sha256(data).hexdigest()): data for data in pictures}
        self.asked: list[Sha256] = []

    def get(self, sha256: Sha256) -> bytes:
        self.asked.append(sha256)
        if sha256 not in self.kept:
            raise EvidenceRefused("gone", code="evidence.missing")
        return self.kept[sha256]

    def evidence(self, kind: EvidenceKind = EvidenceKind.BEFORE) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                sha256=sha256,
                kind=kind,
                media_type="image/png",
                size=len(data),
                width=1440,
                height=900,
                origin="case",
                taken_at=NOW,
            )
            for sha256, data in self.kept.items()
        )


def key(number: int) -> CaseKey:
    return CaseKey(platform="taobao", shop_id="s1", aftersale_id=f"26000{number:05d}")


def line(number: int, situation: Situation, status: CaseStatus = CaseStatus.HELD, **changes: Any) -> CaseLine:
    """A case judged by the shipped policy; a held one is held for the reasons of its decision."""
    decided = situation.judged()
    page = changed(situation.page, {"key": key(number), "order_id": f"45000{number:05d}"})
    shown: dict[str, Any] = {
        "case": key(number),
        "status": status,
        "row": row(number),
        "snapshot": page,
        "decision": decided.model_copy(update={"case": key(number)}),
        "reasons": decided.reasons if status is CaseStatus.HELD else (),
        "receipts": (),
        "evidence": (),
        "owner": "售后台" if status is CaseStatus.HELD else "",
        "deadline": page.deadline.at if page.deadline else None,
    }
    return CaseLine(**(shown | changes))


def row(number: int, **changes: Any) -> Row:
    shown: dict[str, Any] = {
        "key": key(number),
        "order_id": f"45000{number:05d}",
        "amount": PAID,
        "type_text": "仅退款",
        "state_text": "待商家处理",
        "deadline_at": NOW + timedelta(hours=50),
        "applied_at": APPLIED,
    }
    return Row(**(shown | changes))


def proof(number: int, action: Action, amount: Money, **changes: Any) -> tuple[Intent, Receipt]:
    intent = Intent(
        id=IntentId(f"in-{number}"),
        run=RUN,
        case=key(number),
        order_id=f"45000{number:05d}",
        buyer="山间清风2019",
        paid=PAID,
        strategy="unshipped_full",
        policy_hash=shipped_policy().hash,
        fingerprint="f",
        action=action,
        day="2026-11-22",
        armed_at=NOW,
        epoch=1,
    )
    shown = {
        "intent": intent.id,
        "case": key(number),
        "state": "success",
        "amount": amount,
        "version": "2",
        "proven_at": NOW + timedelta(seconds=9),
        "before": None,
        "after": None,
    }
    return intent, Receipt(**(shown | changes))


def refund(number: int) -> CaseLine:
    done = proof(number, AgreeRefund(amount=PAID), PAID)
    return line(number, unshipped(), CaseStatus.DONE, receipts=(done,))


def refusal(number: int, proofs: tuple[Sha256, ...] = (), message: str = "快递已签收") -> CaseLine:
    action = Refuse(amount=PAID, reason=RefusalReason.SIGNED_FOR, message=message, proofs=proofs)
    done = proof(number, action, Money(0), state="seller_refused")
    return line(number, shipped(), CaseStatus.DONE, receipts=(done,))


def intercept(number: int) -> CaseLine:
    fee = Money(1200)
    done = proof(number, Intercept(waybill="780001112223", fee=fee), fee, state="wait_seller")
    return line(number, shipped(), CaseStatus.WAITING, receipts=(done,))


def offer(number: int, stands: OfferState = OfferState.OPEN) -> CaseLine:
    """¥30.00 offered; whatever the buyer said since stands on the page."""
    fen = Money(3_000)
    made = Offer(at=NOW, amount=fen, state=shop(stands))
    page = received().shows(negotiable=Negotiable(offers=(made,), most=Money(9_000), rounds_left=2))
    done = proof(number, Negotiate(amount=fen, message="商品留用可以吗"), fen, state="wait_buyer_answer")
    if stands is OfferState.OPEN:
        return line(number, page, CaseStatus.WAITING, receipts=(done,))
    told = Reason(code="case.offer_accepted", params={"amount": str(fen)})
    return line(number, page, CaseStatus.DONE, reasons=(told,))


def complaint(number: int, proofs: tuple[Sha256, ...] = ()) -> CaseLine:
    scene = ComplaintScene.FALSE_RETURN
    page = received().shows(complaint=Complaint(state=shop(ComplaintState.FILED), scene=shop(scene)))
    action = Complain(amount=PAID, scene=scene, message="退回空包裹", proofs=proofs)
    return line(number, page, CaseStatus.WAITING, receipts=(proof(number, action, Money(0), state="wait_seller"),))


def unreadable(raw: str, number: int = 99) -> CaseLine:
    reason = Reason(code="list.unreadable", params={"raw": raw})
    return line(
        number,
        unshipped(),
        row=None,
        snapshot=None,
        decision=None,
        reasons=(reason,),
        deadline=None,
        case=CaseKey(platform="taobao", shop_id="s1", aftersale_id="unreadable-abc123"),
    )


def every_kind() -> tuple[CaseLine, ...]:
    """One case of most endings."""
    unknown = Reason(code="settle.unknown", params={"verb": "agree_refund", "amount": str(PAID)})
    return (
        refund(1),
        refusal(2),
        intercept(3),
        line(4, received()),
        line(5, unshipped(), CaseStatus.HELD, reasons=(unknown,)),
        line(6, unshipped(), CaseStatus.FOREIGN),
        line(7, unshipped(), CaseStatus.WAITING, reasons=(Reason(code="run.stopped"),)),
        unreadable("第 8 行 ¥1O.00"),
        line(9, received().shows(unknown_labels=("预售尾款中",))),
    )


def a_run(
    *lines: CaseLine, posture: str = "act", name: str = "禾木良品旗舰店", policy: Policy | None = None, **sweep: Any
) -> ShopRun:
    rules = policy or shipped_policy()
    told: Mapping[str, Any] = {"shop": "taobao/s1", "name": name, "posture": posture, "seen": len(lines)} | sweep
    return ShopRun(
        run=RUN,
        sweep=ShopSweep(**told),
        policy=rules,
        policy_hash=rules.hash,
        opened_at=NOW,
        closed_at=NOW + timedelta(minutes=3),
        lines=lines,
    )


def said_everywhere(payload: str, number: int = 1) -> Sequence[CaseLine]:
    """The same stranger's words in every field that a page fills."""
    odd = received().shows(
        reason=payload,
        buyer=BuyerRecord(name=payload, aftersales_90d=0, refusals_90d=0),
        buyer_text=payload,
        goods=(GoodsLine(name=payload, spec=payload, unit_price=PAID, quantity=1, weight_g=None),),
        platform_tags=(payload,),
        seller_remark=payload,
        negotiation=(Negotiation(at=NOW, role=payload, text=payload),),
        unknown_labels=(payload,),
        version=payload,
        forward=changed_parcel(payload),
    )
    done = proof(
        number,
        Refuse(amount=PAID, reason=RefusalReason.SIGNED_FOR, message=payload, proofs=()),
        Money(0),
        version=payload,
    )
    strange = Reason(code="error.page.unreadable", params={"detail": payload, "raw": payload})
    return (
        line(number, odd, CaseStatus.HELD, reasons=(strange, strange), owner=payload, receipts=(done,)),
        line(number + 1, odd, snapshot=None, decision=None, row=row(number + 1, type_text=payload, state_text=payload)),
        unreadable(payload),
    )


def changed_parcel(payload: str) -> Any:
    return parcel().model_copy(update={"courier": payload, "waybill": payload, "latest": payload})
