"""Which browser of this PC to drive: a named one, what is installed, or what Playwright downloaded; and why not the others."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.errors import BrowserMissing

ENVIRONMENT = "REFUNDPILOT_BROWSER"


class System(StrEnum):
    """The operating systems that we know our way around."""

    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"


class BrowserKind(StrEnum):
    """SHELL is Chromium without windows: half the memory, twice as fast to start, no traffic of its own (lab.md 1.4, 1.5)."""

    EDGE = "edge"
    CHROME = "chrome"
    CHROMIUM = "chromium"
    SHELL = "shell"


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


@dataclass(frozen=True, slots=True)
class Machine:
    """The PC as far as finding goes; tests give a made-up one. `root` is what absolute POSIX paths start from."""

    system: System
    env: Mapping[str, str]
    root: Path
    home: Path
    is_root: bool
    which: Callable[[str], str | None]
    app_path: Callable[[str], str | None]
    loads: Callable[[str], bool]

    def at(self, path: str) -> Path:
        """`path` on this machine."""
        return self.root / path.lstrip("/") if path.startswith("/") else Path(path)


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
    for path, kind in _installed(machine):
        if path not in seen:
            seen.add(path)
            yield Candidate(path, kind, Via.INSTALLED)
    for path, kind in _downloaded(machine):
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


_LINUX = (
    # The shell first: on a server it is the better one. Real binaries before their wrappers (lab.md 1.4).
    ("/usr/lib/chromium/chromium-headless-shell", BrowserKind.SHELL),
    ("/usr/bin/chromium-headless-shell", BrowserKind.SHELL),
    ("/opt/microsoft/msedge/msedge", BrowserKind.EDGE),
    ("/opt/google/chrome/chrome", BrowserKind.CHROME),
    ("/usr/lib/chromium/chromium", BrowserKind.CHROMIUM),
    ("/usr/lib/chromium-browser/chromium-browser", BrowserKind.CHROMIUM),
    ("/usr/lib64/chromium-browser/chromium-browser", BrowserKind.CHROMIUM),
)
_LINUX_NAMES = (
    ("microsoft-edge", BrowserKind.EDGE),
    ("google-chrome", BrowserKind.CHROME),
    ("google-chrome-stable", BrowserKind.CHROME),
    ("chromium", BrowserKind.CHROMIUM),
    ("chromium-browser", BrowserKind.CHROMIUM),
)
_WINDOWS = (
    ("Microsoft/Edge/Application/msedge.exe", BrowserKind.EDGE),
    ("Google/Chrome/Application/chrome.exe", BrowserKind.CHROME),
    ("Chromium/Application/chrome.exe", BrowserKind.CHROMIUM),
)
_WINDOWS_HOMES = ("PROGRAMFILES(X86)", "PROGRAMFILES", "PROGRAMW6432", "LOCALAPPDATA")
_MACOS = (
    ("Microsoft Edge.app/Contents/MacOS/Microsoft Edge", BrowserKind.EDGE),
    ("Google Chrome.app/Contents/MacOS/Google Chrome", BrowserKind.CHROME),
    ("Chromium.app/Contents/MacOS/Chromium", BrowserKind.CHROMIUM),
)


def _installed(machine: Machine) -> Iterator[tuple[Path, BrowserKind]]:
    match machine.system:
        case System.LINUX:
            yield from ((machine.at(path), kind) for path, kind in _LINUX)
            yield from ((Path(place), kind) for name, kind in _LINUX_NAMES if (place := machine.which(name)))
        case System.WINDOWS:
            yield from _on_windows(machine)
        case System.MACOS:
            homes = (machine.at("/Applications"), machine.home / "Applications")
            yield from ((home / path, kind) for path, kind in _MACOS for home in homes)


def _on_windows(machine: Machine) -> Iterator[tuple[Path, BrowserKind]]:
    """Kind by kind: what the registry says, then the usual folders."""
    for path, kind in _WINDOWS:
        registered = machine.app_path(Path(path).name) if kind is not BrowserKind.CHROMIUM else None
        if registered:
            yield Path(registered), kind
        for home in filter(None, map(machine.env.get, _WINDOWS_HOMES)):
            yield Path(home) / path, kind


def _downloaded(machine: Machine) -> Iterator[tuple[Path, BrowserKind]]:
    """Playwright's own downloads, newest revision first (folder names read from its registry)."""
    store = _store(machine)
    names = {
        System.LINUX: ("chrome-headless-shell", "chrome"),
        System.WINDOWS: ("chrome-headless-shell.exe", "chrome.exe"),
        System.MACOS: ("chrome-headless-shell", "*.app/Contents/MacOS/*"),
    }[machine.system]
    for folder, name, kind in (
        ("chromium_headless_shell-*", names[0], BrowserKind.SHELL),
        ("chromium-*", names[1], BrowserKind.CHROMIUM),
    ):
        found = sorted(store.glob(f"{folder}/*/{name}"), key=_revision, reverse=True)
        yield from ((path, kind) for path in found)


def _revision(path: Path) -> int:
    digits = next((part.rpartition("-")[2] for part in path.parts if part.startswith("chromium")), "")
    return int(digits) if digits.isdecimal() else 0


def _store(machine: Machine) -> Path:
    named = machine.env.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if named and named != "0":
        return Path(named)
    match machine.system:
        case System.WINDOWS:
            return Path(machine.env.get("LOCALAPPDATA") or machine.home / "AppData" / "Local") / "ms-playwright"
        case System.MACOS:
            return machine.home / "Library" / "Caches" / "ms-playwright"
        case System.LINUX:
            return Path(machine.env.get("XDG_CACHE_HOME") or machine.home / ".cache") / "ms-playwright"


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
