"""Status and audit: the ledger read, counted and checked, without a browser."""

from __future__ import annotations

from collections import defaultdict

from bot.app import autonomy
from bot.app.pulse import next_runs, service_status
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock
from bot.config import FileKillSwitch, Home, Shop
from bot.config.settings import LiabilityFigures
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.engine import liability
from bot.ledger import Finding, SqlReader
from bot.ledger import audit as audit_ledger
from bot.ports.exits import ExitCode
from bot.ports.ledger import BudgetLine
from bot.ports.notifier import Alarm, Notifier, Urgency
from bot.ports.results import AuditResult, Check
from bot.ports.status import BudgetStatus, LiabilityStatus, ShopStatus, StatusResult

LAST_RUNS = 10
"""As many as fit under the tables of `status`."""


async def status(home: Home) -> StatusResult:
    """Cases by state, budgets of today (Asia/Shanghai), brakes. Raises LedgerError."""
    day = SystemClock().now().date().isoformat()
    service = service_status(home.files)
    frame = {
        "home": str(home.path),
        "day": day,
        "stopped": FileKillSwitch(home.files.stop).engaged(),
        "service": service,
        "next_runs": next_runs(home.files, service),
    }
    if not home.files.ledger.exists():
        return StatusResult(**frame, shops=tuple(_fresh(shop) for shop in home.settings.shop), budgets=())
    with SqlReader(home.files.ledger) as reader:
        return StatusResult(
            **frame,
            shops=tuple(_shop(reader, shop) for shop in home.settings.shop),
            budgets=tuple(budget_status(home, line) for line in reader.budgets(day)),
            last_runs=tuple(reader.runs(LAST_RUNS)),
            missed_runs=reader.missed_runs(LAST_RUNS),
            autonomy=tuple(autonomy.standing(reader, home.policy)),
        )


async def audit(home: Home) -> AuditResult:
    """Hash chain and invariants over the whole ledger. Raises LedgerError."""
    if not home.files.ledger.exists():
        return AuditResult(ok=True, events=0, head="", checks=())
    catalogue = Catalogue(language_of(home.settings.language))
    with SqlReader(home.files.ledger) as reader:
        found = audit_ledger(reader.engine, home.files.evidence)
    breaches: dict[str, list[str]] = defaultdict(list)
    for finding in found.findings:
        breaches[finding.invariant].append(_told(finding, catalogue))
    checks = tuple(
        Check(id=name, title=catalogue.text_of(f"invariant.{name}"), breaches=tuple(breaches[name]))
        for name in dict.fromkeys((*found.checked, *breaches))
    )
    return AuditResult(
        ok=found.ok,
        events=found.events,
        head=found.head.hash,
        checks=checks,
        notes=tuple(_told(note, catalogue) for note in found.notes),
        exit_code=ExitCode.DONE if found.ok else ExitCode.LEDGER,
    )


def _told(finding: Finding, catalogue: Catalogue) -> str:
    return f"{finding.row}: {catalogue.text(finding.reason)}"


def _fresh(shop: Shop) -> ShopStatus:
    frame = {"shop": str(shop.key), "name": shop.name, "posture": shop.posture, "verbs": shop.verbs}
    return ShopStatus(**frame, cases={}, liability=liability_status(shop.liability) if shop.liability else None)


def liability_status(said: LiabilityFigures) -> LiabilityStatus:
    """The figures of the settings, projected (domain.md 37, 38)."""
    own, left = said.own, said.cases_left
    rate = None if own.rate is None else f"{float(own.rate):.3f}"
    return LiabilityStatus(rate=rate, cases=own.cases, cases_left=left, near=left is not None and liability.near(left))


def takeover(shop: Shop) -> Reason | None:
    """What a sweep tells of it, before it happens: the takeover is on, or so few more liable cases start it."""
    status = liability_status(shop.liability) if shop.liability else None
    if status is None or not status.near:
        return None
    params = {"rate": str(status.rate), "cases": str(status.cases), "left": str(status.cases_left)}
    return Reason(code="takeover.near" if status.cases_left else "takeover.on", params=params)


def warn_of_takeover(notifier: Notifier, shop: Shop) -> None:
    """An alarm before it happens, so that a person may still turn a few cases (domain.md 38)."""
    if reason := takeover(shop):
        notifier.notify(Alarm(urgency=Urgency.WARN, shop=shop.key, reason=reason))


def _shop(reader: SqlReader, shop: Shop) -> ShopStatus:
    return _fresh(shop).model_copy(
        update={
            "cases": {str(name): count for name, count in reader.counts().get(shop.key, {}).items()},
            "breaker": reader.breaker(shop.key),
            "shadow": reader.shadow(shop.key),
            "open_intents": len(reader.open_intents(shop.key)),
            "resting": reader.resting(shop.key),
        }
    )


def budget_status(home: Home, line: BudgetLine) -> BudgetStatus:
    """The cap that the settings or the policy set for this scope; orders are bounded by what was paid."""
    limits = home.settings.limits
    kind, _, name = line.scope.partition(":")
    of_strategy: Money | None = getattr(home.policy.by_id.get(name), "cap_day", None)
    cap = {
        "shop": limits.shop_day,
        "buyer": limits.buyer_day,
        "strategy": of_strategy,
        "agreed": of_strategy,
    }.get(kind)
    return BudgetStatus(
        shop=str(line.shop),
        scope=line.scope,
        posted_fen=line.posted.fen,
        pending_fen=line.pending.fen,
        cap_fen=cap.fen if cap else None,
    )
