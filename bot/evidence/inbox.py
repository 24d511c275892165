"""Reads what people put into the inbox folder of an order: plain files only, nothing outside, nothing half-written (S12)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.domain.base import SHANGHAI
from bot.errors import EvidenceRefused
from bot.evidence.checks import MAX_BYTES, refuse_size

MAX_FILES = 30

_ORDER_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE | re.ASCII)
"""Names that Windows takes for devices, in any folder."""
_PARTIAL = (".part", ".crdownload", ".tmp", ".download", ".partial", ".opdownload", "~")
_SYSTEM = frozenset({"desktop.ini", "thumbs.db"})


@dataclass(frozen=True, slots=True)
class InboxFile:
    """One file as it stood there; `at` is its time of last change (Asia/Shanghai)."""

    name: str
    data: bytes
    at: datetime


def folder_of(inbox: Path, order_id: str) -> Path:
    """`inbox/<order_id>`. Raises EvidenceRefused for an id that is no plain order id (F55's spirit: never a guess)."""
    if not _ORDER_ID.fullmatch(order_id) or _DEVICES.fullmatch(order_id):
        raise EvidenceRefused(f"order id {order_id[:80]!r}", code="evidence.bad_order_id", raw=order_id[:80])
    return inbox / order_id


def read_inbox(inbox: Path, order_id: str) -> Iterator[InboxFile]:
    """Finished visible files in the order of their names; hidden, empty and partial ones are not there yet.

    Raises:
        EvidenceRefused: bad order id, a link or a folder among the files, a file too large or
            still held by another program, too many files.
    """
    folder = folder_of(inbox, order_id)
    if not folder.is_dir():
        return
    if folder.resolve() != inbox.resolve() / order_id:
        raise EvidenceRefused(f"{order_id} is a link", code="evidence.inbox_link", raw=order_id)
    with os.scandir(folder) as entries:
        waiting = sorted((entry for entry in entries if _is_finished(entry)), key=lambda entry: entry.name)
    if len(waiting) > MAX_FILES:
        raise EvidenceRefused(f"{len(waiting)} files, at most {MAX_FILES}", code="evidence.inbox_full", raw=order_id)
    for entry in waiting:
        name = _printable(entry.name)
        try:
            yield _read(entry, name)
        except OSError as busy:  # on Windows a program that still writes it lets nobody else read
            raise EvidenceRefused(f"{name}: {busy}", code="evidence.inbox_busy", raw=name) from busy


def _printable(name: str) -> str:
    """Names are data and may hold anything; what is no Unicode could not be written down later (S12)."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_finished(entry: os.DirEntry[str]) -> bool:
    try:
        name, seen = entry.name.lower(), entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # taken away between two looks
        return False
    hidden = name.startswith(".") or bool(getattr(seen, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN)
    return not (
        hidden or name in _SYSTEM or name.endswith(_PARTIAL) or (stat.S_ISREG(seen.st_mode) and not seen.st_size)
    )


def _read(entry: os.DirEntry[str], name: str) -> InboxFile:
    seen = entry.stat(follow_symlinks=False)
    # a junction of Windows is a folder here, a link of POSIX is a link, a pipe or device neither
    if not stat.S_ISREG(seen.st_mode):
        code = "evidence.inbox_folder" if stat.S_ISDIR(seen.st_mode) else "evidence.inbox_link"
        raise EvidenceRefused(f"{name} is no plain file", code=code, raw=name)
    refuse_size(seen.st_size)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(entry.path, flags), "rb") as file:  # noqa: PTH123 - from a handle that follows no link
        data = file.read(MAX_BYTES + 1)  # it may have grown since
    refuse_size(len(data))
    return InboxFile(name, data, datetime.fromtimestamp(seen.st_mtime, SHANGHAI))
