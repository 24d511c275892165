"""A candidate's word on a case beside the live policy's: told, kept, compared, never acted on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Plan, Shadow
from bot.domain.facts import Fact
from bot.domain.history import History
from bot.domain.money import ZERO, Money
from bot.engine.facts import gather
from bot.engine.policy import Policy
from bot.engine.reasons import explain
from bot.engine.ruling import rule, stand_all


class ShadowBook:
    """What a candidate would have spent itself, by strategy and day: the first time a strategy of it takes a case, and never again.

    Where it would have paid, the case would be over, whatever the live policy makes of it; so nothing is given back.
    """

    def __init__(self, told: Iterable[tuple[str, Shadow]] = ()) -> None:
        """`told`: its words of earlier sweeps by after-sale id, in their order."""
        self._taken: dict[str, dict[str, tuple[str, Money]]] = defaultdict(dict)
        self._sums: dict[str, dict[str, Money]] = defaultdict(dict)
        for case, shadow in told:
            self.take(case, shadow)

    def take(self, case: str, shadow: Shadow) -> None:
        """One more word of the candidate."""
        if shadow.takes is None or shadow.strategy in self._taken[case]:
            return
        self._taken[case][shadow.strategy] = shadow.day, shadow.takes
        sums = self._sums[shadow.day]
        sums[shadow.strategy] = sums.get(shadow.strategy, ZERO) + shadow.takes

    def spent(self, case: str, day: str) -> dict[str, Money]:
        """Its sums of the day, without what this very case took: it is judged anew."""
        sums = dict(self._sums.get(day, {}))
        for strategy, (on, takes) in self._taken.get(case, {}).items():
            if on == day:
                sums[strategy] -= takes
        return sums


def shadow_of(
    snapshot: Snapshot,
    trails: Mapping[str, Fact[Trail]],
    policy: Policy,
    now: datetime,
    history: History,
    live: Decision,
    book: ShadowBook,
) -> Shadow:
    """What `policy` would have done where `live` was decided; a rule of it that raises harms nobody (S19).

    Caps of the day are the candidate's own: `book` has what it would have spent, and is told of this case too.
    """
    case = snapshot.key.aftersale_id
    try:
        own = history.model_copy(update={"spent": book.spent(case, history.day)})
        told = _told(snapshot, trails, policy, now, own, live)
    except Exception:  # noqa: BLE001 - S19: the live policy's work goes on whatever a candidate does
        return Shadow(policy_hash=policy.hash, verb=Verb.HOLD, reason="hold.broken", agrees=live.verb is Verb.HOLD)
    book.take(case, told)
    return told


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
        day=history.day,
        takes=_takes(policy, plan, snapshot.amount),
    )
    return told.model_copy(update={"agrees": _same(told, live)})


def _takes(policy: Policy, plan: Plan | None, claim: Money) -> Money | None:
    """What the plan takes from the day's cap of its strategy, as the live policy's would (bot/engine/strategies.py)."""
    strategy = policy.by_id[plan.strategy] if plan else None
    if plan is None or strategy is None or getattr(strategy, "cap_day", None) is None:
        return None
    return plan.amount or plan.max_fee or strategy.takes(claim)


def _same(told: Shadow, live: Decision) -> bool:
    """The same verb for the same sum; of holds, both a wait or both a person's."""
    plan, head = live.plan, live.reasons[0].code if live.reasons else ""
    sums = (plan.amount or plan.max_fee) if plan else None
    return (told.verb, told.amount, told.reason.startswith("wait.")) == (live.verb, sums, head.startswith("wait."))
