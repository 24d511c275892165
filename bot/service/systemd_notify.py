"""systemd's notification protocol by hand: one datagram to the socket that it names (sd_notify(3))."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

VARIABLE = "NOTIFY_SOCKET"


def notify(*lines: str, env: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd `KEY=value` lines; False where nobody listens (another system, started by hand). Never raises."""
    address, family = env.get(VARIABLE, ""), getattr(socket, "AF_UNIX", None)
    if not address.startswith(("/", "@")) or family is None:
        return False
    if address.startswith("@"):  # Linux' abstract names begin with a NUL
        address = f"\0{address[1:]}"
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as speaker:
            speaker.settimeout(1.0)
            speaker.sendto("\n".join(line.replace("\n", " ") for line in lines).encode(), address)
    except OSError:
        return False
    return True


class Feed:
    """Feeds systemd's watchdog; called with every heartbeat, from the service's own loop: a loop that hangs stops both."""

    def __init__(self) -> None:
        self._began = False

    def alive(self, phase: str, shop: str = "") -> None:
        """One stroke; the first one also says that the service has started."""
        first = () if self._began else ("READY=1",)
        self._began = True
        notify(*first, "WATCHDOG=1", f"STATUS={phase} {shop}".rstrip())

    def leave(self) -> None:
        """The service ends on purpose: systemd waits for it instead of wondering."""
        notify("STOPPING=1")
