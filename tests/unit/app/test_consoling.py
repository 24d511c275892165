"""Claims on `refundpilot console`: it serves until it is told to end, opens a second one's page, makes tokens for people it knows, and lets in beside a service."""

from __future__ import annotations

import asyncio
import json
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.app.consoling import company, make_console_token, run_console, way_into_console
from bot.cli import consoles
from bot.cli.commands import cli
from bot.config import load_home
from bot.config.tokens import digest, token_hashes
from bot.console.serving import served_at
from bot.errors import ConfigError
from tests.simulation.left_running import FakeSweeps, SteppedClock, hands, left_running, make_home
from tests.unit.config.homes import spoil, trial_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    root = trial_home(tmp_path / "home")
    spoil(root / "refundpilot.toml", "[browser]", '[[console.person]]\nname = "Li"\nrole = "approver"\n\n[browser]')
    return root


async def test_it_lets_in_as_the_named_person_until_it_is_told_to_end(home: Path) -> None:
    loaded, stop, told = load_home(home, with_logins=False), asyncio.Event(), asyncio.Event()
    ways: list[str] = []

    def ready(url: str, way_in: str) -> None:
        ways.extend((url, way_in))
        told.set()

    serving = asyncio.create_task(run_console(loaded, 0, "Li", ready, stop))
    await asyncio.wait_for(told.wait(), 20)
    url, way_in = ways
    async with httpx.AsyncClient(trust_env=False, base_url=url, follow_redirects=True) as client:
        page = await client.post(
            "/enter", data={"token": way_in.partition("#")[2]}, headers={"origin": url.rstrip("/")}
        )
        assert (page.status_code, "Li" in page.text) == (200, True)
    assert await run_console(loaded, 0, "", ready, stop) == url, "a second one opens the first one's page"
    stop.set()
    assert await asyncio.wait_for(serving, 20) == ""
    assert not (home / "console.json").exists()


async def test_nobody_is_let_in_whom_the_settings_do_not_name(home: Path) -> None:
    with pytest.raises(ConfigError):
        await run_console(load_home(home, with_logins=False), 0, "Mallory", lambda *_: None, asyncio.Event())
    with pytest.raises(ConfigError):
        make_console_token(load_home(home, with_logins=False), "Mallory", revoke=False)


def test_a_token_is_printed_once_and_can_be_taken_away(home: Path) -> None:
    made = CliRunner().invoke(cli, ["console", "token", "Li", "--home", str(home), "--json"])
    assert made.exit_code == 0
    token = json.loads(made.stdout)["token"]
    assert token_hashes(home / "console.tokens.json") == {"Li": digest(token)}
    gone = CliRunner().invoke(cli, ["console", "token", "Li", "--revoke", "--home", str(home), "--json"])
    assert json.loads(gone.stdout)["revoked"] is True
    assert token_hashes(home / "console.tokens.json") == {}
    unknown = CliRunner().invoke(cli, ["console", "token", "Mallory", "--home", str(home), "--json"])
    assert (unknown.exit_code, json.loads(unknown.stdout)["error"]) == (2, "console.no_person")


@asynccontextmanager
async def left_alone(folder: Path, people: str = "") -> AsyncIterator[Path]:
    """A home in which a service works with its console beside it."""
    root, clock = make_home(folder), SteppedClock()
    spoil(root / "refundpilot.toml", "[browser]", f"{people}\n[browser]")
    with left_running(root, clock, hands(FakeSweeps(clock))) as left:
        async with company(left.service):
            yield root


async def entered(url: str, token: str) -> str:
    """The page that a browser comes to by a token."""
    async with httpx.AsyncClient(trust_env=False, base_url=url, follow_redirects=True) as client:
        page = await client.post("/enter", data={"token": token}, headers={"origin": url.rstrip("/")})
        return page.text if page.status_code == 200 else ""


async def at_the_terminal(*words: str) -> dict[str, str]:
    """What a second process of the same home says."""
    done = await asyncio.to_thread(CliRunner().invoke, cli, [*words, "--json"])
    assert done.exit_code == 0, done.output
    said: dict[str, str] = json.loads(done.stdout)
    return said


async def test_where_nobody_is_named_the_terminal_opens_a_services_console_from_the_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    # signals are the main thread's, in which the service works here
    monkeypatch.setattr(consoles, "run", lambda work, _: asyncio.run(work(asyncio.Event())))
    async with left_alone(tmp_path / "home") as home:
        said = await at_the_terminal("console", "--home", str(home))
        url, _, token = said["way_in"].partition("enter#")
        assert (opened, url) == ([said["way_in"]], served_at(home))
        assert token not in (home / "console.once.json").read_text(encoding="utf-8")
        assert await entered(url, "wrong") == ""
        assert "operator" in await entered(url, token), "a wrong guess spends nothing"
        assert await entered(url, token) == "", "it is good once"
        assert not (home / "console.once.json").exists()


async def test_where_nobody_is_named_the_one_operator_has_a_token_without_saying_a_name(tmp_path: Path) -> None:
    async with left_alone(tmp_path / "home") as home:
        said = await at_the_terminal("console", "token", "--home", str(home))
        assert said["name"] == "operator"
        assert "operator" in await entered(served_at(home), said["token"])
        with pytest.raises(ConfigError):
            make_console_token(load_home(home, with_logins=False), "Mallory", revoke=False)


async def test_where_people_are_named_a_services_console_lets_in_whom_the_terminal_names(tmp_path: Path) -> None:
    people = '[[console.person]]\nname = "Li"\nrole = "approver"\n[[console.person]]\nname = "Wang"\n'
    async with left_alone(tmp_path / "home", people) as home:
        loaded = load_home(home, with_logins=False)
        assert way_into_console(loaded, "") == "", "each comes in by their own"
        url, _, token = way_into_console(loaded, "Wang").partition("enter#")
        assert "Wang" in await entered(url, token)
        with pytest.raises(ConfigError):
            way_into_console(loaded, "operator")


def test_where_no_console_answers_nobody_is_let_in(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    assert way_into_console(load_home(home, with_logins=False), "") == ""
    assert not (home / "console.once.json").exists()
