"""Makes sure that a browser is there that can run and draw Chinese; demo, sweep, doctor and the tests all call `provide`.

In this order: what the PC has, Playwright's own download, and last, on Debian as root, the system's packages (lab.md 10).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.browser.find import FoundBrowser, Machine, System, find, this_machine
from bot.domain.decision import Reason
from bot.errors import BrowserMissing

DOWNLOAD_TIMEOUT_S = 900.0
APT_TIMEOUT_S = 900.0
_QUICK_S = 30.0

_FONT_PACKAGE = "fonts-wqy-microhei"
_CJK_MARKS = ("wqy", "cjk", "notosanssc", "notoserifsc", "sourcehan", "uming", "ukai", "droidsansfallback", "simsun")

Tell = Callable[[Reason], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a program: its exit code (-1: not started, or out of time), and all it printed."""

    code: int
    output: str


Run = Callable[[Sequence[str], float, Mapping[str, str]], Finished]
"""Runs a program with a limit in seconds and additions to the environment; never raises."""


def run_program(command: Sequence[str], timeout_s: float, env: Mapping[str, str]) -> Finished:
    """Run a program to its end, its output kept."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs with fixed arguments, no shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            env={**os.environ, **env},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finished(-1, str(error))
    return Finished(done.returncode, done.stdout.decode("utf-8", errors="replace"))


def _silent(_: Reason) -> None:
    """The default listener."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What every step needs."""

    machine: Machine
    run: Run
    tell: Tell
    named: str
    headed: bool

    def find(self) -> FoundBrowser:
        return find(self.machine, self.named, headed=self.headed, runs=self.runs)

    def runs(self, path: Path) -> bool:
        """Whether it says its version; on Windows asking would open a window, so there it is believed."""
        if self.machine.system is System.WINDOWS:
            return True
        return self.run([str(path), "--version"], _QUICK_S, {}).code == 0

    def say(self, code: str, **params: str) -> None:
        self.tell(Reason(code=f"browser.{code}", params=params))


def provide(
    *,
    explicit: str = "",
    headed: bool = False,
    tell: Tell = _silent,
    machine: Machine | None = None,
    run: Run = run_program,
) -> FoundBrowser:
    """A browser that runs; downloads or installs one, and what it needs, where that is possible.

    Args:
        explicit: path of the browser to use and no other (else the environment variable REFUNDPILOT_BROWSER).
        headed: a window is wanted.
        tell: hears what is being done; the texts are in the message catalogue.
        machine: the PC; tests give a made-up one.
        run: runs programs; tests give a made-up one.

    Raises:
        BrowserMissing: with the cure for this system as its code.
    """
    work = _Work(machine or this_machine(), run, tell, explicit, headed)
    _supply_libraries(work)
    try:
        found = work.find()
    except BrowserMissing as missing:
        if missing.reason_code == "error.browser.named":
            raise
        found = _fetch(work, missing)
    _supply_font(work)
    return found


def lacks_font(machine: Machine, run: Run = run_program) -> bool:
    """Whether Chinese would be drawn as empty boxes, which makes every picture worthless as proof."""
    if machine.system is not System.LINUX:
        return False
    if machine.which("fc-list"):
        return not run(["fc-list", ":lang=zh", "file"], _QUICK_S, {}).output.strip()
    folders = (machine.at("/usr/share/fonts"), machine.at("/usr/local/share/fonts"), machine.home / ".fonts")
    names = (path.name.lower().replace("-", "") for folder in folders for path in folder.rglob("*.[to]t[fc]"))
    return not any(mark in name for name in names for mark in _CJK_MARKS)


def lacks_driver_library(machine: Machine) -> bool:
    """Whether Playwright's bundled node would die at its start for want of libatomic (lab.md 1.1)."""
    own_node = bool(machine.env.get("PLAYWRIGHT_NODEJS_PATH"))
    return machine.system is System.LINUX and not own_node and not machine.loads("libatomic.so.1")


def can_install(machine: Machine) -> bool:
    """Whether we may install Debian packages: Debian itself (Ubuntu's chromium is a snap), apt-get, root."""
    release = machine.at("/etc/os-release")
    lines = release.read_text(encoding="utf-8").splitlines() if release.is_file() else []
    return machine.is_root and "ID=debian" in lines and machine.which("apt-get") is not None


def install_packages(*packages: str, run: Run = run_program) -> Finished:
    """Debian packages, where `can_install`. Another apt at work (a second test worker) is waited for."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    lock = ["-o", "DPkg::Lock::Timeout=300"]
    run(["apt-get", *lock, "-qq", "update"], APT_TIMEOUT_S, quiet)
    return run(["apt-get", *lock, "-qq", "-y", "install", "--no-install-recommends", *packages], APT_TIMEOUT_S, quiet)


def _supply_libraries(work: _Work) -> None:
    if not lacks_driver_library(work.machine):
        return
    if not can_install(work.machine):
        raise BrowserMissing("libatomic.so.1 is missing", raw="libatomic1", code="error.browser.libatomic")
    _install(work, "libatomic1")
    if lacks_driver_library(work.machine):
        raise BrowserMissing("libatomic.so.1 is still missing", raw="libatomic1", code="error.browser.libatomic")


def _supply_font(work: _Work) -> None:
    """A missing font spoils pictures but no money: where it cannot be installed it is said, and work goes on."""
    if not lacks_font(work.machine, work.run):
        return
    if not can_install(work.machine) or _install(work, _FONT_PACKAGE).code != 0:
        work.say("no_font", package=_FONT_PACKAGE)


def _fetch(work: _Work, missing: BrowserMissing) -> FoundBrowser:
    """Download, else install; the first error is the one raised, as its cure fits the system."""
    for step in (_download, _install_browser):
        if not step(work):
            continue
        try:
            return work.find()
        except BrowserMissing:
            work.say("still_missing")
    raise missing


def _download(work: _Work) -> bool:
    """Playwright's download; pointless where the libraries it is linked to are absent, as on a bare Debian."""
    machine = work.machine
    if machine.env.get("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"):
        return False
    if machine.system is System.LINUX and not machine.loads("libnss3.so"):
        return False
    work.say("downloading")
    part = "--no-shell" if work.headed else "--only-shell"
    command = [sys.executable, "-m", "playwright", "install", "chromium", part]
    done = work.run(command, DOWNLOAD_TIMEOUT_S, {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000"})
    if done.code != 0:
        work.say("download_failed", detail=_gist(done.output))
    return done.code == 0


def _install_browser(work: _Work) -> bool:
    if not can_install(work.machine):
        return False
    fonts = [_FONT_PACKAGE] if lacks_font(work.machine, work.run) else []
    return _install(work, "chromium" if work.headed else "chromium-headless-shell", *fonts).code == 0


def _install(work: _Work, *packages: str) -> Finished:
    work.say("installing", packages=" ".join(packages))
    done = install_packages(*packages, run=work.run)
    if done.code != 0:
        work.say("install_failed", packages=" ".join(packages), detail=_gist(done.output))
    return done


def _gist(output: str) -> str:
    """The line that says what went wrong: the last one with an error's mark in it, else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or line.startswith("E:")]
    return (telling or lines or [""])[-1][:300]
