"""What a refusal or a complaint may rest on: what happened, never who the buyer is (domain.md 5: "raise evidence bar, never sole ground")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.action import RefusalReason
from bot.domain.case import GoodsStatus
from bot.domain.courier import ParcelStatus
from bot.domain.decision import ProofKind
from bot.engine.asking import Condition, Detected
from bot.engine.claim import ClaimGround
from bot.engine.detectors import OF_THE_BUYER
from bot.engine.parcel import TAKEN

PROOF_OF: Mapping[RefusalReason, ProofKind] = {
    RefusalReason.SIGNED_FOR: ProofKind.TRAIL,
    RefusalReason.IN_TRANSIT: ProofKind.TRAIL,
    RefusalReason.EMPTY_RETURN: ProofKind.WEIGHTS,
    RefusalReason.RETURN_DAMAGED: ProofKind.INBOX,
    RefusalReason.RETURN_NOT_RECEIVED: ProofKind.WEIGHTS,
}
"""What proves each reason (domain.md 33, 34): a refusal names it, and it is gathered when the platform demands proof."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The values of a condition that speak against a claim: what is asked lies inside one of `kinds`.

    `against`: the claim that they speak against, as a condition and its values; it has to be asked too. That a parcel was
    signed for says nothing against a buyer who complains of what was in it.
    """

    kinds: tuple[frozenset[Any], ...]
    against: tuple[str, frozenset[Any]] | None = None


P = ParcelStatus
_YES, _NO = Telling((frozenset({True}),)), Telling((frozenset({False}),))
_NOT_RECEIVED = ("goods", frozenset({GoodsStatus.NOT_RECEIVED}))
_ON_THE_ROAD = frozenset({P.PICKED_UP, P.IN_TRANSIT, P.OUT_FOR_DELIVERY})

INCRIMINATING: Mapping[str, Telling] = {
    "duplicate": _YES,
    "difference_matches": _NO,
    "no_reason_excluded": Telling(_YES.kinds, ("ground", frozenset({ClaimGround.NO_REASON}))),
    "parcel": Telling((frozenset({P.SIGNED}), _ON_THE_ROAD), _NOT_RECEIVED),
    "signer": Telling((frozenset(TAKEN),), _NOT_RECEIVED),
    "sign_city_matches": Telling(_YES.kinds, _NOT_RECEIVED),
    "signed_before_claim": Telling(_YES.kinds, _NOT_RECEIVED),
    "came_back_fits": _NO,
    "return_parcel": Telling((frozenset({P.NO_SCAN}), frozenset({P.RETURNING, P.RETURNED_SIGNED, P.REJECTED}))),
    "return_waybill_new": _NO,
    "return_origin_matches": _NO,
    "return_city_matches": _NO,
    "return_trail_sound": _NO,
    "counted_fits": _NO,
    "return_weight_fits": _NO,
    "return_empty": _YES,
}
"""By the condition's name; whatever is not here is true of honest cases too: that goods were sent, what they cost, a mark.

Free expressions are not here: nobody can list what they admit, so they may narrow a refusal and never be its ground.
"""


def proves(condition: Condition, beside: Iterable[Condition]) -> bool:
    """It holds only where something about the parcel, the return, the money or the goods speaks against the claim.

    `beside`: all conditions of the strategy.
    """
    if isinstance(condition, Detected):
        return condition.name == "detected" and OF_THE_BUYER.isdisjoint(condition.wanted)
    telling = INCRIMINATING.get(condition.name)
    return (
        telling is not None
        and any(_values(condition) <= kind for kind in telling.kinds)
        and (telling.against is None or any(_claims(one, *telling.against) for one in beside))
    )


def _claims(condition: Condition, name: str, values: frozenset[Any]) -> bool:
    return condition.name == name and _values(condition) <= values


def _values(condition: Condition) -> frozenset[Any]:
    wanted = condition.wanted
    return frozenset(wanted) if isinstance(wanted, tuple) else frozenset({wanted})


def proven(conditions: Iterable[Condition]) -> bool:
    """A refusal's ground: something that happened, whatever else is asked."""
    asked = tuple(conditions)
    return any(proves(one, asked) for one in asked)


def gives_cause(conditions: Iterable[Condition]) -> bool:
    """A complaint's ground: something that happened, or a threat in this very case; his record elsewhere is none."""
    asked = tuple(conditions)
    return proven(asked) or any(one.name == "threat" and one.wanted is True for one in asked)
