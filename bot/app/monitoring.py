"""策略监控: the hits of the ledger through the five filters of the platform's own page, with totals by day (domain.md 51)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from bot.app.policies import Decided
from bot.config import Home
from bot.config.picks import scene_of
from bot.engine.policy import Policy
from bot.ledger import Hit, SqlReader
from bot.ledger.reader import Reading
from bot.ports.monitor import HitFilters, HitLine, HitTotal, MonitorResult


async def monitor(home: Home, since: date, filters: HitFilters) -> MonitorResult:
    """What strategies did from that business day on.

    Raises:
        ConfigError: no such scene; the nearest is named.
        LedgerError.
    """
    if not home.files.ledger.exists():
        scene_of(filters.scene)
        return MonitorResult(since=since.isoformat(), hits=(), totals=())
    with SqlReader(home.files.ledger) as reader:
        return monitored(reader, home.policy, since, filters)


def monitored(reader: Reading, policy: Policy, since: date, filters: HitFilters) -> MonitorResult:
    """The same of an open ledger; `policy` names the strategies of today. Raises ConfigError, LedgerError."""
    wanted = filters.model_copy(update={"scene": scene_of(filters.scene)})
    found = told(reader.hits(since), policy, Decided(reader, policy))
    lines = tuple(line for line in found if passes(line, wanted))
    return MonitorResult(since=since.isoformat(), hits=lines, totals=tuple(totals(lines)))


def passes(line: HitLine, filters: HitFilters) -> bool:
    """All filters that are set fit; a strategy is named by its id or a part of its name, a reason by a part of its text."""
    asked = ((filters.scene, line.scene), (filters.case, line.aftersale_id), (filters.order, line.order_id))
    named = filters.strategy in {"", line.strategy} or filters.strategy in line.name
    return named and filters.reason in line.reason and all(wanted in {"", has} for wanted, has in asked)


def told(hits: Iterable[Hit], policy: Policy, decided: Decided) -> Iterator[HitLine]:
    """Hits with the name that their strategy has today, or had, and with the scene in which it decided."""
    for hit in hits:
        by = _by(hit, decided)
        today = policy.by_id.get(hit.strategy)
        then = by.by_id.get(hit.strategy) if by else None
        named = today or then
        yield HitLine(
            day=hit.day,
            at=hit.at,
            shop=str(hit.case.shop),
            aftersale_id=hit.case.aftersale_id,
            order_id=hit.order_id,
            scene=by.scene_of.get(hit.strategy, "") if by else "",
            strategy=hit.strategy,
            name=named.name if named else hit.strategy,
            verb=hit.verb,
            reason=hit.reason,
            asked_fen=hit.asked.fen,
            posted_fen=hit.posted.fen,
            pending_fen=hit.pending.fen,
            mark=hit.mark or "",
        )


def _by(hit: Hit, decided: Decided) -> Policy | None:
    """The policy that decided; where that is not known, the newest one that has the strategy."""
    if hit.policy and (by := decided.by(hit.policy)) is not None:
        return by
    return next((one for one in decided.all() if hit.strategy in one.by_id), None)


def totals(lines: Iterable[HitLine]) -> Iterator[HitTotal]:
    """One sum a day, shop and strategy, in the order of the days."""
    found: dict[tuple[str, str, str], list[HitLine]] = defaultdict(list)
    for line in lines:
        found[line.day, line.shop, line.strategy].append(line)
    for (day, shop, strategy), of_one in sorted(found.items()):
        yield HitTotal(
            day=day,
            shop=shop,
            scene=of_one[0].scene,
            strategy=strategy,
            name=of_one[0].name,
            cases=len({line.aftersale_id for line in of_one}),
            posted_fen=sum(line.posted_fen for line in of_one),
            pending_fen=sum(line.pending_fen for line in of_one),
        )
