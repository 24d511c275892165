"""Reads where things stand in the four formats: size, and the end of the picture, without any decoder (S13, S14).

Nothing of a stranger's is opened with more than this in the robot's own process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""In entropy-coded data FF00 is a stuffed byte and FFD0 to FFD7 are restarts; anything else is a real marker."""
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def size_of(data: bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height in pixels as the header tells them; None when there is none, or it tells of nothing."""
    try:
        width, height = _SIZE[media_type](data)
    except IndexError:
        return None
    return (width, height) if width and height else None


def tail_of(data: bytes, media_type: str) -> bytes:
    """Bytes behind the end of the picture; none too when the end is never reached, which the decoder will find."""
    try:
        return data[_END[media_type](data) :]
    except IndexError:
        return b""


def _size_of_png(data: bytes) -> tuple[int, int]:
    _want(data[12:16] == b"IHDR")
    return _big(data, 16, 4), _big(data, 20, 4)


def _size_of_gif(data: bytes) -> tuple[int, int]:
    return _little(data, 6, 2), _little(data, 8, 2)


def _size_of_webp(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
        case b"VP8L":
            bits = _little(data, 21, 4)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    raise IndexError("no frame")


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    at = next((at for marker, at in _jpeg_markers(data) if marker in _JPEG_FRAMES), len(data))
    return _big(data, at + 7, 2), _big(data, at + 5, 2)


def _end_of_png(data: bytes) -> int:
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        at = _inside(data, at + 12 + int.from_bytes(data[at : at + 4]))
    return at + 12


def _end_of_webp(data: bytes) -> int:
    size = int.from_bytes(data[4:8], "little")
    return 8 + size + size % 2


def _end_of_jpeg(data: bytes) -> int:
    return next((at + 2 for marker, at in _jpeg_markers(data) if marker == _JPEG_END), len(data))


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker, place of its FF), to the end of the picture or to where it is broken."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        yield marker, at
        if marker == _JPEG_END:
            return
        at = at + 2 if marker in _JPEG_BARE else _inside(data, at + 2 + _big(data, at + 2, 2))
        if marker == _JPEG_SCAN:
            found = _JPEG_MARKER.search(data, at)
            at = found.start() if found else len(data)


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


def _big(data: bytes, at: int, count: int) -> int:
    _inside(data, at + count - 1)
    return int.from_bytes(data[at : at + count])


def _little(data: bytes, at: int, count: int) -> int:
    _inside(data, at + count - 1)
    return int.from_bytes(data[at : at + count], "little")


def _inside(data: bytes, at: int) -> int:
    _want(at < len(data))
    return at


def _want(true: bool) -> None:  # noqa: FBT001 - a plain assertion, never stripped
    if not true:
        raise IndexError("the data ends, or is something else")


_SIZE: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "image/png": _size_of_png,
    "image/jpeg": _size_of_jpeg,
    "image/gif": _size_of_gif,
    "image/webp": _size_of_webp,
}
_END: dict[str, Callable[[bytes], int]] = {
    "image/png": _end_of_png,
    "image/jpeg": _end_of_jpeg,
    "image/gif": _end_of_gif,
    "image/webp": _end_of_webp,
}
