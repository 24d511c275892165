"""Claims about the client's side of the JSON door: every refusal keeps its words, everything else is network trouble."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from simulator.desktop.door import Door, Refused, Unreachable


class Courier(BaseHTTPRequestHandler):
    """Answers what the test wants, and remembers what it was asked."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"{}")
    short_by: ClassVar[int] = 0
    heard: ClassVar[list[tuple[str, str, Any, str]]] = []

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = json.loads(body) if body else None
        self.heard.append((self.command, self.path, told, self.headers.get("Authorization", "")))
        status, content = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) + self.short_by))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _serve  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[Door]:
    Courier.answer, Courier.short_by = (200, b"{}"), 0
    Courier.heard.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Courier)
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True).start()
    yield Door(f"http://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()


def test_the_token_of_the_sign_in_goes_with_everything_after_it(door: Door) -> None:
    Courier.answer = (200, b'{"token": "t1", "account": "wl1"}')
    assert door.sign_in("wl1", "p") == "wl1"
    door.intercept("YT 1/2", 800, "退款拦截")
    door.waybill("YT 1/2")
    door.forget()
    door.intercepts(3)
    assert [(verb, path) for verb, path, *_ in Courier.heard] == [
        ("POST", "/desk/login"),
        ("POST", "/desk/intercepts"),
        ("GET", "/desk/waybills/YT%201%2F2"),
        ("GET", "/desk/intercepts?page=3"),
    ]
    assert Courier.heard[1][2] == {"waybill": "YT 1/2", "fee_fen": 800, "reason": "退款拦截"}
    assert [token for *_, token in Courier.heard] == ["Bearer ", "Bearer t1", "Bearer t1", "Bearer "]


def test_a_refusal_keeps_code_and_words(door: Door) -> None:
    Courier.answer = (409, '{"code": "NOT_INTERCEPTABLE", "message": "快件已签收，不可拦截"}'.encode())
    with pytest.raises(Refused, match="快件已签收") as caught:
        door.quote("YT1")
    assert caught.value.code == "NOT_INTERCEPTABLE"


@pytest.mark.parametrize(
    ("answer", "short_by"),
    [((502, b"502 Bad Gateway"), 0), ((200, b'{"way'), 0), ((200, b'{"way'), 9), ((200, b"[]"), 0), ((429, b"{}"), 0)],
)
def test_what_nobody_can_read_is_network_trouble(door: Door, answer: tuple[int, bytes], short_by: int) -> None:
    Courier.answer, Courier.short_by = answer, short_by
    with pytest.raises(Unreachable):
        door.quote("YT1")


def test_nobody_there_is_network_trouble() -> None:
    with pytest.raises(Unreachable):
        Door("http://127.0.0.1:9").intercepts(1)
