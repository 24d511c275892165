"""The darkroom's child process: decodes what strangers sent, under its own limits of memory and time.

Started as `python -m bot.evidence.worker MEMORY_BYTES SECONDS`, so nothing of the program that asks is imported again.
"""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any

from bot.errors import EvidenceRefused
from bot.evidence.decode import opened
from bot.evidence.fit import Bounds, fit, flat
from bot.evidence.stack import stack
from bot.evidence.wire import receive, send

_DECODED_SIDE = 4096

RASTER_WIDEST = 1600
"""As wide as `fit` lets a picture be."""


def inspect(data: bytes) -> bytes:
    """Decode the whole picture once; returns nothing but the proof that it can be done."""
    picture = opened(data)
    # a JPEG may be decoded at a half: all its data is read all the same, at a quarter of the memory
    picture.draft("RGB", (_DECODED_SIDE, _DECODED_SIDE))
    picture.load()
    return b""


def raster(data: bytes) -> bytes:
    """The picture's pixels, upright and at most `RASTER_WIDEST` wide, as a plain PPM: nothing in it can attack a decoder again."""
    out = io.BytesIO()
    flat(opened(data), RASTER_WIDEST).save(out, "PPM")
    return out.getvalue()


_JOBS: dict[str, Callable[[Sequence[bytes], dict[str, Any]], bytes]] = {
    "inspect": lambda blobs, _options: inspect(blobs[0]),
    "fit": lambda blobs, options: fit(blobs[0], Bounds(options["max_bytes"], tuple(options["media_types"]))),
    "raster": lambda blobs, _options: raster(blobs[0]),
    "stack": lambda blobs, _options: stack(blobs),
}


def serve(jobs: IO[bytes], answers: IO[bytes], seconds: float) -> None:
    """Take jobs until the parent is gone; a job that outlives `seconds` ends this process, even if the parent was killed."""
    send(answers, {"ready": True})
    while True:
        try:
            head, blobs = receive(jobs)
        except EOFError:
            return
        faulthandler.dump_traceback_later(seconds, exit=True)  # a thread of C: no decoder can keep it from running
        verdict, data = _do(head["job"], blobs, head["options"])
        faulthandler.cancel_dump_traceback_later()
        send(answers, verdict, [data])


def _do(job: str, blobs: Sequence[bytes], options: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    try:
        return {}, _JOBS[job](blobs, options)
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


def main() -> None:
    """Serve on standard input and output; what a library prints goes to standard error instead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business (F33)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, answers, float(sys.argv[2]))


if __name__ == "__main__":
    main()
