"""A clock that stands, ids that count, and one shop's nouns to build ledger stories from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.action import Action, AgreeRefund, Intent, RefusalReason, Refuse, Verb
from bot.domain.base import SHANGHAI, Sha256
from bot.domain.case import (
    AftersaleType,
    BuyerRecord,
    CaseState,
    Control,
    Deadline,
    GoodsLine,
    GoodsStatus,
    Row,
    ServiceTag,
    ShipStatus,
    Snapshot,
    TimeoutAction,
    Warehouse,
)
from bot.domain.courier import ParcelStatus, Trail, TrailNode
from bot.domain.decision import Decision, Plan, Reason
from bot.domain.evidence import Evidence, EvidenceKind
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.hand import HandVerdict
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey, IntentId, RunId, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus, Hold, Receipt
from bot.ledger import SqlLedger
from bot.ports.ledger import Caps, HandTold, Lease

START = datetime(2026, 3, 9, 10, 0, tzinfo=SHANGHAI)
SHOP = ShopKey(platform="taobao", shop_id="s1")
BUYER = "王**晓"
RUN = RunId("run-1")
AMPLE = Caps(Money(10_000_000), Money(10_000_000), Money(10_000_000))
WHY = Reason(code="test.why")


@dataclass
class StandingClock:
    """Time that moves only when told."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class CountingIds:
    """The same ids in every run."""

    prefix: str = ""
    given: int = 0

    def fresh(self, prefix: str) -> str:
        self.given += 1
        return f"{prefix}-{self.prefix}{self.given:05d}"


def key(number: int = 1, shop: ShopKey = SHOP) -> CaseKey:
    return CaseKey(**shop.model_dump(), aftersale_id=f"a{number}")


def row(number: int = 1, **changes: object) -> Row:
    base = Row(
        key=key(number),
        order_id=f"o{number}",
        amount=Money(1_000),
        type_text="仅退款",
        state_text="待商家处理",
        deadline_at=START + timedelta(days=2),
        applied_at=START - timedelta(hours=3),
    )
    return base.model_copy(update=changes)


def snapshot(number: int = 1, **changes: object) -> Snapshot:
    seen = {"source": Source.SHOP, "seen_at": START}
    base = Snapshot(
        key=key(number),
        order_id=f"o{number}",
        seen_at=START,
        version="v1",
        type=Known[AftersaleType](value=AftersaleType.REFUND_UNSHIPPED, **seen),
        state=Known[CaseState](value=CaseState.WAIT_SELLER, **seen),
        amount=Money(1_000),
        paid=Money(5_000),
        refunded=Money(0),
        reason="不想要了",
        goods_status=Known[GoodsStatus](value=GoodsStatus.NOT_RECEIVED, **seen),
        ship_status=Known[ShipStatus](value=ShipStatus.UNSHIPPED, **seen),
        quantity_applied=1,
        applied_at=START,
        deadline=Deadline(
            at=START + timedelta(days=1), action=Known[TimeoutAction](value=TimeoutAction.AGREE_REFUND, **seen)
        ),
        platform_tags=("tag",),
        service_tags=frozenset(ServiceTag),
        buyer=BuyerRecord(name=BUYER, aftersales_90d=1, refusals_90d=0),
        buyer_text="<b>快点退我</b>",
        buyer_pictures=(),
        receiver_city="杭州",
        goods=(GoodsLine(name="杯子", spec="白", unit_price=Money(1_000), quantity=1, weight_g=None),),
        other_goods=(),
        difference_due=None,
        forward=None,
        returned=None,
        warehouse=Warehouse(
            outbound=Known[bool](value=False, **seen),
            outbound_at=None,
            outbound_weight_g=None,
            inbound=Unknown(why="page.empty", source=Source.SHOP),
            counted=None,
            inbound_weight_g=None,
        ),
        payments=(),
        negotiation=(),
        seller_remark="",
        controls=frozenset(Control),
        unknown_labels=(),
    )
    return base.model_copy(update=changes)


def trails() -> dict[str, Fact[Trail]]:
    seen = {"source": Source.COURIER, "seen_at": START}
    trail = Trail(
        waybill="SF1",
        courier="顺丰",
        status=Known[ParcelStatus](value=ParcelStatus.IN_TRANSIT, **seen),
        origin_city="杭州",
        destination_city="北京",
        picked_up_weight_g=500,
        arrival_weight_g=None,
        created_at=START,
        signer=None,
        sign_city="",
        intercept=Unknown(why="courier.silent", source=Source.COURIER),
        nodes=(TrailNode(at=START, city="杭州", status="揽收", text="已揽收"),),
        seen_at=START,
    )
    return {"SF1": Known[Trail](value=trail, **seen), "SF2": Unknown(why="courier.down", source=Source.COURIER)}


def decision(number: int = 1, verb: Verb = Verb.AGREE_REFUND, **plan: object) -> Decision:
    return Decision(
        case=key(number),
        verb=verb,
        plan=Plan(**({"strategy": "s-unshipped", "amount": Money(1_000)} | plan)),
        reasons=(WHY,),
        traces=(),
        flip=None,
        fingerprint=snapshot(number).fingerprint,
        policy_hash="p" * 64,
        decided_at=START,
    )


def evidence(seed: str = "e", kind: EvidenceKind = EvidenceKind.TRAIL) -> Evidence:
    return Evidence(
        sha256=Sha256((seed * 64)[:64]),
        kind=kind,
        media_type="image/png",
        size=10,
        width=2,
        height=3,
        origin="courier",
        taken_at=START,
    )


def refuse(proofs: tuple[Sha256, ...]) -> Refuse:
    return Refuse(amount=Money(1_000), reason=RefusalReason.SIGNED_FOR, message="已签收", proofs=proofs)


@dataclass
class Story:
    """A ledger with an open run under a lease, and short words for what can happen in it."""

    ledger: SqlLedger
    clock: StandingClock
    lease: Lease
    armed: int = 0
    made: list[Intent] = field(default_factory=list)

    def intent(self, number: int = 1, fen: int = 1_000, action: Action | None = None, **changes: Any) -> Intent:
        self.armed += 1
        base = Intent(
            id=IntentId(f"i{self.armed}"),
            run=RUN,
            case=key(number, self.lease.shop),
            order_id=f"o{number}",
            buyer=BUYER,
            paid=Money(5_000),
            strategy="s-unshipped",
            policy_hash="p" * 64,
            fingerprint=snapshot(number).fingerprint,
            action=action or AgreeRefund(amount=Money(fen)),
            day=self.clock.now().date().isoformat(),
            armed_at=self.clock.now(),
            epoch=self.lease.epoch,
        )
        return base.model_copy(update=changes)

    def arm(self, number: int = 1, fen: int = 1_000, caps: Caps = AMPLE, **changes: Any) -> Intent:
        intent = self.intent(number, fen, **changes)
        self.ledger.arm(intent, caps, self.lease)
        return intent

    def send(self, number: int = 1, fen: int = 1_000, **changes: Any) -> Intent:
        intent = self.arm(number, fen, **changes)
        self.ledger.fire(intent.id, self.lease)
        self.ledger.sent(intent.id, self.lease)
        return intent

    def settle(self, intent: Intent, fen: int | None = None, follow: CaseStatus = CaseStatus.DONE) -> Receipt:
        receipt = self.receipt(intent, fen)
        self.ledger.settle(intent.id, receipt, follow, self.lease)
        return receipt

    def receipt(self, intent: Intent, fen: int | None = None) -> Receipt:
        return Receipt(
            intent=intent.id,
            case=intent.case,
            state=CaseState.SUCCESS,
            amount=Money(1_000 if fen is None else fen),
            version="v2",
            proven_at=self.clock.now(),
            before=None,
            after=None,
        )

    def judge(self, number: int = 1, verb: Verb = Verb.AGREE_REFUND, **plan: object) -> None:
        self.ledger.saw(RUN, [row(number)])
        self.ledger.decided(RUN, snapshot(number), trails(), UNASKED, decision(number, verb, **plan))

    def whole(self, number: int = 1) -> Intent:
        """One refund's way from the list to the receipt."""
        self.judge(number)
        intent = self.send(number)
        self.settle(intent)
        return intent

    def decide(self, number: int = 1, verb: Verb = Verb.AGREE_REFUND, **told: Any) -> int:
        """A person's verdict on the case as it is, carried out; its number comes back. `second_above` is the limit in fen."""
        above = told.pop("second_above", None)
        verdict = self.told(number, verb=verb, **told)
        plan = {"strategy": verdict.strategy} if verdict.deed else {}
        made = decision(number, verb, **plan)
        limit = Money(above) if above is not None else None
        return self.ledger.decided_by_hand(RUN, HandTold(verdict=verdict, decision=made, second_above=limit))

    def told(self, number: int = 1, **told: Any) -> HandVerdict:
        """Li's word on the case as it is."""
        given = {"by": "Li", "why": "known customer", "fingerprint": snapshot(number).fingerprint}
        return HandVerdict(**({"case": key(number), "decided_at": self.clock.now()} | given | told))

    def by_hand(self, number: int = 1, verb: Verb = Verb.AGREE_REFUND, **told: Any) -> None:
        """The robot's look, a person's verdict, and a refund that carries it out."""
        self.judge(number)
        hand = self.decide(number, verb, **told)
        self.settle(self.send(number, strategy="person:li", hand=hand))

    def hold(self, number: int = 1) -> Hold:
        return Hold(case=key(number), reasons=(WHY,), owner="ops", deadline=START + timedelta(hours=4))

    def status(self, number: int = 1) -> CaseStatus:
        return next(line.status for line in self.ledger.lines(RUN) if line.case == key(number))

    def spent(self, scope: str = "shop", day: str | None = None) -> tuple[int, int]:
        """Posted and pending fen."""
        day = day or self.clock.now().date().isoformat()
        return next(
            ((line.posted.fen, line.pending.fen) for line in self.ledger.budgets(day) if line.scope == scope), (0, 0)
        )

    def under(self, lease: Lease) -> Story:
        return replace(self, lease=lease)


def story_at(where: str | Path, clock: StandingClock | None = None) -> Story:
    clock = clock or StandingClock()
    ledger = SqlLedger(where, clock, CountingIds())
    lease = ledger.acquire(SHOP, "pc-1", 60)
    ledger.open_run(RUN, SHOP, "act", "c" * 64, "p" * 64)
    return Story(ledger, clock, lease)
