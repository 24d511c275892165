"""The portal's pages as recordings are read: which kinds there are, and with which parser (recordings/README.md)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.browser.read import PageData
from bot.domain.courier import Trail
from bot.domain.facts import Known
from bot.recordings import Meta, PageKind, PlatformPages
from flows.courier.parse import parse_trails


def _track(page: PageData, meta: Meta) -> dict[str, object]:
    """One field for each of a trail's, by waybill; a waybill that is Unknown is one field with its why."""
    fields: dict[str, object] = {}
    for waybill, fact in parse_trails(meta.asked, page, meta.at).items():
        if isinstance(fact, Known):
            fields |= {f"{waybill}.{name}": getattr(fact.value, name) for name in Trail.model_fields}
        else:
            fields[waybill] = fact
    return fields


PAGES: Final = PlatformPages(MappingProxyType({"track": PageKind(_track, ("session",))}))
