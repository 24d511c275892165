"""A screen of its own with the courier's client on it: Xvfb, the simulator, the window; everything ended by its own id."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from tests.screens import lacking, virtual_screen

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0


def lacks() -> str:
    """What this machine lacks for a window of its own, and cannot be given; empty where it has all."""
    missing = list(lacking())
    missing += [one for one in ("tkinter", "pyautogui", "rapidocr", "onnxruntime") if find_spec(one) is None]
    return ", ".join(missing)


@contextmanager
def screen(log: Path) -> Iterator[str]:
    """A virtual screen; its name goes into this process's DISPLAY while the block runs."""
    with virtual_screen(log) as name, displayed(name):
        yield name


@contextmanager
def displayed(name: str) -> Iterator[None]:
    """This process's DISPLAY, while the block runs."""
    before = os.environ.get("DISPLAY")
    os.environ["DISPLAY"] = name
    try:
        yield
    finally:
        os.environ.pop("DISPLAY")
        if before is not None:
            os.environ["DISPLAY"] = before


@dataclass(frozen=True)
class Client:
    """The window that stands there."""

    process: subprocess.Popen[str]
    title: str

    @property
    def program(self) -> str:
        return psutil.Process(self.process.pid).name()


@contextmanager
def client(courier: str, log: Path, *options: str) -> Iterator[Client]:
    """`python -m simulator.desktop` on the screen of DISPLAY."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator.desktop", "--url", courier, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the client did not start: {log.read_text(errors='replace')[-500:]}")
        yield Client(process, json.loads(line)["title"])
    finally:
        end(process)
        if process.stdout is not None:
            process.stdout.close()


def end(process: subprocess.Popen[Any]) -> None:
    """By its own handle, and not waited for longer than a program needs."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
        return
    process.kill()
    process.wait(timeout=5)


def wait_until(true: Any, within_s: float = READY_S) -> None:
    """Poll; AssertionError when the time is up."""
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)
