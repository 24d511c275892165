"""The ways to tell a person: chat robots, mail, webhooks; each sends one message to its configured place, or says why not."""

from bot.alerts.channels.build import channels_of
from bot.alerts.channels.channel import Channel, ChannelFailed, Web

__all__ = ["Channel", "ChannelFailed", "Web", "channels_of"]
