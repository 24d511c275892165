"""The words between the robot and its darkroom's child: frames on two pipes, JSON and raw bytes, never pickles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO, Any

_LENGTH = 4
_MOST = 256 * 1024 * 1024
"""Bytes of a frame: a decoder that was taken over must not fill the robot's memory."""


def send(stream: IO[bytes], head: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """One message: a head, and the raw bytes that go with it."""
    for frame in (json.dumps({**head, "blobs": len(blobs)}).encode(), *blobs):
        stream.write(len(frame).to_bytes(_LENGTH))
        stream.write(frame)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """The next message.

    Raises:
        EOFError: the other side is gone.
        ValueError: not a message.
    """
    head = json.loads(_frame(stream))
    if not isinstance(head, dict) or head.get("blobs") not in range(1000):
        raise ValueError("not a message")
    return head, [_frame(stream) for _ in range(head.pop("blobs"))]


def _frame(stream: IO[bytes]) -> bytes:
    size = int.from_bytes(_exactly(stream, _LENGTH))
    if size > _MOST:
        raise ValueError(f"a frame of {size} bytes")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
