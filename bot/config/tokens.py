"""Tokens that let people into the console: made by the CLI, shown once, kept as hashes for their owner's eyes (S16, S32)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.config.files import writing

BYTES = 24
"""Of chance in a token: 32 characters that nobody guesses."""

ONCE_FOR = timedelta(minutes=10)
"""A word that lets in once is good for so long: a browser opens sooner."""


def fresh_token() -> str:
    """A new secret."""
    return secrets.token_urlsafe(BYTES)


def digest(token: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_hashes(path: Path) -> Mapping[str, str]:
    """Hash by name; none where nobody made a token, or the file is not what we wrote."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(told) for name, told in body.items()} if isinstance(body, dict) else {}


def make_token(path: Path, name: str) -> str:
    """A new token for a person; the one before, and whoever came in by it, is out. Raises ConfigError: it cannot be written."""
    token = fresh_token()
    _write(path, {**token_hashes(path), name: digest(token)})
    return token


def revoke_token(path: Path, name: str) -> bool:
    """Take a person's token away; False where there was none. Raises ConfigError."""
    kept = dict(token_hashes(path))
    had = kept.pop(name, None) is not None
    if had:
        _write(path, kept)
    return had


def hand_in(path: Path, name: str, now: datetime) -> str:
    """A word that lets this person once into the console that answers, for `ONCE_FOR`; the one before is out. Raises ConfigError."""
    word = fresh_token()
    write_private(path, json.dumps({"name": name, "word": digest(word), "at": now.isoformat()}) + "\n")
    return word


def take_in(path: Path, now: Callable[[], datetime], told: str) -> str:
    """Whose word has this hash, this once; empty for a wrong one, which spends nothing, and for one that is too old."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        name, at = str(said["name"]), datetime.fromisoformat(said["at"])
        if not hmac.compare_digest(str(said["word"]), told):
            return ""
        path.unlink()  # of two who come at once, one finds it gone
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return name if timedelta() <= now() - at <= ONCE_FOR else ""


def write_private(path: Path, text: str) -> None:
    """All or nothing, readable by its owner alone where the system knows modes. Raises ConfigError."""
    beside = path.with_name(f"{path.name}.new")
    with writing(path):
        beside.touch(mode=0o600)
        beside.chmod(0o600)
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)


def _write(path: Path, hashes: Mapping[str, str]) -> None:
    write_private(path, json.dumps(dict(sorted(hashes.items())), indent=1, ensure_ascii=False) + "\n")
