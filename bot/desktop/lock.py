"""One robot a screen: a lock of the whole PC, which goes with its process, and whose it is."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout


def screen_lock_path() -> Path:
    """One for each screen of this PC: virtual screens do not stand in each other's way.

    On Windows a session is a screen, and the place is one that every user reaches.
    """
    if sys.platform == "win32":
        folder = Path(os.environ.get("PROGRAMDATA", tempfile.gettempdir())) / "RefundPilot"
        screen = os.environ.get("SESSIONNAME", "console")
    else:
        folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        screen = os.environ.get("DISPLAY", "")
    return folder / f"refundpilot-screen-{re.sub(r'[^A-Za-z0-9]+', '-', screen).strip('-') or '0'}.lock"


class ScreenLock:
    """The operating system drops it with its process, so a crash leaves nothing behind."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path)

    @property
    def _note(self) -> Path:
        return self._path.with_suffix(".owner")

    def take(self) -> bool:
        """Whether the screen is ours now; False while another robot has it. Raises OSError: the place cannot be written."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        me = psutil.Process()
        with suppress(OSError):
            self._note.write_text(json.dumps({"pid": me.pid, "began": me.create_time()}), encoding="utf-8")
        return True

    def give(self) -> None:
        """Back to whoever waits."""
        self._lock.release()

    def owner(self) -> str:
        """Which process has it, for a person to look; empty where the note is none, or tells of a process that is gone."""
        try:
            told = json.loads(self._note.read_text(encoding="utf-8"))
            process = psutil.Process(int(told["pid"]))
            alive = abs(process.create_time() - float(told["began"])) < 1
            return f"{process.pid} {process.name()}" if alive else ""
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return ""
