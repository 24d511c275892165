"""Parts that several views share: a labelled entry whose paste replaces what is selected, a zebra table, a line of text."""

from __future__ import annotations

import contextlib
import tkinter as tk
from collections.abc import Iterable, Sequence
from tkinter import ttk

from simulator.desktop.theme import INK, PAPER, ZEBRA, Theme


def text(parent: tk.Misc, theme: Theme, words: str = "", *, ink: str = INK, ground: str = PAPER) -> tk.Label:
    """A plain line."""
    return tk.Label(parent, text=words, font=theme.font, fg=ink, bg=ground, anchor="w")


def entry(parent: tk.Misc, theme: Theme, *, width: int = 28, hidden: bool = False) -> ttk.Entry:
    """A field; as on Windows, what is pasted takes the place of what is selected."""
    field = ttk.Entry(parent, width=width, font=theme.font, show="●" if hidden else "")
    field.bind("<<Paste>>", lambda _event: _clear_selection(field), add="+")
    return field


def _clear_selection(field: ttk.Entry) -> None:
    if field.selection_present():
        field.delete("sel.first", "sel.last")


class Table(tk.Frame):
    """Columns of text with zebra rows and a scrollbar."""

    def __init__(self, parent: tk.Misc, theme: Theme, head: Sequence[str], widths: Sequence[int], rows: int) -> None:
        super().__init__(parent, bg=PAPER)
        self.tree = ttk.Treeview(self, columns=[str(n) for n in range(len(head))], show="headings", height=rows)
        for place, (title, width) in enumerate(zip(head, widths, strict=True)):
            self.tree.heading(str(place), text=title, anchor="w")
            self.tree.column(str(place), width=theme.px(width), anchor="w", stretch=place == len(head) - 1)
        self.tree.tag_configure("odd", background=ZEBRA)
        bar = ttk.Scrollbar(self, orient="vertical", command=self.tree.yview)
        self.tree.configure(yscrollcommand=bar.set, selectmode="browse")
        bar.pack(side="right", fill="y")
        self.tree.pack(side="left", fill="both", expand=True)
        self._shown: tuple[tuple[str, ...], ...] = ()

    def show(self, rows: Iterable[Sequence[str]], *, top: int = 0) -> None:
        """Put other rows in; the same rows again change nothing, not even what is selected."""
        wanted = tuple(tuple(row) for row in rows)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.tree.delete(*self.tree.get_children())
        for place, row in enumerate(wanted):
            self.tree.insert("", "end", values=[f"{cell}" for cell in row], tags=("odd",) if place % 2 else ())
        self.tree.yview_moveto(top / max(1, len(wanted)))

    def selected(self) -> tuple[str, ...]:
        """The cells of the selected row; empty = none is."""
        with contextlib.suppress(IndexError):
            return self._shown[self.tree.index(self.tree.selection()[0])]
        return ()
