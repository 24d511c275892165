"""The report of a sweep: one offline HTML file and the same as a workbook, in the home's reports folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.app.policies import Decided
from bot.app.wiring import House
from bot.domain.courier import Trail
from bot.domain.decision import Reason
from bot.domain.facts import Fact
from bot.domain.ids import CaseKey, RunId
from bot.engine.policy import Policy
from bot.errors import LedgerError
from bot.ports.notifier import Alarm, Urgency
from bot.ports.results import ShopSweep
from bot.report import ShopRun, build


def write_report(house: House, results: Mapping[RunId, ShopSweep]) -> Path | None:
    """Tell what the runs did; None where there is nothing to tell, or (with an alarm) no disk to tell it on.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    runs = tuple(_runs(house, results))
    if not runs:
        return None
    try:
        return build(runs, house.evidence.get, house.catalogue, house.home.files.reports, house.clock.now())
    except OSError as error:
        # the sweep itself is done and booked: a full disk must not make it look failed
        reason = Reason(code="report.not_written", params={"detail": str(error)})
        house.notifier.notify(Alarm(urgency=Urgency.WARN, shop=house.home.settings.shop[0].key, reason=reason))
        return None


def _runs(house: House, results: Mapping[RunId, ShopSweep]) -> Iterator[ShopRun]:
    """A shop that could not even be entered has no run in the ledger: its section only says why."""
    for run, sweep in results.items():
        try:
            frame = house.ledger.run(run)
        except LedgerError as error:
            if error.reason_code != "error.ledger.missing":
                raise
            now = house.clock.now()
            yield ShopRun(run, sweep, house.home.policy, house.home.policy.hash, now, now, ())
        else:
            lines = house.ledger.lines(run)
            yield ShopRun(
                run=run,
                sweep=sweep,
                policy=house.home.policy,
                policy_hash=frame.policy_hash,
                opened_at=frame.opened_at,
                closed_at=frame.closed_at,
                lines=lines,
                trails=_trails(house, run),
                kept=_kept(house, {frame.policy_hash, *(one.decision.policy_hash for one in lines if one.decision)}),
            )


def _kept(house: House, hashes: Iterable[str]) -> Mapping[str, Policy]:
    """The policies that decided in the run, as far as the ledger has them: the file may have changed while it went on (F52)."""
    decided = Decided(house.ledger, house.home.policy)
    return {one: policy for one in hashes if (policy := decided.by(one)) is not None}


def _trails(house: House, run: RunId) -> Mapping[CaseKey, Mapping[str, Fact[Trail]]]:
    """Of several decisions on a case the last one is the one that its line tells."""
    return {judged.decision.case: judged.trails for judged in house.ledger.decisions(run)}
