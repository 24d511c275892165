"""The demo's simulator as a process of its own: waited for beside the event loop, ended by its own handle, its complaints kept."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.errors import RefundPilotError

READY_S = 60.0
"""A simulator of ten thousand cases is ready long before this on a slow PC."""

END_S = 10
"""It ends within two seconds of being told to; one that does not is killed."""

PROGRAM = (sys.executable, "-m", "simulator")
_LAST_LINES = 3


@asynccontextmanager
async def running(
    told: Sequence[str], log: Path, *, program: Sequence[str] = PROGRAM, patience_s: float = READY_S
) -> AsyncIterator[Mapping[str, Any]]:
    """A simulator while the block runs; yields what its ready line says.

    Args:
        told: its options.
        log: takes what it prints on stderr.
        program: what is started.
        patience_s: how long it may take until it is ready.

    Raises:
        RefundPilotError: it does not start, or does not get ready; the last lines of its log are in the error.
    """
    with _start([*program, *told], log) as process:
        try:
            yield await _ready(process, log, patience_s)
        finally:
            _end(process)


def _start(command: Sequence[str], log: Path) -> subprocess.Popen[str]:
    with log.open("wb") as errors:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C in the terminal is for the sweep; the shop has to stay until the last case is settled
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )


async def _ready(process: subprocess.Popen[str], log: Path, patience_s: float) -> Mapping[str, Any]:
    try:
        line = await asyncio.wait_for(asyncio.to_thread(_first_line, process), patience_s)
    except TimeoutError:
        raise RefundPilotError(
            last_words(log), page=str(log), raw=f"{patience_s:.0f}", code="demo.simulator_silent"
        ) from None
    try:
        answer: Mapping[str, Any] = json.loads(line)
    except ValueError:
        raise RefundPilotError(last_words(log), page=str(log), code="demo.simulator") from None
    return answer


def _first_line(process: subprocess.Popen[str]) -> str:
    """Blocks until there is one or the process ends: for a thread."""
    return process.stdout.readline() if process.stdout else ""


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()


def last_words(log: Path) -> str:
    """The last lines of a log: where a program that failed says why."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return " / ".join([line for line in lines if line][-_LAST_LINES:]) or "—"
