"""Keeps one warm child process in which untrusted pictures are decoded, under a limit of time and memory (F48, F49, S13)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Self

from bot.errors import EvidenceRefused
from bot.evidence.child import Child, Message

_TICK_S = 0.05
_START_S = 60.0
"""A cold start on a slow PC with a virus scanner."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Per job: seconds, and bytes of resident memory (watched on every system) below the child's own limit of addresses."""

    seconds: float = 15.0
    resident_bytes: int = 768 * 1024 * 1024
    address_bytes: int = 1024 * 1024 * 1024


class Darkroom:
    """Starts its child at the first job and reuses it; thread-safe, one job at a time. A killed child is replaced."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: Child | None = None

    def inspect(self, data: bytes) -> None:
        """Decode the whole picture once. Raises EvidenceRefused."""
        self._run("inspect", (data,))

    def fit(self, data: bytes, max_bytes: int, media_types: frozenset[str]) -> bytes:
        """See `fit.fit`. Raises EvidenceRefused."""
        return self._run("fit", (data,), max_bytes=max_bytes, media_types=sorted(media_types))

    def stack(self, parts: Sequence[bytes]) -> bytes:
        """See `stack.stack`. Raises EvidenceRefused."""
        return self._run("stack", parts)

    def raster(self, data: bytes) -> bytes:
        """See `worker.raster`. Raises EvidenceRefused."""
        return self._run("raster", (data,))

    def close(self) -> None:
        """End the child; the next job would start another."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, job: str, blobs: Sequence[bytes], **options: object) -> bytes:
        with self._lock:
            try:
                child = self._ready()
                verdict, answers = self._watched(
                    child, lambda: child.ask({"job": job, "options": options}, blobs), self._limits.seconds
                )
            except BaseException:  # Ctrl-C too: a late answer must never be taken for the next job's
                self._end()
                raise
        if verdict or len(answers) != 1:
            raise EvidenceRefused(str(verdict.get("detail")), code=str(verdict.get("code", "evidence.broken")))
        return answers[0]

    def _ready(self) -> Child:
        if self._child is None or not self._child.is_alive():
            self._end()
            self._child = self._started()
        return self._child

    def _started(self) -> Child:
        """A child that does not start is no fault of the picture."""
        try:
            child = Child(self._limits.address_bytes, 2 * self._limits.seconds)
        except OSError as missing:
            raise EvidenceRefused(str(missing), code="evidence.no_darkroom") from missing
        try:
            self._watched(child, child.hello, _START_S)
        except BaseException as silent:
            last_words = child.last_words()
            child.end()
            if isinstance(silent, EvidenceRefused):
                raise EvidenceRefused(f"{silent}: {last_words}", code="evidence.no_darkroom") from silent
            raise
        return child

    def _watched(self, child: Child, talk: Callable[[], Message], seconds: float) -> Message:
        """Ticks, not a clock: a suspended PC does not cut a job that has had no time to run (F36)."""
        said: SimpleQueue[Message | Exception] = SimpleQueue()
        threading.Thread(target=_tell, args=(talk, said), daemon=True).start()
        for _ in range(max(1, round(seconds / _TICK_S))):
            try:
                return _answer(said.get(timeout=_TICK_S))
            except Empty:
                if child.resident_bytes() > self._limits.resident_bytes:
                    raise EvidenceRefused("memory limit reached", code="evidence.too_much_memory") from None
        raise EvidenceRefused(f"no answer in {seconds} s", code="evidence.too_slow")

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


def _tell(talk: Callable[[], Message], said: SimpleQueue[Message | Exception]) -> None:
    """A thread of its own: both a read and a write may block for ever, and Windows cannot wait for pipes with a limit."""
    try:
        said.put(talk())
    except (EOFError, OSError, ValueError) as gone:
        said.put(gone)


def _answer(said: Message | Exception) -> tuple[dict[str, Any], list[bytes]]:
    if isinstance(said, Exception):
        raise EvidenceRefused("the decoder died", code="evidence.broken") from said
    return said
