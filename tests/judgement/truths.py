"""What a perfect detector would have said, from the simulator's hidden truth; None where the question makes no sense for a case.

The truth is what happened, not what could be seen: a fraud with the right weight counts as missed by whoever did not see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType

from simulator.scenarios.labels import EMPTY_PERCENT, FASTEST_HOP, TOLERANCE_G, TOLERANCE_PERCENT
from simulator.scenarios.texts import THREATS
from simulator.world.buyers import expected_weight_g
from simulator.world.model import Case, CaseType, GoodsStatus, Parcel, ParcelState
from simulator.world.store import Store

Truth = Callable[[Case, Store], bool | None]
INSURED = frozenset({"insurance_fraud", "insurance_harvest"})


def _back(case: Case, store: Store) -> Parcel | None:
    return store.parcels.get(case.backward or "")


def _of_return(holds: Callable[[Case, Parcel], bool]) -> Truth:
    """A question about a parcel that came back; cases without one are not asked."""

    def truth(case: Case, store: Store) -> bool | None:
        parcel = _back(case, store)
        return None if parcel is None else holds(case, parcel)

    return truth


def _weighs_wrong(case: Case, parcel: Parcel) -> bool:
    expected, weight = expected_weight_g(case), case.inbound.weight_g or parcel.pickup_weight_g
    if expected is None or weight is None:
        return False
    return abs(weight - expected) > max(TOLERANCE_G, expected * TOLERANCE_PERCENT // 100)


def _is_empty(case: Case, parcel: Parcel) -> bool:
    expected, weight = expected_weight_g(case), parcel.pickup_weight_g
    light = expected is not None and weight is not None and weight * 100 <= expected * EMPTY_PERCENT
    return light and case.truth.sent_back == "nothing"


def _odd_road(case: Case, parcel: Parcel) -> bool:
    """By archetype where the scenario made it so, by the missing pick-up or the wrong city elsewhere."""
    nodes = parcel.nodes
    hops = pairwise(nodes)
    return (
        case.truth.archetype == "return_loop"
        or any(one.city != after.city and after.at - one.at < FASTEST_HOP for one, after in hops)
        or all(node.state is not ParcelState.PICKED_UP for node in nodes)
        or (parcel.state is ParcelState.SIGNED and parcel.signed_city != case.return_city)
    )


def _borrowed(case: Case, store: Store) -> bool | None:
    parcel = _back(case, store)
    if parcel is None:
        return None
    return bool(case.truth.names) or parcel.created_at < case.applied_at


def _shipped_after_all(case: Case, _store: Store) -> bool | None:
    return None if case.type is not CaseType.REFUND_UNSHIPPED else case.truth.goods_at != "warehouse"


def _received_after_all(case: Case, store: Store) -> bool | None:
    parcel = store.parcels.get(case.order.forward or "")
    asked = case.goods_status is GoodsStatus.NOT_RECEIVED and parcel is not None and parcel.state is ParcelState.SIGNED
    return case.truth.goods_at == "buyer" if asked else None


def _reused_picture(case: Case, store: Store) -> bool | None:
    if not case.pictures:
        return None
    mine = {picture.sha for picture in case.pictures}
    others = (other for other in store.cases.values() if other is not case and other.applied_at < case.applied_at)
    return any(mine & {picture.sha for picture in other.pictures} for other in others)


def _of_archetype(*names: str) -> Truth:
    return lambda case, _store: case.truth.archetype in names


TRUTHS: Mapping[str, Truth] = MappingProxyType(
    {
        "weight_anomaly": _of_return(_weighs_wrong),
        "trail_anomaly": _of_return(_odd_road),
        "empty_parcel": _of_return(_is_empty),
        "short_count": _of_return(lambda case, _: case.truth.sent_back == "short"),
        "swapped": _of_return(lambda case, _: case.truth.sent_back == "other"),
        "borrowed_waybill": _borrowed,
        "shipped_after_all": _shipped_after_all,
        "received_after_all": _received_after_all,
        "reused_picture": _reused_picture,
        "duplicate_refund": lambda case, _store: bool(case.order.refunds) or case.truth.archetype == "second_claim",
        "serial_claimant": _of_archetype("serial_claimant"),
        "extortion": lambda case, _store: any(threat in case.words for threat in THREATS),
        "order_burst": _of_archetype("revenge_orders"),
        "rival": _of_archetype("competitor_ring"),
        "freight_insurance": lambda case, _store: case.truth.archetype in INSURED and case.truth.intent == "fraud",
    }
)
"""By the detector's name."""


class Tally:
    """Answers beside truths, one pair a case and detector: the last look counts, which knew most."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[str, bool]] = {}

    def note(self, case: Case, store: Store, answers: Mapping[str, str]) -> None:
        """What was said of a case at one look."""
        for name, answer in answers.items():
            truth = TRUTHS[name](case, store) if name in TRUTHS else None
            if truth is not None:
                self._last[case.aftersale_id, name] = answer, truth

    def counts(self) -> Counter[str]:
        """How often, by 「detector/answer/truth」."""
        return Counter(f"{name}/{answer}/{truth}" for (_, name), (answer, truth) in self._last.items())


def figures(counts: Counter[str]) -> list[tuple[str, int, int, float | None, float | None, float]]:
    """For each detector: cases asked, cases true, precision, recall, share of unknown; None where nothing was said or true."""
    return [_figures(name, counts) for name in TRUTHS if any(key.startswith(f"{name}/") for key in counts)]


def _figures(name: str, counts: Counter[str]) -> tuple[str, int, int, float | None, float | None, float]:
    def of(answer: str, truth: bool) -> int:
        return counts[f"{name}/{answer}/{truth}"]

    asked = sum(of(answer, truth) for answer in ("yes", "no", "unknown") for truth in (True, False))
    true = sum(of(answer, True) for answer in ("yes", "no", "unknown"))
    said = of("yes", True) + of("yes", False)
    unknown = of("unknown", True) + of("unknown", False)
    precision = of("yes", True) / said if said else None
    recall = of("yes", True) / true if true else None
    return name, asked, true, precision, recall, unknown / asked
