"""Recordings on disk: found, loaded with every mistake told by file and key, written the same way every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import ConfigError
from bot.evidence.files import write_once
from bot.recordings.meta import Meta
from bot.recordings.outcome import Outcome, Trouble

PAGE: Final = "page.html"
META: Final = "meta.json"
EXPECTED: Final = "expected.json"
ERROR: Final = "error.json"

_NAME: Final = re.compile(r"(?P<page>[a-z][a-z0-9_]*)\.[a-z0-9][a-z0-9_]*", re.ASCII)
_UNSEEN: Final = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Characters that turn the direction of text or are not drawn: nobody reviews what he cannot see."""
_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Recording:
    """One folder `PLATFORM/PAGE.CASE/`; `expected` is None until somebody accepted a reading."""

    folder: Path
    meta: Meta
    html: str
    expected: Outcome | None

    @property
    def name(self) -> str:
        """`taobao/detail.in_transit`."""
        whole = self.folder.resolve()
        return f"{whole.parent.name}/{whole.name}"


def named(folder: Path) -> tuple[str, str]:
    """Platform and page that the folder's own name says. Raises ConfigError for a name of another form."""
    whole = folder.resolve()
    found = _NAME.fullmatch(whole.name)
    if found is None:
        raise ConfigError(f"{folder}: no PLATFORM/PAGE.CASE", page=str(folder), code="recordings.bad_name")
    return whole.parent.name, found["page"]


def find_recordings(places: Iterable[Path]) -> list[Path]:
    """Every folder below (or at) these places that has a page in it, in the order of their names; `runs/` is left out.

    Raises:
        ConfigError: a place is no folder, or has no recording.
    """
    found: set[Path] = set()
    for place in places:
        here = {file.parent for file in place.rglob(PAGE) if "runs" not in file.relative_to(place).parts}
        here |= {file.parent for file in place.rglob(META) if "runs" not in file.relative_to(place).parts}
        if not here:
            raise ConfigError(f"{place}: no recording", page=str(place), code="recordings.none")
        found |= here
    return sorted(found)


def load(folder: Path) -> Recording:
    """Raises ConfigError, with file and key, for anything missing, malformed or at odds with the folder's name."""
    platform, page = named(folder)
    meta = _model(Meta, folder / META)
    for key, said, meant in (("platform", meta.platform, platform), ("page", meta.page, page)):
        if said != meant:
            raise _spoilt(folder / META, key, f"{said!r} in a folder of {meant!r}")
    return Recording(folder, meta, _text(folder / PAGE), _expected(folder))


def save(recording: Recording) -> None:
    """Write all of it; the one of expected.json and error.json that does not hold any more goes."""
    folder = recording.folder
    write_once(folder / PAGE, recording.html.encode())
    meta = recording.meta.model_dump(mode="json", exclude_defaults=True)
    write_once(folder / META, pretty({"format": recording.meta.format, **meta}))
    if recording.expected is None:
        return
    kept, gone = (EXPECTED, ERROR) if recording.expected.trouble is None else (ERROR, EXPECTED)
    write_once(folder / kept, pretty(recording.expected.body))
    (folder / gone).unlink(missing_ok=True)


def pretty(body: Mapping[str, Any]) -> bytes:
    """JSON for reviewers: sorted, a line a value, Chinese as it is, what cannot be seen by its number."""
    text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)
    return (_UNSEEN.sub(_numbered, text) + "\n").encode()


def _numbered(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _expected(folder: Path) -> Outcome | None:
    fields, error = folder / EXPECTED, folder / ERROR
    if fields.is_file() and error.is_file():
        raise _spoilt(error, "", f"stands beside {EXPECTED}")
    if error.is_file():
        return Outcome(trouble=_model(Trouble, error))
    return Outcome(fields=_object(fields)) if fields.is_file() else None


def _model(kind: type[_M], file: Path) -> _M:
    try:
        return kind.model_validate(_object(file))
    except ValidationError as error:
        first = error.errors()[0]
        raise _spoilt(file, ".".join(map(str, first["loc"])), first["msg"]) from error


def _object(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(_text(file))
    except ValueError as error:
        raise _spoilt(file, "", str(error)) from error
    if not isinstance(body, dict):
        raise _spoilt(file, "", "no JSON object")
    return body


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: missing", page=str(file), code="recordings.missing") from error
    except UnicodeDecodeError as error:
        raise _spoilt(file, "", str(error)) from error


def _spoilt(file: Path, key: str, why: str) -> ConfigError:
    where = f"{file}: {key}" if key else str(file)
    return ConfigError(
        f"{where}: {why}", page=str(file), target=key, raw=f"{key}: {why}" if key else why, code="recordings.spoilt"
    )
