"""The table of archetypes: row of docs/simulator.md, weight in `mixed`, expected label; and which scenario draws from which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from simulator.scenarios import claims, doubts, homecoming, patterns, rare, refunds, returns, rush, twins
from simulator.scenarios.maker import Maker
from simulator.world.model import Case

HOLD = "hold"
AGREE, RETURN, REFUSE, INTERCEPT, REMARK = "agree_refund", "agree_return", "refuse", "intercept", "remark"
ANY = "any"
"""The label is that of the row underneath (hostile text, invisible fraud)."""


@dataclass(frozen=True, slots=True)
class Archetype:
    """One kind of case; `label` is what the table of docs/simulator.md says about it at the start."""

    name: str
    row: int
    weight: float
    label: tuple[str, ...]
    build: Callable[[Maker, int], Case]


ARCHETYPES = (
    Archetype("unshipped_full", 1, 11, (AGREE,), refunds.unshipped_full),
    Archetype("unshipped_scanned", 2, 4, (INTERCEPT,), refunds.unshipped_scanned),
    Archetype("unshipped_out", 3, 2.5, (HOLD,), refunds.unshipped_out),
    Archetype("in_transit", 5, 9, (INTERCEPT,), refunds.in_transit),
    Archetype("unshipped_partial", 4, 2, (HOLD,), refunds.unshipped_partial),
    Archetype("returned", 7, 4, (AGREE,), homecoming.returned),
    Archetype("transit_blocked", 6, 4.5, (HOLD,), refunds.transit_blocked),
    Archetype("signed_for", 9, 8, (REFUSE,), refunds.signed_for),
    Archetype("returning", 8, 2, (HOLD,), homecoming.returning),
    Archetype("small_received", 11, 4, (AGREE,), refunds.small_received),
    Archetype("signed_unclear", 10, 3, (HOLD,), refunds.signed_unclear),
    Archetype("small_in_transit", 11, 3, (AGREE, INTERCEPT), refunds.small_in_transit),
    Archetype("quality_pictures", 14, 3, (HOLD,), refunds.quality_pictures),
    Archetype("difference_due", 12, 8, (AGREE, REMARK), claims.difference_due),
    Archetype("difference_wrong", 13, 2.5, (HOLD,), claims.difference_wrong),
    Archetype("return_wanted", 15, 9, (RETURN,), returns.return_wanted),
    Archetype("return_not_due", 16, 3, (HOLD,), returns.return_not_due),
    Archetype("return_whole", 17, 7, (AGREE,), returns.return_whole),
    Archetype("return_doubtful", 19, 4.5, (HOLD,), doubts.return_doubtful),
    Archetype("return_empty", 18, 3, (REFUSE,), returns.return_empty),
    Archetype("threat", 20, 1.2, (HOLD,), claims.threat),
    Archetype("serial_claimant", 20, 1.2, (HOLD,), claims.serial_claimant),
    Archetype("invisible", 21, 2.5, (ANY,), claims.invisible),
    Archetype("duplicate_payment", 20, 1.4, (HOLD,), claims.duplicate_payment),
    Archetype("amount_drift", 20, 1.2, (HOLD,), claims.amount_drift),
    Archetype("hostile_text", 22, 2.5, (ANY,), claims.hostile_text),
    Archetype("false_proof", 20, 1, (HOLD,), claims.false_proof),
    Archetype("insurance_fraud", 20, 1, (HOLD,), claims.insurance_fraud),
    Archetype("competitor_ring", 20, 1, (HOLD,), claims.competitor_ring),
    Archetype("platform_mark", 20, 1.2, (HOLD,), claims.platform_mark),
    Archetype("large_sum", 20, 1.2, (HOLD,), claims.large_sum),
    Archetype("service", 20, 2, (HOLD,), claims.service),
    Archetype("unknown_label", 23, 0.8, (HOLD,), claims.unknown_label),
    # 24 and on: drawn by `patterns` alone, so that the cases of every older scenario and seed stay as they are
    Archetype("return_loop", 24, 2, (HOLD,), patterns.return_loop),
    Archetype("return_too_fast", 25, 2, (HOLD,), patterns.return_too_fast),
    Archetype("return_far_station", 26, 2, (HOLD,), patterns.return_far_station),
    Archetype("number_passed_on", 27, 4, (ANY,), patterns.number_passed_on),
    Archetype("borrowed_picture", 28, 3, (HOLD,), patterns.borrowed_picture),
    Archetype("insurance_harvest", 29, 3, (RETURN,), patterns.insurance_harvest),
    Archetype("revenge_orders", 30, 4, (ANY,), patterns.revenge_orders),
    # 31 and on: in the places of a few cases of `abuse` and `patterns`, whose other cases stay as they are
    Archetype("game_order", 31, 1, (ANY,), rare.game_order),
    Archetype("second_claim", 32, 1, (HOLD,), rare.second_claim),
    Archetype("one_line_of_many", 33, 1, (ANY,), rare.one_line_of_many),
    Archetype("never_sent", 34, 1, (HOLD,), rare.never_sent),
    # 35: of a promotion day
    Archetype("nearly_there", 35, 8, (INTERCEPT,), rush.nearly_there),
    # 36: beside a parcel whose number differs in one digit
    Archetype("twin_waybill", 36, 6, (INTERCEPT,), twins.twin_waybill),
)
BY_NAME = {archetype.name: archetype for archetype in ARCHETYPES}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named world: which rows it draws from, which stand in for a few of its cases, and what is special about its shops."""

    name: str
    says: str
    rows: frozenset[int]
    rare: frozenset[int] = frozenset()
    in_frame: bool = False
    measures: bool = False
    """For measuring: the pages are the plain ones, whatever the seed."""
    challenge: bool = False
    limited: bool = False
    shops: int = 1
    one_login: bool = False
    """Each account may switch to the other shops (F60); else every shop has an account of its own and no more."""
    arrives: bool = False
    """Its cases come over a day, each at its application, instead of waiting all at the start."""
    more_of: Mapping[str, float] = field(default_factory=dict)
    """How many times as often as elsewhere it draws an archetype."""

    def pool(self) -> list[Archetype]:
        """What it draws from, each with its weight here."""
        drawn = (archetype for archetype in ARCHETYPES if archetype.row in self.rows)
        return [replace(one, weight=one.weight * self.more_of.get(one.name, 1)) for one in drawn]


BELONG_TOGETHER = frozenset({"number_passed_on", "borrowed_picture", "revenge_orders"})
"""Archetypes of which one case means something only beside the next."""

_ALL, _RARE = frozenset(range(1, 24)), frozenset(range(31, 35))
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("mixed", "every archetype", _ALL),
        Scenario("calm", "clear cases only", frozenset({1, 5, 7, 9, 11, 12, 15, 17, 18})),
        Scenario("unshipped", "nothing but clear agreements, for measuring", frozenset({1}), measures=True),
        Scenario("abuse", "every abuse pattern", frozenset({2, 3, 9, 10, 13, 18, 19, 20, 21}), _RARE),
        Scenario("intercept", "parcels on the way", frozenset({2, 3, 5, 6, 7, 8})),
        Scenario(
            "on_the_road",
            "parcels to bring back, one in six beside a twin whose number differs in one digit",
            frozenset({2, 5, 6, 36}),
            more_of={"in_transit": 2.5},
        ),
        Scenario("refusals", "claims to refuse, and those that only look so", frozenset({9, 10, 18, 19})),
        Scenario("returns", "returns wanted and returns arrived", frozenset({15, 16, 17, 18, 19, 21})),
        Scenario("frame", "the list inside an iframe", _ALL, in_frame=True),
        Scenario("challenge", "the sign-in asks for a person", _ALL, challenge=True),
        Scenario("limited", "a sub-account without the right to agree to refunds", _ALL, limited=True),
        Scenario("two-shops", "two shops with an account each", _ALL, shops=2, one_login=True),
        Scenario(
            "patterns",
            "abuse that no mark names, among honest twins",
            frozenset({9, 14, 15, 17, 18, *range(24, 31)}),
            _RARE,
        ),
        Scenario(
            "promotion_day",
            "618: cases come over the day, many cancellations and small sums, parcels that are nearly there",
            _ALL | {35},
            arrives=True,
            more_of={"unshipped_full": 3, "small_received": 2.5, "small_in_transit": 2, "in_transit": 1.3},
        ),
    )
}
