"""Small policies for single claims, and changes to the shipped one."""

from __future__ import annotations

import copy
from typing import Any

from bot.engine.policy import Policy, parse_policy
from tests.unit.engine.builders import shipped_policy_data

REFUND: dict[str, Any] = {"verb": "agree_refund", "active": True, "max_amount": "2000.00"}
REFUSE: dict[str, Any] = {
    "verb": "refuse",
    "active": True,
    "refusal": "signed_for",
    "message": "已签收",
    "proofs": ["trail"],
}
SIGNED_FOR: dict[str, Any] = {"goods": ["not_received"], "parcel": ["signed"]}
PAID_BEFORE: dict[str, Any] = {"duplicate": True}
"""Grounds of a refusal: the buyer has what he says he has not; the order was paid back before."""
RETURN: dict[str, Any] = {"verb": "agree_return", "active": True, "max_amount": "2000.00"}
INTERCEPT: dict[str, Any] = {"verb": "intercept", "active": True, "max_fee": "20.00", "max_fee_percent": 30}
REMARK: dict[str, Any] = {"verb": "remark", "active": True, "remark": "看一下"}
HOLD: dict[str, Any] = {"verb": "hold"}
WAIT: dict[str, Any] = {"verb": "hold", "waits": True}


def strategy(base: dict[str, Any], name: str, when: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A strategy that takes every pending case unless `when` says otherwise."""
    return {"id": name, "name": name, **base, "when": when or {"state": ["wait_seller"]}, **changes}


def policy_of(*strategies: dict[str, Any], **parameters: Any) -> Policy:
    return parse_policy({"name": "test", "parameters": parameters, "strategy": list(strategies)})


def shipped_but(**parameters: Any) -> dict[str, Any]:
    """The shipped policy's data with other parameters."""
    data = copy.deepcopy(dict(shipped_policy_data()))
    data["parameters"].update(parameters)
    return data
