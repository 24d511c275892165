"""What the office reads out of a home's books for one page each: shops, cases, budgets, alarms, the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bot.app.books import budget_status, liability_status
from bot.app.policies import Decided
from bot.config import Home, Settings, Shop
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO
from bot.domain.outcome import CaseStatus
from bot.engine.policy import Policy
from bot.ledger import Anchor, Finding
from bot.ledger import audit as audit_ledger
from bot.ledger.office import OfficeReader
from bot.ports.ledger import BudgetLine
from bot.ports.office_views import AuditView, Breach, BudgetView, CaseFile, RunLine, ShopView
from bot.ports.wanted import PostureName
from bot.scheduler.regime import Season, in_force, schedule_of


def posture_now(settings: Settings, shop: Shop, moment: datetime) -> tuple[PostureName, Season]:
    """How far the schedule's sweeps go in this shop at that moment of the PC's clock, and by which part of it."""
    regime = in_force(schedule_of(settings, shop.key), moment)
    return regime.posture or shop.posture, regime.season


def shop_view(
    reader: OfficeReader, settings: Settings, shop: Shop, counts: Mapping[CaseStatus, int], moment: datetime
) -> ShopView:
    """Where a shop of the settings stands at that moment of the PC's clock."""
    run = reader.newest_run(shop.key)
    posture, season = posture_now(settings, shop, moment)
    return ShopView(
        key=shop.key,
        name=shop.name,
        posture=posture,
        usual="" if posture == shop.posture else shop.posture,
        season=season,
        verbs=shop.verbs,
        counts=dict(counts),
        breaker=reader.breaker(shop.key),
        open_intents=len(reader.open_intents(shop.key)),
        resting=reader.resting(shop.key),
        last_run=RunLine(
            id=run.id,
            opened_at=run.opened_at,
            closed_at=run.closed_at,
            posture=run.posture,
            summary=dict(run.summary),
        )
        if run
        else None,
        liability=liability_status(shop.liability) if shop.liability else None,
    )


def case_file(
    reader: OfficeReader, case: CaseKey, policy: Policy, shop: Shop | None, posture: PostureName
) -> CaseFile | None:
    """A case's whole story with the policies that decided it; `posture` is the one in force in its shop."""
    story = reader.story(case)
    if story is None:
        return None
    decided, hashes = Decided(reader, policy), {one.decision.policy_hash for one in story.decisions}
    return CaseFile(
        line=story.line,
        trails=story.decisions[-1].trails if story.decisions else {},
        decisions=story.decisions,
        events=story.events,
        intents=story.intents,
        policy=policy,
        kept={one: by for one in hashes if (by := decided.by(one)) is not None},
        shop_name=shop.name if shop else str(case.shop),
        posture=posture,
        verbs=shop.verbs if shop else (),
        under_way=reader.under_way(case),
    )


def budget_lines(reader: OfficeReader, home: Home, day: str) -> tuple[BudgetView, ...]:
    """Budgets of the day with their caps, every shop's own also where nothing moved yet; a strategy has its name."""
    names = {one.id: one.name for one in home.policy.strategies}
    moved = reader.budgets(day)
    known = {one.shop for one in moved if one.scope == "shop"}
    still = (BudgetLine(day, shop.key, "shop", ZERO, ZERO) for shop in home.settings.shop if shop.key not in known)
    lines = (budget_status(home, line) for line in (*moved, *still))
    return tuple(BudgetView(line=line, name=names.get(line.scope.partition(":")[2], "")) for line in lines)


def audited(reader: OfficeReader, evidence: Path, anchor: tuple[int, str] | None, now: datetime) -> AuditView:
    """Hash chain and invariants over the whole ledger."""
    found = audit_ledger(reader.engine, evidence, anchor=Anchor(*anchor) if anchor else None)
    breaches: dict[str, list[Breach]] = {name: [] for name in found.checked}
    for one in found.findings:
        breaches.setdefault(one.invariant, []).append(_breach(one))
    return AuditView(
        ok=found.ok,
        events=found.events,
        head=found.head.hash,
        at=now,
        checks=tuple((name, tuple(rows)) for name, rows in breaches.items()),
        notes=tuple(map(_breach, found.notes)),
    )


def _breach(found: Finding) -> Breach:
    return Breach(row=found.row, reason=found.reason)
