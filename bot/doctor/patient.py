"""What the doctor looks at: the PC, and one home with its settings if they can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.browser.find import Machine, this_machine
from bot.browser.provision import Run, Tell, run_program
from bot.catalogue import Catalogue, Language
from bot.config import BadConfig, HomeFiles, Settings, load_home
from bot.ports.clock import Clock

ENGLISH = Catalogue(Language.EN)

_CHECKED_ELSEWHERE = frozenset({"config.mode", "config.keyring_plaintext"})

Fetch = Callable[[str], Mapping[str, str]]
"""The response headers (names in lower case) of a URL; raises OSError when it does not answer."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything that checks may ask. `home` is None when the doctor was called without one.

    `settings` is None when there is no home or its files are wrong; `troubles` says what is wrong, a line each.
    """

    clock: Clock
    fetch: Fetch
    tell: Tell
    home: HomeFiles | None = None
    settings: Settings | None = None
    troubles: tuple[str, ...] = ()
    machine: Machine = field(default_factory=this_machine)
    run: Run = run_program

    @property
    def urls(self) -> tuple[str, ...]:
        """Where the shops and couriers of this home are, one URL an origin."""
        if self.settings is None:
            return ()
        listed = [shop.url for shop in self.settings.shop] + [courier.url for courier in self.settings.courier]
        return tuple({urlsplit(url).netloc: url for url in listed}.values())

    @property
    def browser_path(self) -> str:
        return self.settings.browser.path if self.settings else ""

    @property
    def headed(self) -> bool:
        return self.settings.browser.headed if self.settings else False


def admit(home: Path | None, clock: Clock, fetch: Fetch, tell: Tell, words: Catalogue = ENGLISH) -> Patient:
    """Read what can be read of the home; wrong files are a finding, not an error."""
    if home is None:
        return Patient(clock, fetch, tell)
    try:
        settings = load_home(home, with_logins=False).settings
    except BadConfig as bad:
        return Patient(clock, fetch, tell, HomeFiles(home), troubles=tuple(one.told(words) for one in bad.problems))
    return Patient(clock, fetch, tell, HomeFiles(home), settings, troubles=_passwords(home, words))


def _passwords(home: Path, words: Catalogue) -> tuple[str, ...]:
    """What is missing or misplaced among the passwords; file modes and the keyring have checks of their own."""
    try:
        load_home(home)
    except BadConfig as bad:
        return tuple(one.told(words) for one in bad.problems if one.reason.code not in _CHECKED_ELSEWHERE)
    return ()
