"""Writes a file of a home so that whoever reads it meanwhile sees all of it, old or new."""

from __future__ import annotations

import shutil
from pathlib import Path


def swap_in(path: Path, text: str) -> None:
    """Write beside, then swap: a reader sees the old file or the new one; the file's mode stays. Raises OSError."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    if path.exists():
        shutil.copymode(path, beside)
    beside.replace(path)
