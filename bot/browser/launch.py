"""Starting Playwright and one browser behind the gate, and ending both, if need be by killing the whole process tree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psutil
from playwright.async_api import Browser, Playwright, StorageState, async_playwright
from playwright.async_api import Error as PlaywrightError

from bot.browser.find import is_root
from bot.browser.gate import Gate, Heads
from bot.browser.wear import Limits, Wear
from bot.errors import BrowserMissing, SignInRefused
from bot.ports.desktop import Front

LAUNCH_TIMEOUT_MS = 60_000
_START_S = 90.0
_CLOSE_S = 30.0
"""A driver that hangs keeps no time-out of its own: what takes longer is killed (F9)."""
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """`hosts`: all host names that any session may reach; every other name resolves to nothing (S7).

    `sandbox`: None = on unless we are root, whom Chromium refuses a sandbox (S29). `proxy`: `http://host:port` where the
    merchant's network needs one; without it the system's proxy settings are ignored, because a proxy resolves names itself
    and would make the host rules void. `heads`: of a tape that is recorded, or played instead of the network. `front`: how the system
    brings a window forward, where somebody wants that beside the browser's own way.
    """

    executable: Path
    hosts: frozenset[str]
    headed: bool = False
    sandbox: bool | None = None
    proxy: str = ""
    heads: Heads = field(default_factory=Heads)
    front: Front | None = None

    @property
    def sealed(self) -> bool:
        """Whether a tape stands where the network was: then no host at all can be reached."""
        return self.heads.player is not None


def arguments(hosts: Iterable[str], proxy: str = "") -> list[str]:
    """Command line of the browser beyond Playwright's own: closed egress, nothing that talks on its own account.

    Playwright drives it through a pipe, so there is no debugging port to find (S28); a test asserts both.
    """
    named = sorted({*hosts, *([_proxy_host(proxy)] if proxy else [])} - {""})
    rules = ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in named)])
    return [
        f"--host-resolver-rules={rules}",
        f"--proxy-server={proxy}" if proxy else "--no-proxy-server",
        "--disable-quic",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--dns-prefetch-disable",
    ]


def _proxy_host(proxy: str) -> str:
    return proxy.rpartition("://")[2].partition(":")[0]


@dataclass(frozen=True, slots=True)
class Running:
    """One driver with one browser behind its gate. `processes`: the driver first, then what it had started by then."""

    playwright: Playwright
    browser: Browser
    gate: Gate
    processes: tuple[psutil.Process, ...]

    @classmethod
    async def start(cls, options: LaunchOptions) -> Running:
        """Launch, and shut the gate before anything can be sent. Raises BrowserMissing with the browser's own words."""
        before = _drivers()
        playwright = await _start_driver()
        try:
            async with asyncio.timeout(_START_S):
                driver = _the_new_one(before)
                browser = await _launch(playwright, options)
                gate = await Gate.shut(browser, options.heads)
                return cls(playwright, browser, gate, (driver, *driver.children(recursive=True)))
        except BaseException as error:
            if isinstance(error, TimeoutError):
                kill_trees(_drivers() - before)
            await playwright.stop()
            if isinstance(error, PlaywrightError | psutil.Error | TimeoutError):
                raise BrowserMissing(f"{options.executable} does not start: {error}", raw=str(error)) from error
            raise

    @property
    def alive(self) -> bool:
        """Whether browser and driver still run, as far as anybody heard."""
        return self.browser.is_connected() and self.processes[0].is_running()

    @property
    def pids(self) -> frozenset[int]:
        """Of driver and browser with all descendants, as far as they run."""
        return frozenset(process.pid for process in _trees(self.processes))

    async def close(self) -> None:
        """End in good order, and what hangs by killing it; never raises for a browser that is gone already."""
        with suppress(PlaywrightError):
            await self.gate.quiet()
        try:
            async with asyncio.timeout(_CLOSE_S):
                with suppress(PlaywrightError):
                    await self.browser.close()
        except TimeoutError:
            await asyncio.to_thread(self.kill)
        await self.playwright.stop()

    def kill(self, wait_s: float = 5.0) -> int:
        """Kill driver and browser with all descendants, by the pids recorded at the start and their children of now.

        A request held at the gate dies unsent with its browser (F3). Returns the number of processes killed; a pid that was
        reused by another program is left alone (psutil compares start times).
        """
        return kill_trees(self.processes, wait_s)


class Tenant(Protocol):
    """A session that lives in the browser."""

    async def remember(self) -> None:
        """Keep the sign-in in memory, as far as it can still be had."""


@dataclass
class BrowserHost:
    """The browser that all sessions of the process share, started afresh when it died or is worn.

    `generation` counts the starts: a session whose context is of an older one begins again in the new browser, with the
    sign-in it remembered. `cases` counts what was handled since the last start. `in_flight`: a click has been fired and its
    outcome is not booked yet, so nothing is started afresh for wear. `kept`: sign-ins of sessions that ended, by name, where
    somebody wants the next session of that name to begin with them; None: each begins signed out (docs/adr/0005). `attended`: a page
    waits for a person beside the work, which is as good a reason. `signed_in`: since when, of sign-ins that live or are kept. `unpassed`:
    names of sessions that stand at a check which nobody passed. `refused`: names whose account was refused, which is not tried again
    before somebody changed something. `silent`: since when a name's place is out of reach.
    """

    options: LaunchOptions
    running: Running
    generation: int = 1
    cases: int = 0
    limits: Limits = field(default_factory=Limits)
    in_flight: bool = False
    attended: bool = False
    kept: dict[str, StorageState] | None = None
    signed_in: dict[str, datetime] = field(default_factory=dict)
    unpassed: set[str] = field(default_factory=set)
    refused: dict[str, SignInRefused] = field(default_factory=dict)
    silent: dict[str, datetime] = field(default_factory=dict)
    tenants: set[Tenant] = field(default_factory=set)
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _closed: bool = False
    _wear: Wear = field(default_factory=Wear)

    @classmethod
    async def start(cls, options: LaunchOptions) -> BrowserHost:
        """Launch and shut the gate. Raises BrowserMissing: the browser does not start."""
        return cls(options, await Running.start(options))

    @property
    def browser(self) -> Browser:
        return self.running.browser

    @property
    def gate(self) -> Gate:
        return self.running.gate

    @property
    def version(self) -> str:
        return self.browser.version

    @property
    def alive(self) -> bool:
        return self.running.alive

    @property
    def worn(self) -> bool:
        """Whether cases, age or memory want a fresh browser and driver (reliability.md 6), and nothing is in flight or in a person's hands."""
        if self.in_flight or self.attended:
            return False
        return self.cases >= self.limits.cases or self._wear.too_much(self.limits, self.running.processes)

    async def restart(self, seen: int) -> None:
        """Start a fresh browser, unless somebody did since generation `seen`. Raises BrowserMissing."""
        async with self._restarting:
            if self.generation != seen:
                return
            for tenant in tuple(self.tenants):
                await tenant.remember()
            if not self.alive:
                self.running.kill()
            await self.running.close()
            self.running = await Running.start(self.options)
            self.generation += 1
            self.cases, self._wear = 0, Wear(self._wear.clock)

    def forget(self, name: str) -> None:
        """The next session of that name begins signed out; nothing of the old sign-in is left."""
        if self.kept is not None:
            self.kept.pop(name, None)
        self.signed_in.pop(name, None)
        self.unpassed.discard(name)

    async def close(self) -> None:
        """End in good order, once; never raises for a browser that is gone already."""
        if not self._closed:
            self._closed = True
            await self.running.close()

    def kill(self, wait_s: float = 5.0) -> int:
        """As `Running.kill`: the next tab that a session opens finds a fresh browser."""
        return self.running.kill(wait_s)


def kill_trees(roots: Iterable[psutil.Process], wait_s: float = 5.0) -> int:
    """Kill the processes and all their descendants, and wait for their end. Returns how many there were."""
    doomed = _trees(roots)
    for process in doomed:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(doomed, timeout=wait_s)
    return len(doomed)


def _trees(roots: Iterable[psutil.Process]) -> set[psutil.Process]:
    """The processes and all their descendants, as far as they run."""
    found: set[psutil.Process] = set()
    for root in roots:
        with suppress(psutil.Error):
            found |= {root, *root.children(recursive=True)} if root.is_running() else set()
    return found


def _drivers() -> set[psutil.Process]:
    """Playwright's drivers (node) among our direct children; whatever else we started is none of our business here."""
    found = set()
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            found |= {child} if "node" in child.name().lower() else set()
    return found


def _the_new_one(before: set[psutil.Process]) -> psutil.Process:
    """The driver that was not there before. Raises BrowserMissing when it is gone already."""
    new = _drivers() - before
    if not new:
        raise BrowserMissing("Playwright's driver ended as soon as it had started")
    return max(new, key=lambda process: process.create_time())


async def _start_driver() -> Playwright:
    """Raises BrowserMissing when the bundled node does not start (bare Debian lacks libatomic1: lab.md 1.1)."""
    try:
        return await async_playwright().start()
    except Exception as error:  # Playwright raises bare Exception here when its driver dies at the start
        raise BrowserMissing(f"Playwright's driver does not start: {error}", raw=str(error)) from error


async def _launch(playwright: Playwright, options: LaunchOptions) -> Browser:
    return await playwright.chromium.launch(
        executable_path=str(options.executable),
        headless=not options.headed,
        args=arguments(()) if options.sealed else arguments({*options.hosts, *_LOCAL}, options.proxy),
        chromium_sandbox=(not is_root()) if options.sandbox is None else options.sandbox,
        timeout=LAUNCH_TIMEOUT_MS,
        # a terminal sends Ctrl-C to every process in it; ours decides when the browser goes (F33)
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
    )
