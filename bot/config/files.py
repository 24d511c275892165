"""The layout of a home: one folder that holds everything of one installation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HomeFiles:
    """Paths inside a home; asking for them touches no disk."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "refundpilot.toml"

    @property
    def policy(self) -> Path:
        return self.root / "policy.toml"

    @property
    def last_good(self) -> Path:
        """The last policy that was read whole (F51)."""
        return self.root / "policy.last-good.toml"

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.toml"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def evidence(self) -> Path:
        """Kept pictures, by content hash."""
        return self.root / "evidence"

    @property
    def inbox(self) -> Path:
        """Where people put pictures for the robot, one folder an order."""
        return self.root / "inbox"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def stop(self) -> Path:
        """The kill switch: while this file exists nothing is clicked (design.md 5)."""
        return self.root / "STOP"

    def make_folders(self) -> None:
        """Make what is missing; safe to call again."""
        for folder in (self.evidence, self.inbox, self.reports, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
