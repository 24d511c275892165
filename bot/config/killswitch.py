"""The kill switch as a file in the home: works while the robot runs, hangs or has a broken configuration (F54)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.config.files import writing


class FileKillSwitch:
    """Engaged while the file exists, whoever made it: the command, a script, or a person in the file manager."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def engaged(self) -> bool:
        return self._path.exists()

    def engage(self, now: datetime) -> None:
        """Stop everything; `now` is written into the file for whoever finds it. Raises ConfigError: it cannot be written."""
        with writing(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(f"stopped at {now.isoformat(timespec='seconds')}\n", encoding="utf-8")

    def clear(self) -> bool:
        """Let the robot work again; False when it was not engaged. Raises ConfigError: the file cannot be taken away."""
        was = self.engaged()
        with writing(self._path):
            self._path.unlink(missing_ok=True)
        return was
