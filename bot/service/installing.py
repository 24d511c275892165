"""Installs, removes and reads back the service of one home: which system this is, what to do, and that it was done."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.config import BadConfig, HomeFiles, load_home
from bot.config.files import writing
from bot.config.settings import Run
from bot.errors import ConfigError
from bot.service.hosts import Host, Part, State, Systemd, TaskScheduler
from bot.service.installation import Installation, Scope, installation_of
from bot.service.steps import Runner, Step, carry_out, run_quietly

WISH = "service.installed"
"""A file in the home: it wants to be a service. `doctor` holds the PC to it."""


@dataclass(frozen=True, slots=True)
class Site:
    """One installation and the system that it goes to."""

    wanted: Installation
    host: Host
    run: Runner = run_quietly

    def steps(self) -> Sequence[Step]:
        return self.host.steps(self.wanted)

    def removal(self) -> Sequence[Step]:
        return self.host.removal(self.wanted)

    def parts(self) -> Sequence[Part]:
        return self.host.parts(self.wanted, self.run)

    @property
    def wish(self) -> Path:
        return Path(self.wanted.home) / WISH

    def install(self) -> bool:
        """Whether there was anything to do. Raises ConfigError: it was refused, or does not read back the same."""
        before = wished(Path(self.wanted.home))
        if before not in {None, self.wanted.scope}:
            raise ConfigError(f"installed for: {before}", raw=str(before), code="service.other_scope")
        if before and all(part.state is State.SAME for part in self.parts()):
            return False
        carry_out(self.steps(), self.run)
        with writing(self.wish):
            self.wish.write_text(f"{self.wanted.scope}\n", encoding="utf-8")
        if odd := [
            f"{part.name}: {part.detail or part.state}" for part in self.parts() if part.state is not State.SAME
        ]:
            raise ConfigError("; ".join(odd), raw="; ".join(odd), code="service.not_the_same")
        return True

    def uninstall(self) -> bool:
        """Whether there was anything to do. Raises ConfigError: it is still there."""
        was = self.wish.exists() or self._left() != []
        if was:
            carry_out(self.removal(), self.run)
        if left := self._left():
            raise ConfigError("; ".join(left), raw="; ".join(left), code="service.still_there")
        with writing(self.wish):
            self.wish.unlink(missing_ok=True)
        return was

    def _left(self) -> list[str]:
        return [part.name for part in self.parts() if part.state is not State.ABSENT]


def wished(home: Path) -> Scope | None:
    """For whom this home was installed; None: nobody asked for a service."""
    try:
        return Scope((home / WISH).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None


def site_of(home: Path, scope: Scope | None, *, looks_only: bool = False) -> Site:
    """The place for this home's service.

    Args:
        home: its folder, with settings in it.
        scope: for whom; None: as it was installed, else for the user.
        looks_only: nothing will be changed, so the system need not be able to.

    Raises:
        ConfigError: no home, or a system that cannot do it.
    """
    if not HomeFiles(home).settings.is_file():
        raise ConfigError(f"no home: {home}", page=str(home), code="service.no_home")
    chosen = scope or wished(home) or Scope.USER
    host = _host(chosen, looks_only=looks_only)
    return Site(installation_of(home, account_of(home, chosen), chosen, waits_of(home)), host)


def waits_of(home: Path) -> Run:
    """The waits of a home; the defaults where its settings cannot be read."""
    try:
        return load_home(home, with_logins=False, last_good_policy=True).settings.run
    except BadConfig:
        return Run()


def account_of(home: Path, scope: Scope) -> str:
    """Who the robot runs as: on Windows with its domain; for the machine, whoever owns the home."""
    if sys.platform == "win32":
        return "\\".join(filter(None, (os.environ.get("USERDOMAIN", ""), getpass.getuser())))
    if scope is Scope.USER:
        return getpass.getuser()
    try:
        return home.resolve().owner()
    except KeyError:  # a number without a name; systemd takes it
        return str(home.stat().st_uid)


def _host(scope: Scope, *, looks_only: bool) -> Host:
    if sys.platform == "win32":
        if scope is Scope.SYSTEM:
            raise ConfigError("a task without a user has no desktop and no keyring", code="service.no_system_task")
        return TaskScheduler()
    if sys.platform != "linux":
        raise ConfigError(f"no service manager for {sys.platform}", raw=sys.platform, code="service.no_manager")
    if not looks_only and not (shutil.which("systemctl") and Path("/run/systemd/system").is_dir()):
        raise ConfigError("systemd does not run here", code="service.no_systemd")
    if not looks_only and scope is Scope.SYSTEM and os.geteuid() != 0:
        raise ConfigError("only root installs for the machine", code="service.not_root")
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    return Systemd(Path("/etc/systemd/system") if scope is Scope.SYSTEM else own, scope)


def lingers(account: str, run: Runner) -> bool | None:
    """Whether a user's services start without a sign-in; None where nobody says."""
    said = run(("loginctl", "show-user", account, "--property=Linger", "--value")).text
    return {"yes": True, "no": False}.get(said)
