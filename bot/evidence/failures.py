"""Failures on disk: one folder each with picture, page and what was sought, as private as the ledger; the newest are kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bot.errors import Sight
from bot.evidence.files import make_private, write_once
from bot.ports.failures import PICTURE, Failure

FOLDER: Final = "failures"
SOUGHT: Final = "sought.json"
PAGE: Final = "page.html"
TREE: Final = "page.yaml"
MOST: Final = 50
"""Bundles that are kept: about 20 MB, and more than anybody looks at."""

_SAFE: Final = re.compile(r"[^0-9A-Za-z_.-]+")
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LONGEST: Final = 80


def safe_name(*parts: str) -> str:
    """A file name out of ids: ASCII, short, no dots at its ends, no device name of Windows (S12).

    Ids of ours only; words of buyers never become names of files.
    """
    name = "-".join(_SAFE.sub("_", part) for part in parts if part).strip(".")[:_LONGEST].rstrip(".")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


class FailureFolder:
    """FailureBook below one folder: `RUN-CASE-TARGET/{sought.json,page.png,page.html,page.yaml,drift.json}`.

    `diagnose`: what there is to say of a failure beyond what was seen (`drift.json`); nothing where it returns nothing.
    """

    def __init__(self, folder: Path, diagnose: Callable[[Failure, Sight], bytes] = lambda _, __: b"") -> None:
        self._folder = folder
        self._diagnose = diagnose

    def keep(self, failure: Failure, sight: Sight) -> str:
        bundle = self._folder / safe_name(failure.run, failure.case_id or "list", failure.target or failure.code)
        try:
            make_private(bundle)
            write_once(bundle / SOUGHT, f"{failure.model_dump_json(indent=1)}\n".encode())
            parts = {
                PICTURE: sight.picture,
                PAGE: sight.html.encode(),
                TREE: sight.tree.encode(),
                "drift.json": self._diagnose(failure, sight),
            }
            for name, content in parts.items():
                if content:
                    write_once(bundle / name, content)
            self._thin_out()
        except OSError:
            return ""
        return str(bundle)

    def _thin_out(self) -> None:
        newest_last = sorted(self._folder.iterdir(), key=lambda bundle: (bundle.stat().st_mtime_ns, bundle.name))
        for old in newest_last[:-MOST]:
            shutil.rmtree(old, ignore_errors=True)
