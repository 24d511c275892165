"""Writes a file whole or not at all, readable by its owner alone, and on the disk when it returns."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def make_private(folder: Path) -> None:
    """The folder and its parents; 0700 where the system has modes, the user's own profile rights on Windows."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_once(path: Path, data: bytes) -> None:
    """Atomic: another process sees no file or the whole file; one that holds the same bytes already is left alone.

    One that holds others was torn by a power cut or altered: it is written anew.
    """
    if _holds(path, data):
        return
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        _write(part, path, data)
    except PermissionError:  # Windows replaces no file that somebody reads: then it stands there already, from another
        if not _holds(path, data):
            raise
    finally:
        part.unlink(missing_ok=True)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def _write(part: Path, path: Path, data: bytes) -> None:
    """POSIX: renamed, then synced: one sync for data and name, half the time of syncing file and folder.

    ext4, XFS and btrfs log a rename with the file. Windows renames no open file, and journals names itself.
    """
    with open(_handle(part), "wb") as file:
        file.write(data)
        file.flush()
        if os.name == "posix":
            part.replace(path)
        os.fsync(file.fileno())
    if os.name != "posix":
        part.replace(path)


def _handle(part: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    try:
        return os.open(part, flags, 0o600)
    except FileNotFoundError:
        make_private(part.parent)
        return os.open(part, flags, 0o600)
