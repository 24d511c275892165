"""One look at a home: what is told, remembered and ended; beside a held lock, with broken settings, and never a stranger's process."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from bot.alerts.log import AlarmBook
from bot.config.settings import Run
from bot.domain.base import SHANGHAI
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm, Urgency
from bot.service import deadman
from bot.service.deadman import WatchResult, look_at
from bot.service.heartbeat import Heartbeat, heartbeat_file, identity, read_heartbeat
from bot.service.killing import Ended, alive, end
from bot.service.systemd_notify import VARIABLE, Feed, notify

NOW = datetime(2026, 11, 28, 12, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)


def write(home: Path, at: datetime = NOW, **more: object) -> None:
    body = {
        "at": at.isoformat(),
        "pid": 999_999_999,
        "phase": "sweeping",
        "phase_since": at.isoformat(),
        "shop": "s",
        **more,
    }
    heartbeat_file(home).write_text(json.dumps(body), encoding="utf-8")


class Book(AlarmBook):
    """Takes every call, unless it is `deaf`."""

    deaf = False

    def call(self, alarm: Alarm, *, again: bool = False) -> bool:
        self.tries.append(again)
        if not self.deaf:
            self.notify(alarm)
        return not self.deaf

    def __init__(self) -> None:
        super().__init__()
        self.tries: list[bool] = []


def look(home: Path, minutes: float, book: Book, *, kill: bool = False) -> WatchResult:
    return look_at(home, NOW + minutes * MINUTE, book, Run(), kill=kill)


def test_a_person_is_called_once_and_told_the_end(tmp_path: Path) -> None:
    book = Book()
    write(tmp_path)
    results = [look(tmp_path, minutes, book) for minutes in (0, 2, 4, 6, 8, 10)]
    write(tmp_path, NOW + 11 * MINUTE)
    results.append(look(tmp_path, 11, book))
    assert [(one.urgency, one.reason.code) for one in book.alarms] == [
        (Urgency.CALL, "watch.gone"),
        (Urgency.WARN, "watch.over"),
    ]
    assert [one.exit_code for one in results] == [ExitCode.DONE] * 3 + [ExitCode.PERSON] * 3 + [ExitCode.DONE]
    assert book.alarms[0].reason.params["minutes"] == "6"
    gone, over = ("watch.gone", deadman.EVERY), ("watch.over", deadman.EVERY)
    assert book.over == [over, gone], "nobody is rung about it any more"


def test_a_call_that_fails_is_made_again_at_the_next_look(tmp_path: Path) -> None:
    class Broken(Book):
        def notify(self, alarm: object) -> None:
            raise RuntimeError("no channel")

    write(tmp_path)
    with pytest.raises(RuntimeError):
        look(tmp_path, 6, Broken())
    book = Book()
    look(tmp_path, 7, book)
    assert [one.reason.code for one in book.alarms] == ["watch.gone"]


def test_a_call_that_reached_nobody_is_made_at_every_look_until_somebody_heard_it(tmp_path: Path) -> None:
    book = Book()
    write(tmp_path)
    book.deaf = True
    told = [look(tmp_path, minutes, book).told for minutes in (0, 2, 4, 6, 8)]
    book.deaf = False
    told += [look(tmp_path, minutes, book).told for minutes in (9, 10, 11)]
    assert told == [False] * 5 + [True, False, False]
    assert book.tries == [False, True, True]
    assert [(one.reason.code, one.reason.params["minutes"]) for one in book.alarms] == [("watch.gone", "9")]


def test_a_full_disk_makes_the_watch_neither_forget_nor_repeat_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    book = Book()
    write(tmp_path)
    look(tmp_path, 0, book)
    monkeypatch.setattr(deadman, "swap_in", full)
    assert [look(tmp_path, minutes, book).told for minutes in range(1, 12)].index(True) == 5
    assert [one.reason.code for one in book.alarms] == ["watch.gone"]


def test_an_incident_that_an_older_watch_remembers_was_told(tmp_path: Path) -> None:
    write(tmp_path)
    look(tmp_path, 6, Book())
    memory = json.loads((tmp_path / "watch.json").read_text(encoding="utf-8"))
    del memory["incident"]["reached"]
    (tmp_path / "watch.json").write_text(json.dumps(memory), encoding="utf-8")
    book = Book()
    assert not look(tmp_path, 7, book).told
    assert book.tries == []


@pytest.mark.parametrize("content", ["", "{", "null", '{"at": "yesterday"}', "[]", "\x00" * 9])
def test_a_heartbeat_or_memory_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    heartbeat_file(tmp_path).write_text(content, encoding="utf-8")
    (tmp_path / "watch.json").write_text(content, encoding="utf-8")
    assert read_heartbeat(tmp_path) is None
    assert look(tmp_path, 0, Book()).state == "not_yet"


def test_a_newer_service_may_say_more(tmp_path: Path) -> None:
    write(tmp_path, mood="fine")
    assert look(tmp_path, 1, Book()).state == "well"


def test_it_looks_while_another_robot_holds_the_home(tmp_path: Path) -> None:
    write(tmp_path)
    with FileLock(tmp_path / ".lock"):
        assert look(tmp_path, 6, Book()).state == "gone"


def test_a_process_is_known_by_its_own_identity_and_no_other(tmp_path: Path) -> None:
    own = identity()
    write(tmp_path, **asdict(own))
    heard = read_heartbeat(tmp_path)
    assert heard is not None
    assert alive(heard)
    assert not alive(heard.model_copy(update={"command": ("other",)}))


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd's sockets are Linux'")
@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_start_life_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, abstract: bool) -> None:
    if abstract and sys.platform != "linux":
        pytest.skip("abstract names are Linux'")
    address = f"@refundpilot{tmp_path}"[:90] if abstract else str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address.replace("@", "\0", 1) if abstract else address)
        monkeypatch.setenv(VARIABLE, address)
        feed = Feed()
        feed.alive("sleeping")
        feed.alive("sweeping", "taobao/1001")
        feed.leave()
        heard = [ear.recv(1000).decode() for _ in range(3)]
    assert heard == [
        "READY=1\nWATCHDOG=1\nSTATUS=sleeping",
        "WATCHDOG=1\nSTATUS=sweeping taobao/1001",
        "STOPPING=1",
    ]


@pytest.mark.parametrize("address", ["", "relative", "/no/such/socket", "vsock:2:1"])
def test_nobody_listening_is_no_error(address: str) -> None:
    assert not notify("WATCHDOG=1", env={VARIABLE: address})


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that hangs, with a child of its own."""
    child = "import time; time.sleep(600)"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{child}']); print('up', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        family = psutil.Process(process.pid).children(recursive=True)
        yield process
        process.kill()
        for member in family:
            if member.is_running():
                member.kill()


def of(process: subprocess.Popen[bytes], **changes: object) -> Heartbeat:
    there = psutil.Process(process.pid)
    body = {"at": NOW, "pid": process.pid, "phase": "sweeping", "phase_since": NOW}
    return Heartbeat.model_validate({**body, "created": there.create_time(), "command": there.cmdline(), **changes})


def test_what_hangs_is_ended_with_its_children(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(sleeper.pid).children(recursive=True)
    told = of(sleeper)
    write(
        tmp_path,
        NOW + 10 * MINUTE,
        **told.model_dump(include={"pid", "created", "command"}),
        phase_since=(NOW - 400 * MINUTE).isoformat(),
    )
    assert look(tmp_path, 10, Book()).killed == ""
    assert sleeper.poll() is None, "without --kill nothing is ended"
    result = look(tmp_path, 10, Book(), kill=True)
    assert (result.state, result.killed) == ("stuck", "ended")
    assert family
    assert not [member for member in family if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]
    assert end(told) in {Ended.NOT_THERE, Ended.NOT_OURS}


@pytest.mark.parametrize(
    "changes",
    [{"created": 1.0}, {"created": None}, {"command": ["other"]}, {"command": []}],
    ids=lambda v: next(iter(v)),
)
def test_a_stranger_with_the_same_id_is_never_ended(
    sleeper: subprocess.Popen[bytes], changes: dict[str, object]
) -> None:
    assert end(of(sleeper, **changes)) is Ended.NOT_OURS
    assert sleeper.poll() is None
