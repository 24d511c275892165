"""Logs: one JSON line an event in the home, warnings on stderr; no secret, no control character and no local variables."""

from __future__ import annotations

import json
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from bot.config.redact import SECRETS
from bot.domain.base import SHANGHAI

if TYPE_CHECKING:
    from loguru import Record

KEEP_FOR = "30 days"
"""Raw pages and logs go after 30 days (reliability.md S22); what has to last stands in the ledger."""

FILE_ONLY = {"_file_only": True}
"""`logger.bind(**FILE_ONLY)`: a line for whoever reads the file; the person at the terminal is told in other words."""

_BIDI = re.compile("[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def start_logs(folder: Path | None, level: str = "WARNING") -> None:
    """Send the process's log to `folder` (all of it) and to stderr (from `level` on); called again it starts afresh."""
    logger.remove()
    logger.configure(patcher=_render)
    logger.add(_to_stderr, level=level, format=_plain, filter=_is_for_stderr, backtrace=False, diagnose=False)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        logger.add(
            folder / "refundpilot-{time:YYYYMMDD}.jsonl",
            level="DEBUG",
            format=_line,
            backtrace=False,
            diagnose=False,
            rotation="20 MB",
            retention=KEEP_FOR,
            encoding="utf-8",
        )


def one_line(encoded: str) -> str:
    """JSON text that stays one line in every viewer: characters that turn or break lines are spelled out (S10)."""
    return _BIDI.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded)


def tell(text: str) -> None:
    """A line on stderr for the person, without secrets and control characters."""
    _to_stderr(f"{visible(text)}\n")


def visible(text: str) -> str:
    """The text in one line, without secrets and characters that turn or hide."""
    return _BIDI.sub("", _CONTROL.sub(" ", SECRETS(text)))


def _is_for_stderr(record: Record) -> bool:
    return not record["extra"].keys() & FILE_ONLY.keys()


def _to_stderr(text: str) -> None:
    """Looked up at each call: the progress bar puts its own stream there."""
    sys.stderr.write(text)


def _plain(_: Record) -> str:
    return "{extra[_plain]}\n"


def _line(_: Record) -> str:
    return "{extra[_line]}\n"


def _render(record: Record) -> None:
    """Both spellings of the record, cleaned; done once, before any sink sees it (S4, S10)."""
    extra = {key: str(value) for key, value in record["extra"].items() if not key.startswith("_")}
    body = {
        "at": record["time"].astimezone(SHANGHAI).isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "where": f"{record['name']}:{record['line']}",
        "message": record["message"],
        **({"extra": extra} if extra else {}),
        **({"error": _error(record)} if record["exception"] else {}),
    }
    cleaned = {key: _cleaned(value) for key, value in body.items()}
    line = one_line(json.dumps(cleaned, ensure_ascii=False))
    plain = visible(f"{record['level'].name.lower()}: {record['message']}")
    record["extra"].update(_line=line, _plain=plain)


def _error(record: Record) -> str:
    """The traceback without source values: loguru's own `diagnose` would print local variables."""
    error = record["exception"]
    return "".join(traceback.format_exception(error.type, error.value, error.traceback)) if error else ""


def _cleaned(value: object) -> object:
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items()}
    return SECRETS(str(value))
