"""Colours, fonts and sizes of the window; every size goes through `px`, so that a scale factor is real."""

from __future__ import annotations

import tkinter as tk
from tkinter import font as tkfont
from tkinter import ttk
from typing import Final

WIDTH, HEIGHT = 900, 640
CJK_FONTS: Final = (
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "SimHei",
    "SimSun",
)
"""The first of these that the machine has is used."""

BLUE, BLUE_DARK, BLUE_PALE = "#1f5fb8", "#174a92", "#e8f0fb"
GROUND, PAPER, LINE = "#f0f3f7", "#ffffff", "#cfd8e3"
INK, INK_SOFT, GREY = "#1f2a37", "#5b6876", "#a9b3bf"
RED, GREEN, ZEBRA, SELECTED = "#c62828", "#1b7f3b", "#f4f8fd", "#bcd7f8"


class Theme:
    """One window's look at a scale; styles of ttk are set once for all of it."""

    def __init__(self, root: tk.Tk, scale: float) -> None:
        self.scale = scale
        family = _family(root)
        self.font = tkfont.Font(root, family=family, size=-self.px(15))
        self.small = tkfont.Font(root, family=family, size=-self.px(13))
        self.large = tkfont.Font(root, family=family, size=-self.px(20), weight="bold")
        self.bold = tkfont.Font(root, family=family, size=-self.px(15), weight="bold")
        root.tk.call("tk", "scaling", 96 / 72 * scale)
        root.option_add("*TCombobox*Listbox.font", self.font)
        self._style(ttk.Style(root))

    def px(self, size: float) -> int:
        """Pixels at this scale."""
        return round(size * self.scale)

    def _style(self, style: ttk.Style) -> None:
        style.theme_use("clam")
        style.configure(".", font=self.font, background=PAPER, foreground=INK)
        self._buttons(style)
        style.configure("TEntry", padding=self.px(4), fieldbackground=PAPER, bordercolor=LINE)
        style.configure("TCombobox", padding=self.px(4), arrowsize=self.px(14), bordercolor=LINE)
        style.map("TCombobox", fieldbackground=[("readonly", PAPER)], foreground=[("readonly", INK)])
        style.map("TCombobox", selectbackground=[("readonly", PAPER)], selectforeground=[("readonly", INK)])
        style.configure("Treeview", rowheight=self.px(30), fieldbackground=PAPER, background=PAPER, bordercolor=LINE)
        style.map("Treeview", background=[("selected", SELECTED)], foreground=[("selected", INK)])
        style.configure("Treeview.Heading", font=self.bold, background=BLUE_PALE, padding=self.px(4), relief="flat")
        style.map("Treeview.Heading", background=[("active", BLUE_PALE)])
        style.configure("Vertical.TScrollbar", arrowsize=self.px(14), background=LINE, troughcolor=GROUND)

    def _buttons(self, style: ttk.Style) -> None:
        pad = (self.px(14), self.px(5))
        style.configure("TButton", padding=pad, background=PAPER, bordercolor=LINE, focuscolor=LINE)
        style.map("TButton", background=[("disabled", GROUND), ("active", BLUE_PALE)], foreground=[("disabled", GREY)])
        style.configure("Main.TButton", padding=pad, background=BLUE, foreground=PAPER, bordercolor=BLUE_DARK)
        style.map(
            "Main.TButton",
            background=[("disabled", "#dfe5ec"), ("active", BLUE_DARK)],
            foreground=[("disabled", GREY)],
            bordercolor=[("disabled", LINE)],
        )
        for name, ground, ink in (("Tab.TButton", BLUE_DARK, "#d6e4f7"), ("On.Tab.TButton", PAPER, BLUE)):
            style.configure(name, padding=(self.px(22), self.px(7)), background=ground, foreground=ink, font=self.bold)
            style.configure(name, borderwidth=0, relief="flat", focuscolor=ground)
            style.map(name, background=[("active", ground)], foreground=[("disabled", "#7f9cc4")])


def _family(root: tk.Tk) -> str:
    """A font that has Chinese; without one Tk draws boxes."""
    there = set(tkfont.families(root))
    return next((name for name in CJK_FONTS if name in there), "TkDefaultFont")
