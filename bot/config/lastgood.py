"""The last policy and settings that were whole, kept beside the files: work goes on by them when a file breaks (F51)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from bot.config.documents import Document, parse_document
from bot.config.swapping import swap_in

_HEAD = "# RefundPilot keeps the last whole {} here. Do not edit. SHA-256 of all below: "
_LINE = re.compile(re.escape(_HEAD).replace(r"\{\}", r"[\w.-]+") + r"([0-9a-f]{64})\n", re.ASCII)
_INFIX = ".last-good"


def keep_last_good(kept: Path, text: str) -> None:
    """Keep the text of a file that was read whole; unchanged, nothing is written. Raises OSError."""
    wanted = f"{_HEAD.format(kept.name.replace(_INFIX, ''))}{_digest(text)}\n{text}"
    if _text(kept) != wanted:
        swap_in(kept, wanted)


def last_good(kept: Path) -> Document | None:
    """What was kept; None where nothing was, or where it is no longer what was kept."""
    text = _text(kept)
    head = _LINE.match(text)
    body = text[head.end() :] if head else ""
    if head is None or _digest(body) != head[1]:
        return None
    return parse_document(kept.name, body)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
