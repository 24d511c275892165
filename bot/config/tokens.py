"""Tokens that let people into the console: made by the CLI, shown once, kept as hashes for their owner's eyes (S16, S32)."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from bot.config.files import writing

BYTES = 24
"""Of chance in a token: 32 characters that nobody guesses."""


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
