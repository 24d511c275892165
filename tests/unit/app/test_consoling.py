"""Claims on `refundpilot console`: it serves until it is told to end, opens a second one's page, and makes tokens for people it knows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.app.consoling import make_console_token, run_console
from bot.cli.commands import cli
from bot.config import load_home
from bot.config.tokens import digest, token_hashes
from bot.errors import ConfigError
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
