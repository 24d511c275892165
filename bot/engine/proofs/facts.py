"""What is known of a case that a proof can be held against: its parcels' numbers, scans and weights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.facts import Fact, Known
from bot.domain.proofs import ProofFacts
from bot.engine.proofs import wording


def proof_facts(snapshot: Snapshot, trails: Mapping[str, Fact[Trail]]) -> ProofFacts:
    """From the pages that the decision was made on; what a courier does not say stays empty."""
    out, back = snapshot.forward, snapshot.returned
    forward = _trail(trails, out.waybill if out else "")
    returned = _trail(trails, back.waybill if back else "")
    record = snapshot.warehouse
    signed_at = _signed_at(forward)
    goods = [one.weight_g for one in snapshot.goods]
    return ProofFacts(
        waybill=out.waybill if out else "",
        return_waybill=back.waybill if back else "",
        ids=frozenset({snapshot.order_id, snapshot.key.aftersale_id}),
        weights_g=_some(_weights(returned), record.inbound_weight_g if back else None),
        other_weights_g=_some(_weights(forward), record.outbound_weight_g, *goods),
        signed_at=signed_at,
        moments=tuple(node.at for node in forward.nodes) if forward else (),
        until=forward.seen_at if forward else None,
        city=_city(forward, signed=signed_at is not None),
        counted=record.counted if back else None,
        goods=tuple(one.name for one in snapshot.goods),
    )


def _trail(trails: Mapping[str, Fact[Trail]], waybill: str) -> Trail | None:
    fact = trails.get(waybill)
    return fact.value if isinstance(fact, Known) else None


def _weights(trail: Trail | None) -> tuple[int | None, ...]:
    return (trail.picked_up_weight_g, trail.arrival_weight_g) if trail else ()


def _some(*groups: tuple[int | None, ...] | int | None) -> frozenset[int]:
    flat = [one for group in groups for one in (group if isinstance(group, tuple) else (group,))]
    return frozenset(one for one in flat if one is not None)


def _signed_at(trail: Trail | None) -> datetime | None:
    """The newest scan that says so, whoever took it."""
    nodes = trail.nodes if trail else ()
    return next((node.at for node in nodes if _says_signed(node.status)), None)


def _says_signed(status: str) -> bool:
    found = wording.SIGNED.search(wording.NOT_SIGNED.sub("|", status)) or wording.SIGNED_BY_ANOTHER.search(status)
    return found is not None


def _city(trail: Trail | None, *, signed: bool) -> str:
    if trail is None:
        return ""
    return (trail.sign_city if signed else "") or (trail.nodes[0].city if trail.nodes else "")
