"""`[[channel]]` and `[alarms]` of the settings: over what a person is called, in which order, and what may wait for the morning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from bot.config.lines import KeyPath
from bot.config.scalars import Amount, Name, Text, Url, read_url
from bot.domain.base import Frozen
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.engine.moments import PartOfDay

Kind = Literal["dingtalk", "feishu", "wecom", "mail", "webhook", "voice"]

HOSTED: Mapping[str, str] = {
    "dingtalk": "https://oapi.dingtalk.com/robot/send",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook",
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
}
"""Where the robots of the chat programs are; the token that makes it one group's robot is a secret, not part of the address."""

MAIL = ("smtps", "smtp")
"""TLS from the first byte on, or before anything is said; without it only on this machine."""


def _place(value: object) -> object:
    """An address as elsewhere, or a mail server."""
    if value == "":
        return value
    parts = urlsplit(str(value))
    if parts.scheme not in MAIL:
        return read_url(value)
    try:
        fine = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine or "@" in parts.netloc:
        raise PydanticCustomError("url", "not a mail server")
    return value


class Channel(Frozen):
    """`[[channel]]`: one way to tell a person; its secrets stand with the passwords.

    `url`: empty for a chat robot on its maker's own host. `signed`: the robot demands signatures (and a webhook gets them).
    `to`: mail addresses, or phone numbers that are called, or named in a group. `account`, `sender`: of mail alone.
    """

    name: Name
    kind: Kind
    url: Annotated[str, BeforeValidator(_place)] = ""
    signed: StrictBool = True
    account: str = ""
    sender: str = ""
    to: tuple[Text, ...] = ()

    @property
    def address(self) -> str:
        """Where it sends to."""
        return self.url or HOSTED.get(self.kind, "")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What has to stand with the passwords for it."""
        by_kind = {"mail": ("password",) if self.account else (), "wecom": ("token",)}
        signing = ("secret",) if self.signed else ()
        token = ("token",) if self.kind in {"dingtalk", "feishu"} else ()
        return by_kind.get(self.kind, (*token, *signing))


class Rung(Frozen):
    """`[[alarms.rung]]`: one step of the ladder; the first channel that works is enough. `wait_minutes`: after the rung below; None: the ladder's own."""

    channels: Annotated[tuple[Name, ...], Field(min_length=1)]
    wait_minutes: StrictInt | None = Field(default=None, ge=0, le=1_440)


class Alarms(Frozen):
    """`[alarms]`: when whom; minutes, and hours of Asia/Shanghai."""

    quiet_hours: PartOfDay | None = None
    high_amount: Amount = Money(50_000)
    short_minutes: StrictInt = Field(default=120, ge=1, le=10_080)
    repeat_minutes: StrictInt = Field(default=30, ge=1, le=1_440)
    digest_minutes: StrictInt = Field(default=5, ge=0, le=120)
    answer_url: Url | None = None
    link_hours: StrictInt = Field(default=24, ge=1, le=168)
    rung: tuple[Rung, ...] = ()


def misfits(channels: list[Mapping[str, Any]], alarms: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Reason]]:
    """What no single key shows: rungs that lead nowhere, a channel that lacks what its kind needs."""
    names = [channel.get("name") for channel in channels]
    for n, channel in enumerate(channels):
        yield from (
            (("channel", n, key), Reason(code="config.channel_lacks", params={"kind": str(channel.get("kind"))}))
            for key in _NEEDS.get(str(channel.get("kind")), ())
            if not channel.get(key)
        )
        if (scheme := _scheme(channel)) and (scheme in MAIL) != (channel.get("kind") == "mail"):
            params = {"kind": str(channel.get("kind")), "got": f"{scheme}://"}
            yield ("channel", n, "url"), Reason(code="config.channel_url", params=params)
    for n, rung in enumerate(_tables(alarms.get("rung"))):
        wanted = rung.get("channels")
        for name in wanted if isinstance(wanted, list) else ():
            if name not in names:
                yield ("alarms", "rung", n, "channels"), Reason(code="config.no_channel", params={"got": str(name)})


_NEEDS: Mapping[str, tuple[str, ...]] = {"mail": ("url", "sender", "to"), "webhook": ("url",), "voice": ("url", "to")}


def _scheme(channel: Mapping[str, Any]) -> str:
    said = channel.get("url")
    return said.partition("://")[0] if isinstance(said, str) and "://" in said else ""


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
