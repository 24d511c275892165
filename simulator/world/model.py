"""The nouns of the simulated world: shops, orders, goods, parcels, after-sale cases and what happened to them.

Money is integer fen, weights are grams, times are aware datetimes in Asia/Shanghai. `None` means that nobody has
measured or recorded the value; pages print it as 「—」 or 「无」. Static nouns are frozen, living ones are mutable and only
changed by the modules of this package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from simulator.world.dealings import Complaint, Offer, Pause
from simulator.world.kinds import (
    DIFFERENCES,
    FINISHED,
    FOR_SELLER,
    REFUND_ONLY,
    SERVICES,
    Button,
    CaseState,
    CaseType,
    Challenge,
    ComplaintScene,
    ComplaintState,
    DeadlineAction,
    GoodsStatus,
    InterceptState,
    OfferState,
    ParcelState,
    Role,
    ShipStatus,
    Verb,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")

__all__ = [
    "DIFFERENCES",
    "FINISHED",
    "FOR_SELLER",
    "REFUND_ONLY",
    "SERVICES",
    "SHANGHAI",
    "Account",
    "Actor",
    "Button",
    "BuyerRecord",
    "Case",
    "CaseState",
    "CaseType",
    "Challenge",
    "Complaint",
    "ComplaintScene",
    "ComplaintState",
    "DeadlineAction",
    "Effect",
    "Goods",
    "GoodsStatus",
    "Inbound",
    "Intercept",
    "InterceptState",
    "NegotiationEntry",
    "Offer",
    "OfferState",
    "Order",
    "Outbound",
    "Parcel",
    "ParcelState",
    "Pause",
    "Picture",
    "PlannedScan",
    "PriceProtection",
    "Proof",
    "RefundRecord",
    "Remark",
    "ReturnAddress",
    "Role",
    "ShipStatus",
    "Shop",
    "TrailNode",
    "Truth",
    "Verb",
]


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """One address of the shop to which returns may go."""

    address_id: str
    city: str
    text: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant's shop on a platform; couriers outside `contract_couriers` cannot be asked to intercept.

    `negotiates`: it has 售后协商工具, which only part of the merchants have (domain.md 28). `rows_linger`: old rows of its list
    sometimes stay for seconds after a page was turned (domain.md 3.1).
    """

    shop_id: str
    platform: str
    name: str
    return_addresses: tuple[ReturnAddress, ...]
    contract_couriers: frozenset[str]
    phone: str = "138****6621"
    list_in_frame: bool = False
    rows_linger: bool = False
    sign_in_challenge: Challenge | None = None
    sms_from_fen: int = 300_000
    negotiates: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """A sub-account of a shop: `rights` are the verbs it may use (item 23), `also` the other shops it may switch to."""

    name: str
    password: str
    shop_id: str
    rights: frozenset[Verb]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something; `label` is what the effects log shows."""

    label: str
    shop_id: str
    rights: frozenset[Verb]


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of an order; `weight_g` is grams a piece, None where the shop never weighed it."""

    title: str
    spec: str
    price_fen: int
    quantity: int
    weight_g: int | None


@dataclass(frozen=True, slots=True)
class PriceProtection:
    """The price-protection box; None = 「—」."""

    ordered_fen: int | None = None
    current_fen: int | None = None
    owed_fen: int | None = None


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """Money that went back to the buyer of an order earlier; `kind` is the platform's word for it."""

    at: datetime
    kind: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class BuyerRecord:
    """After-sales of this buyer in this shop within 90 days, and how many of them the shop refused."""

    after_sales: int = 0
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class Outbound:
    """What the warehouse wrote when the parcel left; `at` None = it has not left."""

    at: datetime | None = None
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """What the warehouse wrote when a return arrived; `at` None = nothing arrived."""

    at: datetime | None = None
    counted: int | None = None
    weight_g: int | None = None


@dataclass(slots=True, eq=False)
class Order:
    """What was bought. `forward` is a waybill number; `other_goods` travel in the same parcel and are not claimed."""

    order_id: str
    buyer: str
    receiver_city: str
    paid_fen: int
    list_price_fen: int
    paid_at: datetime
    ship_status: ShipStatus
    goods: tuple[Goods, ...]
    refunded_fen: int = 0
    forward: str | None = None
    other_goods: tuple[str, ...] = ()
    service_tags: tuple[str, ...] = ()
    price_protection: PriceProtection = PriceProtection()
    outbound: Outbound = Outbound()
    refunds: list[RefundRecord] = field(default_factory=list)
    buyer_record: BuyerRecord = BuyerRecord()


@dataclass(frozen=True, slots=True)
class TrailNode:
    """One scan of a parcel."""

    at: datetime
    city: str
    state: ParcelState
    text: str


@dataclass(frozen=True, slots=True)
class PlannedScan:
    """A scan that will happen; `signer` and `proof` matter for signatures only."""

    at: datetime
    city: str
    state: ParcelState
    signer: str = ""
    proof: str = ""


@dataclass(slots=True)
class Intercept:
    """A request to bring a parcel back; `history` holds (time, state) of every step."""

    state: InterceptState
    requested_at: datetime
    fee_fen: int
    reason: str = ""
    history: list[tuple[datetime, InterceptState]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Parcel:
    """A waybill as the courier knows it; `nodes` are oldest first. `fee_fen` is what an intercept would cost.

    `signer` is empty while nobody signed; `proof` is the courier's proof of signature (locker code, photo …).
    `shop_lag` is how many of the newest nodes the shop's own page does not show yet.
    """

    waybill: str
    courier: str
    from_city: str
    to_city: str
    created_at: datetime
    state: ParcelState = ParcelState.NO_TRACE
    pickup_weight_g: int | None = None
    arrival_weight_g: int | None = None
    signer: str = ""
    signed_city: str = ""
    proof: str = ""
    fee_fen: int = 800
    shop_lag: int = 0
    nodes: list[TrailNode] = field(default_factory=list)
    intercept: Intercept | None = None
    plan: list[PlannedScan] = field(default_factory=list)
    """What the courier is going to do, unless an intercept changes it; nobody sees it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A buyer's picture, drawn lazily; `sha` names it under /img/<sha>.png."""

    sha: str
    caption: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A file the seller uploaded to a refusal; `sha256` is the hash of its bytes, `index` counts from 1."""

    sha256: str
    index: int
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class NegotiationEntry:
    """One line of 协商记录; `pictures` are sha256 of proofs shown with it."""

    at: datetime
    role: Role
    text: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """The seller's own note; buyers do not see it."""

    at: datetime
    author: str
    text: str
    flag: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What really is the case; no page ever shows it, only the probe does.

    `owed_fen` is what the buyer deserves once the goods are where they belong; `goods_fen` is what the shop loses if
    the goods never come back; `goods_at` is warehouse, on_the_way, buyer, lost, returned or none (nothing to come
    back); `sent_back` is what a returned parcel really holds; `sends_back` says whether the buyer returns the goods
    when asked to; `intercept_works` whether the courier will manage; `invisible` marks frauds nobody could see; `names` is
    somebody else's waybill that the buyer will give for a return of his own.
    """

    archetype: str
    intent: str
    owed_fen: int
    goods_fen: int
    goods_at: str
    sent_back: str = ""
    sent_back_g: int | None = None
    sends_back: bool = True
    intercept_works: bool = True
    invisible: bool = False
    names: str = ""


@dataclass(slots=True, eq=False)
class Case:
    """One after-sale request. `reason` and `words` are the buyer's; `flags` are the platform's marks.

    `odd_words` replaces a printed word (keys `type`, `state`, `ship`) by one that nobody has seen before (archetype 23).
    `urged` = the buyer pressed for an answer; `proof_demanded` = the refusal page shows the marker text (item 31).
    """

    aftersale_id: str
    shop_id: str
    order: Order
    type: CaseType
    state: CaseState
    version: int
    goods_status: GoodsStatus
    amount_fen: int
    reason: str
    quantity: int
    applied_at: datetime
    truth: Truth
    deadline_at: datetime | None = None
    deadline_action: DeadlineAction | None = None
    words: str = ""
    pictures: tuple[Picture, ...] = ()
    flags: tuple[str, ...] = ()
    urged: bool = False
    proof_demanded: bool = False
    backward: str | None = None
    return_city: str = ""
    inbound: Inbound = Inbound()
    odd_words: dict[str, str] = field(default_factory=dict)
    negotiation: list[NegotiationEntry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    paused: Pause | None = None
    complaint: Complaint | None = None
    complaint_proofs: list[Proof] = field(default_factory=list)
    applications: int = 1
    """How often the buyer has applied: one who was refused may edit the claim and apply again (domain.md 2.2)."""
    refused_in: CaseState | None = None
    """Where the newest refusal fell; who applies again comes back there."""
    background: bool = False
    """A row of the shop's history that fills the list; not one of the N cases of the scenario."""


@dataclass(slots=True)
class Effect:
    """One change of the world; `requests` counts the POSTs that asked for it (F17)."""

    seq: int
    at: datetime
    actor: str
    verb: Verb
    aftersale_id: str
    amount_fen: int
    evidence: tuple[str, ...] = ()
    requests: int = 1
