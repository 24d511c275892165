"""The filters of a sweep as a person writes them, at the terminal or at the console: amounts in yuan, a time, scenes, ids."""

from __future__ import annotations

import codecs
import csv
import difflib
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.catalogue import Catalogue, Language
from bot.clock import SystemClock
from bot.domain.base import SHANGHAI
from bot.domain.money import Money
from bot.domain.text import half_width
from bot.errors import ConfigError
from bot.ports.wanted import Pick

STDIN = Path("-")

_STRETCH = re.compile(r"(?P<count>[1-9][0-9]{0,3})(?P<unit>[mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

_ID = re.compile(r"(?:[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/)?[A-Za-z0-9_-]{1,64}", re.ASCII)
"""An after-sale id, or the whole key with platform and shop."""

_KEPT_AS_TEXT = re.compile(r'="(?P<text>[^"]*)"')
"""How a spreadsheet is told to leave the digits of a cell alone."""

_LONGEST = 1_000
"""Characters of a line that are looked at; what is longer is no id."""


@dataclass(frozen=True, slots=True)
class Filters:
    """As they were written; None passes all, an empty text means nothing: a script's variable that is not set must not ask for all.

    `ids` is a file, `listed` the same as text. `named`: how a filter is called there.
    """

    scenes: Sequence[str] = ()
    at_least: str | None = None
    at_most: str | None = None
    deadline_before: str | None = None
    ids: Path | None = None
    listed: str | None = None
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
            deadline_before=None if self.deadline_before is None else self._moment(self.deadline_before.strip()),
            scenes=frozenset(map(_named_scene, self.scenes)),
        )

    def _moment(self, text: str) -> datetime:
        """`2h` from now, or a moment in Asia/Shanghai."""
        if found := _STRETCH.fullmatch(text):
            return (self.now or SystemClock().now()) + timedelta(**{_UNITS[found["unit"]]: int(found["count"])})
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            target = self.named("deadline-before")
            raise ConfigError(str(error), code="pick.bad_moment", target=target, raw=text) from error
        return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)

    def _ids(self) -> frozenset[str] | None:
        """One a line; `#` begins a comment. Raises ConfigError: no such file, a line that is no id, or no id at all.

        A spreadsheet's file will do too: its encoding, quotes and empty cells, and a heading in the first line.
        """
        if self.ids:
            return _some("stdin" if self.ids == STDIN else str(self.ids), _lines(self.ids))
        return None if self.listed is None else _some(self.named("ids"), self.listed.splitlines())


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


def _named_scene(name: str) -> str:
    if found := scene_of(name):
        return found
    raise ConfigError("an empty scene", code="cli.no_scene", raw=name)


def _money(text: str | None, option: str) -> Money | None:
    if text is None:
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
    try:
        data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        return _text(data).splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigError(str(error), page=str(file), code="pick.no_file") from error


def _text(data: bytes) -> str:
    """UTF-8; UTF-16 with its mark; else what a Chinese Windows writes where nothing is chosen. Raises UnicodeError: no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    if b"\0" in data:
        raise UnicodeError("not a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _each(name: str, lines: Iterable[str]) -> Iterable[str]:
    begun = False
    for number, line in enumerate(lines, start=1):
        if not (text := _cell(line)):
            continue
        heading, begun = not begun and not any(map(str.isdigit, text)), True
        if _ID.fullmatch(text):
            yield text
        elif not heading:
            raise ConfigError(
                f"{name}:{number}: no after-sale id: {text}", page=f"{name}:{number}", code="pick.bad_id", raw=text[:80]
            )


def _cell(line: str) -> str:
    """What a line has in it: without its comment, marks that nobody sees, a spreadsheet's quotes and the empty cells behind."""
    shown = "".join(mark for mark in half_width(line[:_LONGEST]) if unicodedata.category(mark) != "Cf")
    cells = next(csv.reader([shown.partition("#")[0].strip()]), [])
    text = ",".join(cell.strip() for cell in cells).rstrip(",")
    kept = _KEPT_AS_TEXT.fullmatch(text)
    return kept["text"].strip() if kept else text
