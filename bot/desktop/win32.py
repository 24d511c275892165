"""Windows of a Windows desktop, by its own calls; written by the documentation and never tried there (docs/desktop.md)."""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import Any

import psutil

from bot.domain.lines import Box
from bot.ports.desktop import WindowSeen

_PER_MONITOR_V2 = -4
_SWITCH_DESKTOP = 0x0100
_DEFAULT = "Default"
_NAME = 2
_RESTORE = 9
_LAYERS = (-1, -2)
"""Over all windows, and then the first of the ordinary ones again."""
_WHERE_IT_IS = 0x0001 | 0x0002 | 0x0010
"""Neither its size nor its place changes, nor who has the keys."""


class _LastInput(ctypes.Structure):
    _fields_ = (("size", wintypes.UINT), ("tick", wintypes.DWORD))


def _calls(name: str) -> Any:
    """A system library; only Windows has them."""
    return getattr(ctypes, "windll")[name]  # noqa: B009 - the attribute exists on Windows alone


def see_real_pixels() -> None:
    """Before anything is measured: without it a scaled screen answers in other pixels than its pictures have."""
    try:
        _calls("user32").SetProcessDpiAwarenessContext(ctypes.c_void_p(_PER_MONITOR_V2))
    except (AttributeError, OSError):
        _calls("user32").SetProcessDPIAware()


def locked() -> bool:
    """Another desktop than the default one has the input: the lock screen, a password prompt, or a session that nobody is at."""
    user32 = _calls("user32")
    desktop = user32.OpenInputDesktop(0, False, _SWITCH_DESKTOP)  # noqa: FBT003 - the system's own signature
    if not desktop:
        return True
    name = ctypes.create_unicode_buffer(256)
    got = user32.GetUserObjectInformationW(desktop, _NAME, name, ctypes.sizeof(name), None)
    user32.CloseDesktop(desktop)
    return not got or name.value != _DEFAULT


class Win32:
    """The windows of the session that this program runs in."""

    def close(self) -> None:
        """Nothing is held."""

    def windows(self, *, put_away: bool = False) -> tuple[WindowSeen, ...]:  # noqa: ARG002 - visible is here what is minimised too
        """EnumWindows goes from the top down."""
        found: list[int] = []
        kind = getattr(ctypes, "WINFUNCTYPE")(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)  # noqa: B009 - the attribute exists on Windows alone

        def take(handle: int, _: int) -> bool:
            found.append(handle)
            return True

        _calls("user32").EnumWindows(kind(take), 0)
        return tuple(seen for handle in found if (seen := self._seen(handle)) is not None)

    def focused(self) -> WindowSeen | None:
        return self._seen(_calls("user32").GetForegroundWindow())

    def focus(self, window: WindowSeen) -> None:
        user32 = _calls("user32")
        if user32.IsIconic(window.handle):
            user32.ShowWindow(window.handle, _RESTORE)
        user32.SetForegroundWindow(window.handle)

    def show(self, window: WindowSeen) -> None:
        """In front of all others: with the keys, or where Windows leaves those with the program that a person is at, without them."""
        self.focus(window)
        user32 = _calls("user32")
        if user32.GetForegroundWindow() == window.handle:
            return
        for layer in _LAYERS:
            user32.SetWindowPos(window.handle, ctypes.c_void_p(layer), 0, 0, 0, 0, _WHERE_IT_IS)

    def idle_s(self) -> float | None:
        last = _LastInput(ctypes.sizeof(_LastInput), 0)
        if not _calls("user32").GetLastInputInfo(ctypes.byref(last)):
            return None
        ticks: int = _calls("kernel32").GetTickCount() - last.tick
        return (ticks & 0xFFFFFFFF) / 1000

    def held_keys(self) -> bool:
        """The last input's age says it already."""
        return False

    @staticmethod
    def _seen(handle: int) -> WindowSeen | None:
        user32 = _calls("user32")
        if not handle or not user32.IsWindowVisible(handle):
            return None
        title = ctypes.create_unicode_buffer(512)
        user32.GetWindowTextW(handle, title, 512)
        inside, corner, pid = wintypes.RECT(), wintypes.POINT(), wintypes.DWORD()
        user32.GetClientRect(handle, ctypes.byref(inside))
        user32.ClientToScreen(handle, ctypes.byref(corner))
        user32.GetWindowThreadProcessId(handle, ctypes.byref(pid))
        box = Box(corner.x, corner.y, corner.x + inside.right, corner.y + inside.bottom)
        try:
            name = psutil.Process(pid.value).name()
        except psutil.Error:
            name = ""
        return WindowSeen(handle, title.value, name, pid.value, box) if title.value else None
