"""Claims on the inbox: plain finished files of this order, nothing from elsewhere (S12)."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.base import SHANGHAI
from bot.domain.evidence import EvidenceKind
from bot.errors import EvidenceRefused
from bot.evidence import checks, inbox
from bot.evidence.inbox import read_inbox
from bot.evidence.store import FileEvidence
from tests.unit.evidence.pictures import bomb, exif_photo, picture

ORDER = "2026030112345"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / ORDER).mkdir(parents=True)
    return tmp_path / "inbox" / ORDER


def _code(root: Path, order_id: str = ORDER) -> str:
    with pytest.raises(EvidenceRefused) as refused:
        list(read_inbox(root, order_id))
    return refused.value.reason_code


def _names(folder: Path) -> list[str]:
    return [file.name for file in read_inbox(folder.parent, ORDER)]


def test_pictures_come_by_name_with_their_time(folder: Path) -> None:
    for name in ("b.png", "a.png"):
        (folder / name).write_bytes(picture())
    os.utime(folder / "a.png", (1_700_000_000, 1_700_000_000))
    first, second = read_inbox(folder.parent, ORDER)
    assert (first.name, second.name) == ("a.png", "b.png")
    assert first.at == datetime.fromtimestamp(1_700_000_000, SHANGHAI)
    assert first.data == picture()


def test_an_order_without_folder_has_no_pictures(tmp_path: Path) -> None:
    assert list(read_inbox(tmp_path / "nowhere", ORDER)) == []


@pytest.mark.parametrize(
    "order_id",
    [
        "", ".", "..", "../x", "a/b", "a\\b", "/etc", "C:\\x", "C:", "\\\\server\\share", "a\0b", "a b", "a.b", "１２３",
        "con", "NUL", "com1", "LPT9", "-x", "x" * 65, "x\n", "\u202ex", "~", "*",
    ],
)  # fmt: skip
def test_an_order_id_that_could_be_a_path_is_refused(tmp_path: Path, order_id: str) -> None:
    assert _code(tmp_path, order_id) == "evidence.bad_order_id"


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.png",
        "a.png.part",
        "a.CRDOWNLOAD",
        "a.tmp",
        "a.png~",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "empty.png",
    ],
)
def test_hidden_empty_and_unfinished_files_are_not_there_yet(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"" if name == "empty.png" else picture())
    assert _names(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs a right that Windows users lack")
@pytest.mark.parametrize("target", ["file", "folder", "nothing"])
def test_a_link_among_the_pictures_is_refused(folder: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_bytes(picture())
    (tmp_path / "folder").mkdir()
    (folder / "a.png").symlink_to(tmp_path / target)
    assert _code(folder.parent) == "evidence.inbox_link"


@pytest.mark.skipif(sys.platform == "win32", reason="making links needs a right that Windows users lack")
def test_an_orders_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").write_bytes(picture())
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / ORDER).symlink_to(tmp_path / "elsewhere")
    assert _code(tmp_path / "inbox") == "evidence.inbox_link"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
def test_a_pipe_does_not_hang_the_robot(folder: Path) -> None:
    os.mkfifo(folder / "a.png")
    assert _code(folder.parent) == "evidence.inbox_link"


def test_a_folder_among_the_pictures_is_refused(folder: Path) -> None:
    (folder / "more").mkdir()
    assert _code(folder.parent) == "evidence.inbox_folder"


def test_a_file_too_large_is_refused_before_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "a.png").open("wb") as file:
        file.truncate(checks.MAX_BYTES + 1)
    monkeypatch.setattr(inbox.os, "open", lambda *_: pytest.fail("it was opened"))
    assert _code(folder.parent) == "evidence.too_many_bytes"


def test_too_many_files_are_refused_before_any_is_read(folder: Path) -> None:
    for number in range(inbox.MAX_FILES + 1):
        (folder / f"{number}.png").write_bytes(b"x")
    assert _code(folder.parent) == "evidence.inbox_full"


def test_a_file_that_another_program_holds_is_told_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.png").write_bytes(picture())

    def busy(*_: object) -> int:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(inbox.os, "open", busy)
    with pytest.raises(EvidenceRefused) as refused:
        list(read_inbox(folder.parent, ORDER))
    assert (refused.value.reason_code, refused.value.raw) == ("evidence.inbox_busy", "a.png")


@pytest.mark.parametrize("name", ["王女士.png", "\u202egnp.exe.png", "a" * 200 + ".png", "{0}.png", "'; drop--.png"])
async def test_names_are_data_and_never_paths(store: FileEvidence, folder: Path, name: str) -> None:
    (folder / name).write_bytes(picture())
    (kept,) = await store.inbox(ORDER)
    assert kept.origin == f"inbox:{name}"
    assert [path.stem for path in store._root.rglob("*.png")] == [kept.sha256]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="their file names are Unicode")
def test_a_name_that_is_no_unicode_can_be_written_down(folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xcd\xf5.png"))).write_bytes(picture())
    (name,) = _names(folder)
    assert name.encode("utf-8") == b"\\udccd\\udcf5.png"


async def test_one_bad_file_refuses_the_whole_inbox(store: FileEvidence, folder: Path) -> None:
    (folder / "a.png").write_bytes(picture())
    (folder / "b.jpg").write_bytes(b"<!DOCTYPE html><html>404</html>")
    with pytest.raises(EvidenceRefused) as refused:
        await store.inbox(ORDER)
    assert refused.value.reason_code == "evidence.no_picture"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (picture("JPEG", (300, 300))[:-900], "evidence.broken"),
        (picture("PNG", (300, 300))[:-40], "evidence.broken"),
        (picture("GIF")[:-4], "evidence.broken"),
        (bomb(), "evidence.too_many_pixels"),
        (picture() + b"PK\x03\x04", "evidence.polyglot"),
        (picture()[:40], "evidence.broken"),
    ],
    ids=["cut jpeg", "cut png", "cut gif", "bomb", "polyglot", "head only"],
)
async def test_hostile_pictures_are_refused_each_for_its_own_reason(
    store: FileEvidence, folder: Path, data: bytes, code: str
) -> None:
    (folder / "a.jpg").write_bytes(data)
    with pytest.raises(EvidenceRefused) as refused:
        await store.inbox(ORDER)
    assert refused.value.reason_code == code
    assert list(store._root.rglob("*.*")) == []


async def test_the_suffix_says_nothing(store: FileEvidence, folder: Path) -> None:
    (folder / "photo.png").write_bytes(exif_photo())
    (kept,) = await store.inbox(ORDER)
    assert (kept.media_type, kept.kind) == ("image/jpeg", EvidenceKind.INBOX)
