"""Chance that hangs on a case alone: the same case answers the same question alike, whatever happened to others before."""

from __future__ import annotations

import hashlib

from simulator.world.model import Case


def dice(case: Case, what: str, sides: int) -> int:
    """0 to `sides` - 1, the same for the same case and question in every run."""
    digest = hashlib.sha256(f"{case.aftersale_id}:{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % sides
