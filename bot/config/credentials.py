"""Passwords: from the PC's keyring where there is a real one, else from credentials.toml that only its owner may read (S1)."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keyring
from keyring.errors import KeyringError
from pydantic import SecretStr

from bot.config.documents import Document
from bot.config.problems import Problem, unknown_key
from bot.config.redact import SECRETS
from bot.config.settings import Settings
from bot.domain.base import Frozen
from bot.domain.decision import Reason

COURIER = "courier"
"""The platform name under which couriers' passwords stand."""

COURIER_DESK = "courier_desk"
"""The same for couriers' programs on this PC."""

REAL_BACKENDS = (
    "keyring.backends.Windows",
    "keyring.backends.macOS",
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
)
"""Stores that the operating system protects; anything else is not trusted with a password."""


CHANNEL = "channel"
"""The same for channels of alarms; a channel has secrets of several names (`LoginKey.field`), and no account."""


class Vault(Protocol):
    """A keyring, as far as we use it."""

    def get_password(self, service: str, username: str) -> str | None: ...


class LoginKey(Frozen):
    """Whose password: a platform's shop, or `courier` and the courier's name, or `channel`, its name and which secret of it."""

    platform: str
    name: str
    field: str = "password"

    @property
    def service(self) -> str:
        """Its name in the keyring."""
        return f"refundpilot/{self.platform}/{self.name}"

    @property
    def toml_key(self) -> str:
        """Its place in credentials.toml."""
        return f'{self.platform}."{self.name}".{self.field}'


@dataclass(frozen=True, slots=True)
class Login:
    """An account and its password; the password never shows in a repr."""

    account: str
    password: SecretStr


def accounts(settings: Settings) -> dict[LoginKey, str]:
    """Every account that the settings name."""
    shops = {LoginKey(platform=shop.platform, name=shop.shop_id): shop.account for shop in settings.shop}
    couriers = {LoginKey(platform=COURIER, name=courier.name): courier.account for courier in settings.courier}
    desks = {LoginKey(platform=COURIER_DESK, name=desk.name): desk.account for desk in settings.courier_desk}
    return shops | couriers | desks | _channels(settings)


def _channels(settings: Settings) -> dict[LoginKey, str]:
    """In the keyring a secret's "account" is its own name."""
    return {
        LoginKey(platform=CHANNEL, name=channel.name, field=field): channel.account if field == "password" else field
        for channel in settings.channel
        for field in channel.secrets
    }


def real_vault() -> Vault | None:
    """The PC's keyring if the operating system protects it, None when there is none to use.

    Raises:
        UnprotectedKeyring: the chosen backend keeps passwords in plain text.
    """
    chosen = keyring.get_keyring()
    for backend in getattr(chosen, "backends", [chosen]):
        module = type(backend).__module__
        if module.startswith(REAL_BACKENDS):
            return backend  # type: ignore[no-any-return]  # the chainer's list is untyped
        if "plaintext" in type(backend).__name__.lower():
            raise UnprotectedKeyring(f"{module}.{type(backend).__name__}")
    return None


class UnprotectedKeyring(Exception):
    """Told as a problem of the configuration; its text is the backend's name."""


class Credentials:
    """One reading of all passwords; `problems` says what is missing or unsafe."""

    def __init__(self, document: Document, wanted: Mapping[LoginKey, str], vault: Vault | None) -> None:
        self._document = document
        self._wanted = wanted
        self._vault = vault
        self.logins: dict[LoginKey, Login] = {}
        self.problems: tuple[Problem, ...] = (*self._read(), *self._strangers())

    def _read(self) -> Iterator[Problem]:
        for key, account in self._wanted.items():
            password = self._from_vault(key, account) or self._from_file(key)
            if password:
                SECRETS.learn(SecretStr(password))
                self.logins[key] = Login(account, SecretStr(password))
            else:
                path = (key.platform, key.name, key.field)
                yield self._document.problem(path, self._why_none(key, account), key.toml_key)

    def _why_none(self, key: LoginKey, account: str) -> Reason:
        """What was written without quotes is a number or a date, and no longer what was typed; it is not repeated here."""
        if self._written(key) in {None, ""}:
            return Reason(code="config.no_password", params={"account": account, "service": key.service})
        return Reason(code="config.password_quotes")

    def _from_vault(self, key: LoginKey, account: str) -> str | None:
        """A locked or broken keyring counts as empty: the file may still have it, and what is missing is said."""
        try:
            return self._vault.get_password(key.service, account) if self._vault else None
        except KeyringError:
            return None

    def _from_file(self, key: LoginKey) -> str | None:
        password = self._written(key)
        return password if isinstance(password, str) else None

    def _written(self, key: LoginKey) -> object:
        table = self._document.data.get(key.platform)
        entry = table.get(key.name) if isinstance(table, dict) else None
        return entry.get(key.field) if isinstance(entry, dict) else None

    def _strangers(self) -> Iterator[Problem]:
        """Keys that belong to no account of the settings: most often a mistyped shop id."""
        known = {key.toml_key: (key.platform, key.name, key.field) for key in self._wanted}
        paths = set(known.values())
        for path in _leaves(self._document.data):
            if path not in paths:
                yield self._document.problem(path, unknown_key(_written(path), known), _written(path))


def _leaves(data: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key)


def _written(path: Iterable[str]) -> str:
    parts = [*path]
    return f'{parts[0]}."{parts[1]}".{parts[2]}' if len(parts) == 3 else ".".join(parts)


def open_to_others(path: Path) -> str:
    """The file's mode when others than its owner may read it, else empty. Windows has no modes: its ACL is set by `init`."""
    if sys.platform == "win32" or not path.exists():
        return ""
    mode = stat.S_IMODE(path.stat().st_mode)
    return f"{mode:04o}" if mode & (stat.S_IRWXG | stat.S_IRWXO) else ""


def mode_problem(path: Path) -> Problem | None:
    """What to say about a credentials file that others may read."""
    mode = open_to_others(path)
    if not mode:
        return None
    reason = Reason(code="config.mode", params={"mode": mode, "path": os.fspath(path)})
    return Problem(file=path.name, line=0, key="", reason=reason)
