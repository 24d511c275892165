"""Claims on tapes that are damaged or made to harm: each is refused by file and key, none breaks the reader or fills the memory."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import TapeError
from bot.ports.tape import Asked, Said
from bot.tape import pack
from bot.tape.entry import Entry
from bot.tape.tape import Proof, Reading, Tape
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped

URL = "http://shop.example"
PICTURE = b"\x89PNG"
Spoil = Callable[[Any], object]


def small() -> Tape:
    """One request, one reading, one proof."""
    asked = Asked("POST", f"{URL}/agree", "write", {"content-type": "application/json"}, b'{"a":1}')
    told = {
        "takes": (take(unshipped()),),
        "readings": (Reading(take=0, at=NOW, url=URL, file="0000.html", lines=("a",)),),
        "proofs": (Proof(take=0, kind="trail", origin="x", sha256="ab", at=NOW),),
    }
    entry = Entry(asked, Said(200, (), b"{}"), NOW)
    return Tape(label().model_copy(update=told), (entry,), {"0000.html": "<p>"}, {"ab": PICTURE})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.tar.xz"
    pack.write(path, small())
    return path


def test_a_tape_comes_back_as_it_was_written(file: Path) -> None:
    told, tape = pack.read(file), small()
    assert (told.entries, told.pages, told.pictures) == (tape.entries, tape.pages, tape.pictures)
    assert (told.label.takes, told.label.proofs) == (tape.label.takes, tape.label.proofs)


@pytest.mark.parametrize(
    ("part", "data"),
    [("pages/0000.html", b"<b>"), ("pictures/ab.png", b"x"), ("pages/0001.html", b"new"), ("pages/0000.html", None)],
)
def test_a_part_that_was_changed_or_put_in_or_taken_out_is_told(part: str, data: bytes | None, file: Path) -> None:
    parts = {name: kept for name, kept in pack.unpacked(file).items() if name != part}
    file.write_bytes(pack.packed(parts if data is None else parts | {part: data}))
    with pytest.raises(TapeError, match=f"{part} was changed") as error:
        pack.read(file)
    assert error.value.reason_code == "error.tape.altered"
    assert pack.read(file, altered=True).entries == small().entries


def test_what_was_decided_then_cannot_be_changed_unseen(file: Path) -> None:
    parts = pack.unpacked(file)
    label = parts[pack.LABEL].replace(b'"posture": "act"', b'"posture": "observe"')
    assert label != parts[pack.LABEL]
    file.write_bytes(pack.packed(parts | {pack.LABEL: label}))
    with pytest.raises(TapeError, match=r"label.json was changed"):
        pack.read(file)


def test_a_tape_of_before_has_no_list_of_sums(file: Path) -> None:
    parts = pack.unpacked(file)
    del parts[pack.SUMS]
    file.write_bytes(pack.packed(parts))
    assert pack.read(file).entries == small().entries


def refused(file: Path, parts: dict[str, bytes]) -> str:
    file.write_bytes(pack.packed(parts))
    with pytest.raises(TapeError) as error:
        pack.read(file, altered=True)
    return str(error.value)


def entry_with(spoil: Spoil) -> Spoil:
    return lambda har: spoil(har["log"]["entries"][0])


def put(*keys: str, value: object) -> Spoil:
    """Another value at that place."""

    def spoil(told: Any) -> None:
        for key in keys[:-1]:
            told = told[key]
        told[keys[-1]] = value

    return spoil


ENTRIES: dict[str, Spoil] = {
    "content null": put("response", "content", value=None),
    "content text": put("response", "content", value="x"),
    "no post data": put("request", "postData", value=None),
    "status infinite": put("response", "status", value=float("inf")),
    "status out of range": put("response", "status", value=70_000),
    "url null": put("request", "url", value=None),
    "url a number": put("request", "url", value=5),
    "url without end": put("request", "url", value="http://["),
    "url without host": put("request", "url", value="about:blank"),
    "url of a file": put("request", "url", value="file://server/share"),
    "url with a wrong port": put("request", "url", value="http://shop.example:99999999/"),
    "method a list": put("request", "method", value=["GET"]),
    "kind a number": put("_kind", value=1),
    "headers null": put("request", "headers", value=None),
    "half a character": put("response", "content", value={"text": "\ud800"}),
    "a take that is not there": put("_take", value=1),
    "a take before the first": put("_take", value=-1),
    "a reason that is none": put("_refused", value=1),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_damaged_entry_is_told_by_its_place(name: str, file: Path) -> None:
    parts = pack.unpacked(file)
    har = json.loads(parts[pack.HAR])
    entry_with(ENTRIES[name])(har)
    assert "entry 0" in refused(file, parts | {pack.HAR: json.dumps(har).encode()})


def test_what_the_guard_stopped_may_be_of_any_scheme(file: Path) -> None:
    parts = pack.unpacked(file)
    har = json.loads(parts[pack.HAR])
    har["log"]["entries"][0] |= {"_refused": "foreign"}
    har["log"]["entries"][0]["request"]["url"] = "ftp://stranger.example/x"
    file.write_bytes(pack.packed(parts | {pack.HAR: json.dumps(har).encode()}))
    assert pack.read(file, altered=True).entries[0].refused == "foreign"


LABELS: dict[str, tuple[Spoil, str]] = {
    "a shop of no platform": (lambda one: one["takes"][0].update(shop="1001"), "takes.0.shop"),
    "a posture that is none": (lambda one: one["takes"][0].update(posture="attack"), "takes.0.posture"),
    "a pace without end": (lambda one: one["takes"][0].update(seconds_per_case=float("inf")), "seconds_per_case"),
    "a moment without a zone": (lambda one: one["takes"][0].update(began="2026-11-22T10:00:00"), "takes.0.began"),
    "a reading of no take": (lambda one: one["readings"][0].update(take=7), "readings 0"),
    "a proof of no take": (lambda one: one["proofs"][0].update(take=-1), "proofs 0"),
    "a proof without its picture": (lambda one: one["proofs"][0].update(sha256="cd"), "proofs 0"),
    "half a character": (lambda one: one["files"].update({"policy.toml": "\ud800"}), "label.json"),
}


@pytest.mark.parametrize("name", LABELS)
def test_a_damaged_label_is_told_by_its_key(name: str, file: Path) -> None:
    spoil, key = LABELS[name]
    parts = pack.unpacked(file)
    told = json.loads(parts[pack.LABEL])
    spoil(told)
    assert key in refused(file, parts | {pack.LABEL: json.dumps(told).encode()})


DEEP = b'{"version": 1, "log": ' + b"[" * 100_000


@pytest.mark.parametrize("part", [pack.HAR, pack.LABEL])
def test_what_is_nested_without_end_is_told_by_its_file(part: str, file: Path) -> None:
    assert part in refused(file, pack.unpacked(file) | {part: DEEP})


def test_a_page_that_is_no_text_is_told_by_its_name(file: Path) -> None:
    assert "pages/0000.html" in refused(file, pack.unpacked(file) | {"pages/0000.html": b"\xff"})


def with_members(file: Path, *members: tuple[tarfile.TarInfo, bytes]) -> None:
    """The tape with further members behind its own."""
    parts, packed = pack.unpacked(file), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        for info, data in (*((tarfile.TarInfo(name), data) for name, data in parts.items()), *members):
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    file.write_bytes(packed.getvalue())


def link(name: str, to: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info, b""


@pytest.mark.parametrize("to", ["pages/loop.html", "nowhere", "pages/0000.html", "/etc/passwd"])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_no_part_of_a_tape(kind: bytes, to: str, file: Path) -> None:
    with_members(file, link("pages/loop.html", to, kind))
    assert set(pack.read(file).pages) == {"0000.html"}


def test_what_unpacks_to_more_than_a_tape_may_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_members(file, (tarfile.TarInfo("pages/much.html"), b" " * 100_000))
    monkeypatch.setattr(pack, "MOST_BYTES", 90_000)
    with pytest.raises(TapeError, match="more than 90000 bytes"):
        pack.read(file)


def test_headers_count_to_what_a_tape_unpacks_to(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tarfile.TarInfo("pages/0001.html")
    info.pax_headers = {"comment": "x" * 100_000}
    with_members(file, (info, b""))
    monkeypatch.setattr(pack, "MOST_BYTES", 90_000)
    with pytest.raises(TapeError, match="more than 90000 bytes"):
        pack.read(file)


def test_a_container_that_breaks_off_is_told(file: Path) -> None:
    half = lzma.decompress(file.read_bytes())[:700]
    file.write_bytes(lzma.compress(half))
    with pytest.raises(TapeError, match="no tape"):
        pack.read(file)
