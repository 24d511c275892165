"""Where browsers are kept on each system; touches the disk only to look for Playwright's downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


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


def installed(machine: Machine) -> Iterator[tuple[Path, BrowserKind]]:
    """Where browsers are installed, in the order of preference; a place can come twice."""
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


def downloaded(machine: Machine) -> Iterator[tuple[Path, BrowserKind]]:
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
