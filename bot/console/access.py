"""Who may do what (S17): one table, asked by every route before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.ports.office_views import Person, Role


class Deed(StrEnum):
    """What a route lets somebody do."""

    ENTER = "enter"
    LOOK = "look"
    STOP = "stop"
    RESUME = "resume"
    UNMASK = "unmask"
    DECIDE = "decide"
    SIGN = "sign"
    WITHDRAW = "withdraw"
    SWEEP = "sweep"
    CLOSE_BREAKER = "close_breaker"
    END_SIGN_IN = "end_sign_in"
    ACKNOWLEDGE = "acknowledge"
    TRY_POLICY = "try_policy"
    SAVE_POLICY = "save_policy"
    SWITCH_OFF = "switch_off"
    SWITCH_ON = "switch_on"
    REORDER = "reorder"
    EXPORT = "export"
    AUDIT = "audit"


RANK: Mapping[Role, int] = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.APPROVER: 2}
"""Each may do what those before it may."""

LEAST: Mapping[Deed, Role | None] = {
    Deed.ENTER: None,
    Deed.LOOK: Role.VIEWER,
    Deed.STOP: Role.VIEWER,
    Deed.AUDIT: Role.VIEWER,
    Deed.EXPORT: Role.OPERATOR,
    Deed.UNMASK: Role.OPERATOR,
    Deed.DECIDE: Role.OPERATOR,
    Deed.WITHDRAW: Role.OPERATOR,
    Deed.SWEEP: Role.OPERATOR,
    Deed.CLOSE_BREAKER: Role.OPERATOR,
    Deed.END_SIGN_IN: Role.OPERATOR,
    Deed.ACKNOWLEDGE: Role.OPERATOR,
    Deed.TRY_POLICY: Role.OPERATOR,
    Deed.SAVE_POLICY: Role.OPERATOR,
    Deed.SWITCH_OFF: Role.OPERATOR,
    Deed.SWITCH_ON: Role.APPROVER,
    Deed.REORDER: Role.APPROVER,
    Deed.RESUME: Role.APPROVER,
    Deed.SIGN: Role.APPROVER,
}
"""The least role of each deed; None: also somebody who has not come in yet. Stopping is everybody's; going on is not."""


def may(person: Person | None, deed: Deed) -> bool:
    """Whether this person may do that."""
    least = LEAST[deed]
    return least is None or (person is not None and RANK[person.role] >= RANK[least])
