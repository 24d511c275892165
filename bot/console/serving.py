"""Serves the console on this machine alone, and says in the home where, so that a second one opens the first's page (S16, S28)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvicorn

from bot.config.tokens import fresh_token, token_hashes, write_private
from bot.console.app import console_app
from bot.console.sessions import HandedIn, Sessions, nobody
from bot.errors import ConfigError
from bot.ports.office import Office

LOOPBACK = "127.0.0.1"
SAME_START_S = 2.0
"""The moment of a process's start is told that exactly, while the PC's clock is set."""

_LOOK_S = 0.01


@dataclass(frozen=True, slots=True)
class Served:
    """A console that answers: `url` without a token; `way_in` with one that is good once."""

    url: str
    way_in: str
    sessions: Sessions


@asynccontextmanager
async def serve(
    office: Office,
    home: Path,
    monotonic: Callable[[], float],
    port: int = 0,
    first: str = "",
    handed_in: HandedIn = nobody,
) -> AsyncIterator[Served]:
    """A console while the block runs.

    Args:
        office: what it shows.
        home: where tokens are known, and where it is written down where it answers.
        monotonic: seconds that only grow.
        port: 0 for a free one.
        first: as whom the one-time token lets in; the first of the settings where nobody is named.
        handed_in: whose word lets in once beside it.

    Raises:
        ConfigError: the port is taken, or the home cannot be written.
    """
    token = fresh_token()
    tokens = home / "console.tokens.json"
    known = first or office.people[0].name
    sessions = Sessions(monotonic, lambda: token_hashes(tokens), token, known, handed_in)
    with _listening(port) as listener:
        bound = listener.getsockname()[1]
        hosts = (f"{LOOPBACK}:{bound}", f"localhost:{bound}")
        app = console_app(office, sessions, hosts)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                ws="none",
                timeout_graceful_shutdown=2,
                h11_max_incomplete_event_size=32_768,
            )
        )
        task = asyncio.get_running_loop().create_task(_run(server, listener))
        while not (server.started or task.done()):  # noqa: ASYNC110 - uvicorn tells nobody when it listens
            await asyncio.sleep(_LOOK_S)
        url = f"http://{hosts[0]}/"
        own = json.dumps({"url": url, "pid": os.getpid(), "created": psutil.Process().create_time()}) + "\n"
        write_private(home / "console.json", own)
        try:
            yield Served(url, f"{url}enter#{token}", sessions)
        finally:
            _leave(home / "console.json", own)
            app.state.close()
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await task


async def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Not `serve`: that takes the signals, which are the command's."""
    await server._serve(sockets=[listener])  # noqa: SLF001 - see above; uvicorn has no public way without them


def _listening(port: int) -> socket.socket:
    """A socket that only this machine reaches. Raises ConfigError: the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        # on Windows the same option would let a second program take the port over
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"port {port}: {error.strerror or error}", raw=str(port), code="console.port_taken"
        ) from error
    return listener


def _leave(file: Path, own: str) -> None:
    """Another console of this home may have said since where it answers; what stays of ours is proven dead by its process."""
    with suppress(OSError):
        if file.read_text(encoding="utf-8") == own:
            file.unlink()


def served_at(home: Path) -> str:
    """Where a console of this home answers already; empty where none does, or another process has that one's number by now."""
    try:
        said = json.loads((home / "console.json").read_text(encoding="utf-8"))
        began = psutil.Process(int(said["pid"])).create_time()
        same = abs(began - float(said["created"])) < SAME_START_S
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return ""
    return str(said.get("url", "")) if same else ""
