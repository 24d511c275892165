"""Which of the pending cases a sweep was asked for: by what the list shows, and once more by what the case's page shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, Row, Snapshot
from bot.domain.decision import Decision, Reason
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.engine.policy import Policy
from bot.engine.scenes import Scene, types_of
from bot.ports.wanted import EVERYTHING, Pick, Shown


def listed(row: Row, kind: AftersaleType | None, pick: Pick) -> bool:
    """As far as the list can tell; `kind` is None where its word for the type is not known. A scene's own facts are on the page."""
    return (
        named(row.key, pick)
        and _sum_and_time(row.amount, row.deadline_at, pick)
        and (not pick.scenes or kind is None or any(kind in types_of(Scene(scene)) for scene in pick.scenes))
    )


def named(case: CaseKey, pick: Pick) -> bool:
    """By its id, or by the whole key where ids of several shops are meant."""
    return pick.ids is None or case.aftersale_id in pick.ids or str(case) in pick.ids


def unlisted(case: CaseKey, pick: Pick) -> bool:
    """A case that waits and is not in the list is looked at when nothing was picked, or when it was picked by name."""
    return pick == EVERYTHING or (pick.ids is not None and named(case, pick))


def missing(pick: Pick, known: Iterable[CaseKey]) -> tuple[str, ...]:
    """Ids that were asked for and that none of these cases has."""
    if pick.ids is None:
        return ()
    return tuple(sorted(pick.ids - {name for case in known for name in (case.aftersale_id, str(case))}))


def passed_over(snapshot: Snapshot, decision: Decision, policy: Policy, pick: Pick) -> Reason | None:
    """Why an action is not done in this sweep after all: the page shows a case that was not asked for. None: it was.

    Nor was one asked for that is decided otherwise by now than a person was shown. A scene has a case when the strategy that decided it is one of that scene's. A hold or a wait is no action, and stays one.
    """
    if decision.verb is Verb.HOLD:
        return None
    deadline = snapshot.deadline.at if snapshot.deadline else None
    if not _sum_and_time(snapshot.amount, deadline, pick):
        return Reason(code="pick.other_now", params={"amount": str(snapshot.amount)})
    scene = policy.scene_of.get(decision.plan.strategy, "") if decision.plan else ""
    if pick.scenes and scene not in pick.scenes:
        return Reason(code="pick.other_scene")
    if pick.shown is not None and shown(snapshot, decision) not in pick.shown:
        return Reason(code="pick.not_as_shown")
    return None


def shown(snapshot: Snapshot, decision: Decision) -> Shown:
    """What a person is shown of a case that was decided; the sum is the claim where the action names none."""
    plan = decision.plan
    return Shown(
        case=str(snapshot.key),
        verb=decision.verb,
        amount=(plan and plan.amount) or snapshot.amount,
        max_fee=plan.max_fee if plan else None,
    )


def _sum_and_time(amount: Money, deadline: datetime | None, pick: Pick) -> bool:
    return (
        (pick.at_least is None or amount >= pick.at_least)
        and (pick.at_most is None or amount <= pick.at_most)
        and (pick.deadline_before is None or (deadline is not None and deadline < pick.deadline_before))
    )
