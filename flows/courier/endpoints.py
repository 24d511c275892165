"""The guard's table for the courier portal: it is only ever read, so nothing but the sign-in may be posted."""

from __future__ import annotations

from typing import Final

from bot.browser.rules import Endpoint, GuardRules, Kind, origin_of

LOGIN: Final = "/login"
TRACK: Final = "/track"
BATCH: Final = 50
"""Waybills that one page takes (docs/simulator.md)."""


def guard_rules(portal_url: str) -> GuardRules:
    """The table for the portal at that address."""
    sign_in = (Endpoint("POST", path, Kind.READ) for path in (LOGIN, "/login/submit"))
    return GuardRules(origins=frozenset({origin_of(portal_url)}), endpoints=tuple(sign_in))
