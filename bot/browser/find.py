"""Which browser of this PC to drive: a named one, what is installed, or what Playwright downloaded; and why not the others."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.browser.places import BrowserKind, Machine, System, downloaded, installed
from bot.errors import BrowserMissing

__all__ = [
    "BrowserKind",
    "Candidate",
    "FoundBrowser",
    "Machine",
    "System",
    "Unfit",
    "Via",
    "find",
    "has_display",
    "is_root",
    "this_machine",
]

ENVIRONMENT = "REFUNDPILOT_BROWSER"


class Via(StrEnum):
    """How we came to a browser."""

    NAMED = "named"
    INSTALLED = "installed"
    DOWNLOADED = "downloaded"


class Unfit(StrEnum):
    """Why a candidate was not taken."""

    ABSENT = "absent"
    NOT_EXECUTABLE = "not_executable"
    NO_WINDOW = "no_window"
    DOES_NOT_RUN = "does_not_run"


CHANNELS = {BrowserKind.EDGE: "msedge", BrowserKind.CHROME: "chrome"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a browser may be."""

    path: Path
    kind: BrowserKind
    via: Via


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """The browser to drive. `channel` is the vendor's channel name or empty; `rejected` lists what came before it."""

    path: Path
    kind: BrowserKind
    channel: str
    why: Via
    rejected: tuple[tuple[Candidate, Unfit], ...]


def this_machine() -> Machine:
    """The PC we run on."""
    systems = {"win32": System.WINDOWS, "darwin": System.MACOS}
    return Machine(
        system=systems.get(sys.platform, System.LINUX),
        env=os.environ,
        root=Path("/"),
        home=Path.home(),
        is_root=is_root(),
        which=shutil.which,
        app_path=_registered,
        loads=_loads,
    )


def has_display(machine: Machine) -> bool:
    """Whether a window can be shown at all."""
    env = machine.env
    return machine.system is not System.LINUX or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def is_root() -> bool:
    """Whether we run as root; never on Windows, where Chromium keeps its sandbox for administrators too."""
    return sys.platform != "win32" and os.geteuid() == 0


def find(
    machine: Machine, named: str = "", *, headed: bool = False, runs: Callable[[Path], bool] = lambda _: True
) -> FoundBrowser:
    """The first fit browser.

    Args:
        machine: where to look.
        named: path from the settings; the environment variable REFUNDPILOT_BROWSER stands in for it.
        headed: a window is needed, so the headless shell does not do.
        runs: a last test of a candidate, say by asking it for its version.

    Raises:
        BrowserMissing: none; or the named one is not fit, for then no other is taken in its stead.
    """
    path = named or machine.env.get(ENVIRONMENT, "")
    rejected: list[tuple[Candidate, Unfit]] = []
    for candidate in [_named(path)] if path else candidates(machine):
        unfit = _unfit(candidate, headed=headed, runs=runs)
        if unfit is None:
            channel = CHANNELS.get(candidate.kind, "")
            return FoundBrowser(candidate.path, candidate.kind, channel, candidate.via, tuple(rejected))
        rejected.append((candidate, unfit))
    listed = ", ".join(f"{candidate.path} ({unfit})" for candidate, unfit in rejected)
    raise BrowserMissing(
        f"no browser: {listed}",
        raw=path or listed,
        code="error.browser.named" if path else f"error.browser.{machine.system}",
    )


def candidates(machine: Machine) -> Iterator[Candidate]:
    """All places in the order of preference: what the PC has, then what Playwright downloaded."""
    seen: set[Path] = set()
    for path, kind in installed(machine):
        if path not in seen:
            seen.add(path)
            yield Candidate(path, kind, Via.INSTALLED)
    for path, kind in downloaded(machine):
        yield Candidate(path, kind, Via.DOWNLOADED)


def _unfit(candidate: Candidate, *, headed: bool, runs: Callable[[Path], bool]) -> Unfit | None:
    if not candidate.path.is_file():
        return Unfit.ABSENT
    if not os.access(candidate.path, os.X_OK):
        return Unfit.NOT_EXECUTABLE
    if headed and candidate.kind is BrowserKind.SHELL:
        return Unfit.NO_WINDOW
    return None if runs(candidate.path) else Unfit.DOES_NOT_RUN


def _named(path: str) -> Candidate:
    marks = (("headless", BrowserKind.SHELL), ("edge", BrowserKind.EDGE), ("chromium", BrowserKind.CHROMIUM))
    name = Path(path).name.lower()
    kind = next((kind for mark, kind in marks if mark in name), BrowserKind.CHROME)
    return Candidate(Path(path), kind, Via.NAMED)


def _registered(name: str) -> str | None:
    """Where Windows' registry says that the program `name` is; None elsewhere."""
    if sys.platform != "win32":
        return None
    import winreg  # noqa: PLC0415 - exists on Windows alone

    for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        try:
            return winreg.QueryValue(hive, rf"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\{name}")
        except OSError:
            continue
    return None


def _loads(library: str) -> bool:
    """Whether the system's loader finds a shared library."""
    import ctypes  # noqa: PLC0415 - only Linux asks

    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
