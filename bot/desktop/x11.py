"""Windows of an X11 screen, with a window manager or without one; python3-xlib comes with pyautogui."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import psutil

from bot.desktop.library import quietly
from bot.domain.lines import Box
from bot.errors import NotAvailable
from bot.ports.desktop import WindowSeen

_LOCAL_PID = 2
_DEEPEST = 12
"""Frames of window managers nest three deep; more is a loop."""


class X11:
    """One connection to the screen of $DISPLAY."""

    def __init__(self) -> None:
        try:
            with quietly():
                from Xlib import X, display, error  # noqa: PLC0415 - an extra of the installation

                self._display: Any = display.Display()
        except Exception as failed:
            raise NotAvailable(f"no screen: {failed!r}", code="desktop.no_screen") from failed
        self._x = X
        self._gone: type[Exception] = error.XError
        self._root: Any = self._display.screen().root
        # a window that goes while it is raised is told late and on stderr; whether it is there is asked anyway
        self._display.set_error_handler(lambda *_: None)

    def close(self) -> None:
        """Leave the screen."""
        self._display.close()

    def windows(self, *, put_away: bool = False) -> tuple[WindowSeen, ...]:
        """On top first; `put_away`: those too that a window manager keeps out of sight."""
        listed = self._ids(self._root, "_NET_CLIENT_LIST_STACKING") or [
            child.id for child in self._root.query_tree().children
        ]
        return tuple(seen for handle in reversed(listed) if (seen := self._seen(handle, put_away=put_away)))

    def focused(self) -> WindowSeen | None:
        """The window of the list that has the keys, or holds what has them."""
        known = {window.handle: window for window in self.windows()}
        focus: Any = self._display.get_input_focus().focus
        if isinstance(focus, int):
            # nobody in particular: the window under the pointer gets the keys
            focus = self._root.query_pointer().child
        with suppress(self._gone):
            for _ in range(_DEEPEST):
                if isinstance(focus, int) or focus is None:
                    return None
                if focus.id in known:
                    return known[focus.id]
                if inner := self._client_in(focus, known):
                    return inner
                focus = focus.query_tree().parent
        return None

    def _client_in(self, frame: Any, known: dict[int, WindowSeen]) -> WindowSeen | None:
        """A window manager's frame stands for the one client in it; the screen itself for nobody."""
        if frame.id == self._root.id:
            return None
        inside = [known[child.id] for child in frame.query_tree().children if child.id in known]
        return inside[0] if len(inside) == 1 else None

    def focus(self, window: WindowSeen) -> None:
        """Asks the window manager where there is one, and does by itself what it can."""
        from Xlib.protocol import event  # noqa: PLC0415 - an extra of the installation

        target = self._display.create_resource_object("window", window.handle)
        active = self._display.intern_atom("_NET_ACTIVE_WINDOW")
        mask = self._x.SubstructureRedirectMask | self._x.SubstructureNotifyMask
        with suppress(self._gone):
            if self._ids(self._root, "_NET_SUPPORTED"):
                asked = event.ClientMessage(window=target, client_type=active, data=(32, [2, 0, 0, 0, 0]))
                self._root.send_event(asked, event_mask=mask)
            else:
                target.configure(stack_mode=self._x.Above)
                target.set_input_focus(self._x.RevertToParent, self._x.CurrentTime)
            self._display.sync()

    def show(self, window: WindowSeen) -> None:
        """In front of all others; it gets the keys along with that."""
        self.focus(window)

    def idle_s(self) -> float | None:
        """By the screen saver's extension; None where the server lacks it."""
        found = self._display.query_extension("MIT-SCREEN-SAVER")
        if not found or not found.present:
            return None
        answer = _query_idle()(display=self._display.display, opcode=found.major_opcode, drawable=self._root)
        return float(answer.idle) / 1000

    def held_keys(self) -> bool:
        """Whether anybody's finger is on a key right now."""
        return any(self._display.query_keymap())

    def _seen(self, handle: int, *, put_away: bool) -> WindowSeen | None:
        """None for what is not shown, has no title, or is gone by now."""
        window = self._display.create_resource_object("window", handle)
        with suppress(self._gone):
            if not put_away and window.get_attributes().map_state != self._x.IsViewable:
                return None
            title = self._title(window)
            size, place = window.get_geometry(), window.translate_coords(self._root, 0, 0)
            # the answer tells where the screen's corner is as seen from the window
            left, top = -place.x, -place.y
            pid = self._pid(window)
            box = Box(left, top, left + size.width, top + size.height)
            return WindowSeen(handle, title, _name(pid), pid, box) if title else None
        return None

    def _pid(self, window: Any) -> int:
        """By the server's own word on who drew it; by the window's where the server does not tell."""
        found = self._display.query_extension("X-Resource")
        if found and found.present:
            asked = [{"client": window.id, "mask": _LOCAL_PID}]
            words = _query_ids()(display=self._display.display, opcode=found.major_opcode, specs=asked).words
            # client, mask, length in bytes, then the process
            if len(words) >= 4 and words[2] == 4:
                return int(words[3])
        return next(iter(self._ids(window, "_NET_WM_PID")), 0)

    def _title(self, window: Any) -> str:
        utf8 = self._display.intern_atom("UTF8_STRING")
        found = window.get_full_property(self._display.intern_atom("_NET_WM_NAME"), utf8)
        if found is not None:
            value = found.value
            return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
        return str(window.get_wm_name() or "")

    def _ids(self, window: Any, name: str) -> list[int]:
        found = window.get_full_property(self._display.intern_atom(name), self._x.AnyPropertyType)
        return [int(one) for one in found.value] if found is not None else []


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name() if pid else ""
    except psutil.Error:
        return ""


@cache
def _query_ids() -> Any:
    """Whose windows they are, which python3-xlib cannot ask either."""
    from Xlib.protocol import rq  # noqa: PLC0415 - an extra of the installation

    spec = rq.Struct(rq.Card32("client"), rq.Card32("mask"))

    class QueryClientIds(rq.ReplyRequest):  # type: ignore[misc] # the library has no types
        _request = rq.Struct(
            rq.Card8("opcode"), rq.Opcode(4), rq.RequestLength(), rq.LengthOf("specs", 4), rq.List("specs", spec)
        )
        _reply = rq.Struct(
            rq.ReplyCode(),
            rq.Pad(1),
            rq.Card16("sequence_number"),
            rq.ReplyLength(),
            rq.Card32("count"),
            rq.Pad(20),
            rq.List("words", rq.Card32Obj),
        )

    return QueryClientIds


@cache
def _query_idle() -> Any:
    """The extension's request, which python3-xlib does not have."""
    from Xlib.protocol import rq  # noqa: PLC0415 - an extra of the installation

    class QueryInfo(rq.ReplyRequest):  # type: ignore[misc] # the library has no types
        _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(1), rq.RequestLength(), rq.Drawable("drawable"))
        _reply = rq.Struct(
            rq.ReplyCode(),
            rq.Card8("state"),
            rq.Card16("sequence_number"),
            rq.ReplyLength(),
            rq.Card32("saver"),
            rq.Card32("til_or_since"),
            rq.Card32("idle"),
            rq.Card32("mask"),
            rq.Card8("kind"),
            rq.Pad(7),
        )

    return QueryInfo
