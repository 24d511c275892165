"""Targets: what on a page the robot looks at or presses, loaded from selectors/PLATFORM/*.toml.

Fallbacks for eyes, never for hands (design.md 4): a `read` target may list candidates, tried in order, and the one that
matched is reported; a `write` target has a single exact one, scoped, and must match once (peers.md M7, M8).

    [list.next]                   # SCREEN.TARGET
    use = "read"
    candidates = [{ role = "button", name = "Next" }, { text = "Next" }]

    [detail.agree_refund]
    use = "write"
    role = "button"
    name = "Agree"
    within = "dialog"             # page, section or dialog
    title = "Agree to refund"     # of the section or dialog, exact
    names_case = true             # and the case's id stands in it
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError, model_validator

from bot.domain.base import Frozen
from bot.errors import ConfigError
from bot.resources import shipped

_POSITIONS: Final = frozenset({"nth", "first", "last", "index", "position"})
_MARKS_OF_PATTERNS: Final = ("/", "*", "^", "$", "|")


class Pattern(Frozen):
    """One way to name an element: a role (with its name), a label, a placeholder, a text, or a CSS selector."""

    role: str = ""
    name: str = ""
    label: str = ""
    placeholder: str = ""
    text: str = ""
    css: str = ""
    exact: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> Pattern:
        ways = [way for way in (self.role, self.label, self.placeholder, self.text, self.css) if way]
        if len(ways) != 1:
            raise ValueError("name the element by exactly one of role, label, placeholder, text, css")
        return self


class ReadTarget(Frozen):
    """Something to look at: candidates in the order in which they are tried; `sometimes`: its screen may be without it."""

    key: str = ""
    use: Literal["read"]
    sometimes: bool = False
    candidates: tuple[Pattern, ...]

    @property
    def screen(self) -> str:
        """The screen it belongs to: what stands before the dot of its key."""
        return self.key.partition(".")[0]

    @model_validator(mode="after")
    def _something(self) -> ReadTarget:
        if not self.candidates:
            raise ValueError("candidates: at least one is needed")
        return self


class WriteTarget(Frozen):
    """Something to press or fill: one exact name within one scope, no fallback, no position."""

    key: str = ""
    use: Literal["write"]
    role: str = ""
    name: str = ""
    label: str = ""
    placeholder: str = ""
    within: Literal["page", "section", "dialog"]
    title: str = ""
    names_case: bool = False

    @model_validator(mode="after")
    def _exact(self) -> WriteTarget:
        ways = [way for way in (self.role, self.label, self.placeholder) if way]
        if len(ways) != 1 or bool(self.role) != bool(self.name):
            raise ValueError("a write target is named by role and name, or by label, or by placeholder")
        if self.name.startswith(_MARKS_OF_PATTERNS) or self.name.endswith(_MARKS_OF_PATTERNS):
            raise ValueError(f"name: a write target's name is exact, {self.name!r} looks like a pattern")
        if bool(self.title) != (self.within != "page"):
            raise ValueError("title: a section or dialog is named by its exact title, a page has none")
        return self

    @property
    def screen(self) -> str:
        """The screen it belongs to: what stands before the dot of its key."""
        return self.key.partition(".")[0]

    @property
    def called(self) -> str:
        """What a person sees of it: its name, label or placeholder."""
        return self.name or self.label or self.placeholder

    @property
    def pattern(self) -> Pattern:
        """The one exact way to find it within its scope."""
        return Pattern(role=self.role, name=self.name, label=self.label, placeholder=self.placeholder)


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets of one platform, by SCREEN.TARGET."""

    platform: str
    reads: Mapping[str, ReadTarget]
    writes: Mapping[str, WriteTarget]

    def read(self, key: str) -> ReadTarget:
        """The read target of that key. Raises ConfigError when the files have none."""
        return self._of(self.reads, key)

    def write(self, key: str) -> WriteTarget:
        """The write target of that key. Raises ConfigError when the files have none."""
        return self._of(self.writes, key)

    def screen(self, name: str) -> tuple[WriteTarget, ...]:
        """All write targets of one screen, in the order of the files."""
        return tuple(target for key, target in self.writes.items() if key.startswith(f"{name}."))

    def _of(self, table: Mapping[str, _T], key: str) -> _T:
        if key not in table:
            raise ConfigError(f"selectors/{self.platform} has no such target: {key}", target=key)
        return table[key]


def load_targets(platform: str, folder: Path | None = None) -> Targets:
    """Read every *.toml under `folder`/`platform` (default: the shipped selectors).

    Raises:
        ConfigError: a file is missing or malformed, a key is unknown or given twice, or a write target is not exact;
            the message names file, line and key.
    """
    home = (folder or shipped("selectors")) / platform
    files = sorted(home.glob("*.toml"))
    if not files:
        raise ConfigError(f"{home}: no selectors (*.toml) for {platform}", page=str(home))
    reads: dict[str, ReadTarget] = {}
    writes: dict[str, WriteTarget] = {}
    for file in files:
        for target in _targets_of(file):
            if target.key in reads or target.key in writes:
                raise ConfigError(f"{file}: {target.key} stands twice in selectors/{platform}", target=target.key)
            match target:
                case ReadTarget():
                    reads[target.key] = target
                case WriteTarget():
                    writes[target.key] = target
    return Targets(platform=platform, reads=reads, writes=writes)


def _targets_of(file: Path) -> list[ReadTarget | WriteTarget]:
    text = file.read_text(encoding="utf-8")
    try:
        screens = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {error}", page=str(file)) from error
    return [
        _target(_Place(file, text, f"{screen}.{name}"), body)
        for screen, targets in screens.items()
        for name, body in _table(file, text, screen, targets).items()
    ]


def _table(file: Path, text: str, screen: str, targets: Any) -> dict[str, Any]:
    if not isinstance(targets, dict):
        raise _Place(file, text, screen).error(screen, "targets stand in tables [SCREEN.TARGET]")
    return targets


def _target(place: _Place, body: Any) -> ReadTarget | WriteTarget:
    if not isinstance(body, dict):
        raise place.error("", "targets stand in tables [SCREEN.TARGET]")
    if positions := sorted(_POSITIONS & _keys(body)):
        raise place.error(positions[0], "a target is never chosen by its position (M8)")
    kind = ReadTarget if body.get("use") == "read" else WriteTarget
    if kind is WriteTarget:
        _refuse_looseness(place, body)
    try:
        return kind.model_validate({**body, "key": place.key})
    except ValidationError as error:
        first = error.errors()[0]
        raise place.error(".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")) from error


def _keys(body: Mapping[str, Any]) -> set[str]:
    candidates = body.get("candidates")
    inner = [one for one in candidates if isinstance(one, dict)] if isinstance(candidates, list) else []
    return set(body).union(*inner)


def _refuse_looseness(place: _Place, body: Mapping[str, Any]) -> None:
    """The two mistakes that cost money deserve their own words (M7)."""
    if body.get("use") != "write":
        raise place.error("use", 'use is "read" or "write"')
    if "candidates" in body:
        raise place.error("candidates", "a write target has no fallbacks: name the one button")
    if "exact" in body:
        raise place.error("exact", "a write target's name is always exact; leave the key out")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file a target stands, for errors."""

    file: Path
    text: str
    key: str

    def error(self, field: str, why: str) -> ConfigError:
        named = f"{self.key}.{field}" if field and field != self.key else self.key
        return ConfigError(f"{self.file}:{self._line(field)}: {named}: {why}", target=self.key, page=str(self.file))

    def _line(self, field: str) -> int:
        """Line of the field under its table's header, of the header when the field is not there, else 1."""
        lines = self.text.splitlines()
        headers = [number for number, line in enumerate(lines, 1) if line.strip().startswith(f"[{self.key}]")]
        start = headers[0] if headers else 1
        wanted = field.split(".", maxsplit=1)[0]
        for number, line in enumerate(lines[start:], start + 1):
            if line.startswith("["):
                break
            if wanted and line.split("=", maxsplit=1)[0].strip() == wanted:
                return number
        return start
