"""Passwords come from a protected keyring first, and from an unprotected one never."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked

from bot.config import BadConfig, LoginKey, load_home
from bot.config import credentials as module
from bot.config.credentials import UnprotectedKeyring, real_vault
from tests.unit.config.homes import trial_home

SHOP = LoginKey(platform="taobao", name="1001")


class MemoryVault:
    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def get_password(self, service: str, username: str) -> str | None:
        return self.known.get(f"{service}:{username}")


class LockedVault:
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked")


class PlaintextKeyring:
    """No KeyringBackend: its metaclass would offer this class to the whole test session."""

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("an unprotected keyring was read")


class RealKeyring:
    pass


RealKeyring.__module__ = "keyring.backends.SecretService"


def choose(monkeypatch: pytest.MonkeyPatch, backend: object) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)


def test_keyring_wins_over_the_file(tmp_path: Path) -> None:
    vault = MemoryVault({"refundpilot/taobao/1001:ops:robot": "from-the-keyring"})
    logins = load_home(trial_home(tmp_path), vault=vault).logins
    assert logins[SHOP].password.get_secret_value() == "from-the-keyring"


def test_file_serves_what_the_keyring_lacks(tmp_path: Path) -> None:
    assert (
        load_home(trial_home(tmp_path), vault=MemoryVault({}))
        .logins[SHOP]
        .password.get_secret_value()
        .startswith("canary")
    )


def test_locked_keyring_counts_as_empty(tmp_path: Path) -> None:
    assert SHOP in load_home(trial_home(tmp_path), vault=LockedVault()).logins


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring()])
def test_a_keyring_that_keeps_nothing_is_not_used(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    choose(monkeypatch, backend)
    assert real_vault() is None


def test_protected_keyring_is_found_behind_the_chainer(monkeypatch: pytest.MonkeyPatch) -> None:
    real = RealKeyring()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [real, PlaintextKeyring()])
    choose(monkeypatch, chainer.ChainerBackend())
    assert real_vault() is real


def test_plaintext_keyring_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    choose(monkeypatch, PlaintextKeyring())
    with pytest.raises(UnprotectedKeyring):
        real_vault()
    with pytest.raises(BadConfig, match="keeps passwords unprotected"):
        load_home(trial_home(tmp_path))


@pytest.mark.parametrize("mode", ["0644", "0600"])
def test_mode_is_not_asked_on_windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str) -> None:
    file = tmp_path / "credentials.toml"
    file.touch()
    file.chmod(int(mode, 8))
    monkeypatch.setattr(module.sys, "platform", "win32")
    assert module.open_to_others(file) == ""
