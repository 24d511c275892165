"""The far ends of all channels on loopback: they prove signatures by the platforms' own algorithm, and fail as they are told."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Letter
from email.policy import default
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN, SECRET = "canary-token-5e1f", "SEC-canary-secret-77aa"
SKEW_S = 3600


@dataclass
class Request:
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Platform:
    """One server for robots and hooks; `answer` may put another answer in the place of the platform's own."""

    now: Callable[[], datetime]
    requests: list[Request] = field(default_factory=list)
    answer: Callable[[Request], tuple[int, Mapping[str, str], bytes] | None] = lambda _: None
    hangs: bool = False
    refuses: str = ""
    """A kind of message that WeCom does not take."""
    url: str = ""
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def respond(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        self.requests.append(request)
        if told := self.answer(request):
            return told
        kind = request.path.split("/")[1]
        return 200, {}, json.dumps(getattr(self, f"_{kind}")(request)).encode()

    def _dingtalk(self, request: Request) -> dict[str, Any]:
        """https://open.dingtalk.com: the stamp in ms within the hour; base64 of HMAC-SHA256, encoded for the address once."""
        asked = dict(part.split("=", 1) for part in request.query.split("&"))
        stamp = asked["timestamp"]
        wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        right = (
            unquote(asked["access_token"]) == TOKEN
            and abs(int(stamp) / 1000 - self.now().timestamp()) < SKEW_S
            and unquote(asked["sign"]) == base64.b64encode(wanted).decode()
        )
        fine = request.json["msgtype"] == "text" and request.json["text"]["content"]
        return {"errcode": 0, "errmsg": "ok"} if right and fine else {"errcode": 310000, "errmsg": "sign not match"}

    def _feishu(self, request: Request) -> dict[str, Any]:
        """https://open.feishu.cn: stamp and secret are the key, the message is empty."""
        said = request.json
        key = f"{said['timestamp']}\n{SECRET}"
        wanted = base64.b64encode(hmac.new(key.encode(), b"", hashlib.sha256).digest()).decode()
        fresh = abs(int(said["timestamp"]) - self.now().timestamp()) < SKEW_S
        right = fresh and said["sign"] == wanted and request.path == f"/feishu/{TOKEN}"
        return {"code": 0, "msg": "success"} if right and said["content"]["text"] else {"code": 19021, "msg": "sign"}

    def _wecom(self, request: Request) -> dict[str, Any]:
        """https://developer.work.weixin.qq.com: a key in the address; text of 2,048 bytes; a picture with its MD5."""
        if dict(parse_qsl(request.query)).get("key") != TOKEN:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        said = request.json
        if said["msgtype"] == self.refuses:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        if said["msgtype"] == "image":
            data = base64.b64decode(said["image"]["base64"])
            right = hashlib.md5(data).hexdigest() == said["image"]["md5"]
        else:
            right = 0 < len(said["text"]["content"].encode()) <= 2048
        return {"errcode": 0, "errmsg": "ok"} if right else {"errcode": 40058, "errmsg": "invalid"}

    def _hook(self, request: Request) -> dict[str, Any]:
        stamp = request.headers["x-refundpilot-timestamp"]
        wanted = hmac.new(SECRET.encode(), f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
        assert request.headers["x-refundpilot-signature"] == wanted
        return {}


async def _serve(platform: Platform, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path = urlsplit(head[0].split()[1])
    platform.heard.set()
    if platform.hangs:
        platform.requests.append(Request(path.path, path.query, headers, body))
        await reader.read()
        writer.close()
        return
    status, more, answer = platform.respond(Request(path.path, path.query, headers, body))
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(answer)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in more.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + answer)
    await writer.drain()
    writer.close()


@asynccontextmanager
async def platform_at(now: Callable[[], datetime]) -> AsyncIterator[Platform]:
    platform = Platform(now)
    server = await asyncio.start_server(lambda reader, writer: _serve(platform, reader, writer), "127.0.0.1", 0)
    platform.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield platform


@dataclass
class PostOffice:
    """A mail server without TLS, as it may stand on this machine; `refuses` a command, and knows no `stranger`, with 550."""

    letters: list[Letter] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: str = ""
    stranger: str = "?"
    url: str = ""


async def _post(office: PostOffice, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    def say(line: str) -> None:
        writer.write(f"{line}\r\n".encode())

    say("220 here")
    while line := (await reader.readline()).decode().strip():
        word = line.split()[0].upper().split(":")[0]
        if office.refuses == word or (word == "RCPT" and office.stranger in line):
            say("550 no")
        elif word == "EHLO":
            say("250-here")
            say("250 AUTH PLAIN")
        elif word == "AUTH":
            office.logins.append(base64.b64decode(line.split()[2]).decode())
            say("235 come in")
        elif word == "DATA":
            say("354 go on")
            data = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
            office.letters.append(message_from_bytes(data, policy=default))
            say("250 kept")
        elif word == "QUIT":
            say("221 bye")
            break
        else:
            say("250 fine")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    server = await asyncio.start_server(lambda reader, writer: _post(office, reader, writer), "127.0.0.1", 0)
    office.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield office
