"""Every channel against a far end that proves its signature as the platform does; whatever is not a plain yes is a failure."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from email.message import EmailMessage
from typing import cast

import httpx
import pytest
from loguru import logger
from pydantic import SecretStr

from bot.alerts.channels import Channel, ChannelFailed, Web
from bot.alerts.channels.hooks import Hook
from bot.alerts.channels.mail import Mail
from bot.alerts.channels.robots import DingTalk, Feishu, WeCom
from bot.alerts.message import Message
from bot.clock import SystemClock
from bot.config import SECRETS
from tests.unit.alerts.places import SECRET, TOKEN, Platform, PostOffice, Request, platform_at, post_office

CLOCK = SystemClock()
WEB = Web()
KINDS = ("dingtalk", "feishu", "wecom", "webhook", "voice")
MESSAGE = Message(
    id="ms-1",
    title="RefundPilot：2 条告警",
    lines=("【请立即处理】#1 · ¥1,234.00", "    这笔售后在等人处理", "我来处理：refundpilot alarms ack ms-1"),
    spoken="有 2 条告警",
    body={"message": "ms-1", "answer": "https://pc.example/alarms/answer/ms-1.9.x", "alarms": [{"number": 1}]},
)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with platform_at(CLOCK.now) as made:
        yield made


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as made:
        yield made


def channel(kind: str, url: str, secret: str = SECRET) -> Channel:
    phones = ("13800000000",)
    made: Mapping[str, Channel] = {
        "dingtalk": DingTalk(WEB, CLOCK, f"{url}/dingtalk", TOKEN, secret, phones),
        "feishu": Feishu(WEB, CLOCK, f"{url}/feishu", TOKEN, secret),
        "wecom": WeCom(WEB, f"{url}/wecom", TOKEN, phones),
        "webhook": Hook(WEB, CLOCK, f"{url}/hook", secret),
        "voice": Hook(WEB, CLOCK, f"{url}/hook/call", secret, phones, calls=True),
    }
    return made[kind]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_platform_takes_the_signature(platform: Platform, kind: str) -> None:
    for n in range(20):  # a base64 of chance has +, / and = in it now and then
        await channel(kind, platform.url).send(MESSAGE)
        assert len(platform.requests) == n + 1


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
async def test_the_platform_notices_a_wrong_secret_or_an_old_stamp(platform: Platform, kind: str) -> None:
    """The far end of these tests does look."""
    with pytest.raises(ChannelFailed, match="is not 0"):
        await channel(kind, platform.url, "another").send(MESSAGE)
    platform.now = lambda: CLOCK.now() + timedelta(hours=2)
    with pytest.raises(ChannelFailed, match="is not 0"):
        await channel(kind, platform.url).send(MESSAGE)


async def test_the_dingtalk_signature_is_encoded_for_the_address_once(platform: Platform) -> None:
    await channel("dingtalk", platform.url).send(MESSAGE)
    (asked,) = platform.requests
    assert "%25" not in asked.query
    assert asked.query.endswith("%3D")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"trouble"),
        (404, {}, b""),
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
        (307, {"Location": "/hook"}, b""),
    ],
    ids=lambda answer: str(answer[0]),
)
async def test_whatever_is_no_success_is_a_failure_and_no_redirect_is_followed(
    platform: Platform, kind: str, answer: tuple[int, dict[str, str], bytes]
) -> None:
    platform.answer = lambda _: answer
    with pytest.raises(ChannelFailed, match=str(answer[0])):
        await channel(kind, platform.url).send(MESSAGE)
    assert len(platform.requests) == 1


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "wecom"])
@pytest.mark.parametrize("body", [b'{"errcode": 45009, "code": 9499}', b"{}", b"[]", b"<html>", b""])
async def test_a_platform_that_says_no_with_200_is_a_failure(platform: Platform, kind: str, body: bytes) -> None:
    platform.answer = lambda _: (200, {}, body)
    with pytest.raises(ChannelFailed):
        await channel(kind, platform.url).send(MESSAGE)


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_there_and_nobody_answering_are_failures(platform: Platform, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ChannelFailed, match="ConnectError"):
        await channel(kind, f"http://127.0.0.1:{port}").send(MESSAGE)


async def test_a_platform_that_hangs_is_left() -> None:
    web = Web(lambda: httpx.AsyncClient(timeout=0.05, trust_env=False, verify=False))
    async with platform_at(CLOCK.now) as platform:
        platform.hangs = True
        with pytest.raises(ChannelFailed, match="Timeout"):
            await WeCom(web, f"{platform.url}/wecom", TOKEN).send(MESSAGE)


async def test_no_token_stands_in_what_is_said_of_a_failure(platform: Platform) -> None:
    SECRETS.learn(SecretStr(TOKEN))

    def echo(request: Request) -> tuple[int, dict[str, str], bytes]:
        return 403, {}, f"{request.path}?{request.query}".encode()

    platform.answer = echo
    for kind in ("dingtalk", "feishu", "wecom"):
        with pytest.raises(ChannelFailed) as failed:
            await channel(kind, platform.url).send(MESSAGE)
        assert TOKEN not in str(failed.value)


def long_message(alarms: int) -> Message:
    lines = tuple(
        f"【请立即处理】#{n} · 示例旗舰店 {9138123456781230 + n} · ¥1,234.00 · 11-28 14:00 到期" for n in range(alarms)
    )
    return Message("ms-2", "RefundPilot", lines, "", {})


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "wecom"])
async def test_a_digest_that_is_too_long_for_one_message_goes_as_several_and_loses_none(
    platform: Platform, kind: str
) -> None:
    message = long_message(300)
    await channel(kind, platform.url).send(message)
    said = [request.json for request in platform.requests]
    texts = [one["content"]["text"] if kind == "feishu" else one["text"]["content"] for one in said]
    assert len(texts) > 1
    assert "\n".join(texts).split("\n") == [message.title, *message.lines]


def test_an_overlong_line_is_cut_between_characters() -> None:
    (title, line) = Message("m", "t", ("退" * 1000,), "", {}).parts(1000)
    assert title == "t"
    assert line == "退" * 333


async def test_wecom_gets_the_picture_of_the_waiting_page(platform: Platform) -> None:
    picture = b"\x89PNG canary"
    await channel("wecom", platform.url).send(
        Message(MESSAGE.id, MESSAGE.title, MESSAGE.lines, "", {}, picture=picture)
    )
    assert [request.json["msgtype"] for request in platform.requests] == ["text", "image"]


async def test_words_that_got_through_are_no_failure_because_of_their_picture(platform: Platform) -> None:
    message = Message(MESSAGE.id, MESSAGE.title, MESSAGE.lines, "", {}, picture=b"\x89PNG refused")
    platform.refuses = "image"
    await channel("wecom", platform.url).send(message)
    assert [request.json["msgtype"] for request in platform.requests] == ["text", "image"]


async def test_a_program_gets_the_picture_of_the_waiting_page_and_a_voice_does_not(platform: Platform) -> None:
    message = Message(MESSAGE.id, MESSAGE.title, MESSAGE.lines, "有 2 条告警", {}, picture=b"\x89PNG canary")
    await channel("webhook", platform.url).send(message)
    await channel("voice", platform.url).send(message)
    hook, voice = (json.loads(request.body) for request in platform.requests)
    assert base64.b64decode(hook["picture"]) == message.picture
    assert "picture" not in voice


async def test_a_program_gets_figures_and_a_voice_a_sentence_and_both_the_link_that_answers(platform: Platform) -> None:
    await channel("webhook", platform.url).send(MESSAGE)
    await channel("voice", platform.url).send(MESSAGE)
    hook, voice = (json.loads(request.body) for request in platform.requests)
    assert hook == {**MESSAGE.body, "text": MESSAGE.text}
    told = {"id": "ms-1", "to": ["13800000000"], "text": "有 2 条告警"}
    assert voice == {**told, "answer": "https://pc.example/alarms/answer/ms-1.9.x"}


async def test_a_letter_has_the_text_and_the_picture(office: PostOffice) -> None:
    mail = Mail(CLOCK, office.url, "bot@example.invalid", ("a@example.invalid", "b@example.invalid"), "ops", SECRET)
    await mail.send(Message(MESSAGE.id, "标题\n注入: x", MESSAGE.lines, "", {}, picture=b"\x89PNG"))
    (letter,) = cast("list[EmailMessage]", office.letters)
    assert office.logins == [f"\0ops\0{SECRET}"]
    assert letter["Subject"] == "标题 注入: x"
    assert abs(letter["Date"].datetime - CLOCK.now()) < timedelta(minutes=1)
    assert letter["Message-ID"] == "<ms-1@refundpilot.invalid>"
    assert letter["To"] == "a@example.invalid, b@example.invalid"
    body = letter.get_body(("plain",))
    assert body is not None
    assert "refundpilot alarms ack ms-1" in body.get_content()
    assert [part.get_content() for part in letter.iter_attachments()] == [b"\x89PNG"]


@pytest.mark.parametrize("word", ["AUTH", "RCPT", "DATA"])
async def test_a_mail_server_that_refuses_is_a_failure(office: PostOffice, word: str) -> None:
    office.refuses = word
    with pytest.raises(ChannelFailed):
        await Mail(CLOCK, office.url, "bot@example.invalid", ("a@example.invalid",), "ops", SECRET).send(MESSAGE)
    assert not office.letters


async def test_whom_a_mail_server_does_not_know_is_named_and_the_others_have_the_letter(office: PostOffice) -> None:
    office.stranger, said = "gone@", list[str]()
    log = logger.add(lambda line: said.append(str(line)), level="WARNING")
    try:
        to = ("a@example.invalid", "gone@example.invalid")
        await Mail(CLOCK, office.url, "bot@example.invalid", to, "ops", SECRET).send(MESSAGE)
    finally:
        logger.remove(log)
    assert len(office.letters) == 1
    assert ["gone@example.invalid" in line for line in said] == [True]


async def test_a_mail_server_elsewhere_that_offers_no_tls_gets_nothing(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither password nor letter: TLS is not asked for, it is demanded."""
    monkeypatch.setattr("bot.alerts.channels.mail.is_here", lambda _host: False)
    with pytest.raises(ChannelFailed, match="STARTTLS"):
        await Mail(CLOCK, office.url, "bot@example.invalid", ("a@example.invalid",), "ops", SECRET).send(MESSAGE)
    assert (office.letters, office.logins) == ([], [])


async def test_a_proxy_of_the_environment_is_not_asked(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    await channel("wecom", platform.url).send(MESSAGE)
    assert len(platform.requests) == 1
