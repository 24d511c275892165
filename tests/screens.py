"""A virtual screen of a test's own, on a display number that is free, and the programs that it takes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bot.browser.find import find, this_machine
from bot.browser.provision import can_install, install_packages, run_program
from bot.errors import BrowserMissing

READY_S = 10
SIZE = "1600x1100x24"


@cache
def lacking() -> tuple[str, ...]:
    """Of screen and clipboard, what is not there and, as on a Debian of which we are root, cannot be installed either."""
    missing = _missing()
    if missing and can_install(this_machine()):
        install_packages(*(one.lower() for one in missing))
        missing = _missing()
    return missing


def _missing() -> tuple[str, ...]:
    """Debian names their packages alike, in small letters."""
    return tuple(tool for tool in ("Xvfb", "xclip") if shutil.which(tool) is None)


@cache
def lacks_window() -> str:
    """Why no browser with a window can be had here; empty where there is one, installed in the headless one's own version where need be.

    Never another version: the two share files, and other workers' browsers run from them.
    """
    try:
        find(this_machine(), headed=True)
    except BrowserMissing as missing:
        version = run_program(["dpkg-query", "--show", "--showformat=${Version}", "chromium-common"], READY_S, {})
        if version.code or not can_install(this_machine()):
            return str(missing)
        done = install_packages(f"chromium={version.output.strip()}")
        return done.output[-200:] if done.code else ""
    return ""


@contextmanager
def virtual_screen(log: Path) -> Iterator[str]:
    """The display's name, such as `:3`: the server picks the number itself and tells it through a pipe; its troubles go to `log`.

    Raises:
        RuntimeError: it does not start. Whether this machine has one at all is for the caller to ask.
    """
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"]
    with log.open("wb") as out:
        server = subprocess.Popen(command, pass_fds=(writing,), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start: {log.read_text(errors='replace')[-500:]}")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(READY_S)
