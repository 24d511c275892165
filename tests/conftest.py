"""What all tests share: one browser for the whole session, and simulators that start and end with the test that asks."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio
import typer.testing
from hypothesis import settings
from playwright.async_api import Browser, async_playwright

from bot.browser.find import FoundBrowser
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.provision import provide
from tests.nursery import begin

ROOT = Path(__file__).resolve().parent.parent

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""Hundreds of sweeps and simulators are started as processes of their own: each module is compiled for the first one alone."""

settings.register_profile("shared machines", deadline=None)
settings.load_profile("shared machines")


typer.testing._get_command = cache(typer.testing._get_command)
"""All commands are put together once a process, as in the program itself, and not once a call: a tenth of what these tests took."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: a sweep waits for its shop now and then, and the worker without one fills these gaps (on two: 15:23, then 13:31)."""
    return max(2, os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All workers but the last begin with their part of the sweeps and replays: none of these long ones is the last to run.

    Browsers in all of them would only take the cores from each other. The others keep their neighbours: a module's simulator
    is started once where one worker has all of its tests.
    """
    sweeps = [item for item in items if _in_a_shop(item)]
    others = iter([item for item in items if not _in_a_shop(item)])
    lanes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    sweeping = max(1, lanes - 1)
    ends = [len(items) * lane // lanes for lane in range(lanes + 1)]
    found: list[pytest.Item] = []
    for lane in range(lanes):
        found += sweeps[lane::sweeping] if lane < sweeping else []
        found += islice(others, max(0, ends[lane + 1] - len(found)))
    items[:] = found


def pytest_collection_finish() -> None:
    """Seven thousand tests are a million objects that live as long as the run: the collector need not walk them again and again."""
    gc.collect()
    gc.freeze()


def _in_a_shop(item: pytest.Item) -> bool:
    return any(place in item.nodeid for place in ("/e2e/", "/tapes/", "test_tour"))


@pytest.fixture(scope="session")
def browser_binary() -> FoundBrowser:
    """A browser, provided if need be, as demo and doctor get theirs."""
    return provide(tell=lambda reason: sys.stderr.write(f"{reason.code} {reason.params}\n"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def host(browser_binary: FoundBrowser) -> AsyncIterator[BrowserHost]:
    """The one browser of all tests, behind its gate: a page without a guard cannot reach anything from it."""
    started = await BrowserHost.start(LaunchOptions(browser_binary.path, frozenset({"127.0.0.1"})))
    yield started
    await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bare_browser(browser_binary: FoundBrowser) -> AsyncIterator[Browser]:
    """A browser without gate: for people's hands in tests (a scripted person, a colleague), never for the bot."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(browser_binary.path))
        yield browser
        await browser.close()


@dataclass(frozen=True)
class Simulator:
    """A running simulator: what its JSON line said, and its probe."""

    process: BaseProcess
    said: dict[str, Any]
    probe: httpx.Client

    @property
    def url(self) -> str:
        return str(self.said["url"])

    @property
    def courier(self) -> str:
        return str(self.said["courier"])

    def get(self, path: str) -> Any:
        """What the probe answers at `path`, such as `effects`."""
        return self.probe.get(f"/__probe__/{path}").raise_for_status().json()

    def post(self, path: str, **body: object) -> Any:
        """Tell the probe, such as `post("clock", advance_s=60)`."""
        return self.probe.post(f"/__probe__/{path}", json=body).raise_for_status().json()


StartSimulator = Callable[..., Simulator]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[StartSimulator]:
    """Starts `python -m simulator` with options as keywords: `simulator(scenario="mixed", seed=1, cases=20)`."""
    running: list[Simulator] = []

    def start(**options: object) -> Simulator:
        started = start_simulator(tmp_path / f"simulator-{len(running)}.log", **options)
        running.append(started)
        return started

    yield start
    for started in running:
        end_simulator(started)


def start_simulator(log: Path, **options: object) -> Simulator:
    """Start one on a free port and wait for its JSON line; its stderr goes to `log`."""
    flags = {"port": 0, "scenario": "mixed", "seed": 1, **options}
    process, line = begin([str(part) for key, value in flags.items() for part in (f"--{key}", value)], log)
    if not line:
        process.join()
        raise RuntimeError(f"the simulator did not start: {log.read_text(encoding='utf-8')[-2000:]}")
    said = json.loads(line)
    return Simulator(process, said, httpx.Client(base_url=said["url"], timeout=30.0, trust_env=False))


def end_simulator(started: Simulator) -> None:
    """End it by its own id, and whatever it started."""
    started.probe.close()
    if started.process.is_alive():
        for child in psutil.Process(started.process.pid).children(recursive=True):
            child.kill()
        started.process.kill()
    started.process.join(timeout=10)
