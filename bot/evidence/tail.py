"""Finds where a picture ends, so that nothing can hide behind it (polyglots, S14)."""

from __future__ import annotations

import re
from collections.abc import Callable

_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""In entropy-coded data FF00 is a stuffed byte and FFD0 to FFD7 are restarts; anything else is a real marker."""
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA


def tail_of(data: bytes, media_type: str) -> bytes:
    """Bytes behind the end of the picture; none too when the end is never reached, which the decoder will find."""
    try:
        return data[_END[media_type](data) :]
    except IndexError:
        return b""


def _end_of_png(data: bytes) -> int:
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        at = _inside(data, at + 12 + int.from_bytes(data[at : at + 4]))
    return at + 12


def _end_of_webp(data: bytes) -> int:
    size = int.from_bytes(data[4:8], "little")
    return 8 + size + size % 2


def _end_of_jpeg(data: bytes) -> int:
    at = 2
    while (marker := data[at + 1]) != _JPEG_END:
        if data[at] != 0xFF:  # not a marker: broken, the decoder will say so
            return len(data)
        if marker == 0xFF or marker in _JPEG_BARE:  # fill byte, or a marker without a length
            at += 1 if marker == 0xFF else 2
            continue
        at = _inside(data, at + 2 + int.from_bytes(data[at + 2 : at + 4]))
        if marker == _JPEG_SCAN:
            found = _JPEG_MARKER.search(data, at)
            at = found.start() if found else len(data)
    return at + 2


def _end_of_gif(data: bytes) -> int:
    at = 13 + _palette(data[10])
    while (block := data[at]) != 0x3B:
        # an extension has a label, an image has a descriptor, perhaps a palette, and the code size
        at += 2 if block == 0x21 else 11 + _palette(data[at + 9])
        while size := data[at]:
            at += 1 + size
        at += 1
    return at + 1


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _inside(data: bytes, at: int) -> int:
    if at >= len(data):
        raise IndexError(at)
    return at


_END: dict[str, Callable[[bytes], int]] = {
    "image/png": _end_of_png,
    "image/jpeg": _end_of_jpeg,
    "image/gif": _end_of_gif,
    "image/webp": _end_of_webp,
}
