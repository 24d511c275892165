"""What else a sweep of the model shop is handed: a courier, and stores that only remember."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.domain.base import Sha256
from bot.domain.courier import ParcelStatus, SignerKind, Trail, TrailNode
from bot.domain.evidence import Evidence, EvidenceKind, PictureLimits
from bot.domain.facts import Fact, Source, Unknown
from bot.errors import Sight
from bot.ports.failures import Failure
from tests.simulation.model_shop import ModelShop, known
from tests.simulation.model_world import START


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
