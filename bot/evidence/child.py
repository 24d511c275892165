"""Starts and ends the darkroom's child process: a plain Python with two pipes, none of our secrets and no window."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from bot.evidence.wire import receive, send

Message = tuple[dict[str, Any], list[bytes]]

_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONHOME")
"""Of the environment: what Python needs to start. A decoder that is taken over finds no passwords there."""


class Child:
    """One running `bot.evidence.worker`; not `multiprocessing`, which would import the caller's main module once more."""

    def __init__(self, address_bytes: int, seconds: float) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        try:
            self._process = self._start(address_bytes, seconds)
        except OSError:
            self._log.close()
            raise

    def _start(self, address_bytes: int, seconds: float) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own Python and module, no shell
            [_python(), "-P", "-m", "bot.evidence.worker", str(address_bytes), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the robot alone (F33); Windows by the flags below
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
            | getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def hello(self) -> Message:
        """Blocks until the child is ready. Raises EOFError, OSError, ValueError."""
        assert self._process.stdout  # noqa: S101 - a pipe was asked for
        return receive(self._process.stdout)

    def ask(self, head: dict[str, Any], blobs: Sequence[bytes]) -> Message:
        """Blocks until the child has answered. Raises EOFError, OSError, ValueError."""
        assert self._process.stdin  # noqa: S101 - a pipe was asked for
        send(self._process.stdin, head, blobs)
        return self.hello()

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def resident_bytes(self) -> int:
        """What it holds in memory now; 0 when it is gone."""
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().rss)
        return 0

    def last_words(self) -> str:
        """The end of what it wrote to its log."""
        self._process.kill()
        self._process.wait()
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")[-300:]

    def end(self) -> None:
        """Kill it; whatever thread waits for its answer gets an end of file."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError, ValueError):  # unsent bytes cannot be flushed any more
                if stream is not None:
                    stream.close()


def _python() -> str:
    """On Windows a virtual environment's Python is a launcher; the process to be watched is the one behind it."""
    return str(getattr(sys, "_base_executable", sys.executable)) if os.name == "nt" else sys.executable


def _environment() -> dict[str, str]:
    """PYTHONPATH is our own path as it stands, so that the child finds what we found, however we were started."""
    path = os.pathsep.join(str(Path(entry or ".").resolve()) for entry in sys.path)
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"PYTHONPATH": path}
