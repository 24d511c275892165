"""The keyboard before a question: what was typed while nobody could know yet what would be asked is forgotten; alike on Windows and Linux."""

from __future__ import annotations

import sys


def forget_typed() -> None:
    """Throw away what waits to be read from the terminal; where there is none, and of a file or a pipe, nothing is lost."""
    if not sys.stdin.isatty():
        return
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only Windows has it

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios  # noqa: PLC0415 - Windows has none

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
