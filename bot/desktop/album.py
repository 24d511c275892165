"""What the screen showed before and after each step, one folder a piece of work, the newest ones kept."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

from PIL.Image import Image

from bot.ports.clock import Clock

KEPT = 200
"""Pieces of work whose pictures are kept: some days of interceptions, about 100 MB."""

_QUALITY = 85


class Album:
    """Never raises: a full disk costs the picture, not the step."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._folder: Path | None = None
        self._count = 0

    def begin(self, what: str) -> None:
        """The oldest folders make room."""
        stamp = f"{self._clock.now():%Y%m%d-%H%M%S-%f}"
        self._count = 0
        with suppress(OSError):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = self._root / f"{stamp}-{_plain(what)}"
            self._folder.mkdir()
            for old in sorted(one for one in self._root.iterdir() if one.is_dir())[:-KEPT]:
                shutil.rmtree(old, ignore_errors=True)

    def keep(self, step: str, moment: str, picture: Image) -> None:
        if self._folder is None:
            return
        self._count += 1
        with suppress(OSError, ValueError):
            name = f"{self._count:03d}-{_plain(step)}-{moment}.jpg"
            picture.convert("RGB").save(self._folder / name, "JPEG", quality=_QUALITY)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text)[:80] or "step"
