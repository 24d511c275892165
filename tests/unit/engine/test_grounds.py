"""Claims on the ground of a refusal (domain.md 5): what the page or the parcel shows, never the buyer's record alone."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from bot.domain.courier import ParcelStatus, SignerKind
from bot.engine.conditions import TESTS
from bot.engine.grounds import INCRIMINATING
from bot.errors import ConfigError
from tests.unit.engine.policies import REFUSE, SIGNED_FOR, policy_of, strategy

REFUSALS: list[tuple[dict[str, Any], bool]] = [
    ({"serial_buyer": True}, False),
    ({"clean_buyer": False, "type": ["refund_shipped"], "amount_over": "10.00"}, False),
    ({"threat": True, "goods": ["not_received"]}, False),
    ({"score_at_least": 50}, False),
    ({"detected": ["serial_claimant"]}, False),
    ({"detected": ["serial_claimant", "empty_parcel"]}, False),
    ({"detected": ["freight_insurance"], "not_detected": ["extortion"]}, False),
    ({"detected": ["empty_parcel"]}, True),
    ({"serial_buyer": True, "return_empty": True}, True),
    ({"score_at_least": 50, "goods": ["not_received"], "parcel": ["signed"], "signer": ["buyer"]}, True),
    ({"score_at_least": 50, "parcel": ["signed"], "signer": ["buyer"]}, False),
    ({"score_at_least": 50, "goods": ["received", "not_received"], "parcel": ["signed"]}, False),
    ({"score_at_least": 50, "goods": ["not_received"], "parcel": [one.value for one in ParcelStatus]}, False),
    ({"score_at_least": 50, "goods": ["not_received"], "parcel": ["no_scan"]}, False),
    ({"score_at_least": 50, "goods": ["not_received"], "signer": [one.value for one in SignerKind]}, False),
    ({"score_at_least": 50, "return_parcel": ["signed"], "stocked": False}, False),
    ({"score_at_least": 50, "no_reason_excluded": True}, False),
    ({"no_reason_excluded": True, "ground": ["no_reason"]}, True),
    ({"serial_buyer": True, "left_warehouse": True}, False),
    ({"serial_buyer": True, "scanned": True}, False),
    ({"clean_buyer": False, "duplicate": False}, False),
    ({"clean_buyer": False, "duplicate": True}, True),
    ({"serial_buyer": True, "sign_city_matches": False, "goods": ["not_received"]}, False),
    ({"serial_buyer": True, "return_empty": False}, False),
    ({"not_detected": ["empty_parcel"]}, False),
    ({"amount_over": "10.00"}, False),
    ({"platform_marked": True, "type": ["refund_shipped"]}, False),
    ({"serial_buyer": False, "type": ["refund_shipped"]}, False),
    ({"not_detected": ["serial_claimant"], "goods": ["received"]}, False),
]


@pytest.mark.parametrize(("when", "allowed"), REFUSALS)
def test_no_refusal_rests_on_who_the_buyer_is(when: dict[str, Any], *, allowed: bool) -> None:
    """domain.md 5: raise the bar for evidence, never the sole ground."""
    with nullcontext() if allowed else pytest.raises(ConfigError, match="never on the buyer's record"):
        policy_of(strategy(REFUSE, "no", when))


@pytest.mark.parametrize(
    "expression", ["serial_buyer and amount > 20", "serial_buyer or stocked", "stocked or not stocked", "counted == 0"]
)
def test_an_expression_is_no_ground_whatever_it_names(expression: str) -> None:
    """Nobody can list what it admits; it may narrow a refusal that has a ground."""
    with pytest.raises(ConfigError, match="never on the buyer's record"):
        policy_of(strategy(REFUSE, "no", expression=expression))
    assert policy_of(strategy(REFUSE, "no", SIGNED_FOR, expression=expression)).strategy


def test_every_incriminating_value_leaves_the_condition_another_answer() -> None:
    """A list that admits everything would be no ground: no kind is a whole enum, and every name is a condition."""
    for name, telling in INCRIMINATING.items():
        (kind,) = {type(value) for values in telling.kinds for value in values}
        every = {False, True} if kind is bool else set(kind)
        assert name in TESTS
        assert all(values < every for values in telling.kinds)
