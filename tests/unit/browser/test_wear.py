"""When a browser is worn: by cases, age and memory, and never while a click is on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import psutil
import pytest

from bot.browser.launch import BrowserHost
from bot.browser.wear import Limits, Wear, memory_mb


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.s = 100.0

    def monotonic(self) -> float:
        return self.s


@dataclass(eq=False)
class Process:
    """As much of psutil's as is asked."""

    mb: float
    children_: list[Process] = field(default_factory=list)
    gone: bool = False

    def children(self, *, recursive: bool) -> list[Process]:
        assert recursive
        return self.children_

    def memory_full_info(self) -> Process:
        if self.gone:
            raise psutil.NoSuchProcess(1)
        return self

    @property
    def uss(self) -> int:
        return int(self.mb * 1024 * 1024)


def processes(*those: Process) -> tuple[psutil.Process, ...]:
    return cast("tuple[psutil.Process, ...]", those)


def wear(watch: Watch) -> Wear:
    return Wear(clock=watch)  # type: ignore[arg-type] # nothing else of a clock is asked


def test_browser_that_is_old_is_worn() -> None:
    watch = Watch()
    worn = wear(watch)
    watch.s += 59
    assert not worn.too_much(Limits(age_s=60), ())
    watch.s += 1
    assert worn.too_much(Limits(age_s=60), ())


def test_browser_that_gained_memory_since_its_start_is_worn() -> None:
    driver = Process(50, [Process(400)])
    worn = wear(Watch())
    assert not worn.too_much(Limits(mb=300), processes(driver)), "what it starts with is no gain"
    driver.children_.append(Process(299))
    assert not worn.too_much(Limits(mb=300), processes(driver))
    driver.mb += 1
    assert worn.too_much(Limits(mb=300), processes(driver))


def test_processes_that_are_gone_or_named_twice_count_once_at_most() -> None:
    child = Process(10)
    assert memory_mb(processes(Process(5, [child, Process(7, gone=True)]), child)) == 15


def test_nothing_is_started_afresh_while_a_click_is_on_its_way(
    host: BrowserHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "cases", host.limits.cases)
    assert host.worn
    monkeypatch.setattr(host, "in_flight", True)
    assert not host.worn
