"""The service's sign of life: one small file, swapped in whole every ten seconds and whenever its phase changes."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError

from bot.config.swapping import swap_in
from bot.domain.base import Frozen

EVERY_S = 10.0
"""Seconds between two beats (reliability.md 6); whoever watches may worry after some of them (docs/service.md)."""


class Phase(StrEnum):
    """`sent`: a request has left and its outcome is not known yet: whoever kills the service now makes work for a person.

    `stopped`: it ended in good order; whoever watches waits some minutes for the next start before he calls anybody.
    """

    SLEEPING = "sleeping"
    SWEEPING = "sweeping"
    SENT = "sent"
    STOPPED = "stopped"


class Beat(Frozen):
    """`at` and `phase_since` in Asia/Shanghai; `shop` is the one in hand, such as `taobao/1001`, empty where there is none.

    `created` (seconds since 1970) and `command` tell the process from a later one of the same id. `signed_in`: since when, by shop.
    """

    at: datetime
    pid: int
    created: float
    command: tuple[str, ...]
    phase: Phase
    phase_since: datetime
    shop: str = ""
    signed_in: dict[str, datetime] = Field(default_factory=dict)


def write_beat(path: Path, beat: Beat) -> None:
    """Whoever reads meanwhile sees the old beat or the new one, whole. Raises OSError."""
    swap_in(path, json.dumps(beat.model_dump(mode="json"), ensure_ascii=False) + "\n")


def read_beat(path: Path) -> Beat | None:
    """The newest beat; None where there never was one, or something else stands in the file."""
    try:
        return Beat.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError):
        return None
