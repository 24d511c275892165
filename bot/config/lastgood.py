"""The last policy that was whole, kept beside policy.toml: a sweep goes on by it when the file breaks (F51)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from bot.config.documents import Document, parse_document
from bot.config.files import HomeFiles
from bot.config.swapping import swap_in

_HEAD = "# RefundPilot keeps the last whole policy.toml here. Do not edit. SHA-256 of all below: "
_LINE = re.compile(re.escape(_HEAD) + r"([0-9a-f]{64})\n", re.ASCII)


def keep_last_good(files: HomeFiles, text: str) -> None:
    """Keep the text of a policy that was read whole; unchanged, nothing is written. Raises OSError."""
    wanted = f"{_HEAD}{_digest(text)}\n{text}"
    if _text(files.last_good) != wanted:
        swap_in(files.last_good, wanted)


def last_good(files: HomeFiles) -> Document | None:
    """What was kept; None where nothing was, or where it is no longer what was kept."""
    text = _text(files.last_good)
    head = _LINE.match(text)
    body = text[head.end() :] if head else ""
    if head is None or _digest(body) != head[1]:
        return None
    return parse_document(files.last_good.name, body)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
