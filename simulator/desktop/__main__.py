"""The client's command line: python -m simulator.desktop --url COURIER_URL [--scale S] [--at X,Y] [--seed S] [--traps RATE | --trap NAME]."""

from __future__ import annotations

import argparse
import json
import os
import sys

from simulator.desktop import wording
from simulator.desktop.door import Door
from simulator.desktop.traps import TRAPS, Traps

CANNOT_STAND = 2
"""Exit code: wrong arguments, no tkinter, no screen."""


def main(arguments: list[str] | None = None) -> int:
    """Stand until the window is closed; 0 = closed, 2 = could not stand."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        traps = Traps(_rates(asked), asked.seed)
        at = _position(asked.at)
    except ValueError as error:
        parser.error(str(error))
    try:
        import tkinter as tk  # noqa: PLC0415 - a PC without it is told the cure

        from simulator.desktop.window import Window  # noqa: PLC0415 - needs tkinter
    except ImportError:
        return _complain(wording.NO_TKINTER)
    try:
        root = tk.Tk(className="TianxingClient")
    except tk.TclError as error:
        return _complain(wording.NO_DISPLAY.format(error=error))
    Window(root, Door(asked.url), traps, asked.scale, at)
    root.wait_visibility()
    root.update()
    sys.stdout.write(json.dumps({"title": wording.TITLE, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    root.mainloop()
    return 0


def _complain(words: str) -> int:
    sys.stderr.write(words + "\n")
    return CANNOT_STAND


def _rates(asked: argparse.Namespace) -> dict[str, float]:
    """All traps at one rate, or some of them, each at 1 or at its own: NAME or NAME=RATE."""
    rates = dict.fromkeys(TRAPS, asked.traps)
    if asked.trap:
        rates = {name: float(rate or 1) for name, _, rate in (one.partition("=") for one in asked.trap)}
    return rates


def _position(told: str) -> tuple[int, int]:
    x, comma, y = told.partition(",")
    if not comma:
        raise ValueError(f"--at wants X,Y, not {told}")
    return int(x), int(y)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m simulator.desktop",
        description="A courier's desktop client to rehearse on, over a running simulator.",
    )
    parser.add_argument("--url", required=True, help="the courier's origin (`courier` in the simulator's ready line)")
    parser.add_argument("--scale", type=float, choices=(1.0, 1.25, 1.5), default=1.0, help="the display's scale factor")
    parser.add_argument("--at", default="60,40", help="where the window stands: X,Y in pixels")
    parser.add_argument("--seed", type=int, default=1, help="the same seed strikes the same traps")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--traps", type=float, default=0.0, help="the chance of every trap, 0 to 1")
    which.add_argument(
        "--trap", action="append", metavar="NAME[=RATE]", help=f"one trap, at 1 or at a rate: {', '.join(TRAPS)}"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
