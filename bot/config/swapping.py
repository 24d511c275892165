"""Writes a file of a home so that whoever reads it meanwhile sees all of it, old or new."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Final

PATIENCE_S: Final = (0.01, 0.04, 0.1, 0.2)
"""Seconds before each further try: on Windows a file that another process has open for a moment cannot be replaced."""


def swap_in(path: Path, text: str) -> None:
    """Write beside, then swap: a reader sees the old file or the new one; the file's mode stays.

    Each writer has a file of its own beside, so that two at once never mix; the last one's text stays. Raises OSError.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        if path.exists():
            shutil.copymode(path, beside)
        _replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _replace(beside: Path, path: Path) -> None:
    for wait_s in PATIENCE_S:
        try:
            beside.replace(path)
        except PermissionError:
            threading.Event().wait(wait_s)
        else:
            return
    beside.replace(path)
