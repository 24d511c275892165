"""`refundpilot demo`: a simulated back end, one real sweep of it, and a judge that holds the ledger against the server's own log."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.app.simulated import running
from bot.app.sweeping import run_sweep
from bot.config import Home, load_home, read_sandbox, sandbox_address, write_home
from bot.domain.action import Verb, proofs_sent
from bot.domain.decision import Reason
from bot.domain.ids import RunId
from bot.domain.money import Money
from bot.errors import RefundPilotError
from bot.ledger import SqlReader
from bot.ports.exits import ExitCode, worst
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import DemoOptions, DemoResult, SweepResult
from bot.ports.wanted import Wanted
from bot.runner.orders import STOPPED_BY_HAND

MANY_RUNS = 100
"""More than the shops of any scenario: the demo's home has one run a shop."""

Deed = tuple[str, str, int, tuple[str, ...]]
"""One effect as both sides tell it: after-sale id, verb, fen moved, proofs by content hash."""


async def run_demo(options: DemoOptions, progress: Progress, stop: StopSignal) -> DemoResult:
    """Sweep a fresh simulator in posture `act` and compare afterwards; exit code 0 only when ledger and simulator agree.

    Raises:
        RefundPilotError: the simulator or the browser does not start, or the simulator is gone before the end.
    """
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-demo-"))
    told = ["--port", "0", "--scenario", "mixed", "--seed", str(options.seed), "--cases", str(options.cases)]
    log = folder / "simulator.log"
    async with running(told, log) as ready:
        sandbox = read_sandbox((await _get(sandbox_address(ready["url"]), log)).content)
        write_home(folder, sandbox, posture="act")
        result = await run_sweep(_home(folder, options), Wanted(), progress, stop)
        effects = (await _get(f"{ready['probe']}/effects", log)).json()
    done = Counter(_effect(effect) for effect in effects if effect["actor"].startswith("seller:"))
    with SqlReader(folder / "ledger.db") as reader:
        booked = Counter(deed for run in reader.runs(MANY_RUNS) for deed in _booked(reader, run))
    return _result(result, folder, done, booked)


async def _get(address: str, log: Path) -> httpx.Response:
    # a proxy of the PC is for the world outside, not for our own simulator
    async with httpx.AsyncClient(timeout=30, trust_env=False) as web:
        try:
            return (await web.get(address)).raise_for_status()
        except httpx.HTTPError as error:
            told = f"{type(error).__name__}: {error}"
            raise RefundPilotError(told, page=str(log), raw=address, code="demo.simulator_gone") from error


def _home(folder: Path, options: DemoOptions) -> Home:
    home = load_home(folder)
    browser = home.settings.browser.model_copy(update={"headed": options.headed})
    return replace(home, settings=home.settings.model_copy(update={"browser": browser}))


def _effect(effect: Mapping[str, Any]) -> Deed:
    return (effect["aftersale_id"], effect["verb"], effect["amount_fen"], tuple(sorted(effect["evidence"])))


def _booked(reader: SqlReader, run: RunId) -> Iterator[Deed]:
    for line in reader.lines(run):
        for intent, receipt in line.receipts:
            proofs = tuple(sorted(proofs_sent(intent.action)))
            yield (line.case.aftersale_id, intent.action.verb, receipt.amount.fen, proofs)


def differences(done: Counter[Deed], booked: Counter[Deed]) -> tuple[Reason, ...]:
    """What only one of the two knows, and what the server did more than once; empty when both tell the same story."""
    only_done = [_told("demo.only_done", deed) for deed in (done - booked).elements()]
    only_booked = [_told("demo.only_booked", deed) for deed in (booked - done).elements()]
    # an offer is told by its sum: a case may get several, each larger than the last
    keys = Counter((case, verb, fen if verb == Verb.NEGOTIATE else 0) for case, verb, fen, _ in done.elements())
    twice = [_told("demo.twice", (case, verb, fen, ())) for (case, verb, fen), count in keys.items() if count > 1]
    return tuple(only_done + only_booked + twice)


def _told(code: str, deed: Deed) -> Reason:
    case, verb, fen, proofs = deed
    told = {"case": case, "verb": verb, "amount": str(Money(fen)), "proofs": ", ".join(one[:8] for one in proofs)}
    return Reason(code=code, params=told | {"proofs": told["proofs"] or "—"})


def _result(result: SweepResult, folder: Path, done: Counter[Deed], booked: Counter[Deed]) -> DemoResult:
    told = differences(done, booked)
    stopped = _stopped(result)
    verbs: Counter[str] = Counter()
    for shop in result.shops:
        verbs.update(shop.acted)
    return DemoResult(
        cases=sum(shop.seen for shop in result.shops),
        effects=done.total(),
        mismatches=len(told),
        differences=told,
        held=sum(shop.held for shop in result.shops),
        waiting=sum(shop.waiting for shop in result.shops),
        failed=sum(shop.failed for shop in result.shops),
        unknown=sum(shop.unknown for shop in result.shops),
        foreign=sum(shop.foreign for shop in result.shops),
        refunded_fen=sum(shop.refunded_fen for shop in result.shops),
        verbs=dict(verbs),
        report=result.report,
        seconds=round(sum(shop.seconds for shop in result.shops), 3),
        home=str(folder),
        stopped=stopped,
        exit_code=_exit_code(result, agreed=not told, finished=stopped is None),
    )


def _stopped(result: SweepResult) -> Reason | None:
    """Why it was left early; a sweep without a shop was stopped by hand before the first one."""
    why = [shop.stopped for shop in result.shops if shop.stopped]
    if not result.shops or any(one.code == STOPPED_BY_HAND for one in why):
        return Reason(code="demo.stopped")
    return next(iter(why), None)


def _exit_code(result: SweepResult, *, agreed: bool, finished: bool) -> ExitCode:
    """DONE for a whole sweep on which both agree, however many cases it held."""
    if not agreed:
        return worst([result.exit_code, ExitCode.HELD])
    return ExitCode.DONE if finished else max(result.exit_code, ExitCode.HELD)
