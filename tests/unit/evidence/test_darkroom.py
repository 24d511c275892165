"""Claims on the darkroom: whatever a picture does to its decoder, the robot loses a child and no more (F48, F49, S13)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.errors import EvidenceRefused
from bot.evidence import child as child_module
from bot.evidence import darkroom as module
from bot.evidence.child import Child, Message
from bot.evidence.darkroom import Darkroom, Limits
from bot.evidence.wire import receive, send
from tests.conftest import ROOT
from tests.unit.evidence.pictures import bomb, noise, picture

WIDE = bomb(7_900, 7_900)
"""62 MP of 1 bit: allowed by its size, some 190 MB when it becomes RGBA."""


@pytest.fixture
def rooms() -> Iterator[list[Darkroom]]:
    opened: list[Darkroom] = []
    yield opened
    for room in opened:
        room.close()


def _process(room: Darkroom) -> psutil.Process:
    assert room._child is not None
    return psutil.Process(room._child._process.pid)


def _code(room: Darkroom, data: bytes) -> str:
    with pytest.raises(EvidenceRefused) as refused:
        room.inspect(data)
    return refused.value.reason_code


def test_one_child_serves_many_pictures(darkroom: Darkroom) -> None:
    darkroom.inspect(picture())
    pid = _process(darkroom).pid
    assert _code(darkroom, picture("PNG")[:60]) == "evidence.broken"
    assert darkroom.fit(picture("WEBP"), 10_000, frozenset({"image/jpeg"})).startswith(b"\xff\xd8\xff")
    assert darkroom.stack([picture(), picture()]).startswith(b"\x89PNG")
    assert _process(darkroom).pid == pid


def test_a_picture_that_hangs_is_ended_and_the_next_one_works(rooms: list[Darkroom]) -> None:
    room = Darkroom(Limits(seconds=60.0))
    rooms.append(room)
    room.inspect(picture())
    stuck = _process(room)
    room._limits = Limits(seconds=2.0)
    stuck.suspend()  # a decoder in an endless loop answers no more than one that stands still
    assert (
        _code(room, noise((500, 500), "PNG")) == "evidence.too_slow"
    )  # larger than a pipe holds: even the write hangs
    assert not stuck.is_running()
    room._limits = Limits(seconds=60.0)
    room.inspect(picture())
    assert _process(room) != stuck


def test_a_picture_that_eats_memory_is_ended_where_only_the_parent_watches(rooms: list[Darkroom]) -> None:
    """The way of Windows, which has no limit of its own for a child."""
    room = Darkroom(Limits(seconds=60.0, address_bytes=8 * 1024**3))
    rooms.append(room)
    room.inspect(picture())
    eater = _process(room)
    room._limits = Limits(seconds=60.0, resident_bytes=eater.memory_info().rss + 20 * 1024**2)
    with pytest.raises(EvidenceRefused) as refused:
        room.fit(WIDE, 10, frozenset({"image/jpeg"}))
    assert refused.value.reason_code == "evidence.too_much_memory"
    assert not eater.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of addresses; the parent watches")
def test_a_picture_that_eats_memory_is_refused_by_the_child_itself(rooms: list[Darkroom]) -> None:
    room = Darkroom(Limits(seconds=60.0, address_bytes=250 * 1024**2))
    rooms.append(room)
    room.inspect(picture())
    survivor = _process(room)
    with pytest.raises(EvidenceRefused) as refused:
        room.fit(WIDE, 130_000, frozenset({"image/jpeg"}))
    assert refused.value.reason_code == "evidence.too_much_memory"
    room.inspect(picture())
    assert _process(room) == survivor


def test_a_bomb_costs_the_robot_no_memory(darkroom: Darkroom) -> None:
    before = psutil.Process().memory_info().rss
    assert _code(darkroom, bomb()) == "evidence.too_many_pixels"
    assert psutil.Process().memory_info().rss - before < 150 * 1024**2  # F49
    assert _process(darkroom).memory_info().rss < 150 * 1024**2


def test_a_decoder_that_dies_costs_the_picture_and_no_more(
    rooms: list[Darkroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Darkroom(Limits(seconds=60.0))
    rooms.append(room)
    room.inspect(picture())
    assert room._child is not None
    process, ask = _process(room), room._child.ask
    process.suspend()
    death = threading.Thread(target=process.kill)

    def dying(head: dict[str, Any], blobs: Sequence[bytes]) -> Message:
        death.start()
        return ask(head, blobs)

    monkeypatch.setattr(room._child, "ask", dying)
    assert _code(room, picture()) == "evidence.broken"
    death.join()
    room.inspect(picture())


def test_a_child_that_died_idle_is_replaced_unnoticed(rooms: list[Darkroom]) -> None:
    room = Darkroom(Limits(seconds=60.0))
    rooms.append(room)
    room.inspect(picture())
    _process(room).kill()
    _process(room).wait()
    room.inspect(picture())


def test_a_late_answer_is_never_taken_for_the_next_picture(
    rooms: list[Darkroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle of a job: the child that still works on it is not asked again."""
    room = Darkroom(Limits(seconds=60.0))
    rooms.append(room)
    room.inspect(picture())
    first = _process(room)

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        room.inspect(picture())
    monkeypatch.undo()
    assert not first.is_running()
    room.inspect(picture())


@pytest.mark.parametrize(
    ("name", "broken"),
    [("_environment", {"PYTHONHOME": "nowhere"}), ("_python", os.path.join(os.devnull, "python"))],  # noqa: PTH118 - text
    ids=["broken", "missing"],
)
def test_a_python_that_does_not_start_is_not_the_pictures_fault(
    rooms: list[Darkroom], monkeypatch: pytest.MonkeyPatch, name: str, broken: object
) -> None:
    room = Darkroom()
    rooms.append(room)
    monkeypatch.setattr(child_module, name, lambda: broken)
    assert _code(room, picture()) == "evidence.no_darkroom"
    monkeypatch.undo()
    room.inspect(picture())


def test_the_program_that_asks_is_not_run_again(tmp_path: Path) -> None:
    """multiprocessing's spawn imports the caller's main module: without an import guard, a whole second sweep."""
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from bot.evidence.darkroom import Darkroom\n"
        "from tests.unit.evidence.pictures import picture\n"
        "print('began')\n"
        "with Darkroom() as room:\n"
        "    room.inspect(picture())\n"
        "print('done')\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,  # the child must find our modules from anywhere
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.stdout.split(), ran.stderr) == (["began", "done"], "")


def test_the_child_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFUNDPILOT_PASSWORD", "hunter2")
    assert "hunter2" not in child_module._environment().values()


def test_a_child_ends_with_its_parent() -> None:
    child = Child(1024**3, 30.0)
    child.hello()
    assert child._process.stdin is not None
    child._process.stdin.close()  # all that a killed parent leaves behind
    assert child._process.wait(timeout=60) == 0
    child.end()


def test_a_hanging_decoder_ends_itself_when_its_parent_was_killed() -> None:
    child = Child(1024**3, 0.2)
    child.hello()
    with pytest.raises(EOFError):
        child.ask({"job": "fit", "options": {"max_bytes": 10, "media_types": ["image/jpeg"]}}, [WIDE])
    assert child._process.wait(timeout=60) != 0
    child.end()


@pytest.mark.parametrize("os_name", ["nt", "posix"])
def test_on_windows_the_process_behind_the_launcher_is_watched(monkeypatch: pytest.MonkeyPatch, os_name: str) -> None:
    monkeypatch.setattr(child_module.os, "name", os_name)
    monkeypatch.setattr(sys, "_base_executable", "C:/Python/python.exe", raising=False)
    assert child_module._python() == ("C:/Python/python.exe" if os_name == "nt" else sys.executable)


@pytest.mark.parametrize(
    "frame",
    [b"\xff\xff\xff\xff", b"\0\0\0\x02[]", b"\0\0\0\x02{}", b"\0\0\0\x03nul", b'\0\0\0\x0e{"blobs": 1e9}'],
    ids=["huge", "list", "no blobs", "cut", "many blobs"],
)
def test_a_child_that_was_taken_over_cannot_confuse_the_robot(tmp_path: Path, frame: bytes) -> None:
    (tmp_path / "pipe").write_bytes(frame)
    with (tmp_path / "pipe").open("rb") as pipe, pytest.raises((ValueError, EOFError)):
        receive(pipe)


def test_a_message_arrives_as_it_was_sent(tmp_path: Path) -> None:
    with (tmp_path / "pipe").open("wb") as pipe:
        send(pipe, {"job": "x", "options": {"名": 1}}, [b"", b"\0\1"])
    with (tmp_path / "pipe").open("rb") as pipe:
        assert receive(pipe) == ({"job": "x", "options": {"名": 1}}, [b"", b"\0\1"])
        with pytest.raises(EOFError):
            receive(pipe)
