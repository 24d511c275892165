"""A tape as one file: tar.xz of `recorded.har` (HAR 1.2), `label.json`, the pages as they were read and the pictures."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from lzma import LZMAError
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from bot.errors import TapeError
from bot.tape.entry import from_har, to_har
from bot.tape.tape import VERSION, Label, Tape

HAR: Final = "recorded.har"
LABEL: Final = "label.json"
PAGES: Final = "pages/"
PICTURES: Final = "pictures/"
MOST_BYTES: Final = 512 * 1024 * 1024
"""A tape that unpacks to more is refused: a sweep of 10,000 cases takes half of it."""


_XZ: Final = b"\xfd7zXZ\x00"


def is_tape(path: Path) -> bool:
    """Whether a file begins as tapes do."""
    with path.open("rb") as file:
        return file.read(len(_XZ)) == _XZ


def write(path: Path, tape: Tape) -> None:
    """Write the file whole or not at all; the same tape gives the same bytes."""
    har = _har(tape)
    label = tape.label.model_copy(update={"har_sha256": hashlib.sha256(har).hexdigest()})
    parts = {
        HAR: har,
        LABEL: f"{label.model_dump_json(indent=1)}\n".encode(),
        **{f"{PAGES}{name}": html.encode() for name, html in tape.pages.items()},
        **{f"{PICTURES}{sha}.png": data for sha, data in tape.pictures.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.part")
    half.write_bytes(packed(parts))
    half.replace(path)


def _har(tape: Tape) -> bytes:
    log = {
        "version": "1.2",
        "creator": {"name": "RefundPilot", "version": tape.label.made_by},
        "pages": [],
        "entries": [to_har(entry) for entry in tape.entries],
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=1).encode()


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The container of these parts."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", preset=3) as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def read(path: Path, *, altered: bool = False) -> Tape:
    """Read a tape back, in memory.

    Args:
        path: the file.
        altered: also take one whose HAR was changed since it was written.

    Raises:
        TapeError: no tape, of another version, too large, or changed.
    """
    parts = unpacked(path)
    if HAR not in parts or LABEL not in parts:
        raise TapeError(f"{path}: no tape: {HAR} or {LABEL} is not in it", page=str(path))
    label = _label(path, parts[LABEL])
    if not altered and hashlib.sha256(parts[HAR]).hexdigest() != label.har_sha256:
        raise TapeError(f"{path}: {HAR} was changed since it was written", page=str(path), code="error.tape.altered")
    return Tape(
        label=label,
        entries=tuple(from_har(one, f"{path}: entry {place}") for place, one in enumerate(_entries(path, parts[HAR]))),
        pages={name: data.decode() for name, data in _below(PAGES, parts)},
        pictures={name.removesuffix(".png"): data for name, data in _below(PICTURES, parts)},
    )


def unpacked(path: Path) -> dict[str, bytes]:
    """The parts of a container by name. Raises TapeError."""
    try:
        with tarfile.open(path, mode="r:xz") as archive:
            return dict(_members(path, archive))
    except (OSError, EOFError, LZMAError, tarfile.TarError) as error:
        raise TapeError(f"{path}: no tape: {error}", page=str(path), raw=str(error)) from error


def _members(path: Path, archive: tarfile.TarFile) -> Iterable[tuple[str, bytes]]:
    """Read one after the other, never onto the disk: names lead nowhere."""
    total = 0
    for member in archive:
        total += member.size
        if total > MOST_BYTES:
            raise TapeError(f"{path}: unpacks to more than {MOST_BYTES} bytes", page=str(path))
        data = archive.extractfile(member)
        if data is not None:
            yield member.name, data.read()


def _label(path: Path, data: bytes) -> Label:
    try:
        version = json.loads(data).get("version")
        if version != VERSION:
            raise TapeError(f"{path}: version {version}; this program reads {VERSION}", page=str(path))
        return Label.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise TapeError(f"{path}: {LABEL}: {where}: {first['msg']}", page=str(path), raw=where) from error
    except (ValueError, AttributeError) as error:
        raise TapeError(f"{path}: {LABEL}: {error}", page=str(path)) from error


def _entries(path: Path, har: bytes) -> list[dict[str, object]]:
    try:
        found = json.loads(har)["log"]["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise TapeError(f"{path}: {HAR}: {type(error).__name__}: {error}", page=str(path)) from error
    if not isinstance(found, list):
        raise TapeError(f"{path}: {HAR}: log.entries is no list", page=str(path))
    return found


def _below(folder: str, parts: Mapping[str, bytes]) -> Iterable[tuple[str, bytes]]:
    return ((name.removeprefix(folder), data) for name, data in parts.items() if name.startswith(folder))
