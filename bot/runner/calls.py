"""Alarms that the work itself gives rise to: signs of abuse, holds close to their deadline, what will not be reached."""

from __future__ import annotations

from datetime import datetime

from bot.domain.base import SHANGHAI
from bot.domain.case import Snapshot
from bot.domain.decision import Answer, Decision, Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.engine.workplan import Forecast
from bot.ports.notifier import Alarm, Urgency

NEAR_HOLD = "hold.near"
NEAR_CASES = "cases.near"
LATE = "plan.late"


def risk(snapshot: Snapshot, decision: Decision) -> Alarm | None:
    """One for all signs of abuse in a case; None where there is none."""
    found = [finding.name for finding in decision.findings if finding.answer is Answer.YES]
    if not found:
        return None
    params = {"first": found[0].value, "count": str(len(found)), "detectors": ",".join(sorted(found))}
    return of_case(snapshot, Urgency.WARN, Reason(code="risk.found", params=params))


def of_case(snapshot: Snapshot, urgency: Urgency, reason: Reason) -> Alarm:
    """An alarm about a case that was read: what it is about, and until when."""
    deadline = snapshot.deadline.at if snapshot.deadline else None
    key = snapshot.key
    return Alarm(
        urgency=urgency,
        shop=key.shop,
        reason=reason,
        case_id=key.aftersale_id,
        amount=snapshot.amount,
        deadline=deadline,
    )


def near_hold(case: CaseKey, amount: Money | None, deadline: datetime) -> Alarm:
    """A case that waits for a person close to its deadline (I22); another deadline is another alarm."""
    until = f"{deadline.astimezone(SHANGHAI):%m-%d %H:%M}"
    return Alarm(
        urgency=Urgency.CALL,
        shop=case.shop,
        reason=Reason(code=NEAR_HOLD, params={"until": until}),
        case_id=case.aftersale_id,
        amount=amount,
        deadline=deadline,
    )


def near_cases(shop: ShopKey, forecast: Forecast) -> Alarm:
    """Open cases close to their deadline while no sweep looks at them (I22)."""
    return _of_cases(NEAR_CASES, shop, forecast)


def late(shop: ShopKey, forecast: Forecast) -> Alarm:
    """What the deadlines reach before the robot does, said while something can still be done."""
    return _of_cases(LATE, shop, forecast)


def _of_cases(code: str, shop: ShopKey, forecast: Forecast) -> Alarm:
    first = f"{forecast.first:%m-%d %H:%M}" if forecast.first else ""
    told = {"count": str(forecast.count), "amount": str(forecast.lost), "first": first}
    return Alarm(
        urgency=Urgency.CALL,
        shop=shop,
        reason=Reason(code=code, params=told),
        amount=forecast.lost,
        deadline=forecast.first,
    )
