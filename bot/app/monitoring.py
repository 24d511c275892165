"""策略监控: the hits of the ledger through the five filters of the platform's own page, with totals by day (domain.md 51)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from bot.config import Home
from bot.engine.policy import Policy
from bot.ledger import Hit, SqlReader
from bot.ports.results import HitFilters, HitLine, HitTotal, MonitorResult


async def monitor(home: Home, since: date, filters: HitFilters) -> MonitorResult:
    """What strategies did from that business day on. Raises LedgerError."""
    lines: tuple[HitLine, ...] = ()
    if home.files.ledger.exists():
        with SqlReader(home.files.ledger) as reader:
            lines = tuple(line for line in told(reader.hits(since), home.policy) if passes(line, filters))
    return MonitorResult(since=since.isoformat(), hits=lines, totals=tuple(totals(lines)))


def passes(line: HitLine, filters: HitFilters) -> bool:
    """All filters that are set fit; a strategy is named by its id or a part of its name, a reason by a part of its text."""
    asked = ((filters.scene, line.scene), (filters.case, line.aftersale_id), (filters.order, line.order_id))
    named = filters.strategy in {"", line.strategy} or filters.strategy in line.name
    return named and filters.reason in line.reason and all(wanted in {"", has} for wanted, has in asked)


def told(hits: Iterable[Hit], policy: Policy) -> Iterator[HitLine]:
    """Hits with the names and scenes that the policy gives their strategies today."""
    names: Mapping[str, str] = {one.id: one.name for one in policy.strategies}
    for hit in hits:
        yield HitLine(
            day=hit.day,
            at=hit.at,
            shop=str(hit.case.shop),
            aftersale_id=hit.case.aftersale_id,
            order_id=hit.order_id,
            scene=policy.scene_of.get(hit.strategy, ""),
            strategy=hit.strategy,
            name=names.get(hit.strategy, hit.strategy),
            verb=hit.verb,
            reason=hit.reason,
            asked_fen=hit.asked.fen,
            posted_fen=hit.posted.fen,
            pending_fen=hit.pending.fen,
            mark=hit.mark or "",
        )


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
