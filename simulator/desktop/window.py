"""The window itself: header, tabs, views, status bar; the thin skin of Tk behind which `client.Client` thinks."""

from __future__ import annotations

import platform
import queue
import threading
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from simulator.desktop import wording
from simulator.desktop.client import Client
from simulator.desktop.door import Door
from simulator.desktop.popups import Popups
from simulator.desktop.stage import Do, Outcome, Told, outcome_of
from simulator.desktop.state import Shown, View
from simulator.desktop.theme import BLUE, BLUE_DARK, GROUND, HEIGHT, INK_SOFT, PAPER, WIDTH, Theme
from simulator.desktop.traps import Traps
from simulator.desktop.views import BookView, Face, InterceptForm, Search, SignIn

_LOOK_MS: Final = 20
"""How often answers that came on another thread are looked for."""
_TABS: Final = ((View.SEARCH, wording.TAB_SEARCH), (View.BOOK, wording.TAB_BOOK))


class Window:
    """Implements `stage.Stage`."""

    def __init__(
        self, root: tk.Tk, door: Door, traps: Traps, scale: float = 1.0, at: tuple[int, int] = (60, 40)
    ) -> None:
        self._root = root
        self._theme = Theme(root, scale)
        self._answers: queue.SimpleQueue[Do] = queue.SimpleQueue()
        self._popups = Popups(root, self._theme)
        self.client = Client(door, traps, self)
        root.title(wording.TITLE)
        root.wm_client(platform.node())  # with it Tk tells whose process the window is
        root.configure(background=PAPER)
        root.minsize(self._theme.px(WIDTH * 0.85), self._theme.px(HEIGHT * 0.85))
        self._place(WIDTH, HEIGHT, *at)
        self._build_frame(door.host)
        self._faces: dict[View, Face] = {
            View.SIGN_IN: SignIn(self._body, self._theme, self.client),
            View.SEARCH: Search(self._body, self._theme, self.client),
            View.FORM: InterceptForm(self._body, self._theme, self.client),
            View.BOOK: BookView(self._body, self._theme, self.client),
        }
        self._view: View | None = None
        self.client.start()
        root.after(_LOOK_MS, self._look)

    def _build_frame(self, host: str) -> None:
        px = self._theme.px
        head = tk.Frame(self._root, bg=BLUE, padx=px(16), pady=px(9))
        head.pack(fill="x")
        tk.Label(head, text="行", font=self._theme.large, fg=BLUE, bg=PAPER, padx=px(5)).pack(side="left")
        tk.Label(head, text=wording.BRAND, font=self._theme.large, fg=PAPER, bg=BLUE).pack(side="left", padx=px(10))
        tk.Label(head, text=wording.BRAND_SUB, font=self._theme.font, fg="#cfe0f6", bg=BLUE).pack(side="left")
        self._who = tk.Label(head, font=self._theme.font, fg=PAPER, bg=BLUE)
        self._who.pack(side="right")
        tabs = tk.Frame(self._root, bg=BLUE_DARK, padx=px(12))
        tabs.pack(fill="x")
        self._tabs = {view: self._tab(tabs, view, words) for view, words in _TABS}
        foot = tk.Frame(self._root, bg=GROUND, padx=px(12), pady=px(4))
        foot.pack(fill="x", side="bottom")
        self._status = tk.Label(foot, font=self._theme.small, fg=INK_SOFT, bg=GROUND)
        self._status.pack(side="left")
        server = wording.SERVER_IS.format(host=host)
        for words in (wording.VERSION, server):
            label = tk.Label(foot, text=words, font=self._theme.small, fg=INK_SOFT, bg=GROUND)
            label.pack(side="right", padx=px(10))
        self._body = tk.Frame(self._root, bg=PAPER)
        self._body.pack(fill="both", expand=True)

    def _tab(self, parent: tk.Frame, view: View, words: str) -> ttk.Button:
        tab = ttk.Button(parent, text=words, style="Tab.TButton", takefocus=False)
        tab.configure(command=lambda: self.client.show(view))
        tab.pack(side="left")
        return tab

    # ---- Stage ------------------------------------------------------------------------------------------------

    def draw(self, shown: Shown) -> None:
        """Header, tabs and the view that is on."""
        inside = shown.view is not View.SIGN_IN
        self._who.configure(text=wording.SIGNED_IN.format(account=shown.account) if inside else wording.SIGNED_OUT)
        self._status.configure(text=shown.status)
        on = View.SEARCH if shown.view is View.FORM else shown.view
        for view, tab in self._tabs.items():
            tab.configure(style="On.Tab.TButton" if view is on else "Tab.TButton")
            tab.state(["!disabled" if inside else "disabled"])
        if shown.view is not self._view:
            if self._view is not None:
                self._faces[self._view].pack_forget()
            self._faces[shown.view].pack(fill="both", expand=True)
            self._faces[shown.view].enter()
            self._view = shown.view
        self._faces[shown.view].show(shown)

    def later(self, delay_ms: int, do: Do) -> None:
        """By Tk's own clock."""
        self._root.after(delay_ms, do)

    def work(self, ask: Callable[[], Told], done: Callable[[Outcome], None]) -> None:
        """A thread for each question; its answer is taken up by `_look`."""

        def run() -> None:
            outcome = outcome_of(ask)
            self._answers.put(lambda: done(outcome))

        threading.Thread(target=run, daemon=True).start()

    def confirm(self, text: str, answer: Callable[[bool], None]) -> None:
        """拦截确认."""
        self._popups.confirm(text, answer)

    def news(self, text: str, closed: Do) -> None:
        """快递资讯."""
        self._popups.news(text, closed)

    def update(self, answer: Callable[[bool], None]) -> None:
        """发现新版本."""
        self._popups.update(answer)

    def close_popups(self) -> None:
        """All of them."""
        self._popups.close_all()

    def move(self, dx: float, dy: float) -> None:
        """By so much, but not off the screen."""
        x, y = map(int, self._root.geometry().split("+")[1:])  # of the frame, where a window manager draws one
        x, y = self._inside(x + self._theme.px(dx), 0), self._inside(y + self._theme.px(dy), 1)
        self._root.geometry(f"+{x}+{y}")

    def resize(self, factor: float) -> None:
        """Of its usual size."""
        width, height = self._theme.px(WIDTH * factor), self._theme.px(HEIGHT * factor)
        self._root.geometry(f"{width}x{height}")
        self._root.update_idletasks()
        self.move(0, 0)

    def copy(self, text: str) -> None:
        """To the clipboard, for as long as the window lives."""
        self._root.clipboard_clear()
        self._root.clipboard_append(text)

    # ---- inside -----------------------------------------------------------------------------------------------

    def _place(self, width: int, height: int, x: int, y: int) -> None:
        self._root.geometry(f"{self._theme.px(width)}x{self._theme.px(height)}+{x}+{y}")

    def _inside(self, place: int, axis: int) -> int:
        screen = self._root.winfo_screenheight() if axis else self._root.winfo_screenwidth()
        own = self._root.winfo_height() if axis else self._root.winfo_width()
        return max(0, min(place, screen - own))

    def _look(self) -> None:
        while not self._answers.empty():
            self._answers.get()()
        self._root.after(_LOOK_MS, self._look)
