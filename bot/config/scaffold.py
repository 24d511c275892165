"""Writes a new home: the commented example files, filled in for a simulator when there is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from bot.config.credentials import COURIER
from bot.config.files import HomeFiles, writing
from bot.config.sandbox import Sandbox
from bot.domain.action import Verb
from bot.errors import ConfigError
from bot.ports.wanted import PostureName
from bot.resources import shipped

SHOPS_MARK = "# ---- shops ----\n"
PASSWORDS_MARK = "# ---- passwords ----\n"
PolicyName = Literal["cautious", "balanced", "fast"]
POLICIES: Mapping[PolicyName, str] = {
    "cautious": "policy.cautious.toml",
    "balanced": "policy.example.toml",
    "fast": "policy.fast.toml",
}
"""The policies that ship: files that a shop owner reads and changes, and nothing behind them."""

ACTING_VERBS = tuple(verb for verb in Verb if verb is not Verb.HOLD)


def write_home(
    path: Path,
    sandbox: Sandbox | None = None,
    *,
    posture: PostureName = "observe",
    policy: PolicyName = "balanced",
    force: bool = False,
) -> HomeFiles:
    """Write refundpilot.toml, policy.toml and credentials.toml (0600) and the folders beside them.

    Args:
        path: the home's folder; made when missing.
        sandbox: a simulator to point shops, courier and sign-ins at; all verbs are allowed there.
        posture: of the sandbox's shops.
        policy: which of the ready policies.
        force: replace files that are there.

    Raises:
        ConfigError: a file is there and `force` is not given, and nothing has been written; or the folder cannot be written.
    """
    files = HomeFiles(path)
    texts = _settings(sandbox, posture), shipped(POLICIES[policy]).read_text(encoding="utf-8"), _credentials(sandbox)
    with writing(path):
        there = [file.name for file in (files.settings, files.policy, files.credentials) if file.exists()]
        if there and not force:
            names = ", ".join(there)
            raise ConfigError(f"{path} already has {names}", page=str(path), raw=names, code="init.exists")
        # ledger and pictures have buyers in them: a home that we make is its owner's alone
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.make_folders()
        for file, text in zip((files.settings, files.policy, files.credentials), texts, strict=True):
            _write(file, text, private=file == files.credentials)
    return files


def _write(path: Path, text: str, *, private: bool = False) -> None:
    """Write beside, then swap in: a reader sees the old file or the new one. `private` from the first byte on."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    if private:
        keep_private(beside)
    beside.replace(path)


def keep_private(path: Path) -> None:
    """Leave the file to its owner alone: by mode on POSIX, by access list on Windows.

    Raises:
        ConfigError: Windows refused to set the access list.
    """
    if sys.platform != "win32":
        path.chmod(0o600)
        return
    owner = f"{os.environ.get('USERDOMAIN', '.')}\\{os.environ.get('USERNAME', '')}"
    tool = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "icacls.exe"
    command = [str(tool), str(path), "/inheritance:r", "/grant:r", f"{owner}:F"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)  # noqa: S603  # no shell, a fixed program
    if done.returncode:
        raise ConfigError(
            f"could not make {path} private (icacls: {done.returncode})",
            page=str(path),
            raw=f"icacls {done.returncode}",
            code="init.not_private",
        )


def _settings(sandbox: Sandbox | None, posture: PostureName) -> str:
    example = shipped("refundpilot.example.toml").read_text(encoding="utf-8")
    if sandbox is None:
        return example
    return _before(example, SHOPS_MARK) + "\n".join(_shop_blocks(sandbox, posture))


def _shop_blocks(sandbox: Sandbox, posture: PostureName) -> Iterator[str]:
    yield _block("[[courier]]", name="main", url=sandbox.courier, account=sandbox.courier_account)
    for shop in sandbox.shops:
        yield _block(
            "[[shop]]",
            platform=shop.platform,
            shop_id=shop.shop_id,
            name=shop.name,
            url=sandbox.url,
            account=shop.account,
            posture=posture,
            verbs=ACTING_VERBS,
            courier="main",
        )


def _credentials(sandbox: Sandbox | None) -> str:
    example = shipped("credentials.example.toml").read_text(encoding="utf-8")
    if sandbox is None:
        return example
    logins = [(shop.platform, shop.shop_id, shop.password) for shop in sandbox.shops]
    logins.append((COURIER, "main", sandbox.courier_password))
    blocks = [
        _block(f"[{place}.{_quoted(name)}]", password=secret.get_secret_value()) for place, name, secret in logins
    ]
    return _before(example, PASSWORDS_MARK) + "\n".join(blocks)


def _before(example: str, mark: str) -> str:
    return example[: example.index(mark) + len(mark)]


def _block(header: str, **entries: str | tuple[str, ...]) -> str:
    lines = [
        f"{key} = {_list(value) if isinstance(value, tuple) else _quoted(value)}" for key, value in entries.items()
    ]
    return "\n".join([header, *lines, ""])


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(value: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for DEL, which TOML wants escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
