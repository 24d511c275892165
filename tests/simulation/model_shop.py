"""A small shop in memory with the server's own effect log, faults by seed, and desks over it: the second implementation of the desk ports."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar

from bot.domain.action import (
    Action,
    AgreeRefund,
    AgreeReturn,
    Complain,
    ComplaintScene,
    Intercept,
    Negotiate,
    Refuse,
    Remark,
    Verb,
)
from bot.domain.base import SHANGHAI, Sha256
from bot.domain.case import (
    AftersaleType,
    BuyerRecord,
    CaseState,
    Complaint,
    ComplaintState,
    Control,
    Deadline,
    GoodsLine,
    GoodsStatus,
    InterceptState,
    Negotiable,
    Offer,
    OfferState,
    Row,
    ServiceTag,
    ShipStatus,
    ShopParcel,
    Snapshot,
    TimeoutAction,
    Warehouse,
)
from bot.domain.courier import InterceptQuote, ParcelStatus, SignerKind, Trail, TrailNode
from bot.domain.evidence import Evidence, EvidenceKind, PictureLimits
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import ZERO, Money
from bot.errors import CaseMoved, NotSent, OutcomeUnknown, SessionExpired, Sight, Unreadable
from bot.ports.desks import Listing, Permit, Proof
from bot.ports.failures import Failure

SHOP = ShopKey(platform="model", shop_id="s1")
START = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
FEE = Money(800)
PAGE = 20
"""Rows of one page of the list."""


class VirtualClock:
    """Time that only moves when somebody waits."""

    def __init__(self) -> None:
        self._s = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._s)

    def monotonic(self) -> float:
        return self._s

    async def sleep(self, seconds: float) -> None:
        self._s += seconds
        await asyncio.sleep(0)

    def pass_time(self, seconds: float) -> None:
        self._s += seconds


class CountingIds:
    """Same order of asking, same ids: one seed gives one event log."""

    def __init__(self) -> None:
        self._n = 0

    def fresh(self, prefix: str) -> str:
        self._n += 1
        return f"{prefix}-{self._n:06d}"


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


FAULTS = (
    "read_error",
    "session_loss",
    "not_sent",
    "drop_before",
    "drop_after",
    "late_apply",
    "resend",
    "buyer_edits",
    "buyer_withdraws",
    "colleague_agrees",
)


@dataclass
class Chance:
    """Draws faults: each kind at a rate, from one seeded stream."""

    seed: int
    rates: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.fired: list[str] = []

    def draw(self, kind: str) -> bool:
        hit = self.random.random() < self.rates.get(kind, 0.0)
        if hit:
            self.fired.append(kind)
        return hit


@dataclass
class Effect:
    """One change on the server; `actor` is bot, buyer or colleague."""

    case: str
    verb: Verb
    amount: Money
    actor: str


@dataclass
class ServerCase:
    """The server's truth about one case."""

    id: str
    kind: str
    amount: Money
    paid: Money
    state: CaseState = CaseState.WAIT_SELLER
    version: int = 1
    remark: str = ""
    intercept: InterceptState = InterceptState.NONE
    offers: list[tuple[Money, OfferState]] = field(default_factory=list)
    complaint: ComplaintScene | None = None
    applied_at: datetime = START - timedelta(hours=2)
    deadline: datetime = START + timedelta(days=1)

    @property
    def waybill(self) -> str:
        return f"W{self.id}"


KINDS = ("unshipped", "in_transit", "return", "threat")


class ModelShop:
    """Applies a well-formed request once; whatever it does is in `effects`."""

    def __init__(self, clock: VirtualClock, chance: Chance, cases: int, kinds: Sequence[str] = KINDS) -> None:
        self.clock = clock
        self.chance = chance
        self.effects: list[Effect] = []
        self.requests: dict[str, int] = {}
        self.late: list[tuple[float, Callable[[], None]]] = []
        self.pages = 0
        self.opened: list[str] = []
        self.between_pages: Callable[[], None] = _nothing
        self.cases = {
            f"{n:04d}": ServerCase(f"{n:04d}", kinds[n % len(kinds)], Money(5000 + n * 37), Money(5000 + n * 37))
            for n in range(cases)
        }

    def tick(self) -> None:
        """Late requests arrive when their time has come."""
        due = [apply for at, apply in self.late if at <= self.clock.monotonic()]
        self.late = [entry for entry in self.late if entry[0] > self.clock.monotonic()]
        for apply in due:
            apply()

    def disturb(self, case: ServerCase) -> None:
        """Somebody else acts between two looks of ours."""
        if case.state is not CaseState.WAIT_SELLER:
            return
        if self.chance.draw("buyer_edits"):
            case.amount, case.version = case.amount - Money(1), case.version + 1
        elif self.chance.draw("buyer_withdraws"):
            case.state, case.version = CaseState.CLOSED, case.version + 1
        elif self.chance.draw("colleague_agrees"):
            case.state, case.version = CaseState.SUCCESS, case.version + 1
            self.effects.append(Effect(case.id, Verb.AGREE_REFUND, case.amount, "colleague"))

    def buyers_answer(self) -> None:
        """Whoever got at least half of what he asks for takes it, the others say no."""
        for case in self.cases.values():
            if case.state is not CaseState.WAIT_BUYER_ANSWER:
                continue
            sum_offered, _ = case.offers[-1]
            takes = sum_offered.fen * 2 >= case.amount.fen
            case.offers[-1] = sum_offered, OfferState.ACCEPTED if takes else OfferState.DECLINED
            case.state, case.version = CaseState.SUCCESS if takes else CaseState.WAIT_SELLER, case.version + 1
            if takes:
                self.effects.append(Effect(case.id, Verb.NEGOTIATE, sum_offered, "buyer"))

    def apply(self, case: ServerCase, action: Action, version: int) -> bool:
        """The server's side of one POST; False when it refuses."""
        self.requests[case.id] = self.requests.get(case.id, 0) + 1
        if case.state is not CaseState.WAIT_SELLER or version != case.version:
            return False
        match action:
            case AgreeRefund(amount=amount) if amount == case.amount:
                case.state, moved = CaseState.SUCCESS, amount
            case AgreeReturn(amount=amount) if amount == case.amount:
                case.state, moved = CaseState.WAIT_BUYER_RETURN, ZERO
            case Refuse():
                case.state, moved = CaseState.SELLER_REFUSED, ZERO
            case Intercept(fee=fee) if case.intercept is InterceptState.NONE:
                case.intercept, moved = InterceptState.REQUESTED, fee
            case Remark(text=text):
                case.remark, moved = text, ZERO
            case Negotiate(amount=amount) if ZERO < amount < case.amount:
                case.state, moved = CaseState.WAIT_BUYER_ANSWER, amount
                case.offers.append((amount, OfferState.OPEN))
            case Complain(scene=scene, amount=amount) if case.complaint is None and amount == case.amount:
                case.complaint, moved = scene, ZERO
            case _:
                return False
        case.version += 1
        self.effects.append(Effect(case.id, action.verb, moved, "bot"))
        return True


def _nothing() -> None:
    """The world stands still."""


T = TypeVar("T")


def known(value: T, source: Source = Source.SHOP) -> Known[T]:
    return Known(value=value, source=source, seen_at=START)


def snapshot_of(case: ServerCase, seen_at: datetime) -> Snapshot:
    """The detail page of a server case."""
    shipped = case.kind != "unshipped"
    signed = case.kind in {"return", "worn"}
    types = {"unshipped": AftersaleType.REFUND_UNSHIPPED, "return": AftersaleType.RETURN_REFUND}
    ship = ShipStatus.SIGNED if signed else ShipStatus.SHIPPED if shipped else ShipStatus.UNSHIPPED
    open_controls = {Control.AGREE_REFUND, Control.AGREE_RETURN, Control.REFUSE, Control.INTERCEPT, Control.REMARK}
    open_controls |= {Control.NEGOTIATE} | ({Control.COMPLAIN} if case.complaint is None else set())
    parcel = ShopParcel(courier="顺达", waybill=case.waybill, latest="", intercept=known(case.intercept))
    return Snapshot(
        key=CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=case.id),
        order_id=f"O{case.id}",
        seen_at=seen_at,
        version=str(case.version),
        type=known(types.get(case.kind, AftersaleType.REFUND_SHIPPED)),
        state=known(case.state),
        amount=case.amount,
        paid=case.paid,
        refunded=ZERO,
        reason="7天无理由退换货",
        goods_status=known(GoodsStatus.RECEIVED if signed else GoodsStatus.NOT_RECEIVED),
        ship_status=known(ship),
        quantity_applied=1,
        applied_at=case.applied_at,
        deadline=Deadline(at=case.deadline, action=known(TimeoutAction.AGREE_REFUND)),
        platform_tags=(),
        service_tags=frozenset({ServiceTag.NO_REASON_7D}),
        buyer=BuyerRecord(name=f"b{case.id}", aftersales_90d=0, refusals_90d=0),
        buyer_text="不退就给差评，投诉你" if case.kind == "threat" else "",
        buyer_pictures=(),
        receiver_city="杭州",
        goods=(GoodsLine(name="杯", spec="白", unit_price=case.paid, quantity=1, weight_g=300),),
        other_goods=(),
        difference_due=None,
        forward=parcel if shipped else None,
        returned=None,
        warehouse=Warehouse(
            outbound=known(shipped),
            outbound_at=START - timedelta(days=1) if shipped else None,
            outbound_weight_g=None,
            inbound=known(False),
            counted=None,
            inbound_weight_g=None,
        ),
        payments=(),
        negotiation=(),
        seller_remark=case.remark,
        controls=frozenset(open_controls if case.state is CaseState.WAIT_SELLER else {Control.REMARK}),
        unknown_labels=(),
        other_claims=(),
        negotiable=Negotiable(
            offers=tuple(Offer(at=START, amount=fen, state=known(how)) for fen, how in case.offers),
            most=Money(case.amount.fen * 80 // 100),
            rounds_left=9,
        ),
        complaint=Complaint(
            state=known(ComplaintState.NONE if case.complaint is None else ComplaintState.FILED),
            scene=None if case.complaint is None else known(case.complaint),
        ),
    )


class ModelPage:
    """CasePage over the model: what is read stands still until it is loaded again."""

    def __init__(self, shop: ModelShop, case: ServerCase) -> None:
        self._shop = shop
        self._case = case
        self._loaded = self._load()

    def _load(self) -> Snapshot:
        self._shop.tick()
        self._shop.clock.pass_time(0.2)
        if self._shop.chance.draw("read_error"):
            raise Unreadable("half a page", case=self._case.id)
        if self._shop.chance.draw("session_loss"):
            raise SessionExpired("the login page came")
        self._at = self._shop.clock.monotonic()
        return snapshot_of(self._case, self._shop.clock.now())

    @property
    def age_s(self) -> float:
        return self._shop.clock.monotonic() - self._at

    async def read(self) -> Snapshot:
        await asyncio.sleep(0)
        return self._loaded

    async def reload(self) -> Snapshot:
        await asyncio.sleep(0)
        self._shop.disturb(self._case)
        self._loaded = self._load()
        return self._loaded

    async def picture(self) -> bytes:
        return b""

    async def sight(self) -> Sight:
        return Sight(f"picture of {self._case.id}".encode(), f"<html>{self._case.id}")

    async def warehouse_picture(self) -> bytes:
        return b""

    async def quote_intercept(self) -> InterceptQuote:
        return InterceptQuote(waybill=self._case.waybill, feasible=True, fee=FEE, why_not="", other_goods=())

    async def attach(self, proofs: Sequence[Proof], verb: Verb = Verb.REFUSE) -> tuple[Sha256, ...]:
        return tuple(proof.sha256 for proof in proofs)

    def screens(self, action: Action) -> tuple[str, ...]:
        return ("detail", action.verb.value)

    async def perform(self, action: Action, permit: Permit) -> None:
        await asyncio.sleep(0)
        self._shop.disturb(self._case)
        if self._shop.chance.draw("not_sent"):
            raise NotSent("the button is gone", case=self._case.id)
        if permit.expires_at < self._shop.clock.monotonic():
            raise NotSent("the permit is over", case=self._case.id)
        permit.on_send()
        self._post(action, int(self._loaded.version))

    def _post(self, action: Action, version: int) -> None:
        shop, case = self._shop, self._case
        if shop.chance.draw("drop_before"):
            raise OutcomeUnknown("the line is dead", case=case.id)
        if shop.chance.draw("late_apply"):
            shop.late.append((shop.clock.monotonic() + 3, lambda: _ignore(shop.apply(case, action, version))))
            raise OutcomeUnknown("no answer in time", case=case.id)
        applied = shop.apply(case, action, version)
        if shop.chance.draw("resend"):
            shop.apply(case, action, version)
        if shop.chance.draw("drop_after"):
            raise OutcomeUnknown("the answer was lost", case=case.id)
        if not applied:
            raise CaseMoved("VERSION_CHANGED", case=case.id)

    async def close(self) -> None:
        return


def _ignore(_: object) -> None:
    """A late request has nobody left to hear its answer."""


class Look:
    """One way through the model's list, the newest application first, `PAGE` rows a page; the world goes on between pages."""

    def __init__(self, shop: ModelShop, progress: Callable[[int, int], None]) -> None:
        self._shop = shop
        self._progress = progress
        self._rows: dict[str, Row] = {}
        self._met = 0
        self._totals: set[int] = set()

    def all_of_it(self) -> bool:
        """To the last page; whether nothing moved meanwhile."""
        number = 0
        while self._page(number) and self._more(number):
            number += 1
        return self._still and len(self._rows) in self._totals

    def newest(self, known: frozenset[str]) -> bool:
        """To the first page without an unknown row; whether that tells all."""
        number = 0
        while not known.issuperset(self._page(number)) and self._more(number):
            number += 1
        return self._still and self._totals == {len(known | self._rows.keys())}

    def listing(self, *, whole: bool, passes: int = 1) -> Listing:
        rows = tuple(self._rows.values())
        return Listing(rows=rows, printed_total=len(rows), passes=passes, unreadable=(), whole=whole)

    def _more(self, number: int) -> bool:
        return (number + 1) * PAGE < max(self._totals)

    @property
    def _still(self) -> bool:
        return len(self._totals) == 1 and self._met == len(self._rows)

    def _page(self, number: int) -> list[str]:
        if number:
            self._shop.between_pages()
        self._shop.tick()
        self._shop.pages += 1
        pending = [case for case in self._shop.cases.values() if case.state is CaseState.WAIT_SELLER]
        pending.sort(key=lambda case: (case.applied_at, case.id), reverse=True)
        shown = pending[number * PAGE : (number + 1) * PAGE]
        self._rows |= {case.id: _row(snapshot_of(case, self._shop.clock.now())) for case in shown}
        self._met += len(shown)
        self._totals.add(len(pending))
        self._progress(len(self._rows), len(pending))
        return [case.id for case in shown]


class ModelFloor:
    """ShopFloor over the model; it is its own session and refund desk."""

    limits = PictureLimits(max_bytes=130_000, max_count=3, media_types=frozenset({"image/png"}))

    def __init__(self, shop: ModelShop) -> None:
        self._shop = shop
        self.session = self
        self.refunds = self
        self.renewals = 0

    async def ensure(self) -> None:
        return

    async def sight(self) -> Sight:
        return Sight()

    async def present(self) -> bool:
        return True

    async def await_person(self, timeout_s: float) -> bool:
        return False

    def now(self) -> datetime:
        return self._shop.clock.now()

    async def renew(self) -> None:
        self.renewals += 1

    def type_of(self, row: Row) -> AftersaleType | None:
        snapshot = snapshot_of(self._shop.cases[row.key.aftersale_id], self._shop.clock.now())
        return snapshot.type.value if isinstance(snapshot.type, Known) else None

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        glance = Look(self._shop, progress)
        if known is not None and glance.newest(known):
            return glance.listing(whole=False)
        passes = 1
        while not (look := Look(self._shop, progress)).all_of_it():
            passes += 1
        return look.listing(whole=True, passes=passes)

    async def open(self, case: CaseKey) -> ModelPage:
        await asyncio.sleep(0)
        self._shop.opened.append(case.aftersale_id)
        return ModelPage(self._shop, self._shop.cases[case.aftersale_id])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


def _row(snapshot: Snapshot) -> Row:
    return Row(
        key=snapshot.key,
        order_id=snapshot.order_id,
        amount=snapshot.amount,
        type_text="",
        state_text="",
        deadline_at=snapshot.deadline.at if snapshot.deadline else None,
        applied_at=snapshot.applied_at,
    )


class MemoryFailures:
    """FailureBook that remembers."""

    def __init__(self) -> None:
        self.kept: list[tuple[Failure, Sight]] = []

    def keep(self, failure: Failure, sight: Sight) -> str:
        self.kept.append((failure, sight))
        return failure.case_id


class MemoryEvidence:
    """EvidenceStore that keeps any bytes and finds an empty inbox."""

    def __init__(self) -> None:
        self._kept: dict[Sha256, bytes] = {}

    def put(self, data: bytes, kind: EvidenceKind, origin: str) -> Evidence:
        sha256 = Sha256(hashlib.sha256(data).hexdigest())
        self._kept[sha256] = data
        of = {"media_type": "image/png", "size": len(data), "width": 1, "height": 1}
        return Evidence(sha256=sha256, kind=kind, origin=origin, taken_at=START, **of)

    def get(self, sha256: Sha256) -> bytes:
        return self._kept[sha256]

    async def fit(self, evidence: Evidence, limits: PictureLimits) -> Evidence:
        assert evidence.size <= limits.max_bytes
        return evidence

    async def stack(self, parts: Sequence[Evidence], kind: EvidenceKind, origin: str) -> Evidence:
        return self.put(b"".join(self.get(part.sha256) for part in parts), kind, origin)

    async def inbox(self, order_id: str) -> tuple[Evidence, ...]:
        return ()


class ModelCourier:
    """CourierDesk over the model: returns are signed for, everything else is on the road."""

    def __init__(self, shop: ModelShop) -> None:
        self._shop = shop

    async def trails(self, waybills: Sequence[str]) -> Mapping[str, Fact[Trail]]:
        await asyncio.sleep(0)
        return {number: self._trail(number) for number in waybills}

    def _trail(self, waybill: str) -> Fact[Trail]:
        case = self._shop.cases.get(waybill.removeprefix("W"))
        if case is None:
            return Unknown(why="fact.courier.no_such_waybill", source=Source.COURIER, raw=waybill)
        signed = case.kind in {"return", "worn"}
        status = ParcelStatus.SIGNED if signed else ParcelStatus.IN_TRANSIT
        node = TrailNode(at=START - timedelta(hours=20), city="上海", status="已揽收", text="已揽收")
        trail = Trail(
            waybill=waybill,
            courier="顺达",
            status=known(status, Source.COURIER),
            origin_city="上海",
            destination_city="杭州",
            picked_up_weight_g=400,
            arrival_weight_g=None,
            created_at=START - timedelta(days=1),
            signer=known(SignerKind.BUYER, Source.COURIER) if signed else None,
            sign_city="杭州" if signed else "",
            intercept=known(case.intercept, Source.COURIER),
            nodes=(node,),
            seen_at=self._shop.clock.now(),
        )
        return known(trail, Source.COURIER)

    async def picture(self, waybill: str) -> bytes:
        return b""
