"""The darkroom's child process: decodes what strangers sent, with its own memory limit, and answers in plain bytes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from bot.errors import EvidenceRefused
from bot.evidence.checks import media_type_of, opened
from bot.evidence.fit import Bounds, fit
from bot.evidence.stack import stack

MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the child where the system can limit it; elsewhere the parent watches the resident size."""

_DECODED_SIDE = 4096


def inspect(data: bytes) -> bytes:
    """Decode the whole picture once; returns nothing but the proof that it can be done."""
    picture = opened(data, media_type_of(data))
    # a JPEG may be decoded at a half: all its data is read all the same, at a quarter of the memory
    picture.draft("RGB", (_DECODED_SIDE, _DECODED_SIDE))
    picture.load()
    return b""


_JOBS: dict[str, Callable[..., bytes]] = {
    "inspect": inspect,
    "fit": lambda data, max_bytes, media_types: fit(data, Bounds(max_bytes, media_types)),
    "stack": lambda *parts: stack(parts),
}


def serve(line: Connection, memory_bytes: int) -> None:
    """Take jobs until the parent is gone. Answers are JSON and raw bytes, never pickles: a decoder may be taken over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business (F33)
    _limit_memory(memory_bytes)
    line.send_bytes(b"ready")
    while True:
        try:
            name, arguments = line.recv()
        except (EOFError, OSError):
            return
        verdict, data = _do(name, arguments)
        line.send_bytes(json.dumps(verdict).encode())
        line.send_bytes(data)


def _do(name: str, arguments: tuple[Any, ...]) -> tuple[dict[str, str], bytes]:
    try:
        return {}, _JOBS[name](*arguments)
    except EvidenceRefused as refused:
        return {"code": refused.reason_code, "detail": str(refused)}, b""
    except MemoryError:
        return {"code": "evidence.too_much_memory", "detail": "memory limit reached"}, b""
    except Exception as broken:  # noqa: BLE001 - a decoder may raise anything; whatever it is, the picture is broken
        return {"code": "evidence.broken", "detail": f"{type(broken).__name__}: {broken}"}, b""


def _limit_memory(memory_bytes: int) -> None:
    """POSIX limits the address space; Windows has no such call: pixel limit, and the parent kills by resident size."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - does not exist on Windows

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
