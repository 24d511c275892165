"""Kinds of values that settings are made of: amounts, names, addresses; what is none is refused with its line."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from bot.domain.money import Money


def _money(value: object) -> Money:
    if isinstance(value, Money):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("money_quotes", "write amounts in quotes")
    try:
        return Money.parse(value)
    except ValueError:
        raise PydanticCustomError("money", "not an amount of money") from None


def is_here(host: str) -> bool:
    """This very machine: the only place where a password may travel without TLS."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_url(value: object) -> object:
    """An address that may be trusted with a secret: https, or http on this machine (reliability.md S6)."""
    try:
        parts = urlsplit(str(value))
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    fine = parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
    if not (fine and port_is_fine and parts.hostname) or "@" in parts.netloc:
        raise PydanticCustomError("url", "not an https address")
    return value


def _read_base(value: object) -> object:
    """An address that paths are put behind, so nothing may stand there yet."""
    if {"?", "#"} & set(str(read_url(value))):
        raise PydanticCustomError("url_tail", "an address that ends before ? and #")
    return value


_PROXY = re.compile(r"https?://[A-Za-z0-9.-]+:[0-9]{1,5}", re.ASCII)


def _read_proxy(value: object) -> object:
    """Nothing, or `http://host:port`: a proxy that asks for a password would have it shown on the command line."""
    if value != "" and _PROXY.fullmatch(str(value)) is None:
        raise PydanticCustomError("proxy", "not a proxy")
    return value


Amount = Annotated[Money, BeforeValidator(_money)]
AmountOrOff = Annotated[Money | None, BeforeValidator(lambda value: None if value == "" else _money(value))]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]
Proxy = Annotated[str, BeforeValidator(_read_proxy)]
Url = Annotated[Text, BeforeValidator(_read_base)]
