"""The windows beside the window: 拦截确认, 快递资讯, 发现新版本; the newest holds the input, and hands it back when it goes."""

from __future__ import annotations

import contextlib
import platform
import tkinter as tk
from collections.abc import Callable

from simulator.desktop import wording
from simulator.desktop.theme import BLUE, INK_SOFT, PAPER, Theme
from simulator.desktop.views import button
from simulator.desktop.widgets import text

_RETRY_MS = 20


class Popups:
    """All that stand, oldest first."""

    def __init__(self, root: tk.Tk, theme: Theme) -> None:
        self._root = root
        self._theme = theme
        self._standing: list[tuple[tk.Toplevel, bool]] = []

    def confirm(self, words: str, answer: Callable[[bool], None]) -> None:
        """否 is what Enter, Escape and closing mean, wherever the focus is; only a press of 是 means yes."""
        self._ask(wording.CONFIRM_TITLE, words, (wording.YES, wording.NO), answer, default=False)

    def update(self, answer: Callable[[bool], None]) -> None:
        """Update now, or be reminded later."""
        labels = (wording.UPDATE_NOW, wording.UPDATE_LATER)
        self._ask(wording.UPDATE_TITLE, wording.UPDATE, labels, answer, default=False)

    def _ask(
        self, title: str, words: str, labels: tuple[str, str], answer: Callable[[bool], None], *, default: bool
    ) -> None:
        top = self._open(title, modal=True)
        told = text(top, self._theme, words)
        told.configure(wraplength=self._theme.px(420), justify="left")
        told.pack(padx=self._theme.px(28), pady=(self._theme.px(26), self._theme.px(18)))
        row = tk.Frame(top, bg=PAPER)
        row.pack(pady=(0, self._theme.px(20)))

        def say(value: bool) -> None:  # noqa: FBT001 - the answer itself
            self._close(top)
            answer(value)

        yes = button(row, labels[0], lambda: say(True))  # noqa: FBT003 - the answer itself
        no = button(row, labels[1], lambda: say(False), main=True)  # noqa: FBT003 - the answer itself
        for one in (yes, no):
            one.pack(side="left", padx=self._theme.px(14))
        for key in ("<Return>", "<KP_Enter>", "<Escape>"):
            top.bind(key, lambda _event: say(default))
        top.protocol("WM_DELETE_WINDOW", lambda: say(default))
        self._stand(top, no, (0.28, 0.36))

    def news(self, words: str, closed: Callable[[], None]) -> None:
        """A notice that nobody asked for; not modal, but it takes the focus."""
        top = self._open(wording.NEWS_TITLE, modal=False)
        text(top, self._theme, words).pack(padx=self._theme.px(20), pady=self._theme.px(18))
        text(top, self._theme, wording.BRAND, ink=INK_SOFT).pack()

        def close() -> None:
            self._close(top)
            closed()

        shut = button(top, wording.NEWS_CLOSE, close)
        shut.pack(pady=self._theme.px(14))
        top.protocol("WM_DELETE_WINDOW", close)
        self._stand(top, shut, (0.5, 0.2))

    def close_all(self) -> None:
        """Close them unanswered."""
        for top, _ in self._standing:
            top.destroy()
        self._standing.clear()

    def _open(self, title: str, *, modal: bool) -> tk.Toplevel:
        top = tk.Toplevel(self._root, bg=PAPER, highlightthickness=1, highlightbackground=INK_SOFT)
        top.withdraw()
        top.title(title)
        top.wm_client(platform.node())  # with it Tk tells whose process the window is
        top.resizable(width=False, height=False)
        if modal:
            top.transient(self._root)
        head = tk.Label(top, text=title, font=self._theme.bold, fg=PAPER, bg=BLUE, anchor="w", padx=self._theme.px(10))
        head.pack(fill="x", ipady=self._theme.px(5))
        self._standing.append((top, modal))
        return top

    def _stand(self, top: tk.Toplevel, focused: tk.Misc, at: tuple[float, float]) -> None:
        top.update_idletasks()
        x = self._root.winfo_rootx() + int(self._root.winfo_width() * at[0])
        y = self._root.winfo_rooty() + int(self._root.winfo_height() * at[1])
        x = max(0, min(x, top.winfo_screenwidth() - top.winfo_reqwidth()))
        y = max(0, min(y, top.winfo_screenheight() - top.winfo_reqheight()))
        top.geometry(f"+{x}+{y}")
        top.deiconify()
        top.lift()
        self._hold(top, focused)

    def _hold(self, top: tk.Toplevel, focused: tk.Misc) -> None:
        """Take the input once the window can be seen; a modal one keeps every other from it."""
        if not any(one is top for one, _ in self._standing):
            return
        if not top.winfo_viewable():
            self._root.after(_RETRY_MS, lambda: self._hold(top, focused))
            return
        top.focus_force()
        focused.focus_set()
        self._share()

    def _share(self) -> None:
        """As long as anything modal stands, the newest of all holds the grab; one that goes has none any more."""
        with contextlib.suppress(tk.TclError):
            if any(modal for _, modal in self._standing):
                self._standing[-1][0].grab_set()
            elif self._standing:
                self._standing[-1][0].grab_release()

    def _close(self, top: tk.Toplevel) -> None:
        self._standing = [one for one in self._standing if one[0] is not top]
        top.destroy()
        self._share()
        heir = self._standing[-1][0] if self._standing else self._root
        heir.focus_force()
