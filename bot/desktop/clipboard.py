"""The clipboard: by xclip on Linux, so that it keeps none of our pipes open, by pyperclip elsewhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Any

from bot.errors import NotAvailable

_PATIENCE_S = 3.0
"""The owner of the clipboard answers in milliseconds; one that hangs must not hang us."""


def available() -> bool:
    """Whether there is a tool for it; Windows has its own."""
    return sys.platform != "linux" or shutil.which("xclip") is not None


def copy(text: str) -> None:
    """Raises NotAvailable."""
    if sys.platform != "linux":
        _pyperclip().copy(text)
        return
    try:
        # xclip stays in the background and keeps what it inherits: a pipe of ours would never end (measured)
        subprocess.run(  # noqa: S603 - a fixed program, no shell
            [_tool(), "-selection", "clipboard", "-in"],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotAvailable(f"xclip: {error}", code="desktop.no_clipboard") from error


def paste() -> str:
    """Empty where the clipboard holds no text. Raises NotAvailable."""
    if sys.platform != "linux":
        return str(_pyperclip().paste())
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            [_tool(), "-selection", "clipboard", "-out"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""


def _tool() -> str:
    found = shutil.which("xclip")
    if found is None:
        raise NotAvailable("xclip is not installed", code="desktop.no_clipboard")
    return found


def _pyperclip() -> Any:
    import pyperclip  # noqa: PLC0415 - an extra of the installation

    return pyperclip
