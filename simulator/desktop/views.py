"""The four views below the header: sign-in, search, intercept form, book; each draws a `Shown` and calls the client."""

from __future__ import annotations

import tkinter as tk
from abc import ABC, abstractmethod
from collections.abc import Callable
from tkinter import ttk

from simulator.desktop import wording
from simulator.desktop.client import Client
from simulator.desktop.state import ROWS, Found, Shown
from simulator.desktop.theme import BLUE, GREEN, INK_SOFT, LINE, PAPER, RED, Theme
from simulator.desktop.widgets import Table, entry, text


class Face(tk.Frame, ABC):
    """One view."""

    @abstractmethod
    def show(self, shown: Shown) -> None:
        """Draw."""

    def enter(self) -> None:
        """Somebody comes here from another view."""


def button(parent: tk.Misc, words: str, press: Callable[[], object], *, main: bool = False) -> ttk.Button:
    """A button; `main` = a blue one."""
    return ttk.Button(parent, text=words, command=press, style="Main.TButton" if main else "TButton")


class SignIn(Face):
    """账号, 密码, 登录."""

    def __init__(self, parent: tk.Misc, theme: Theme, client: Client) -> None:
        super().__init__(parent, bg=PAPER)
        self._client = client
        box = tk.Frame(self, bg=PAPER, padx=theme.px(40), pady=theme.px(28), highlightthickness=1)
        box.configure(highlightbackground=LINE)
        box.place(relx=0.5, rely=0.42, anchor="center")
        head = tk.Label(box, text=wording.SIGN_IN_HEAD, font=theme.large, fg=BLUE, bg=PAPER)
        head.grid(row=0, column=0, columnspan=2, pady=(0, theme.px(20)))
        self._account, self._password = entry(box, theme), entry(box, theme, hidden=True)
        for row, (label, field) in enumerate(((wording.ACCOUNT, self._account), (wording.PASSWORD, self._password)), 1):
            text(box, theme, label).grid(row=row, column=0, padx=(0, theme.px(12)), pady=theme.px(8))
            field.grid(row=row, column=1)
            field.bind("<Return>", lambda _event: self._press())
        self._line = text(box, theme, ink=RED)
        self._line.grid(row=3, column=0, columnspan=2, sticky="we", pady=theme.px(6))
        button(box, wording.SIGN_IN, self._press, main=True).grid(row=4, column=0, columnspan=2, sticky="we")

    def _press(self) -> None:
        self._client.sign_in(self._account.get(), self._password.get())

    def enter(self) -> None:
        """The account is remembered, the password is not."""
        self._password.delete(0, "end")

    def show(self, shown: Shown) -> None:
        """What went wrong, or why somebody is here again."""
        self._line.configure(text=shown.problem or shown.note, fg=RED if shown.problem else GREEN)


class Search(Face):
    """运单查询."""

    def __init__(self, parent: tk.Misc, theme: Theme, client: Client) -> None:
        super().__init__(parent, bg=PAPER, padx=theme.px(18), pady=theme.px(12))
        self._client, self._theme = client, theme
        bar = tk.Frame(self, bg=PAPER)
        bar.pack(fill="x")
        text(bar, theme, wording.NUMBER).pack(side="left", padx=(0, theme.px(10)))
        self._number = entry(bar, theme, width=30)
        self._number.pack(side="left", padx=(0, theme.px(10)))
        self._number.bind("<Return>", lambda _event: self._press())
        button(bar, wording.SEARCH, self._press, main=True).pack(side="left")
        self._line = text(self, theme)
        self._line.pack(fill="x", pady=theme.px(6))
        self._result = tk.Frame(self, bg=PAPER)
        self._build_result(theme)

    def _build_result(self, theme: Theme) -> None:
        self._sides = tk.Frame(self._result, bg=PAPER)
        self._sides.pack(fill="x")
        self._facts = tk.Frame(self._sides, bg=PAPER, padx=theme.px(14), pady=theme.px(8), highlightthickness=1)
        self._facts.configure(highlightbackground=LINE)
        self._lines = [text(self._facts, theme) for _ in range(5)]
        for line in self._lines:
            line.pack(fill="x", pady=theme.px(2))
        self._twin = tk.Frame(self._sides, bg=PAPER, padx=theme.px(14), pady=theme.px(8), highlightthickness=1)
        self._twin.configure(highlightbackground=LINE)
        act = tk.Frame(self._result, bg=PAPER)
        act.pack(fill="x", pady=theme.px(10))
        self._intercept = button(act, wording.INTERCEPT, self._client.open_form, main=True)
        self._intercept.pack(side="left")
        self._obstacle = text(act, theme, ink=RED)
        self._obstacle.pack(side="left", padx=theme.px(12))
        tk.Label(self._result, text=wording.TRAIL, font=theme.bold, bg=PAPER, anchor="w").pack(fill="x")
        self._trail = Table(self._result, theme, wording.TRAIL_HEAD, (190, 90, 100, 440), 6)
        self._trail.pack(fill="both", expand=True, pady=(theme.px(4), 0))

    def _press(self) -> None:
        self._client.search(self._number.get())

    def show(self, shown: Shown) -> None:
        """The line says a problem, a note or what to do; the result stands only when there is one."""
        hint = "" if shown.found else wording.SEARCH_HINT
        ink = RED if shown.problem else GREEN if shown.note else INK_SOFT
        self._line.configure(text=shown.problem or shown.note or hint, fg=ink)
        if shown.found is None:
            self._result.pack_forget()
            return
        self._result.pack(fill="both", expand=True)
        for line, words in zip(self._lines, shown.found.lines, strict=True):
            line.configure(text=words)
        self._intercept.state(["disabled" if shown.found.obstacle else "!disabled"])
        obstacle = shown.found.obstacle
        self._obstacle.configure(text=wording.OBSTACLE.format(reason=obstacle) if obstacle else "")
        self._trail.show(shown.found.trail)
        self._stand(shown.found)

    def _stand(self, found: Found) -> None:
        """The number asked, and its twin before or behind it."""
        for part in self._twin.winfo_children():
            part.destroy()
        for side in (self._facts, self._twin):
            side.pack_forget()
        sides: list[tk.Frame] = [self._facts]
        if (twin := found.twin) is not None:
            sides.insert(0 if twin.first else 1, self._twin)
            text(self._twin, self._theme, wording.SIMILAR, ink=INK_SOFT).pack(fill="x")
            for words in (wording.NUMBER_IS.format(waybill=twin.waybill), wording.STATE_IS.format(state=twin.state)):
                text(self._twin, self._theme, words).pack(fill="x", pady=self._theme.px(2))
            button(self._twin, wording.LOOK, lambda: self._client.search(twin.waybill)).pack(anchor="w")
        for side in sides:
            side.pack(side="left", fill="both", expand=True, padx=self._theme.px(3))


class InterceptForm(Face):
    """The form behind 拦截快递."""

    def __init__(self, parent: tk.Misc, theme: Theme, client: Client) -> None:
        super().__init__(parent, bg=PAPER, padx=theme.px(18), pady=theme.px(16))
        self._client = client
        tk.Label(self, text=wording.FORM_HEAD, font=theme.large, fg=BLUE, bg=PAPER, anchor="w").pack(fill="x")
        self._number = text(self, theme)
        self._number.pack(fill="x", pady=theme.px(12))
        row = tk.Frame(self, bg=PAPER)
        row.pack(fill="x")
        text(row, theme, wording.REASON).pack(side="left", padx=(0, theme.px(12)))
        self._reason = ttk.Combobox(row, values=wording.REASONS, state="readonly", font=theme.font, width=16)
        self._reason.pack(side="left", padx=(0, theme.px(12)))
        button(row, wording.ASK_FEE, lambda: client.ask_fee(self._reason.get())).pack(side="left")
        self._fee = text(self, theme)
        self._fee.configure(font=theme.bold)
        self._fee.pack(fill="x", pady=theme.px(12))
        self._submit = button(self, wording.SUBMIT, lambda: client.submit(self._reason.get()), main=True)
        self._submit.pack(anchor="w")
        self._line = text(self, theme)
        self._line.pack(fill="x", pady=theme.px(12))
        text(self, theme, wording.FORM_HINT, ink=INK_SOFT).pack(fill="x", side="bottom")
        self._of = ""

    def show(self, shown: Shown) -> None:
        """A new form starts with the first reason."""
        form = shown.form
        if form is None:
            return
        if not self._reason.get() or self._of != form.waybill:
            self._reason.set(form.reason)
        self._of = form.waybill
        self._number.configure(text=wording.NUMBER_IS.format(waybill=form.waybill))
        fee = "" if form.fee_fen is None else wording.FEE_IS.format(fee=wording.yuan(form.fee_fen))
        self._fee.configure(text=fee)
        self._submit.state(["!disabled" if form.ready else "disabled"])
        self._line.configure(text=shown.problem or shown.note, fg=RED if shown.problem else GREEN)


class BookView(Face):
    """拦截管理."""

    def __init__(self, parent: tk.Misc, theme: Theme, client: Client) -> None:
        super().__init__(parent, bg=PAPER, padx=theme.px(18), pady=theme.px(12))
        self._client = client
        bar = tk.Frame(self, bg=PAPER)
        bar.pack(fill="x")
        button(bar, wording.REFRESH, client.refresh).pack(side="left")
        button(bar, wording.COPY, self._copy).pack(side="left", padx=theme.px(10))
        self._next = button(bar, wording.NEXT_PAGE, client.next_page)
        self._next.pack(side="right")
        self._page = text(bar, theme, ink=INK_SOFT)
        self._page.pack(side="right", padx=theme.px(12))
        self._line = text(self, theme, ink=RED)
        self._line.pack(fill="x", pady=theme.px(4))
        self._banner = tk.Label(self, text=wording.BANNER, font=theme.font, bg="#fff6e0", fg="#8a5a00", anchor="w")
        self._banner.configure(padx=theme.px(12), pady=theme.px(40))
        self._table = Table(self, theme, wording.BOOK_HEAD, (180, 190, 90, 360), ROWS)
        self._table.pack(fill="x")

    def _copy(self) -> None:
        cells = self._table.selected()
        self._client.copy(cells[0] if cells else "")

    def show(self, shown: Shown) -> None:
        """The page, and the notice that takes the room of some rows."""
        book = shown.book
        self._table.tree.configure(height=book.in_sight)
        self._table.show((row.cells() for row in book.rows), top=book.top)
        self._page.configure(text=wording.PAGE_IS.format(page=book.page, pages=book.pages, total=book.total))
        self._next.state(["!disabled" if book.page < book.pages else "disabled"])
        self._line.configure(text=shown.problem)
        if book.has_banner:
            self._banner.pack(fill="x", side="bottom")
        else:
            self._banner.pack_forget()
