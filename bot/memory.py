"""Gives memory that was freed back to the system, which glibc alone keeps for itself: some 300 MB once a few large pictures were read."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Takes some ten milliseconds; does nothing where the system takes large blocks back by itself."""
    _trim()()


@cache
def _trim() -> Callable[[], object]:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    return (lambda: trim(0)) if trim is not None else lambda: None
