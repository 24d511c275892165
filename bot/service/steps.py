"""What an installation does, as values: shown by a dry run, carried out by `Hands`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.config.files import writing
from bot.errors import ConfigError

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A program's end: its exit code (-1: it could not be started or did not end) and all it printed."""

    code: int
    printed: bytes = b""

    @property
    def text(self) -> str:
        return self.printed.decode("utf-8", errors="replace").strip()


Runner = Callable[[Sequence[str]], Ran]
"""Runs a program with these arguments, without a shell; never raises."""


@dataclass(frozen=True, slots=True)
class Write:
    """A file with just this in it."""

    path: Path
    content: bytes


@dataclass(frozen=True, slots=True)
class Remove:
    """A file that shall not be there."""

    path: Path


@dataclass(frozen=True, slots=True)
class Call:
    """A program; `handed`: what is put into a temporary file whose path is the last argument.

    `may_fail`: what it would do may have been done already.
    """

    argv: tuple[str, ...]
    handed: bytes = b""
    may_fail: bool = False


Step = Write | Remove | Call


def run_quietly(argv: Sequence[str]) -> Ran:
    """The real runner."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, arguments as a list, no shell
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Ran(-1, str(error).encode())
    return Ran(done.returncode, done.stdout)


def carry_out(steps: Iterable[Step], run: Runner) -> None:
    """In order, until one fails. Raises ConfigError: which one, and what the system said."""
    for step in steps:
        match step:
            case Write(path, content):
                with writing(path):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
            case Remove(path):
                with writing(path):
                    path.unlink(missing_ok=True)
            case Call(argv, handed, may_fail):
                ran = _handing(argv, handed, run) if handed else run(argv)
                if ran.code != 0 and not may_fail:
                    said = ran.text or f"exit code {ran.code}"
                    raise ConfigError(f"{argv[0]}: {said}", target=" ".join(argv), raw=said, code="service.refused")


def _handing(argv: Sequence[str], handed: bytes, run: Runner) -> Ran:
    """Closed before the program opens it: Windows would not let it."""
    with tempfile.TemporaryDirectory(prefix="refundpilot-") as folder:
        file = Path(folder) / "task.xml"
        file.write_bytes(handed)
        return run([*argv, str(file)])
