"""OpenCV and NumPy, imported late: they come with the extra `ocr`, and a PC without it drives no window."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

from bot.errors import NotAvailable


def installed() -> bool:
    """Nothing is loaded for the answer."""
    return all(find_spec(module) for module in ("cv2", "numpy"))


@cache
def tools() -> tuple[Any, Any]:
    """`cv2` and `numpy`. Raises NotAvailable."""
    try:
        import cv2  # noqa: PLC0415 - an extra of the installation
        import numpy as np  # noqa: PLC0415 - an extra of the installation
    except ImportError as missing:
        raise NotAvailable(f"pictures cannot be compared: {missing}", code="desktop.no_extra") from missing
    return cv2, np
