"""A tape as one file: tar.xz of `recorded.har` (HAR 1.2), `label.json`, the pages as they were read, the pictures, and the sums of all."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from lzma import LZMAError, LZMAFile
from pathlib import Path
from typing import IO, Final, cast

from pydantic import ValidationError

from bot.errors import TapeError
from bot.tape.entry import DAMAGED, from_har, to_har
from bot.tape.tape import VERSION, Label, Tape

HAR: Final = "recorded.har"
LABEL: Final = "label.json"
PAGES: Final = "pages/"
PICTURES: Final = "pictures/"
SUMS: Final = "SHA256SUMS"
"""Every other part by its hash, as `sha256sum -c` reads it; tapes of before have only that of the HAR, in the label."""
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
    parts[SUMS] = _sums(parts)
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


def _sums(parts: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in parts.items()).encode()


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
        altered: also take one that was changed since it was written.

    Raises:
        TapeError: no tape, of another version, too large, damaged, or changed.
    """
    parts = unpacked(path)
    if HAR not in parts or LABEL not in parts:
        raise TapeError(f"{path}: no tape: {HAR} or {LABEL} is not in it", page=str(path))
    label = _label(path, parts[LABEL])
    for name in () if altered else _changed(parts, label):
        raise TapeError(f"{path}: {name} was changed since it was written", page=str(path), code="error.tape.altered")
    tape = Tape(
        label=label,
        entries=tuple(from_har(one, f"{path}: entry {place}") for place, one in enumerate(_entries(path, parts[HAR]))),
        pages={name: _page(path, name, data) for name, data in _below(PAGES, parts)},
        pictures={name.removesuffix(".png"): data for name, data in _below(PICTURES, parts)},
    )
    for where in _loose(tape):
        raise TapeError(f"{path}: {where}", page=str(path), raw=where)
    return tape


def _changed(parts: Mapping[str, bytes], label: Label) -> Iterator[str]:
    """Parts that are not as they were written, that are new, or gone."""
    if hashlib.sha256(parts[HAR]).hexdigest() != label.har_sha256:
        yield HAR
    if SUMS in parts:
        was = set(parts[SUMS].splitlines())
        now = set(_sums({name: data for name, data in parts.items() if name != SUMS}).splitlines())
        yield from sorted(line.partition(b"  ")[2].decode(errors="replace") for line in was ^ now)


def _page(path: Path, name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise TapeError(f"{path}: {PAGES}{name}: {error}", page=str(path), raw=name) from error


def _loose(tape: Tape) -> Iterator[str]:
    """What names a take or a picture that is not on the tape: it would never be played, and nobody told."""
    label, most = tape.label, max(1, len(tape.label.takes))
    takes = {
        "entry": [one.take for one in tape.entries],
        f"{LABEL}: readings": [one.take for one in label.readings],
        f"{LABEL}: proofs": [one.take for one in label.proofs],
    }
    for name, those in takes.items():
        yield from (f"{name} {n}: there is no take {one}" for n, one in enumerate(those) if one not in range(most))
    shown = enumerate(label.proofs)
    yield from (f"{LABEL}: proofs {n}: its picture is not on it" for n, one in shown if one.sha256 not in tape.pictures)


@dataclass
class _Counted:
    """What comes out of the packing, headers and all; hands out `left` bytes and no more."""

    path: Path
    file: LZMAFile
    left: int

    def read(self, size: int) -> bytes:
        """Raises TapeError: there is more."""
        data = self.file.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise TapeError(f"{self.path}: unpacks to more than {MOST_BYTES} bytes", page=str(self.path))
        return data


def unpacked(path: Path) -> dict[str, bytes]:
    """The parts of a container by name; read as a stream, in which nothing can stand for another part. Raises TapeError."""
    try:
        with LZMAFile(path) as file:
            counted = cast("IO[bytes]", _Counted(path, file, MOST_BYTES))
            with tarfile.open(fileobj=counted, mode="r|") as archive:
                return dict(_members(archive))
    except (OSError, EOFError, LZMAError, tarfile.TarError, *DAMAGED) as error:
        raise TapeError(f"{path}: no tape: {error}", page=str(path), raw=str(error)) from error


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Plain files only, read one after the other, never onto the disk: names lead nowhere, and links and holes are nothing."""
    for member in archive:
        data = archive.extractfile(member) if member.isreg() and not member.issparse() else None
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
    except DAMAGED as error:
        raise TapeError(f"{path}: {LABEL}: {error}", page=str(path)) from error


def _entries(path: Path, har: bytes) -> list[dict[str, object]]:
    try:
        found = json.loads(har)["log"]["entries"]
    except DAMAGED as error:
        raise TapeError(f"{path}: {HAR}: {type(error).__name__}: {error}", page=str(path)) from error
    if not isinstance(found, list):
        raise TapeError(f"{path}: {HAR}: log.entries is no list", page=str(path))
    return found


def _below(folder: str, parts: Mapping[str, bytes]) -> Iterable[tuple[str, bytes]]:
    return ((name.removeprefix(folder), data) for name, data in parts.items() if name.startswith(folder))
