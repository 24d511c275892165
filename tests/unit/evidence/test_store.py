"""Claims on the store: the same bytes once, whole or not at all, private, proven on reading (F47, S12)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest

from bot.domain.base import Sha256
from bot.domain.evidence import EvidenceKind, PictureLimits
from bot.errors import EvidenceRefused
from bot.evidence import files
from bot.evidence.darkroom import Darkroom
from bot.evidence.files import write_once
from bot.evidence.store import FileEvidence
from tests.unit.evidence.conftest import NOW
from tests.unit.evidence.pictures import exif_photo, noise, picture

OURS = [kind for kind in EvidenceKind if kind is not EvidenceKind.INBOX]
LIMITS = PictureLimits(max_bytes=130_000, max_count=3, media_types=frozenset({"image/png", "image/jpeg", "image/gif"}))


def _files(store: FileEvidence) -> list[Path]:
    return sorted(path for path in store._root.rglob("*") if path.is_file())


def test_a_picture_is_named_by_the_hash_of_its_bytes(own_store: FileEvidence) -> None:
    data = picture()
    kept = own_store.put(data, EvidenceKind.BEFORE, "case:1")
    sha = hashlib.sha256(data).hexdigest()
    assert (kept.sha256, kept.size, kept.width, kept.height, kept.media_type) == (sha, len(data), 40, 30, "image/png")
    assert (kept.origin, kept.taken_at) == ("case:1", NOW)
    assert [path.relative_to(own_store._root) for path in _files(own_store)] == [Path(sha[:2], f"{sha}.png")]
    assert own_store.get(kept.sha256) == data


def test_the_same_bytes_are_kept_once(own_store: FileEvidence) -> None:
    first = own_store.put(picture(), EvidenceKind.BEFORE, "case:1")
    inode = _files(own_store)[0].stat().st_ino
    second = own_store.put(picture(), EvidenceKind.AFTER, "case:2")
    assert first.sha256 == second.sha256
    assert [path.stat().st_ino for path in _files(own_store)] == [inode]


@pytest.mark.parametrize("kind", OURS)
async def test_a_picture_that_we_took_starts_no_child(own_store: FileEvidence, kind: EvidenceKind) -> None:
    kept = own_store.put(picture(), kind, "x")
    assert await own_store.fit(kept, LIMITS) == kept


def test_a_strangers_picture_is_decoded_before_it_is_kept(own_store: FileEvidence) -> None:
    with pytest.raises(AssertionError, match="inspect"):
        own_store.put(picture(), EvidenceKind.INBOX, "x")
    assert _files(own_store) == []


def test_a_refused_picture_leaves_nothing_behind(own_store: FileEvidence) -> None:
    with pytest.raises(EvidenceRefused):
        own_store.put(b"<html>", EvidenceKind.BEFORE, "x")
    assert _files(own_store) == []


def test_a_picture_that_is_gone_is_missing(own_store: FileEvidence) -> None:
    kept = own_store.put(picture(), EvidenceKind.BEFORE, "x")
    _files(own_store)[0].unlink()
    with pytest.raises(EvidenceRefused) as refused:
        own_store.get(kept.sha256)
    assert refused.value.reason_code == "evidence.missing"


def test_a_picture_that_was_altered_is_never_handed_out(own_store: FileEvidence) -> None:
    kept = own_store.put(picture(), EvidenceKind.BEFORE, "x")
    _files(own_store)[0].write_bytes(picture(colour="red"))
    with pytest.raises(EvidenceRefused) as refused:
        own_store.get(kept.sha256)
    assert refused.value.reason_code == "evidence.altered"


def test_a_picture_torn_by_a_power_cut_is_written_anew(own_store: FileEvidence) -> None:
    kept = own_store.put(picture(), EvidenceKind.BEFORE, "x")
    _files(own_store)[0].write_bytes(b"")
    own_store.put(picture(), EvidenceKind.BEFORE, "x")
    assert own_store.get(kept.sha256) == picture()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a" * 63, "A" * 64, "", "\0" * 64, "NUL", "/" * 64]
)
def test_what_is_no_hash_reaches_no_file(own_store: FileEvidence, name: str) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        own_store.get(Sha256(name))
    assert refused.value.reason_code == "evidence.missing"


@pytest.mark.skipif(
    os.name != "posix", reason="Windows has no modes; there the user's profile is private by its own rights"
)
def test_files_and_folders_are_their_owners_alone(own_store: FileEvidence) -> None:
    before = os.umask(0)
    try:
        own_store.put(picture(), EvidenceKind.BEFORE, "x")
    finally:
        os.umask(before)
    (kept,) = _files(own_store)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", lambda _self, _target: full(0))
    with pytest.raises(OSError, match="No space"):
        write_once(tmp_path / "sub" / "a.png", b"data")
    assert list((tmp_path / "sub").iterdir()) == []


def test_a_full_disk_is_a_hold_that_says_so(own_store: FileEvidence, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(EvidenceRefused, match="No space") as refused:
        own_store.put(picture(), EvidenceKind.BEFORE, "x")
    assert refused.value.reason_code == "evidence.disk"


def test_nobody_ever_sees_half_a_file(tmp_path: Path) -> None:
    path, data = tmp_path / "a.png", noise((300, 300))
    torn: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            with contextlib.suppress(FileNotFoundError):
                torn.extend({path.stat().st_size} - {len(data)})

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(30):
        path.unlink(missing_ok=True)
        write_once(path, data)
    done.set()
    watcher.join()
    assert torn == []


def test_many_threads_keep_the_same_picture_once(own_store: FileEvidence) -> None:
    data = noise((200, 200))
    threads = [threading.Thread(target=own_store.put, args=(data, EvidenceKind.AFTER, "x")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() for path in _files(own_store)] == [data]


@pytest.mark.skipif(os.name != "posix", reason="Windows syncs before the rename, and journals names itself")
def test_data_and_name_are_on_the_disk_with_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(files.os, "fsync", lambda handle: synced.append((tmp_path / "a.png").exists()))
    write_once(tmp_path / "a.png", b"data")
    assert synced == [True]


def test_windows_that_replaces_no_open_file_is_no_failure_when_the_same_bytes_stand_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"

    def another_was_faster(_self: Path, _target: Path) -> None:
        path.write_bytes(b"data")
        raise PermissionError(5, "Access is denied")

    monkeypatch.setattr(Path, "replace", another_was_faster)
    write_once(path, b"data")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


async def test_a_picture_that_fits_stays_itself(store: FileEvidence) -> None:
    kept = store.put(picture("JPEG"), EvidenceKind.INBOX, "inbox:a.jpg")
    assert await store.fit(kept, LIMITS) == kept


async def test_a_fitted_picture_tells_what_it_was_made_of(store: FileEvidence) -> None:
    kept = store.put(exif_photo(), EvidenceKind.INBOX, "inbox:a.jpg")
    fitted = await store.fit(kept, LIMITS)
    assert fitted.sha256 != kept.sha256
    assert (fitted.origin, fitted.kind, fitted.taken_at) == (f"fit:{kept.sha256}", kept.kind, kept.taken_at)
    assert store.get(kept.sha256) == exif_photo()  # what people gave is never thrown away


async def test_stacked_proofs_are_one_kept_picture(store: FileEvidence) -> None:
    parts = [store.put(picture(size=(50, height)), EvidenceKind.WEIGHTS, "x") for height in (30, 20)]
    stacked = await store.stack(parts, EvidenceKind.WEIGHTS, "weights:1")
    assert (stacked.width, stacked.height, stacked.origin) == (50, 62, "weights:1")


def test_closing_a_store_that_decoded_nothing_is_free(tmp_path: Path, own_store: FileEvidence) -> None:
    with FileEvidence(tmp_path, tmp_path, own_store._clock, Darkroom()) as store:
        store.put(picture(), EvidenceKind.BEFORE, "x")
