"""A log line is one JSON line, without secrets, control characters or local variables, whatever was logged."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger
from pydantic import SecretStr

from bot.config.logs import start_logs
from bot.config.redact import MASK, SECRETS


@pytest.fixture(autouse=True)
def own_logger() -> Iterator[None]:
    yield
    logger.remove()
    logger.configure(patcher=lambda _: None)
    logger.add(sys.stderr)


def lines(folder: Path) -> list[dict[str, str]]:
    logger.complete()
    (file,) = folder.iterdir()
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "text", ["a\r\nb", "\x1b[31mred", "\u202eevil", "{braces} <red>tags</red>", "中文 😀", "x" * 5000]
)
def test_any_text_is_one_line_that_parses(tmp_path: Path, text: str) -> None:
    start_logs(tmp_path, "CRITICAL")
    logger.info(text)
    (line,) = lines(tmp_path)
    assert line["message"] == text
    (file,) = tmp_path.iterdir()
    assert "\u202e" not in file.read_text(encoding="utf-8")


def sign_in(password: str) -> None:
    raise ValueError(f"could not sign in with {password}")


def test_secret_reaches_neither_file_nor_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SECRETS.learn(SecretStr("canary-of-the-log"))
    start_logs(tmp_path)
    try:
        sign_in("canary-of-the-log")
    except ValueError:
        logger.bind(case="canary-of-the-log").exception("sign-in as canary-of-the-log failed")
    (line,) = lines(tmp_path)
    told = json.dumps(line) + capsys.readouterr().err
    assert "canary-of-the-log" not in told
    assert MASK in line["error"]
    assert "ValueError" in line["error"]


def test_control_characters_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    start_logs(None)
    logger.warning("a\x1b[31m\nb\u202e")
    assert capsys.readouterr().err == "warning: a [31m b\n"


def test_only_warnings_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    start_logs(None)
    logger.info("quiet")
    assert capsys.readouterr().err == ""
