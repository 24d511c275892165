"""Whether a window can be had: what decides it without opening one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.browser import window
from bot.browser.find import System, has_display, this_machine
from bot.browser.launch import LaunchOptions
from bot.errors import NotAvailable


@pytest.mark.parametrize(
    ("system", "env", "shown"),
    [
        (System.LINUX, {}, False),
        (System.LINUX, {"DISPLAY": ":0"}, True),
        (System.LINUX, {"WAYLAND_DISPLAY": "wayland-0"}, True),
        (System.WINDOWS, {}, True),
    ],
)
async def test_no_browser_is_started_for_a_window_where_there_is_no_display(
    monkeypatch: pytest.MonkeyPatch, system: System, env: dict[str, str], *, shown: bool
) -> None:
    machine = replace(this_machine(), system=system, env={**env, "REFUNDPILOT_BROWSER": "/nowhere/chrome"})
    monkeypatch.setattr(window, "this_machine", lambda: machine)
    assert has_display(machine) is shown
    assert await window.windowed(LaunchOptions(Path("/nowhere/chrome"), frozenset())) is None


def test_a_browser_without_windows_is_not_asked_for_one() -> None:
    shell = LaunchOptions(Path("/usr/bin/chromium-headless-shell"), frozenset())
    chrome = LaunchOptions(Path("/usr/bin/google-chrome"), frozenset())
    assert window._named(shell) == ""
    assert window._named(chrome) == "/usr/bin/google-chrome"


@dataclass
class FakeFront:
    """`bot.ports.desktop.Front` of a desktop that shows its windows, by title, only at a later look."""

    shown: str
    looks_first: int = 0
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def __call__(self, pids: Collection[int], title: str) -> bool:
        self.asked.append(title)
        if self.error is not None:
            raise self.error
        return len(self.asked) > self.looks_first and self.shown.startswith(title)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_LOOK_S", 0)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    ("front", "asked"),
    [
        (FakeFront("check - Chrome", looks_first=2), ["check"] * 3),
        (FakeFront("another title - Chrome"), ["check"] * 9 + [""]),
        (FakeFront("", looks_first=99), ["check"] * 9 + [""]),
        (FakeFront("check", error=NotAvailable("no screen")), ["check"]),
        (FakeFront("check", error=OSError("the desktop went away")), ["check"]),
    ],
    ids=["comes late", "goes by another title", "never comes", "no screen", "a broken desktop"],
)
async def test_the_system_is_asked_until_the_window_is_there_once_and_never_fails_a_sign_in(
    front: FakeFront, asked: list[str]
) -> None:
    await window._by_the_system(front, {1}, "check")
    assert front.asked == asked
