"""Whether a window can be had: what decides it without opening one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.browser import window
from bot.browser.find import System, has_display, this_machine
from bot.browser.launch import LaunchOptions


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
