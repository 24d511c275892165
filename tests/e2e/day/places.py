"""Where the alarms of the day go: a loopback place that takes every message, as a group and as a telephone."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from simulator.scenarios.day import DAY


class Place:
    """Answers 200 to all; `heard` counts what came, by path."""

    def __init__(self) -> None:
        heard: dict[str, int] = {}

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                heard[self.path] = heard.get(self.path, 0) + 1
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.heard = heard
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def join(self, home: Path, asleep_after_s: int) -> None:
        """Settings of a home: the promotion's own profile, and whom to call, the group first, then the telephone."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        file = home / "refundpilot.toml"
        text = file.read_text(encoding="utf-8")
        shipped, wanted = "asleep_after_s = 120", f"asleep_after_s = {asleep_after_s}"
        assert text.count(f"\n{shipped}\n") == 1, f"{shipped} is no longer what ships"
        text = text.replace(f"\n{shipped}\n", f"\n{wanted}\n")
        text += f"""
[[schedule.promotion]]
name = "618"
first = "{DAY:%Y-%m-%d}"
last = "{DAY:%Y-%m-%d}"
sweep = "1m"

[[channel]]
name = "group"
kind = "webhook"
url = "{url}/group"
signed = false

[[channel]]
name = "telephone"
kind = "voice"
url = "{url}/telephone"
signed = false
to = ["13800000000"]

[[alarms.rung]]
channels = ["group"]
wait_minutes = 0

[[alarms.rung]]
channels = ["telephone"]
wait_minutes = 10
"""
        file.write_text(text, encoding="utf-8")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
