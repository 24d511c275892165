"""A candidate's word on a case beside the live policy's: told, kept, compared, never acted on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Shadow
from bot.domain.facts import Fact
from bot.domain.history import History
from bot.engine.facts import gather
from bot.engine.policy import Policy
from bot.engine.reasons import explain
from bot.engine.ruling import rule, stand_all


def shadow_of(
    snapshot: Snapshot,
    trails: Mapping[str, Fact[Trail]],
    policy: Policy,
    now: datetime,
    history: History,
    live: Decision,
) -> Shadow:
    """What `policy` would have done where `live` was decided; a rule of it that raises harms nobody (S19)."""
    try:
        return _told(snapshot, trails, policy, now, history, live)
    except Exception:  # noqa: BLE001 - S19: the live policy's work goes on whatever a candidate does
        return Shadow(policy_hash=policy.hash, verb=Verb.HOLD, reason="hold.broken", agrees=live.verb is Verb.HOLD)


def _told(
    snapshot: Snapshot,
    trails: Mapping[str, Fact[Trail]],
    policy: Policy,
    now: datetime,
    history: History,
    live: Decision,
) -> Shadow:
    facts = gather(snapshot, trails, policy.parameters, now, history)
    ruling = rule(stand_all(facts, policy), facts, policy.parameters)
    plan, reasons = ruling.plan, explain(ruling, facts)
    reason = reasons[0].code if reasons else ""
    told = Shadow(
        policy_hash=policy.hash,
        verb=ruling.verb,
        strategy=plan.strategy if plan else "",
        amount=(plan.amount or plan.max_fee) if plan else None,
        reason=reason,
    )
    return told.model_copy(update={"agrees": _same(told, live)})


def _same(told: Shadow, live: Decision) -> bool:
    """The same verb for the same sum; of holds, both a wait or both a person's."""
    plan, head = live.plan, live.reasons[0].code if live.reasons else ""
    sums = (plan.amount or plan.max_fee) if plan else None
    return (told.verb, told.amount, told.reason.startswith("wait.")) == (live.verb, sums, head.startswith("wait."))
