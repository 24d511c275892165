"""The filters of a sweep as a person writes them, at the terminal or at the console: amounts in yuan, a time, scenes, ids."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.catalogue import Catalogue, Language
from bot.clock import SystemClock
from bot.domain.base import SHANGHAI
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ports.wanted import Pick

STDIN = Path("-")

_STRETCH = re.compile(r"(?P<count>[1-9][0-9]{0,3})(?P<unit>[mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

_ID = re.compile(r"(?:[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/)?[A-Za-z0-9_-]{1,64}", re.ASCII)
"""An after-sale id, or the whole key with platform and shop."""


@dataclass(frozen=True, slots=True)
class Filters:
    """As they were written; empty passes all. `ids` is a file, `listed` the same as text. `named`: how a filter is called there."""

    scenes: Sequence[str] = ()
    at_least: str = ""
    at_most: str = ""
    deadline_before: str = ""
    ids: Path | None = None
    listed: str = ""
    named: Callable[[str], str] = "--{}".format
    now: datetime | None = None

    def pick(self) -> Pick:
        """Raises ConfigError: one of them means nothing; with file and line where an id does."""
        least = _money(self.at_least, self.named("at-least"))
        most = _money(self.at_most, self.named("at-most"))
        if least is not None and most is not None and most < least:
            raise ConfigError("nothing is between", code="pick.nothing", target=str(least), raw=str(most))
        return Pick(
            ids=self._ids(),
            at_least=least,
            at_most=most,
            deadline_before=self._moment() if self.deadline_before else None,
            scenes=frozenset(scene_of(name) for name in self.scenes),
        )

    def _moment(self) -> datetime:
        """`2h` from now, or a moment in Asia/Shanghai."""
        text = self.deadline_before.strip()
        if found := _STRETCH.fullmatch(text):
            return (self.now or SystemClock().now()) + timedelta(**{_UNITS[found["unit"]]: int(found["count"])})
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            target = self.named("deadline-before")
            raise ConfigError(str(error), code="pick.bad_moment", target=target, raw=text) from error
        return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)

    def _ids(self) -> frozenset[str] | None:
        """One a line; `#` begins a comment. Raises ConfigError: no such file, a line that is no id, or no id at all."""
        if self.ids:
            return _some("stdin" if self.ids == STDIN else str(self.ids), _lines(self.ids))
        return _some(self.named("ids"), self.listed.splitlines()) if self.listed else None


def scene_of(wanted: str) -> str:
    """The scene's id, for its id or its name in either language; empty for none. Raises ConfigError."""
    from bot.engine.scenes import Scene  # noqa: PLC0415 - brings the engine along; `stop` cannot wait

    names = {scene.value: scene.value for scene in Scene}
    for language in Language:
        say = Catalogue(language)
        names |= {say.text_of(f"scene.{scene.value}"): scene.value for scene in Scene}
    if not wanted or wanted in names:
        return names.get(wanted, "")
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.0)
    raise ConfigError(f"no scene {wanted}", code="cli.no_scene", raw=wanted, target=", ".join(near))


def _money(text: str, option: str) -> Money | None:
    if not text:
        return None
    try:
        return Money.parse(text)
    except ValueError as error:
        raise ConfigError(str(error), code="pick.bad_amount", target=option, raw=text) from error


def _some(name: str, lines: Iterable[str]) -> frozenset[str]:
    found = frozenset(_each(name, lines))
    if not found:
        raise ConfigError(f"{name}: no id in it", page=name, code="pick.no_ids")
    return found


def _lines(file: Path) -> list[str]:
    if file == STDIN:
        return sys.stdin.read().splitlines()
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(error), page=str(file), code="pick.no_file") from error


def _each(name: str, lines: Iterable[str]) -> Iterable[str]:
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        if not _ID.fullmatch(text):
            raise ConfigError(
                f"{name}:{number}: no after-sale id: {text}", page=f"{name}:{number}", code="pick.bad_id", raw=text[:80]
            )
        yield text
