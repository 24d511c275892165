"""A sweep that is asked to act, done once without hands: what it would do, and the errand that does exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.app.autonomy import trusted
from bot.app.sweeping import run_sweep
from bot.config import FileKillSwitch, Home, Shop
from bot.domain.action import Verb
from bot.domain.decision import Decision, Reason
from bot.domain.ids import RunId
from bot.domain.outcome import CaseStatus
from bot.engine.autonomy import Trust, unearned
from bot.ledger import SqlReader
from bot.ledger.reader import Reading
from bot.ports.ledger import CaseLine
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import DryRun, SweepResult, WouldDo
from bot.ports.wanted import Shown, Wanted
from bot.runner.picking import shown

_OBSERVED = "would.observe"


async def dry_run(home: Home, wanted: Wanted, progress: Progress, stop: StopSignal) -> DryRun:
    """Sweep in posture `observe`, whatever the shops' own is; raises as `run_sweep`.

    `then` picks the cases that are shown, by their whole keys, so that nothing else is touched; what else is pending waits for
    the next sweep. They are judged afresh by it, by the policy in force then; one that is decided otherwise than shown is left to
    the next sweep as well.
    """
    return seen(home, wanted, await run_sweep(home, without_hands(wanted), progress, stop))


def without_hands(wanted: Wanted) -> Wanted:
    """The same errand, only to look."""
    return wanted.model_copy(update={"posture": "observe"})


def seen(home: Home, wanted: Wanted, sweep: SweepResult) -> DryRun:
    """What `wanted` would do, by a sweep that only looked. Raises LedgerError."""
    shops = {str(shop.key): shop for shop in home.settings.shop}
    found: list[tuple[Shown, WouldDo]] = []
    if home.files.ledger.exists():
        with SqlReader(home.files.ledger) as reader:
            trust = trusted(reader, home.policy)
            for swept in sweep.shops:
                shop = shops[swept.shop]
                posture = wanted.posture or shop.posture
                lines = reader.lines(RunId(swept.run)) if swept.run else ()
                found += _would(lines, shop, posture, trust, _stopped(home, reader, shop))
    found.sort(key=lambda one: (-one[1].amount_fen, one[1].case))
    told = frozenset(one for one, _ in found)
    pick = wanted.pick.model_copy(update={"ids": frozenset(one.case for one in told), "shown": told})
    then = wanted.model_copy(update={"pick": pick})
    return DryRun(sweep=sweep, would=tuple(would for _, would in found), then=then, exit_code=sweep.exit_code)


def _would(
    lines: tuple[CaseLine, ...], shop: Shop, posture: str, trust: Mapping[str, Trust], stopped: Reason | None
) -> Iterator[tuple[Shown, WouldDo]]:
    for line in lines:
        decision, snapshot = line.decision, line.snapshot
        told = line.reasons[0].code if line.reasons else ""
        if decision is None or snapshot is None or line.status is not CaseStatus.DECIDED or told != _OBSERVED:
            continue
        one = shown(snapshot, decision)
        yield (
            one,
            WouldDo(
                case=one.case,
                aftersale_id=line.case.aftersale_id,
                verb=one.verb,
                amount_fen=one.amount.fen,
                deadline=line.deadline,
                why=decision.reasons[0],
                barred=_barred(decision, shop, posture, trust) or stopped,
            ),
        )


def _stopped(home: Home, reader: Reading, shop: Shop) -> Reason | None:
    """What nothing in this shop is clicked for: the kill switch, or its open breaker."""
    if FileKillSwitch(home.files.stop).engaged():
        return Reason(code="brake.kill")
    why = reader.breaker(shop.key)
    return Reason(code="brake.breaker", params={"detail": why}) if why else None


def _barred(decision: Decision, shop: Shop, posture: str, trust: Mapping[str, Trust]) -> Reason | None:
    """By the shop's posture, by its list of verbs, or because the strategy still has to earn its autonomy."""
    if posture != "act":
        return Reason(code=f"would.{posture}")
    if decision.verb not in map(Verb, shop.verbs):
        return Reason(code="brake.verb")
    return unearned(decision, trust)
