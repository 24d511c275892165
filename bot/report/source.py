"""What a report is made from: one run of one shop, as ledger, settings and sweep tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.evidence import Evidence
from bot.domain.facts import Fact, Known, Unknown
from bot.domain.ids import CaseKey, RunId
from bot.engine.facts import Facts, gather
from bot.engine.policy import Policy
from bot.ports.ledger import CaseLine
from bot.ports.results import ShopSweep


@dataclass(frozen=True, slots=True)
class ShopRun:
    """One run of one shop. Times in Asia/Shanghai; `closed_at` None where the run broke off.

    `trails`: the courier's word that each decision was made from. `policy`: the one of the home; `kept`: those by hash that
    decided in its place. Facts are told with their sources only where the very policy that decided is at hand.
    """

    run: RunId
    sweep: ShopSweep
    policy: Policy
    policy_hash: str
    opened_at: datetime
    closed_at: datetime | None
    lines: tuple[CaseLine, ...]
    trails: Mapping[CaseKey, Mapping[str, Fact[Trail]]] = field(default_factory=dict)
    kept: Mapping[str, Policy] = field(default_factory=dict)

    @property
    def acting(self) -> bool:
        """Whether clicks were allowed at all; else the report tells what would be done."""
        return self.sweep.acting

    @property
    def moment(self) -> datetime:
        """The newest moment on the shop's own clock (F36); what is left of a countdown is counted from here."""
        seen = [line.snapshot.seen_at for line in self.lines if line.snapshot]
        return max(seen, default=self.closed_at or self.opened_at)

    def decided_by(self, policy_hash: str) -> Policy | None:
        """The policy of that hash, if it is at hand."""
        return self.policy if policy_hash == self.policy.hash else self.kept.get(policy_hash)

    def facts(self, line: CaseLine) -> Facts | None:
        """What the decision rested on, gathered again from what the ledger kept; None without a decision of a policy at hand."""
        by = self.decided_by(line.decision.policy_hash) if line.decision else None
        if line.snapshot is None or line.decision is None or by is None:
            return None
        trails = self.trails.get(line.case, {})
        return gather(line.snapshot, trails, by.parameters, line.decision.decided_at, line.history)

    def pictures(self) -> Iterator[tuple[CaseLine, Evidence]]:
        """Every picture with its case."""
        return ((line, picture) for line in self.lines for picture in line.evidence)


def unknown_words(snapshot: Snapshot | None, trails: Mapping[str, Fact[Trail]]) -> tuple[str, ...]:
    """What the shop's page and the courier's portal show of a case and nobody has taught the robot, each once."""
    return tuple(dict.fromkeys((*(snapshot.unknown_labels if snapshot else ()), *_of_courier(trails))))


def _of_courier(trails: Mapping[str, Fact[Trail]]) -> Iterator[str]:
    for trail in trails.values():
        told = (trail.value.status, trail.value.signer, trail.value.intercept) if isinstance(trail, Known) else ()
        yield from (fact.raw for fact in told if isinstance(fact, Unknown) and fact.why == "unknown.label")
