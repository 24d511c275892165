"""The judgement: a pure function from (snapshot, courier's word, policy, now, history) to a decision that explains itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Finding, Flip, Plan, Reason, StrategyTrace
from bot.domain.facts import Fact
from bot.domain.history import UNASKED, History
from bot.engine.detectors import findings
from bot.engine.facts import gather
from bot.engine.flip import nearest_flip
from bot.engine.policy import Policy
from bot.engine.reasons import explain, trace
from bot.engine.ruling import Cause, Ruling, rule, stand_all
from bot.engine.standing import once_a_scene
from bot.engine.strategies import HoldStrategy

_CALLS = frozenset({Cause.STRATEGY, Cause.LATE})
_DETAIL = 200
"""Characters of an unexpected error that a reason quotes."""


def judge(
    snapshot: Snapshot,
    trails: Mapping[str, Fact[Trail]],
    policy: Policy,
    now: datetime,
    history: History = UNASKED,
) -> Decision:
    """Decide one case. `trails` holds the courier's word for `waybills_of(snapshot)`; `now` is in Asia/Shanghai.

    `history` is what the ledger knew by `now`: unasked, whatever needs it is unknown. Every strategy is
    evaluated; what is missing, in conflict, uncovered or broken holds the case (design.md 4.5, S19). The same arguments
    give the same decision, so that a replay of the stored snapshot proves it (I12). `reasons[0].code` starts with
    `decided.`, `hold.`, `wait.` or `not_pending.` (see `reasons.py`).
    """
    try:
        return _judged(snapshot, trails, policy, now, history)
    except Exception as error:  # noqa: BLE001 - S19: whatever goes wrong in judging, the case is held
        reason = Reason(code="hold.broken", params={"strategy": "engine", "detail": repr(error)[:_DETAIL]})
        return _decision(snapshot, policy, now, Verb.HOLD, (reason,))


def _judged(
    snapshot: Snapshot, trails: Mapping[str, Fact[Trail]], policy: Policy, now: datetime, history: History
) -> Decision:
    facts = gather(snapshot, trails, policy.parameters, now, history)
    standings = stand_all(facts, policy)
    ruling = rule(standings, facts, policy.parameters)
    return _decision(
        snapshot,
        policy,
        now,
        ruling.verb,
        explain(ruling, facts),
        plan=_versioned(ruling.plan, policy),
        traces=tuple(trace(standing, facts) for standing in once_a_scene(standings, policy.scene_of)),
        flip=nearest_flip(facts, policy, standings, ruling, now),
        found=findings(facts),
        owner=_owner(ruling),
    )


def _owner(ruling: Ruling) -> str:
    """Of several strategies that call a person, the first that names one."""
    holds = (one.strategy for one in ruling.standings if isinstance(one.strategy, HoldStrategy))
    return next((one.owner for one in holds if one.owner), "") if ruling.cause in _CALLS else ""


def _versioned(plan: Plan | None, policy: Policy) -> Plan | None:
    """A plan of a strategy that has to earn its autonomy says so, and which version of the strategy it was."""
    version = policy.earning.get(plan.strategy) if plan else None
    return plan.model_copy(update={"earned": version}) if plan and version else plan


def _decision(
    snapshot: Snapshot,
    policy: Policy,
    now: datetime,
    verb: Verb,
    reasons: tuple[Reason, ...],
    *,
    plan: Plan | None = None,
    traces: tuple[StrategyTrace, ...] = (),
    flip: Flip | None = None,
    found: tuple[Finding, ...] = (),
    owner: str = "",
) -> Decision:
    return Decision(
        case=snapshot.key,
        verb=verb,
        plan=plan,
        reasons=reasons,
        traces=traces,
        flip=flip,
        fingerprint=snapshot.fingerprint,
        policy_hash=policy.hash,
        decided_at=now,
        findings=found,
        owner=owner,
    )
