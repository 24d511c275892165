"""Mail over TLS: with a picture attached where there is one; the sending itself waits in a thread."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlsplit

from loguru import logger

from bot.alerts.channels.channel import TIMEOUT_S, ChannelFailed
from bot.alerts.message import Message
from bot.config.scalars import is_here
from bot.ports.clock import Clock
from bot.ports.figures import DailyMail

PORTS: Final = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True, slots=True)
class Mail:
    """`url`: `smtps://host:465`, or `smtp://host:587`, which has to offer STARTTLS unless it is on this machine.

    `clock`: says when a letter was written. `context`: whose certificates are trusted; None: the system's.
    """

    clock: Clock
    url: str
    sender: str
    to: tuple[str, ...]
    account: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None

    async def send(self, message: Message) -> None:
        await self._post(self._letter(message))

    async def deliver(self, mail: DailyMail) -> None:
        """A day's report with its files. Raises ChannelFailed."""
        # the same at each try: one that came through although its answer was lost is known as the same letter
        letter = self._envelope(mail.subject, f"day-{hashlib.sha256(mail.html.encode()).hexdigest()[:32]}")
        letter.set_content(mail.html, subtype="html")
        for file in mail.attachments:
            kind, _, subtype = file.media_type.partition("/")
            letter.add_attachment(file.data, maintype=kind, subtype=subtype, filename=file.name)
        await self._post(letter)

    async def _post(self, letter: EmailMessage) -> None:
        try:
            await asyncio.to_thread(self._send, letter)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise ChannelFailed(f"{type(error).__name__}: {error}") from error

    def _envelope(self, subject: str, id_: str) -> EmailMessage:
        """Dated by us: not every server adds what RFC 5322 demands, and a letter without it is taken for spam."""
        letter = EmailMessage()
        letter["Date"] = self.clock.now()
        letter["Message-ID"] = f"<{id_}@refundpilot.invalid>"
        letter["Subject"] = " ".join(subject.split())
        letter["From"] = self.sender
        letter["To"] = ", ".join(self.to)
        return letter

    def _letter(self, message: Message) -> EmailMessage:
        letter = self._envelope(message.title, message.id)
        letter.set_content(message.text)
        if message.picture:
            letter.add_attachment(message.picture, maintype="image", subtype="png", filename="page.png")
        return letter

    def _send(self, letter: EmailMessage) -> None:
        place = urlsplit(self.url)
        host, port = place.hostname or "", place.port or PORTS[place.scheme]
        context = self.context or ssl.create_default_context()
        if place.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        with server:
            server.ehlo()
            if place.scheme == "smtp" and (server.has_extn("starttls") or not is_here(host)):
                server.starttls(context=context)
            if self.account:
                server.login(self.account, self.password)
            # whom the server does not know hears nothing, though the letter went out to the others
            for address, why in server.send_message(letter).items():
                logger.warning("the mail server does not take letters to {}: {}", address, why)
