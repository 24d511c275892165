"""The command line: thin; it parses, calls `bot.app` and prints."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `refundpilot`; never fails on a character that the terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from bot.cli.commands import cli  # noqa: PLC0415  # after the streams are set: building the commands may already print

    cli()
