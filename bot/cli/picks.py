"""The filters of `refundpilot sweep` as a person writes them: amounts in yuan, a stretch of time or a moment, a file of ids."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

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
    """As they were written; empty passes all."""

    scenes: Sequence[str] = ()
    at_least: str = ""
    at_most: str = ""
    deadline_before: str = ""
    ids: Path | None = None

    def pick(self) -> Pick:
        """Raises ConfigError: one of them means nothing; with file and line where an id does."""
        least, most = _money(self.at_least, "--at-least"), _money(self.at_most, "--at-most")
        if least is not None and most is not None and most < least:
            raise ConfigError("nothing is between", code="pick.nothing", target=str(least), raw=str(most))
        return Pick(
            ids=_ids(self.ids) if self.ids else None,
            at_least=least,
            at_most=most,
            deadline_before=_moment(self.deadline_before) if self.deadline_before else None,
            scenes=frozenset(_scene(name) for name in self.scenes),
        )


def _scene(name: str) -> str:
    from bot.app.monitoring import scene_of  # noqa: PLC0415 - brings the engine along; `stop` cannot wait

    return scene_of(name)


def _money(text: str, option: str) -> Money | None:
    if not text:
        return None
    try:
        return Money.parse(text)
    except ValueError as error:
        raise ConfigError(str(error), code="pick.bad_amount", target=option, raw=text) from error


def _moment(text: str) -> datetime:
    """`2h` from now, or a moment in Asia/Shanghai."""
    if found := _STRETCH.fullmatch(text.strip()):
        return SystemClock().now() + timedelta(**{_UNITS[found["unit"]]: int(found["count"])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigError(str(error), code="pick.bad_moment", raw=text) from error
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _ids(file: Path) -> frozenset[str]:
    """One a line; `#` begins a comment. Raises ConfigError: no such file, a line that is no id, or no id at all."""
    name = "stdin" if file == STDIN else str(file)
    found = frozenset(_each(name, _lines(file)))
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
