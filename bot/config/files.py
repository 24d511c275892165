"""The layout of a home: one folder that holds everything of one installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigError


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
    def last_good_settings(self) -> Path:
        """The last settings that a service went by: it starts by them when the file is broken."""
        return self.root / "refundpilot.last-good.toml"

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
    def selectors(self) -> Path:
        """Selectors that a person mended; while the folder is there it stands in for the shipped ones (docs/mend-a-selector.md)."""
        return self.root / "selectors"

    @property
    def desk_steps(self) -> Path:
        """What the screen showed before and after each step at a courier's program."""
        return self.root / "desk"

    @property
    def stop(self) -> Path:
        """The kill switch: while this file exists nothing is clicked (design.md 5)."""
        return self.root / "STOP"

    @property
    def heartbeat(self) -> Path:
        """The running service's sign of life, written every ten seconds (docs/service.md)."""
        return self.root / "heartbeat.json"

    @property
    def plan(self) -> Path:
        """What the running service will do next, for whoever asks beside it."""
        return self.root / "plan.json"

    @property
    def console_tokens(self) -> Path:
        """Hashes of the tokens that let people into the console; the tokens themselves stand nowhere."""
        return self.root / "console.tokens.json"

    @property
    def console_once(self) -> Path:
        """The hash of a word that lets somebody in once, while nobody has used it."""
        return self.root / "console.once.json"

    @property
    def console(self) -> Path:
        """Where the console of this home answers, while it does."""
        return self.root / "console.json"

    def make_folders(self) -> None:
        """Make what is missing; safe to call again. Raises ConfigError: it cannot be made."""
        with writing(self.root):
            for folder in (self.evidence, self.inbox, self.reports, self.logs):
                folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """What the system refuses while the block runs is told with its path. Raises ConfigError."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.filename and str(error.filename) != str(place):
            why = f"{why}: {error.filename}"
        raise ConfigError(f"{place}: {why}", page=str(place), raw=why, code="config.unwritable") from error
