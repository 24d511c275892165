"""Plain webhooks: JSON to a program of the merchant's own, or of a service that calls phones and reads a sentence out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from bot.alerts.channels.channel import Web, encoded
from bot.alerts.message import Message
from bot.ports.clock import Clock

STAMP: Final = "X-RefundPilot-Timestamp"
SIGNATURE: Final = "X-RefundPilot-Signature"


@dataclass(frozen=True, slots=True)
class Hook:
    """POSTs the message. `calls`: as a text to be spoken to the phone numbers `to`. Signed where there is a secret.

    The signature: hex HMAC-SHA256 by the secret over the time stamp (seconds), a dot, and the body as it was sent.
    """

    web: Web
    clock: Clock
    url: str
    secret: str = ""
    to: tuple[str, ...] = ()
    calls: bool = False

    async def send(self, message: Message) -> None:
        spoken = {
            "id": message.id,
            "to": list(self.to),
            "text": message.spoken,
            "answer": message.body.get("answer", ""),
        }
        told = {**message.body, "text": message.text}
        if message.picture:
            told["picture"] = base64.b64encode(message.picture).decode()
        body = encoded(spoken if self.calls else told)
        await self.web.post(self.url, body, headers=self._signed(body))

    def _signed(self, body: bytes) -> dict[str, str]:
        if not self.secret:
            return {}
        stamp = str(int(self.clock.now().timestamp()))
        signature = hmac.digest(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hex()
        return {STAMP: stamp, SIGNATURE: signature}
