"""One TOML file as read from disk: its data, and the line of each key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.config.lines import KeyPath, Lines, deepest, longest
from bot.config.problems import Problem, told
from bot.domain.decision import Reason

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


UNREADABLE = "config.unreadable"
"""The code of a file that is there and cannot be opened."""


@dataclass(frozen=True, slots=True)
class Document:
    """`problems` is non-empty when the file could not be read at all; then `data` and `text` are empty."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: Lines = field(default_factory=lambda: Lines(""))
    problems: tuple[Problem, ...] = ()
    text: str = ""

    @property
    def unreadable(self) -> bool:
        """Whether something is there that could not be opened: an editor may hold it right now (Windows)."""
        return any(problem.reason.code == UNREADABLE for problem in self.problems)

    def problem(self, path: KeyPath, reason: Reason, key: str = "") -> Problem:
        """Something wrong at this key of this file; `key` where it is written otherwise than `told` would."""
        line = self.lines.near(path) if self.data else 0
        return Problem(file=self.name, line=line, key=key or told(path), reason=reason)


def read_document(path: Path, *, optional: bool = False) -> Document:
    """Read a file; never raises: what is wrong stands in `problems`. A byte order mark is taken (Windows editors write one)."""
    try:
        return parse_document(path.name, path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        if optional:
            return Document(path.name)
        return _broken(path.name, Reason(code="config.no_file", params={"folder": str(path.absolute().parent)}))
    except UnicodeDecodeError:
        return _broken(path.name, Reason(code="config.encoding"))
    except OSError as error:
        # a folder in its place, or a file that this user may not read
        told = {"path": str(path), "detail": error.strerror or str(error)}
        return _broken(path.name, Reason(code=UNREADABLE, params=told))


def parse_document(name: str, text: str) -> Document:
    """A file's text; never raises, as above."""
    try:
        return Document(name, tomllib.loads(text), Lines(text), text=text)
    except tomllib.TOMLDecodeError as error:
        return _broken(name, *_syntax(str(error), last_line=max(1, len(text.splitlines()))))
    except RecursionError:  # thousands of brackets are TOML, and nothing that Python reads
        return _broken(name, Reason(code="config.nested"), deepest(text))
    except ValueError:  # so are thousands of digits
        return _broken(name, Reason(code="config.digits"), longest(text))


def _syntax(message: str, last_line: int) -> tuple[Reason, int]:
    """Without a number the place is the document's end: something was opened and never closed."""
    found = _PLACE.search(message)
    line = int(found[1]) if found and found[1] else last_line
    return Reason(code="config.syntax", params={"detail": _PLACE.sub("", message)}), line


def _broken(name: str, reason: Reason, line: int = 0) -> Document:
    return Document(name, problems=(Problem(file=name, line=line, key="", reason=reason),))
