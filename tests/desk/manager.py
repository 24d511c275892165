"""A window manager as strict as those that let no program steal the keys: only a person, or who speaks for one, brings a window forward.

`python -m tests.desk.manager` on the screen of DISPLAY; it says `ready` once it manages.
"""

from __future__ import annotations

from typing import Any

from Xlib import X, Xatom, display
from Xlib.error import XError

from bot.desktop.library import quietly

FROM_A_PERSON = 2
"""What a taskbar says of itself where a program would say 1 (EWMH, _NET_ACTIVE_WINDOW)."""
NORMAL, ICONIC = 1, 3


class Manager:
    def __init__(self) -> None:
        with quietly():
            self.display: Any = display.Display()
        self.display.set_error_handler(lambda *_: None)
        self.root: Any = self.display.screen().root
        self.root.change_attributes(event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self.stack: list[int] = []
        """Bottom first."""
        check = self.root.create_window(-1, -1, 1, 1, 0, X.CopyFromParent)
        for window in (self.root, check):
            self._write(window, "_NET_SUPPORTING_WM_CHECK", Xatom.WINDOW, [check.id])
        check.change_property(self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"), 8, b"strict")
        known = ("_NET_ACTIVE_WINDOW", "_NET_CLIENT_LIST_STACKING", "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN")
        self._write(self.root, "_NET_SUPPORTED", Xatom.ATOM, [self.atom(name) for name in known])
        self.display.sync()

    def atom(self, name: str) -> int:
        return int(self.display.intern_atom(name))

    def _write(self, window: Any, name: str, kind: int, values: list[int]) -> None:
        window.change_property(self.atom(name), kind, 32, values)

    def serve(self) -> None:
        while True:
            event = self.display.next_event()
            try:
                self.heed(event)
            except XError:
                continue  # the window went away meanwhile
            self._write(self.root, "_NET_CLIENT_LIST_STACKING", Xatom.WINDOW, self.stack)
            self.display.flush()

    def heed(self, event: Any) -> None:
        match event.type:
            case X.MapRequest:
                self.open(event.window)
            case X.ConfigureRequest:
                # size and place as asked; who lies over whom is not for programs to say
                mask = event.value_mask & (X.CWX | X.CWY | X.CWWidth | X.CWHeight)
                names = (("x", X.CWX), ("y", X.CWY), ("width", X.CWWidth), ("height", X.CWHeight))
                event.window.configure(**{name: getattr(event, name) for name, bit in names if mask & bit})
            case X.DestroyNotify if event.window.id in self.stack:
                self.stack.remove(event.window.id)
            case X.ClientMessage if event.client_type == self.atom("WM_CHANGE_STATE") and event.data[1][0] == ICONIC:
                self._state(event.window, ICONIC)
                event.window.unmap()
            case X.ClientMessage if event.client_type == self.atom("_NET_ACTIVE_WINDOW"):
                if event.data[1][0] == FROM_A_PERSON:
                    self.front(event.window)
            case _:
                pass

    def open(self, window: Any) -> None:
        """A new one in front with the keys; one that was put away where it was."""
        if window.id in self.stack:
            self._show(window)
        else:
            self.front(window)

    def front(self, window: Any) -> None:
        self._show(window)
        self.stack = [*(one for one in self.stack if one != window.id), window.id]
        window.configure(stack_mode=X.Above)
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._write(self.root, "_NET_ACTIVE_WINDOW", Xatom.WINDOW, [window.id])

    def _show(self, window: Any) -> None:
        self._state(window, NORMAL)
        window.map()

    def _state(self, window: Any, state: int) -> None:
        self._write(window, "WM_STATE", self.atom("WM_STATE"), [state, X.NONE])
        hidden = [self.atom("_NET_WM_STATE_HIDDEN")] if state == ICONIC else []
        self._write(window, "_NET_WM_STATE", Xatom.ATOM, hidden)


if __name__ == "__main__":
    managing = Manager()
    print("ready", flush=True)
    managing.serve()
