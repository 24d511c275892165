"""A new home is complete, commented, private where it must be, and never written over an old one unasked."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.config import HomeFiles, load_home, read_policy, read_sandbox, sandbox_address, write_home
from bot.config import scaffold as module
from bot.config.files import HomeFiles as Files
from bot.config.scaffold import POLICIES, PolicyName
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.resources import shipped
from tests.unit.config.homes import SHEET, sandbox

ROOT = Path(__file__).parents[3]


def test_shipped_settings_name_every_key_that_there_is() -> None:
    text = shipped("refundpilot.example.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    settings = Settings.model_validate(data)
    shown = set(re.findall(r"^# \[\[(\w+)\]\]$", text, re.MULTILINE))  # blocks that nobody has to fill in
    assert settings.model_fields_set | shown == set(Settings.model_fields)
    for table in (settings.browser, settings.run, settings.limits, *settings.courier, *settings.shop):
        unset = set(type(table).model_fields) - table.model_fields_set
        assert all(f"# {name} =" in text or f"# [shop.{name}]" in text for name in unset), (
            "optional keys stand in comments"
        )


def test_shipped_settings_state_the_defaults() -> None:
    data = tomllib.loads(shipped("refundpilot.example.toml").read_text(encoding="utf-8"))
    settings = Settings.model_validate(data)
    bare = Settings.model_validate({"shop": data["shop"]})
    assert (settings.browser, settings.run, settings.limits) == (bare.browser, bare.run, bare.limits)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_credentials_are_written_for_the_owner_alone(tmp_path: Path) -> None:
    files = write_home(tmp_path, sandbox())
    assert stat.S_IMODE(files.credentials.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_new_home_is_closed_to_others_and_an_old_folder_left_as_it_is(tmp_path: Path) -> None:
    assert stat.S_IMODE(write_home(tmp_path / "new").root.stat().st_mode) == 0o700
    (tmp_path / "old").mkdir(mode=0o755)
    assert stat.S_IMODE(write_home(tmp_path / "old").root.stat().st_mode) == 0o755


def test_home_for_a_simulator_loads_and_keeps_the_comments(tmp_path: Path) -> None:
    files = write_home(tmp_path, sandbox(), posture="act")
    assert load_home(tmp_path).settings.shop[0].posture == "act"
    for file in (files.settings, files.policy, files.credentials):
        assert file.read_text(encoding="utf-8").startswith("#")


def test_all_folders_are_there(tmp_path: Path) -> None:
    files = write_home(tmp_path)
    assert all(folder.is_dir() for folder in (files.evidence, files.inbox, files.reports, files.logs))


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    files = HomeFiles(tmp_path)
    files.policy.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"policy\.toml"):
        write_home(tmp_path)
    assert not files.settings.exists()
    assert files.policy.read_text(encoding="utf-8") == "mine"
    write_home(tmp_path, force=True)
    assert files.policy.read_text(encoding="utf-8") != "mine"


def test_a_home_that_cannot_be_made_is_a_wrong_configuration_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError) as caught:
        write_home(tmp_path / "file" / "home")
    assert (caught.value.reason_code, caught.value.page) == ("config.unwritable", str(tmp_path / "file" / "home"))


def test_folders_that_cannot_be_made_are_a_wrong_configuration_with_their_path(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    with pytest.raises(ConfigError, match="logs"):
        HomeFiles(tmp_path).make_folders()


@pytest.mark.parametrize(
    "text", ['quote " and \\ back', "line\nbreak", "tab\t", "中文 😀", "\x7f", "# no comment", "[x]"]
)
def test_any_text_of_a_sheet_survives_the_file(tmp_path: Path, text: str) -> None:
    sheet = sandbox()
    odd = sheet.model_copy(update={"shops": (sheet.shops[0].model_copy(update={"account": text}),)})
    files = write_home(tmp_path, odd)
    assert tomllib.loads(files.settings.read_text(encoding="utf-8"))["shop"][0]["account"] == text


@pytest.mark.parametrize("body", ["<html>", "{}", SHEET.replace('"shop_id": "1001", ', "")])
def test_answer_that_is_no_sheet_is_refused_without_its_passwords(body: str) -> None:
    with pytest.raises(ConfigError, match=r"sandbox\.json") as caught:
        read_sandbox(body)
    assert "canary" not in str(caught.value)


def test_sheet_is_looked_for_at_the_origin() -> None:
    assert sandbox_address("http://127.0.0.1:4001/login?x=1") == "http://127.0.0.1:4001/sandbox.json"


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "127.0.0.1:4001", "http://"])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        sandbox_address(url)


@pytest.mark.parametrize("code", [0, 5])
def test_on_windows_the_access_list_is_set_or_the_home_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        calls.append(command)
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(module.sys, "platform", "win32")
    monkeypatch.setattr(module.subprocess, "run", run)
    monkeypatch.setenv("USERDOMAIN", "PC")
    monkeypatch.setenv("USERNAME", "Ops")
    file = Files(tmp_path).credentials
    if code:
        with pytest.raises(ConfigError):
            module.keep_private(file)
    else:
        module.keep_private(file)
    assert calls[0][1:] == [str(file), "/inheritance:r", "/grant:r", "PC\\Ops:F"]


@pytest.mark.parametrize(("policy", "name"), [("cautious", "谨慎版"), ("balanced", "均衡版"), ("fast", "快速版")])
def test_a_home_begins_with_the_policy_that_was_asked_for(tmp_path: Path, policy: PolicyName, name: str) -> None:
    write_home(tmp_path / "home", policy=policy)
    assert read_policy(tmp_path / "home").name.startswith(name)


def test_every_ready_policy_goes_into_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {included.get(file) for file in POLICIES.values()} == {f"bot/_shipped/{file}" for file in POLICIES.values()}
