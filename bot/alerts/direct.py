"""Telling a person without the ledger: where it cannot be used nothing can be answered and nothing climbs, so all is said at once."""

from __future__ import annotations

from bot.alerts.channels import Web, channels_of
from bot.alerts.ladder import ladder_of
from bot.alerts.links import AckLinks
from bot.alerts.message import Writer
from bot.alerts.sending import sent
from bot.catalogue import Catalogue, language_of
from bot.config import Home
from bot.ports.clock import Clock, Ids
from bot.ports.notifier import Alarm, Urgency


async def told_directly(home: Home, alarm: Alarm, clock: Clock, ids: Ids, web: Web | None = None) -> bool:
    """Whether a channel said yes. A call goes to every rung, anything else to the first; on each the first channel that works is enough.

    `home`: loaded with its logins. Never raises for a channel.
    """
    shops = {str(shop.key): shop.name for shop in home.settings.shop}
    writer = Writer(Catalogue(language_of(home.settings.language)), shops, AckLinks(b""))
    message = writer.unwritten(ids.fresh("ms"), alarm, clock.now())
    channels, rungs = channels_of(home, clock, web), ladder_of(home.settings).rungs
    reached = False
    for rung in rungs if alarm.urgency is Urgency.CALL else rungs[:1]:
        for name in rung.channels:
            if not await sent(channels, name, message):
                reached = True
                break
    return reached
