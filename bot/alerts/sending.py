"""One message over one channel: what went wrong comes back in words, and nothing that a channel does may end its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from loguru import logger

from bot.alerts.channels import Channel, ChannelFailed
from bot.alerts.message import Message
from bot.config.redact import SECRETS

SEND_S: Final = 20.0
"""The longest that one channel may take for one message."""


async def sent(channels: Mapping[str, Channel], name: str, message: Message) -> str:
    """Empty, or why not."""
    try:
        async with asyncio.timeout(SEND_S):
            await channels[name].send(message)
    except TimeoutError:
        why = "timeout"
    except ChannelFailed as error:
        why = str(error)
    except KeyError:
        why = "no such channel, or its secrets are not there"
    except Exception as bug:  # noqa: BLE001 - a channel's bug must not silence the others
        why = SECRETS(f"{type(bug).__name__}: {bug}")
    else:
        return ""
    logger.warning("channel {} failed: {}", name, why)
    return why
