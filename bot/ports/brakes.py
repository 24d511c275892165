"""The kill switch: a file, a CLI command, later a console button; honoured within 1 s (design.md 5, F54)."""

from __future__ import annotations

from typing import Protocol


class KillSwitch(Protocol):
    """Asked before each arming, before each click and at the guard."""

    def engaged(self) -> bool: ...
