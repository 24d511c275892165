"""`refundpilot demo`: a simulated back end, one real sweep of it, and a judge that holds the ledger against the server's own log."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.app.sweeping import run_sweep
from bot.config import Home, load_home, read_sandbox, sandbox_address, write_home
from bot.domain.action import Verb, proofs_sent
from bot.domain.ids import RunId
from bot.errors import RefundPilotError
from bot.ledger import SqlReader
from bot.ports.exits import ExitCode
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import DemoOptions, DemoResult, SweepResult

READY_S = 60
"""A simulator of ten thousand cases is ready long before this on a slow PC."""

MANY_RUNS = 100
"""More than the shops of any scenario: the demo's home has one run a shop."""

Deed = tuple[str, str, int, tuple[str, ...]]
"""One effect as both sides tell it: after-sale id, verb, fen moved, proofs by content hash."""


async def run_demo(options: DemoOptions, progress: Progress, stop: StopSignal) -> DemoResult:
    """Sweep a fresh simulator in posture `act` and compare afterwards; exit code 0 only when ledger and simulator agree.

    Raises:
        RefundPilotError: the simulator or the browser does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="refundpilot-demo-"))
    with _simulator(options) as ready:
        sandbox = read_sandbox((await _get(sandbox_address(ready["url"]))).content)
        write_home(folder, sandbox, posture="act")
        result = await run_sweep(_home(folder, options), None, None, progress, stop)
        effects = (await _get(f"{ready['probe']}/effects")).json()
    done = Counter(_effect(effect) for effect in effects if effect["actor"].startswith("seller:"))
    with SqlReader(folder / "ledger.db") as reader:
        booked = Counter(deed for run in reader.runs(MANY_RUNS) for deed in _booked(reader, run))
    return _result(result, folder, done, booked)


async def _get(address: str) -> httpx.Response:
    # a proxy of the PC is for the world outside, not for our own simulator
    async with httpx.AsyncClient(timeout=30, trust_env=False) as web:
        return (await web.get(address)).raise_for_status()


def _home(folder: Path, options: DemoOptions) -> Home:
    home = load_home(folder)
    browser = home.settings.browser.model_copy(update={"headed": options.headed})
    return replace(home, settings=home.settings.model_copy(update={"browser": browser}))


@contextmanager
def _simulator(options: DemoOptions) -> Iterator[Mapping[str, Any]]:
    """A simulator of our own on a free port, ended by its own process handle."""
    told = ["--port", "0", "--scenario", "mixed", "--seed", str(options.seed), "--cases", str(options.cases)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
        [sys.executable, "-m", "simulator", *told],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C in the terminal is for the sweep; the shop has to stay until the last case is settled
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    try:
        yield _ready(process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _ready(process: subprocess.Popen[str]) -> Mapping[str, Any]:
    if process.stdout is None:
        raise RefundPilotError("the simulator has no output", code="demo.simulator")
    line = process.stdout.readline()
    if not line:
        raise RefundPilotError("the simulator did not start", code="demo.simulator")
    answer: Mapping[str, Any] = json.loads(line)
    return answer


def _effect(effect: Mapping[str, Any]) -> Deed:
    return (effect["aftersale_id"], effect["verb"], effect["amount_fen"], tuple(sorted(effect["evidence"])))


def _booked(reader: SqlReader, run: RunId) -> Iterator[Deed]:
    for line in reader.lines(run):
        for intent, receipt in line.receipts:
            proofs = tuple(sorted(proofs_sent(intent.action)))
            yield (line.case.aftersale_id, intent.action.verb, receipt.amount.fen, proofs)


def differences(done: Counter[Deed], booked: Counter[Deed]) -> tuple[str, ...]:
    """What only one of the two knows, and what the server did more than once; empty when both tell the same story."""
    only_done = [f"done on the shop, not in the ledger: {deed}" for deed in (done - booked).elements()]
    only_booked = [f"in the ledger, not done on the shop: {deed}" for deed in (booked - done).elements()]
    # an offer is told by its sum: a case may get several, each larger than the last
    keys = Counter((case, verb, fen if verb == Verb.NEGOTIATE else 0) for case, verb, fen, _ in done.elements())
    twice = [f"done more than once: {key[:2]}" for key, count in keys.items() if count > 1]
    return tuple(only_done + only_booked + twice)


def _result(result: SweepResult, folder: Path, done: Counter[Deed], booked: Counter[Deed]) -> DemoResult:
    told = differences(done, booked)
    agreed = not told and not any(shop.stopped for shop in result.shops)
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
        stopped=next((shop.stopped for shop in result.shops if shop.stopped), None),
        exit_code=ExitCode.DONE if agreed else max(result.exit_code, ExitCode.HELD),
    )
