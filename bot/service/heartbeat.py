"""The heartbeat of a running service: one small file in the home, written every ten seconds, read by whoever doubts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import psutil
from loguru import logger
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.config.swapping import swap_in
from bot.service import systemd_notify

FILE = "heartbeat.json"
EVERY_S = 10
"""How often it is written (reliability.md 6)."""

_STARTED = "READY=1"
_ALIVE = "WATCHDOG=1"
_LEAVING = "STOPPING=1"


class Heartbeat(BaseModel):
    """What the service last said of itself. `created` and `command` prove that a process of that id is still the same one.

    `limit_s`: how long the phase may last, in seconds, where the service knows better than the table (`phases`).
    Keys that a newer service writes besides are passed over: an old watch must not take it for dead.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    pid: int = Field(gt=0)
    phase: str
    phase_since: AwareDatetime
    shop: str = ""
    limit_s: float | None = Field(default=None, gt=0)
    created: float | None = None
    command: tuple[str, ...] = ()


def heartbeat_file(home: Path) -> Path:
    """Where a home's heartbeat is."""
    return home / FILE


def read_heartbeat(home: Path) -> Heartbeat | None:
    """The last one; None where there is none, or none that can be read."""
    try:
        return Heartbeat.model_validate_json(heartbeat_file(home).read_bytes())
    except (OSError, ValidationError):
        return None


class Pulse:
    """Writes the heartbeat of this process, and feeds systemd's watchdog with the same stroke.

    The service calls `beat` from its own loop: a loop that hangs stops both.
    """

    def __init__(self, home: Path) -> None:
        own = psutil.Process()
        self._home = home
        self._identity = {"pid": own.pid, "created": own.create_time(), "command": own.cmdline()}
        self._began = False

    def beat(
        self, at: datetime, phase: str, phase_since: datetime, shop: str = "", limit_s: float | None = None
    ) -> None:
        """One stroke; the first one tells systemd that the service has started. A file that cannot be written is said in the log."""
        told = {"at": at.isoformat(), "phase": phase, "phase_since": phase_since.isoformat(), "shop": shop}
        try:
            swap_in(heartbeat_file(self._home), json.dumps({**told, "limit_s": limit_s, **self._identity}) + "\n")
        except OSError as error:  # a reader holds it on Windows, or the disk is full: the work itself goes on
            logger.warning("the heartbeat could not be written: {}", error)
        first = () if self._began else (_STARTED,)
        self._began = True
        systemd_notify.notify(*first, _ALIVE, f"STATUS={phase} {shop}".rstrip())

    def leave(self) -> None:
        """The service ends on purpose: systemd waits for it instead of wondering."""
        systemd_notify.notify(_LEAVING)
