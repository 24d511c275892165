"""Keeps one warm child process in which untrusted pictures are decoded, under a limit of time and memory (F48, F49, S13)."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Self

import psutil

from bot.errors import EvidenceRefused
from bot.evidence import worker

_TICK_S = 0.05
_START_S = 60.0
"""A cold start on a slow PC with a virus scanner."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Per job: seconds, and bytes of resident memory (watched on every system) below the child's own limit."""

    seconds: float = 15.0
    resident_bytes: int = 768 * 1024 * 1024
    address_bytes: int = worker.MEMORY_BYTES


class _Cut(EvidenceRefused):
    """The child was killed, or died of the picture."""


class Darkroom:
    """Starts its child at the first job and reuses it; thread-safe, one job at a time. A killed child is replaced."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: tuple[SpawnProcess, Connection] | None = None

    def inspect(self, data: bytes) -> None:
        """Decode the whole picture once. Raises EvidenceRefused."""
        self._run("inspect", (data,))

    def fit(self, data: bytes, max_bytes: int, media_types: frozenset[str]) -> bytes:
        """See `fit.fit`. Raises EvidenceRefused."""
        return self._run("fit", (data, max_bytes, tuple(sorted(media_types))))

    def stack(self, parts: Sequence[bytes]) -> bytes:
        """See `stack.stack`. Raises EvidenceRefused."""
        return self._run("stack", tuple(parts))

    def close(self) -> None:
        """End the child; the next job would start another."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, job: str, arguments: tuple[Any, ...]) -> bytes:
        with self._lock:
            try:
                line = self._ready()
                line.send((job, arguments))
                verdict, data = json.loads(self._receive(line, self._limits.seconds)), line.recv_bytes()
            except (EOFError, OSError) as gone:
                self._end()
                raise _Cut("the decoder died", code="evidence.broken") from gone
            except _Cut:
                self._end()
                raise
        if verdict:
            raise EvidenceRefused(verdict["detail"], code=verdict["code"])
        return data

    def _ready(self) -> Connection:
        if self._child is None or not self._child[0].is_alive():
            self._end()
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            child = context.Process(target=worker.serve, args=(theirs, self._limits.address_bytes), daemon=True)
            child.start()
            theirs.close()
            self._child = child, ours
            self._receive(ours, _START_S)
        return self._child[1]

    def _receive(self, line: Connection, seconds: float) -> bytes:
        """Ticks, not a clock: a suspended PC does not cut a job that has had no time to run (F36)."""
        for _ in range(round(seconds / _TICK_S)):
            if line.poll(_TICK_S):
                return line.recv_bytes()
            if self._resident() > self._limits.resident_bytes:
                raise _Cut("memory limit reached", code="evidence.too_much_memory")
        raise _Cut(f"no answer in {seconds} s", code="evidence.too_slow")

    def _resident(self) -> int:
        if self._child is None:
            return 0
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(self._child[0].pid).memory_info().rss)
        return 0

    def _end(self) -> None:
        if self._child is None:
            return
        child, line = self._child
        self._child = None
        line.close()
        child.kill()
        child.join()
        child.close()
