"""The policy in force: asked anew for every case, because a person may change it while a sweep runs (F51, F52)."""

from __future__ import annotations

from typing import Protocol

from bot.engine.policy import Policy


class PolicySource(Protocol):
    """Where the policy comes from."""

    def in_force(self) -> Policy:
        """The policy by which the next case is judged, and under which a decision may still be fired.

        Always a whole one: a text that does not hold is told and changes nothing.
        """
