"""Signed links that answer an alarm: whoever has one may say "I take care of it" until it runs out, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from loguru import logger

KEY_FILE: Final = "answers.key"
PATH: Final = "/alarms/answer/"
"""Where the console shows what is answered and asks once: a GET alone changes nothing, since chat programs open links by themselves."""

_BYTES: Final = 32


def key_of(home: Path) -> bytes:
    """The home's key, made once and its owner's alone; a home that cannot hold one has no links (empty)."""
    file = home / KEY_FILE
    try:
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            known = file.read_bytes()
            return known if len(known) >= _BYTES else b""
        with os.fdopen(handle, "wb") as made:
            made.write(secrets.token_bytes(_BYTES))
            made.flush()
            os.fsync(made.fileno())
        return file.read_bytes()
    except OSError as error:
        logger.error("no key for the links of alarms: {}", error)
        return b""


class AckLinks:
    """Makes and proves tokens `ID.EXPIRY.SIGNATURE`. `url`: where the console is; empty: there are no links."""

    def __init__(self, key: bytes, url: str = "", lasts: timedelta = timedelta(hours=24)) -> None:
        self._key = key
        self._url = url.rstrip("/")
        self._lasts = lasts

    def link(self, id_: str, now: datetime) -> str:
        """For a message; empty where nobody could open it."""
        return f"{self._url}{PATH}{self.token(id_, now)}" if self._url and self._key else ""

    def token(self, id_: str, now: datetime) -> str:
        """Good until `lasts` from now."""
        said = f"{id_}.{int((now + self._lasts).timestamp())}"
        return f"{said}.{self._signature(said)}"

    def proven(self, token: str, now: datetime) -> str:
        """The id that a token is for; empty where it is not ours, was altered, or ran out."""
        said, _, signature = token.rpartition(".")
        if not self._key or not hmac.compare_digest(self._signature(said).encode(), signature.encode()):
            return ""
        id_, _, expiry = said.rpartition(".")
        return id_ if now.timestamp() < int(expiry) else ""

    def _signature(self, said: str) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, said.encode(), hashlib.sha256)).rstrip(b"=").decode()
