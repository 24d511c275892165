"""What is to be installed: one home's service and its watch, by name, command and account; the same on every system."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from bot.config.settings import Run
from bot.errors import ConfigError
from bot.service.phases import TIMES_OVER

_TAME = re.compile(r"[^a-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

LEAST_S = 120


class Scope(StrEnum):
    """For whom it starts: with the user's own session, or with the machine."""

    USER = "user"
    SYSTEM = "system"


class Role(StrEnum):
    """The two that are installed."""

    SERVICE = "service"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Installation:
    """One home on one PC.

    `home` and `python` are absolute; `account` is the user that the robot runs as; `stop_s` and `watchdog_s`: how long
    ending and silence may take before the system itself kills. `tray`: its icon may be shown, on the desktop that it runs in.
    """

    home: PurePath
    python: PurePath
    account: str
    scope: Scope = Scope.USER
    stop_s: int = LEAST_S
    watchdog_s: int = LEAST_S
    tray: bool = False

    @property
    def name(self) -> str:
        """The same home always has the same name, two homes never share one."""
        tame = _TAME.sub("-", self.home.name.lower()).strip("-")[:24]
        digest = hashlib.sha256(str(self.home).encode()).hexdigest()[:8]
        return "-".join(filter(None, ("refundpilot", tame, digest)))

    def named(self, role: Role) -> str:
        return self.name if role is Role.SERVICE else f"{self.name}-watch"

    def command(self, role: Role) -> list[str]:
        """The arguments, one by one; `-P`: no module is taken from the folder that it runs in."""
        words = (
            ["run", *([] if self.tray else ["--no-tray"])] if role is Role.SERVICE else ["service", "watch", "--kill"]
        )
        return [str(self.python), "-P", "-m", "bot.cli", *words, "--home", str(self.home)]


def installation_of(home: Path, account: str, scope: Scope, run: Run) -> Installation:
    """This home, to be run by this Python. Raises ConfigError: a path that no unit can hold."""
    root, python = home.resolve(), Path(sys.executable).absolute()
    if sys.platform == "win32" and (windowless := python.with_name("pythonw.exe")).is_file():
        python = windowless  # a console window would be closed by somebody
    # what hangs for longer than that is cut: the next start reads it back
    waits = max(LEAST_S, TIMES_OVER * (run.quiet_wait_s + run.verify_timeout_s))
    for path, program in ((root, False), (python, True)):
        if faults := [*unfit(str(path), program=program)]:
            raise ConfigError(f"{path!s:.200}: {faults[0]!r}", page=str(path), raw=faults[0], code="service.bad_path")
    return Installation(root, python, account, scope, waits, waits, tray=_has_desktop())


def _has_desktop() -> bool:
    """A task of Windows runs in the user's own; a unit of systemd outlives it, and shall not end with what draws an icon there."""
    return sys.platform == "win32"


def unfit(path: str, *, program: bool = False) -> Iterator[str]:
    """What in a path can stand in no unit or task: characters without a spelling there, and what the system would expand."""
    yield from _CONTROL.findall(path)
    if path != path.strip() or (path.endswith("\\") and path.startswith("/")):
        yield path[-1]
    if program:  # systemd takes these in arguments, not in the name of what is run
        yield from re.findall(r"[\"'\\]", path if path.startswith("/") else "")
    if not path.startswith("/"):  # Windows' Task Scheduler has no escape for these
        yield from re.findall(r"%[^%]+%|\$\(", path)
