"""A window brought forward on Windows, by calls to a desktop in memory that keeps Windows' rules: no real one was at hand."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.desktop import front, win32
from bot.desktop.front import to_front

BROWSER, OTHER = 10, 20
KEEPS_PLACE_SIZE_AND_KEYS = 0x0013


@dataclass
class Shown:
    """`minimized` ones are visible to Windows too."""

    handle: int
    title: str
    pid: int
    minimized: bool = False


@dataclass
class FakeUser32:
    """Windows from the top down; `grants`: whether it lets us take the foreground."""

    windows: list[Shown]
    grants: bool = True
    foreground: int = 0
    layers: list[tuple[int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.foreground = self.foreground or self.windows[0].handle

    def _of(self, handle: int) -> Shown:
        return next(one for one in self.windows if one.handle == handle)

    def _raise(self, handle: int) -> None:
        self.windows.sort(key=lambda one: one.handle != handle)

    def EnumWindows(self, take: Callable[[int, int], bool], argument: int) -> None:  # noqa: N802 - the system's own name, as below
        for one in self.windows:
            take(one.handle, argument)

    def IsWindowVisible(self, _: int) -> bool:  # noqa: N802
        return True

    def GetWindowTextW(self, handle: int, into: Any, _: int) -> None:  # noqa: N802
        into.value = self._of(handle).title

    def GetWindowThreadProcessId(self, handle: int, into: Any) -> None:  # noqa: N802
        into._obj.value = self._of(handle).pid

    def GetClientRect(self, *_: object) -> None: ...  # noqa: N802

    def ClientToScreen(self, *_: object) -> None: ...  # noqa: N802

    def GetForegroundWindow(self) -> int:  # noqa: N802
        return self.foreground

    def IsIconic(self, handle: int) -> bool:  # noqa: N802
        return self._of(handle).minimized

    def ShowWindow(self, handle: int, how: int) -> None:  # noqa: N802
        assert how == win32._RESTORE
        self._of(handle).minimized = False

    def SetForegroundWindow(self, handle: int) -> None:  # noqa: N802
        if self.grants:
            self.foreground = handle
            self._raise(handle)

    def SetWindowPos(self, handle: int, after: ctypes.c_void_p, *place: int) -> None:  # noqa: N802
        layer = ctypes.c_ssize_t(after.value or 0).value
        self.layers.append((handle, layer, place[-1]))
        self._raise(handle)


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> FakeUser32:
    """Somebody's spreadsheet over two windows of the browser."""
    user32 = FakeUser32(
        [
            Shown(1, "验证 - 记录.xlsx", OTHER),
            Shown(2, "别的店 - Google Chrome", BROWSER),
            Shown(3, "验证 - Google Chrome", BROWSER),
        ]
    )
    monkeypatch.setattr(win32, "_calls", lambda _: user32)
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", lambda *_: lambda call: call, raising=False)
    monkeypatch.setattr(front, "this_screen", win32.Win32)
    return user32


@pytest.mark.parametrize("minimized", [False, True])
def test_the_browsers_window_comes_forward_by_process_and_title(desktop: FakeUser32, *, minimized: bool) -> None:
    desktop.windows[2].minimized = minimized
    assert to_front({BROWSER}, "验证")
    assert (desktop.foreground, desktop.windows[0].handle, desktop.windows[0].minimized) == (3, 3, False)
    assert desktop.layers == [], "whoever has the foreground needs no more"


def test_where_windows_keeps_the_foreground_the_window_lies_over_all_and_takes_no_keys(desktop: FakeUser32) -> None:
    desktop.grants = False
    assert to_front({BROWSER}, "验证")
    assert (desktop.windows[0].handle, desktop.foreground) == (3, 1)
    assert desktop.layers == [(3, -1, KEEPS_PLACE_SIZE_AND_KEYS), (3, -2, KEEPS_PLACE_SIZE_AND_KEYS)], (
        "and does not stay over all for ever"
    )


def test_without_a_title_the_browsers_top_window_is_meant_and_never_another_programs(desktop: FakeUser32) -> None:
    assert not to_front({BROWSER}, "记录")
    assert not to_front({30}, "")
    assert desktop.foreground == 1
    assert to_front({BROWSER}, "")
    assert desktop.foreground == 2
