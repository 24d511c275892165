"""The group robots of DingTalk, Feishu (Lark) and WeCom, signed as each platform says: libraries were seen to sign wrongly."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from loguru import logger

from bot.alerts.channels.channel import ChannelFailed, Web
from bot.alerts.message import Message
from bot.ports.clock import Clock

DINGTALK_BYTES: Final = 15_000
FEISHU_BYTES: Final = 15_000
WECOM_BYTES: Final = 2_048
"""What one message of text may have at most: 20,000, 20 KB and 2,048 bytes by the platforms' documents."""

WECOM_PICTURE_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class DingTalk:
    """`secret` empty: the robot goes by keyword or address and demands no signature. `to`: phones of members to name."""

    web: Web
    clock: Clock
    url: str
    token: str
    secret: str = ""
    to: tuple[str, ...] = ()

    async def send(self, message: Message) -> None:
        for text in message.parts(DINGTALK_BYTES):
            body = {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": list(self.to), "isAtAll": False}}
            await self.web.ask(self.url, body, params=self._params(), code="errcode")

    def _params(self) -> dict[str, str]:
        """The client encodes the signature for the address, once: encoded twice it is another one."""
        params = {"access_token": self.token}
        if self.secret:
            stamp = str(int(self.clock.now().timestamp() * 1000))
            params |= {"timestamp": stamp, "sign": _mac(self.secret, f"{stamp}\n{self.secret}")}
        return params


@dataclass(frozen=True, slots=True)
class Feishu:
    """Feishu, or Lark by its `url`. `secret` empty: as above."""

    web: Web
    clock: Clock
    url: str
    token: str
    secret: str = ""

    async def send(self, message: Message) -> None:
        for text in message.parts(FEISHU_BYTES):
            body: dict[str, object] = {"msg_type": "text", "content": {"text": text}}
            if self.secret:
                stamp = str(int(self.clock.now().timestamp()))
                # the other way round than DingTalk: the stamp and the secret are the key, and nothing is signed with it
                body |= {"timestamp": stamp, "sign": _mac(f"{stamp}\n{self.secret}", "")}
            await self.web.ask(f"{self.url}/{self.token}", body, code="code")


@dataclass(frozen=True, slots=True)
class WeCom:
    """A WeCom group's robot; its key is all that it demands."""

    web: Web
    url: str
    token: str
    to: tuple[str, ...] = ()

    async def send(self, message: Message) -> None:
        for text in message.parts(WECOM_BYTES):
            body = {"msgtype": "text", "text": {"content": text, "mentioned_mobile_list": list(self.to)}}
            await self._ask(body)
        if message.picture and len(message.picture) <= WECOM_PICTURE_BYTES:
            # the platform asks for this digest; it proves nothing
            digest = hashlib.md5(message.picture, usedforsecurity=False).hexdigest()
            picture = {"base64": base64.b64encode(message.picture).decode(), "md5": digest}
            try:
                await self._ask({"msgtype": "image", "image": picture})
            except ChannelFailed as error:
                # the words got through: said as a failure, they would be told again over the next channel
                logger.warning("the picture did not get through: {}", error)

    async def _ask(self, body: Mapping[str, object]) -> None:
        await self.web.ask(self.url, body, params={"key": self.token}, code="errcode")


def _mac(key: str, said: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), said.encode(), hashlib.sha256)).decode()
