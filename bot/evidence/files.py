"""Writes a file whole or not at all, readable by its owner alone, and on the disk when it returns."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def make_private(folder: Path) -> None:
    """The folder and its parents; 0700 where the system has modes, the user's own profile rights on Windows."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_once(path: Path, data: bytes) -> None:
    """Atomic: another process sees no file or the whole file; a file that stands there already is left alone."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    part.unlink(missing_ok=True)  # left by a process with our id that was killed here
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123 - from a handle, so that the mode holds from the first byte on
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """On POSIX the new name is durable only when its folder is; Windows cannot open folders and journals names itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
