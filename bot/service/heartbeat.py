"""The heartbeat of a running service: one small file in the home, written every ten seconds, read by whoever doubts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

FILE = "heartbeat.json"


class Heartbeat(BaseModel):
    """What the service last said of itself. `created` and `command` prove that a process of that id is still the same one.

    Keys that a newer service writes besides are passed over: an old watch must not take it for dead.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    pid: int = Field(gt=0)
    phase: str
    phase_since: AwareDatetime
    shop: str = ""
    created: float | None = None
    command: tuple[str, ...] = ()
    signed_in: dict[str, AwareDatetime] = Field(default_factory=dict)


def heartbeat_file(home: Path) -> Path:
    """Where a home's heartbeat is."""
    return home / FILE


def read_heartbeat(home: Path) -> Heartbeat | None:
    """The last one; None where there is none, or none that can be read."""
    try:
        return Heartbeat.model_validate_json(heartbeat_file(home).read_bytes())
    except (OSError, ValidationError):
        return None


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, told from a later one of the same id: what a heartbeat has to have for the watch to end it when it hangs."""

    pid: int
    created: float
    command: tuple[str, ...]


def identity() -> Identity:
    """This process."""
    own = psutil.Process()
    return Identity(own.pid, own.create_time(), tuple(own.cmdline()))
