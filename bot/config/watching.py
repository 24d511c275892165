"""policy.toml and refundpilot.toml while a sweep runs: read again when they changed; a broken one is told and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.catalogue import Catalogue
from bot.config.documents import Document, read_document
from bot.config.files import HomeFiles
from bot.config.home import read_settings
from bot.config.lastgood import keep_last_good
from bot.config.rules import read_rules
from bot.config.settings import Settings
from bot.domain.decision import Reason
from bot.engine.policy import Policy

Signature = tuple[int, int, int] | None


class Watched:
    """A file that is read again where its date, size or number changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: Signature = None

    def fresh(self) -> Document | None:
        """What stands there now; None where that is what was read last."""
        seen = signature(self._path)
        if seen is not None and seen == self._seen:
            return None
        document = read_document(self._path)
        # one that an editor holds is looked at again, whether its date changes or not
        self._seen = None if document.unreadable else seen
        return document


class PolicyFile:
    """`bot.ports.policy.PolicySource` over the file of a home; `tell` hears of every change, once, mistakes in words of `say`."""

    def __init__(self, files: HomeFiles, policy: Policy, tell: Callable[[Reason], None], say: Catalogue) -> None:
        self._files = files
        self._file = Watched(files.policy)
        self._policy = policy
        self._tell = tell
        self._say = say
        self._told = ""

    def in_force(self) -> Policy:
        """The file's policy, or the last whole one; a look at the file's date where nothing changed."""
        if document := self._file.fresh():
            self._read(document)
        return self._policy

    def _read(self, document: Document) -> None:
        policy, problems = read_rules(document)
        if policy is None:
            self._broken("; ".join(one.told(self._say) for one in problems[:3]))
            return
        self._told = ""
        self._keep(document.text)
        if policy.hash != self._policy.hash:
            self._policy = policy
            self._tell(Reason(code="policy.changed", params={"name": policy.name}))

    def _broken(self, detail: str) -> None:
        if detail != self._told:
            self._told = detail
            self._tell(Reason(code="policy.broken", params={"detail": detail, "name": self._policy.name}))

    def _keep(self, text: str) -> None:
        """A full disk must not end a sweep that has its policy in hand."""
        try:
            keep_last_good(self._files.last_good, text)
        except OSError as error:
            self._tell(Reason(code="policy.not_kept", params={"detail": str(error)}))


class SettingsFile:
    """The settings of a home as they are by now; `tell` hears of mistakes, each once, in words of `say`.

    Changes are told where they are taken as a whole, at the border of a sweep.
    """

    def __init__(self, files: HomeFiles, settings: Settings, tell: Callable[[Reason], None], say: Catalogue) -> None:
        self._file = Watched(files.settings)
        self._settings = settings
        self._tell = tell
        self._say = say
        self._told = ""

    def in_force(self) -> Settings:
        """The file's settings, or the last whole ones; a look at the file's date where nothing changed."""
        if document := self._file.fresh():
            self._read(document)
        return self._settings

    def _read(self, document: Document) -> None:
        settings, problems = read_settings(document)
        if settings is not None and not problems:
            self._settings, self._told = settings, ""
            return
        detail = "; ".join(one.told(self._say) for one in problems[:3])
        if detail != self._told:
            self._told = detail
            self._tell(Reason(code="settings.broken", params={"detail": detail}))


def signature(path: Path) -> Signature:
    """Date, size and file number: an editor that swaps files in changes at least one of them."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
