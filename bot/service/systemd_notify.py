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
