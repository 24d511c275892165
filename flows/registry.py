"""The platforms that this robot knows: one line each."""

from __future__ import annotations

from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Final

from bot.errors import ConfigError
from bot.recordings import PlatformPages
from bot.tape.rules import TapeRules
from flows.courier.spec import SPEC as COURIER
from flows.courier_desk.spec import SPEC as COURIER_DESK
from flows.spec import Counter, CourierSpec, DeskSpec, Login, PlatformSpec, Screen, Site, Workplace
from flows.taobao.spec import SPEC as TAOBAO

__all__ = [
    "PLATFORMS",
    "Counter",
    "CourierSpec",
    "DeskSpec",
    "Login",
    "PlatformSpec",
    "Screen",
    "Site",
    "Workplace",
    "all_tape_rules",
    "courier",
    "courier_desk",
    "pages_of",
    "platform_of",
    "tape_rules",
]

PLATFORMS: Final = MappingProxyType({spec.name: spec for spec in (TAOBAO,)})


def platform_of(name: str) -> PlatformSpec:
    """The platform of that name. Raises ConfigError naming the known ones."""
    if name not in PLATFORMS:
        raise ConfigError(
            f"no platform {name!r}; known: {', '.join(sorted(PLATFORMS))}", code="config.no_such_platform", raw=name
        )
    return PLATFORMS[name]


def tape_rules(name: str) -> TapeRules:
    """What a tape has to know of a platform or a courier's portal; nothing of a stranger."""
    known = {**{spec.name: spec.tape for spec in PLATFORMS.values()}, COURIER.name: COURIER.tape}
    return known.get(name, TapeRules())


def all_tape_rules() -> TapeRules:
    """Of all platforms together: a shop's own data may go to a stranger's host, or stand in a frame without one."""
    return reduce(or_, (spec.tape for spec in PLATFORMS.values()), COURIER.tape)


def courier() -> CourierSpec:
    """The courier portal; there is one kind so far."""
    return COURIER


def courier_desk() -> DeskSpec:
    """A courier's desktop client; there is one kind so far."""
    return COURIER_DESK


def pages_of(name: str) -> PlatformPages:
    """How recorded pages of a platform, or of the courier's portal, are read. Raises ConfigError naming the known ones."""
    return COURIER.pages if name == COURIER.name else platform_of(name).pages
