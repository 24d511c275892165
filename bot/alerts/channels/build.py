"""Channels by the settings, each with its secrets; one whose secrets were not loaded is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.alerts.channels.channel import Channel, Web
from bot.alerts.channels.hooks import Hook
from bot.alerts.channels.mail import Mail
from bot.alerts.channels.robots import DingTalk, Feishu, WeCom
from bot.config import Home
from bot.config.channels import Channel as Said
from bot.ports.clock import Clock

Secrets = Mapping[str, str]


def channels_of(home: Home, clock: Clock, web: Web | None = None) -> Mapping[str, Channel]:
    """By name, in the order of the settings."""
    built: dict[str, Channel] = {}
    for said in home.settings.channel:
        known = {
            field: secret.get_secret_value()
            for field in said.secrets
            if (secret := home.channel_secret(said.name, field))
        }
        if len(known) == len(said.secrets):
            built[said.name] = _KINDS[said.kind](said, known, web or Web(), clock)
    return built


def _dingtalk(said: Said, known: Secrets, web: Web, clock: Clock) -> Channel:
    return DingTalk(web, clock, said.address, known["token"], known.get("secret", ""), said.to)


def _feishu(said: Said, known: Secrets, web: Web, clock: Clock) -> Channel:
    return Feishu(web, clock, said.address.rstrip("/"), known["token"], known.get("secret", ""))


def _wecom(said: Said, known: Secrets, web: Web, clock: Clock) -> Channel:
    del clock
    return WeCom(web, said.address, known["token"], said.to)


def _mail(said: Said, known: Secrets, web: Web, clock: Clock) -> Channel:
    del web
    return Mail(clock, said.address, said.sender, said.to, said.account, known.get("password", ""))


def _hook(said: Said, known: Secrets, web: Web, clock: Clock) -> Channel:
    return Hook(web, clock, said.address, known.get("secret", ""), said.to, calls=said.kind == "voice")


_KINDS: Mapping[str, Callable[[Said, Secrets, Web, Clock], Channel]] = {
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "wecom": _wecom,
    "mail": _mail,
    "webhook": _hook,
    "voice": _hook,
}
