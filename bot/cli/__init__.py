"""The command line: thin; it parses, calls `bot.app` and prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Entry point of `refundpilot`; never fails on a character that the terminal cannot show, nor without a terminal."""
    if sys.stdout is None or sys.stderr is None:  # pythonw, which the Windows tasks use, has neither
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from bot.cli.commands import cli  # noqa: PLC0415  # after the streams are set: building the commands may already print

    cli()
