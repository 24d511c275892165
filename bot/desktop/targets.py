"""Targets on a program's windows, loaded from selectors/PLATFORM/*.toml: words first, an anchor picture second.

[form.submit]                 # SCREEN.TARGET
use = "press"                 # press: a button; field: a label with an entry right of it; read: a label with its value
text = "Submit"               # exactly these words, once within the region
region = [0.0, 0.5, 1.0, 1.0] # left, top, right, bottom as shares of the window; left out: all of it
anchor = "submit.png"         # a picture beside this file, tried where the words are not found; submit@1.25.png at 125 %
confidence = 0.9
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from bot.desktop.boxes import Share
from bot.domain.base import Frozen
from bot.errors import ConfigError
from bot.resources import shipped


class ScreenTarget(Frozen):
    """One thing in a window. `reach`: how far right of its label an entry begins, in heights of the label."""

    key: str = ""
    use: Literal["press", "field", "read"]
    text: str = Field(min_length=1)
    region: Share = (0.0, 0.0, 1.0, 1.0)
    anchor: str = ""
    confidence: float = Field(default=0.9, gt=0.5, le=1.0)
    reach: float = Field(default=3.0, gt=0, le=40)
    folder: Path = Path()

    @model_validator(mode="after")
    def _sound(self) -> ScreenTarget:
        left, top, right, bottom = self.region
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("region: left, top, right, bottom as shares of the window, 0 to 1")
        if self.anchor and self.use != "press":
            raise ValueError("anchor: only what is pressed is found by a picture; what is read is read")
        return self


@dataclass(frozen=True, slots=True)
class ScreenTargets:
    """All targets of one program."""

    platform: str
    table: Mapping[str, ScreenTarget]

    def __getitem__(self, key: str) -> ScreenTarget:
        """Raises ConfigError when the files have none of that key."""
        if key not in self.table:
            raise ConfigError(f"selectors/{self.platform} has no such target: {key}", target=key)
        return self.table[key]


def load_screen_targets(platform: str, folder: Path | None = None) -> ScreenTargets:
    """Read every *.toml under `folder`/`platform` (default: the shipped selectors).

    Raises:
        ConfigError: a file is missing or malformed; the message names file and key.
    """
    home = (folder or shipped("selectors")) / platform
    if folder is not None and not home.is_dir():
        # a home that mends another platform alone keeps the shipped words here
        home = shipped("selectors") / platform
    table: dict[str, ScreenTarget] = {}
    for file in sorted(home.glob("*.toml")):
        for screen, targets in _read(file).items():
            for name, body in targets.items():
                key = f"{screen}.{name}"
                if key in table:
                    raise ConfigError(f"{file}: {key} stands twice in selectors/{platform}", target=key, page=str(file))
                table[key] = _target(file, key, body)
    if not table:
        raise ConfigError(f"{home}: no selectors (*.toml) for {platform}", page=str(home))
    return ScreenTargets(platform, table)


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        screens = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}", page=str(file)) from error
    if any(not isinstance(targets, dict) for targets in screens.values()):
        raise ConfigError(f"{file}: targets stand in tables [SCREEN.TARGET]", page=str(file))
    return screens


def _target(file: Path, key: str, body: Any) -> ScreenTarget:
    try:
        target = ScreenTarget.model_validate({**body, "key": key, "folder": file.parent})
    except (ValidationError, TypeError) as error:
        raise ConfigError(f"{file}: {key}: {error}", target=key, page=str(file)) from error
    if target.anchor and not (target.folder / target.anchor).is_file():
        raise ConfigError(f"{file}: {key}: there is no picture {target.anchor}", target=key, page=str(file))
    return target
