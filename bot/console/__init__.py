"""The console: pages on loopback for the people of one home, behind the office port."""

from bot.console.app import console_app
from bot.console.serving import Served, serve
from bot.console.sessions import Sessions

__all__ = ["Served", "Sessions", "console_app", "serve"]
