"""`refundpilot service …`: a dry run changes nothing, a look ends with 3 when somebody is needed, and no terminal is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner, Result

from bot.cli.commands import cli
from bot.clock import SystemClock
from bot.ports.exits import ExitCode
from tests.unit.config.homes import spoil, trial_home

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="shows units")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return trial_home(tmp_path / "home")


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, ["service", *map(str, words)], env={"COLUMNS": "60"})


def beat(home: Path, minutes_ago: float) -> None:
    at = (SystemClock().now() - timedelta(minutes=minutes_ago)).isoformat()
    body = {"at": at, "pid": 999_999_999, "phase": "idle", "phase_since": at, "shop": ""}
    (home / "heartbeat.json").write_text(json.dumps(body), encoding="utf-8")


@LINUX
@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_dry_run_shows_every_step_and_does_none(home: Path, tmp_path: Path, verb: str) -> None:
    before = {*home.rglob("*")} - {*(home / "logs").rglob("*")}
    result = call(verb, "--home", home, "--dry-run")
    assert result.exit_code == ExitCode.DONE
    mark = "+" if verb == "install" else "-"
    assert result.stdout.count(f"\n{mark} ") + result.stdout.startswith(f"{mark} ") == 3
    assert "['systemctl', '--user', '--no-ask-password', 'daemon-reload']" in result.stdout
    assert {*home.rglob("*")} - {*(home / "logs").rglob("*")} == before
    assert not (tmp_path / "config").exists()
    body = json.loads(call(verb, "--home", home, "--dry-run", "--json").stdout)
    assert body["scope"] == "user"
    assert len(body["steps"]) > 5


@LINUX
def test_status_tells_what_is_missing_and_the_last_heartbeat(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.serving.site_of", _looking())
    beat(home, 1)
    result = call("status", "--home", home, "--json")
    body = json.loads(result.stdout)
    assert result.exit_code == ExitCode.HELD
    assert {part["state"] for part in body["parts"]} == {"absent"}
    assert body["heartbeat"]["phase"] == "idle"
    assert "Heartbeat of" in call("status", "--home", home).stdout


def _looking() -> object:
    from bot.cli.serving import site_of  # noqa: PLC0415  # the real one, before it is replaced

    return lambda home, scope, **_: site_of(home, scope, looks_only=True)


def test_a_look_ends_with_3_writes_the_alarm_down_and_needs_no_lock_and_no_settings(home: Path) -> None:
    beat(home, 9)
    spoil(home / "refundpilot.toml", "[browser]", "[browser")
    with FileLock(home / ".lock"):
        first = call("watch", "--home", home)
    again = call("watch", "--home", home, "--json")
    assert (first.exit_code, again.exit_code) == (ExitCode.PERSON, ExitCode.PERSON)
    assert "gone" in first.stderr
    assert "gone" not in again.stderr
    assert json.loads(again.stdout)["told"] is False
    alarms = (home / "logs" / "alarms.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["reason"]["code"] for line in alarms] == ["watch.gone"]
    beat(home, 0)
    assert call("watch", "--home", home).exit_code == ExitCode.DONE


def test_a_home_that_is_not_there_is_an_error_and_not_a_silence(tmp_path: Path) -> None:
    result = call("watch", "--home", tmp_path / "none")
    assert result.exit_code == ExitCode.CONFIG


def test_the_command_of_the_tasks_runs_without_any_stream_and_without_the_browser_kit(home: Path) -> None:
    beat(home, 9)
    code = (
        "import sys; sys.argv = ['x', 'service', 'watch', '--kill', '--home', sys.argv[1]]; sys.stdout = sys.stderr = None\n"
        "import runpy, atexit, os\n"
        "try: runpy.run_module('bot.cli', run_name='__main__')\n"
        "except SystemExit as end: os._exit(90 + end.code if not {'playwright', 'sqlalchemy'} & {*sys.modules} else 1)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code, str(home)], check=False)
    assert done.returncode == 90 + ExitCode.PERSON
