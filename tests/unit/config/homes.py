"""Homes for tests: written from the shipped examples, then spoilt on purpose."""

from __future__ import annotations

from pathlib import Path

from bot.config.sandbox import Sandbox, read_sandbox
from bot.config.scaffold import write_home

SHEET = """{
  "url": "http://127.0.0.1:4001", "probe": "http://127.0.0.1:4001/__probe__", "courier": "http://127.0.0.1:4002",
  "shops": [{"platform": "taobao", "shop_id": "1001", "name": "小店 \\"一\\"", "account": "ops:robot", "password": "canary-Pa55/word"}],
  "courier_account": "kd", "courier_password": "canary-courier"
}"""


def sandbox() -> Sandbox:
    return read_sandbox(SHEET)


def trial_home(root: Path) -> Path:
    """A home that loads."""
    write_home(root, sandbox())
    return root


def spoil(file: Path, old: str, new: str) -> None:
    """Replace text that must be there; keeps the file's mode."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file.name}"
    mode = file.stat().st_mode
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    file.chmod(mode)


def line_of(file: Path, text: str) -> int:
    """The line that has this text."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)
