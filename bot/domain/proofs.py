"""What a proof must show, by what it is to prove (domain.md 33 to 35), and how a picture stood when it was held against that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.action import ComplaintScene, RefusalReason
from bot.domain.base import Frozen, Sha256


class Demand(StrEnum):
    """One fact that has to be seen on the pictures of a proof."""

    WAYBILL = "waybill"
    RETURN_WAYBILL = "return_waybill"
    SIGNED = "signed"
    SIGNED_AT = "signed_at"
    ON_THE_WAY = "on_the_way"
    LATEST_AT = "latest_at"
    CITY = "city"
    WEIGHT = "weight"
    COUNTED = "counted"
    GOODS = "goods"


_D = Demand

OF_REFUSAL: Mapping[RefusalReason, tuple[Demand, ...]] = {
    RefusalReason.SIGNED_FOR: (_D.WAYBILL, _D.SIGNED, _D.SIGNED_AT, _D.CITY),
    RefusalReason.IN_TRANSIT: (_D.WAYBILL, _D.ON_THE_WAY, _D.LATEST_AT, _D.CITY),
    RefusalReason.EMPTY_RETURN: (_D.RETURN_WAYBILL, _D.WEIGHT, _D.COUNTED),
    RefusalReason.RETURN_DAMAGED: (_D.RETURN_WAYBILL,),
    RefusalReason.RETURN_NOT_RECEIVED: (_D.RETURN_WAYBILL,),
}
"""As 查看示例 lists them on the refusal page. That the parcel is seen being opened (开箱画面) no reader of text can tell."""

OF_COMPLAINT: Mapping[ComplaintScene, tuple[Demand, ...]] = {
    ComplaintScene.FALSE_RETURN: (_D.RETURN_WAYBILL, _D.WEIGHT),
    ComplaintScene.SHORT_RETURN: (_D.RETURN_WAYBILL, _D.COUNTED),
    ComplaintScene.REFUND_WITHOUT_RETURN: (_D.WAYBILL, _D.SIGNED),
    ComplaintScene.FALSE_PROOF: (_D.GOODS,),
    ComplaintScene.FREIGHT_INSURANCE: (_D.RETURN_WAYBILL,),
}


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """What is known of the case, to hold pictures against; empty where nobody says, and then it is not demanded.

    Weights in grams. `ids`: numbers of the case that are no waybills. `weights_g`: of the parcel that came back; `other_weights_g`:
    of what went out. `moments`: every scan of the forward parcel, newest first; `until`: when the courier was asked.
    """

    waybill: str = ""
    return_waybill: str = ""
    ids: frozenset[str] = frozenset()
    weights_g: frozenset[int] = frozenset()
    other_weights_g: frozenset[int] = frozenset()
    signed_at: datetime | None = None
    moments: tuple[datetime, ...] = ()
    until: datetime | None = None
    city: str = ""
    counted: int | None = None
    goods: tuple[str, ...] = ()


class Against(Frozen):
    """Something on a picture that speaks against what it is to prove."""

    demand: Demand
    wanted: str
    seen: str


class ProofStanding(StrEnum):
    """How one picture stood. PART: it speaks against nothing and shows some of what is demanded, or none."""

    OK = "ok"
    PART = "part"
    CONTRADICTS = "contradicts"
    UNREADABLE = "unreadable"
    USED = "used"


class Judgement(Frozen):
    """What one picture shows, lacks, and says against the case.

    `unsure`: what could not be read for certain. `read`: numbers, weights and moments as they stood there.
    """

    standing: ProofStanding
    shown: tuple[Demand, ...] = ()
    missing: tuple[Demand, ...] = ()
    against: tuple[Against, ...] = ()
    unsure: tuple[str, ...] = ()
    read: tuple[str, ...] = ()


class ProofLook(Judgement):
    """One picture, read and judged.

    `print`: its perceptual hash (`bot.domain.pictures`). `used_for`: the case that it served before. `sent`: whether it is among
    the pictures to be uploaded.
    """

    sha256: Sha256
    print: str = ""
    used_for: str = ""
    sent: bool = False


class ProofCheck(Frozen):
    """What was read of the pictures for one act, and what came of it: `outcome` is "proof.ok" or the code of the refusal."""

    demands: tuple[Demand, ...]
    outcome: str
    looks: tuple[ProofLook, ...]


class Served(Frozen):
    """Another case that a picture like this one was proof of; `same`: the very same bytes."""

    aftersale_id: str
    same: bool
