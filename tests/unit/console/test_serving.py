"""Claims on serving: this machine alone, said in the home where; changes told to whoever listens; tokens made, replaced, taken away."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from bot.config.tokens import ONCE_FOR, digest, hand_in, make_token, revoke_token, take_in, token_hashes
from bot.console import serve
from bot.console.live import MOST, Watcher, since_of
from bot.console.serving import served_at
from bot.errors import ConfigError
from tests.unit.console.client import Seconds
from tests.unit.console.fakes import FakeOffice
from tests.unit.engine.builders import NOW


async def test_it_answers_on_loopback_alone_and_says_so_while_it_does(tmp_path: Path) -> None:
    async with serve(FakeOffice(), tmp_path, Seconds()) as served:
        assert served_at(tmp_path) == served.url
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{served.url}enter")).status_code == 200
        port = int(served.url.rstrip("/").rpartition(":")[2])
        own = socket.gethostbyname(socket.gethostname())
        if not own.startswith("127."):
            with pytest.raises(ConnectionError), socket.create_connection((own, port), timeout=1):
                pass
        with pytest.raises(ConfigError):
            async with serve(FakeOffice(), tmp_path / "other", Seconds(), port):
                pass
    assert served_at(tmp_path) == ""


async def test_the_link_lets_in_once_as_whom_it_was_made_for(tmp_path: Path) -> None:
    async with serve(FakeOffice(), tmp_path, Seconds(), first="approver") as served:
        token = served.way_in.partition("#")[2]
        assert token
        assert token not in (tmp_path / "console.json").read_text(encoding="utf-8")
        session = served.sessions.enter(token)
        assert session is not None
        assert session.name == "approver"
        assert served.sessions.enter(token) is None


def test_a_home_left_behind_by_a_dead_console_is_free(tmp_path: Path) -> None:
    (tmp_path / "console.json").write_text(
        json.dumps({"url": "http://127.0.0.1:1/", "pid": 2**22 - 1}), encoding="utf-8"
    )
    assert served_at(tmp_path) == ""
    (tmp_path / "console.json").write_text("nonsense", encoding="utf-8")
    assert served_at(tmp_path) == ""


def test_a_number_that_another_process_has_by_now_is_no_console(tmp_path: Path) -> None:
    own = psutil.Process()
    said: dict[str, object] = {"url": "http://127.0.0.1:1/", "pid": own.pid, "created": own.create_time()}
    for told, answers in ((said, True), ({**said, "created": own.create_time() - 86_400}, False)):
        (tmp_path / "console.json").write_text(json.dumps(told), encoding="utf-8")
        assert bool(served_at(tmp_path)) is answers
    del said["created"]
    (tmp_path / "console.json").write_text(json.dumps(said), encoding="utf-8")
    assert served_at(tmp_path) == "", "it proves nothing"


async def test_of_two_consoles_of_one_home_the_first_that_ends_leaves_the_others_word(tmp_path: Path) -> None:
    async with AsyncExitStack() as first:
        await first.enter_async_context(serve(FakeOffice(), tmp_path, Seconds()))
        async with serve(FakeOffice(), tmp_path, Seconds()) as second:
            await first.aclose()
            assert served_at(tmp_path) == second.url
        assert served_at(tmp_path) == ""


def test_of_a_token_only_its_hash_is_kept_and_for_its_owners_eyes(tmp_path: Path) -> None:
    path = tmp_path / "console.tokens.json"
    first, second = make_token(path, "Li"), make_token(path, "Li")
    make_token(path, "Wang")
    kept = path.read_text(encoding="utf-8")
    assert first not in kept
    assert second not in kept
    assert token_hashes(path)["Li"] == digest(second)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert revoke_token(path, "Li")
    assert not revoke_token(path, "Li")
    assert set(token_hashes(path)) == {"Wang"}


def test_a_word_that_was_handed_in_lets_in_once_soon_and_only_the_newest(tmp_path: Path) -> None:
    path, late = tmp_path / "console.once.json", NOW + ONCE_FOR + timedelta(seconds=1)
    for moment, whose in ((NOW, "Li"), (NOW + ONCE_FOR, "Li"), (late, ""), (NOW - timedelta(seconds=1), "")):
        older, word = hand_in(path, "Wang", NOW), hand_in(path, "Li", NOW)
        if sys.platform != "win32":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert take_in(path, lambda: NOW, digest(older)) == ""
        assert [take_in(path, lambda at=moment: at, digest(word)) for _ in range(2)] == [whose, ""]
    path.write_text("nonsense", encoding="utf-8")
    assert take_in(path, lambda: NOW, digest(word)) == ""


async def looked(watcher: Watcher) -> None:
    """Until the first page that listens knows how everything stands."""
    async with asyncio.timeout(20):
        while watcher._task is None:  # noqa: ASYNC110 - the watcher tells it to nobody
            await asyncio.sleep(0)


async def test_who_listens_is_told_which_topics_changed(tmp_path: Path) -> None:
    office = FakeOffice()
    watcher = Watcher(office, look_s=0.01)
    heard = watcher.listen()
    assert await anext(heard) == b"retry: 3000\n\n"
    following = asyncio.ensure_future(anext(heard))
    await looked(watcher)
    office.acts.append(("stop", "somebody"))
    assert await asyncio.wait_for(following, 5) == b'event: changed\ndata: ["brakes"]\n\n'
    following = asyncio.ensure_future(anext(heard))
    office.seq += 1
    assert await asyncio.wait_for(following, 5) == b'event: changed\ndata: ["ledger"]\n\n'
    watcher.close()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(heard), 5)


async def test_a_page_is_told_what_changed_since_it_was_made_whatever_others_saw() -> None:
    """The switch is let go and pressed again between two looks: who looked all the time saw nothing, this page did."""
    office = FakeOffice()
    watcher = Watcher(office, look_s=3600)
    office.acts.append(("stop", "somebody"))
    earlier = watcher.listen()
    await anext(earlier)
    following = asyncio.ensure_future(anext(earlier))
    await looked(watcher)
    office.acts.clear()
    late = watcher.listen(since_of(office.marks()))
    assert await anext(late) == b"retry: 3000\n\n"
    office.acts.append(("stop", "somebody"))
    assert await asyncio.wait_for(anext(late), 5) == b'event: changed\ndata: ["brakes"]\n\n'
    await watcher._look()
    async with watcher._looked:
        watcher._looked.notify_all()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not following.done()
    watcher.close()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(following, 5)


async def test_no_more_pages_listen_than_it_can_serve(tmp_path: Path) -> None:
    watcher = Watcher(FakeOffice(), look_s=0.01)
    heard = [watcher.listen() for _ in range(MOST)]
    for one in heard:
        await anext(one)
    assert watcher.full
    watcher.close()
    for one in heard:
        await one.aclose()
    assert not watcher.full
