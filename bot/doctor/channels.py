"""Checks of the channels of alarms, without sending anything: that there are some, that they are used, that their secrets look right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from bot.config import BadConfig, Home, load_home
from bot.config.channels import HOSTED, Channel
from bot.config.settings import Settings
from bot.doctor.finding import Finding, found
from bot.doctor.patient import Patient

_LOOPBACK: Final = ("127.0.0.1", "localhost")
"""The names that the console answers to, with its port (`bot/console/serving.py`)."""

_LOOKS: Final[Mapping[tuple[str, str], str]] = {
    ("dingtalk", "token"): r"[0-9a-f]{64}",
    ("dingtalk", "secret"): r"SEC[0-9a-f]{64}",
    ("feishu", "token"): r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ("feishu", "secret"): r"[0-9A-Za-z]{16,64}",
    ("wecom", "token"): r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
"""As the platforms' own pages show them; what looks otherwise is worth a look, and may be right."""

_HOSTS: Final[Mapping[str, frozenset[str]]] = {
    **{kind: frozenset({urlsplit(url).hostname or ""}) for kind, url in HOSTED.items()},
    "feishu": frozenset({"open.feishu.cn", "open.larksuite.com"}),
}


def channels(patient: Patient) -> Iterator[Finding]:
    """Nothing of a home whose files are wrong: that is a finding of its own."""
    if patient.home is None or patient.settings is None:
        return
    said = patient.settings.channel
    if not said:
        yield found("channels.none")
        return
    home = _with_secrets(patient)
    odd = [finding for channel in said for finding in _odd(channel, home)]
    used = {name for rung in patient.settings.alarms.rung for name in rung.channels}
    silent = [channel.name for channel in said if used and channel.name not in used]
    links = list(_links(patient.settings))
    yield from odd
    yield from (found("channels.silent", name=name) for name in silent)
    yield from links
    if not odd and not silent and not links:
        yield found("channels.ok", names=", ".join(channel.name for channel in said))


def _links(settings: Settings) -> Iterator[Finding]:
    """A link that the console can never answer: it is another port at each start, or not the address that it listens on."""
    url, port = settings.alarms.answer_url, settings.console.port
    if url is None:
        return
    here = urlsplit(url)
    known = [f"{name}:{port}" for name in _LOOPBACK]
    if port == 0 or (here.scheme == "http" and here.netloc not in known):
        yield found("channels.no_link", url=url, port=port)


def _with_secrets(patient: Patient) -> Home | None:
    try:
        return load_home(patient.home.root) if patient.home else None
    except BadConfig:
        return None


def _odd(channel: Channel, home: Home | None) -> Iterator[Finding]:
    told = {"name": channel.name, "kind": channel.kind}
    known = _HOSTS.get(channel.kind)
    if known and urlsplit(channel.address).hostname not in known:
        yield found("channels.odd", field="url", why="address", **told)
    for field in channel.secrets:
        look = _LOOKS.get((channel.kind, field))
        secret = home.channel_secret(channel.name, field) if home else None
        if look and secret and not re.fullmatch(look, secret.get_secret_value()):
            yield found("channels.odd", field=field, why=field, **told)
