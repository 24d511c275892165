"""Checks of one home: settings, room, rights, and that nothing private is shown to others."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from bot.browser.contracts import load_contracts
from bot.browser.find import System
from bot.browser.targets import load_targets
from bot.config import HomeFiles
from bot.config.credentials import open_to_others
from bot.desktop.targets import load_screen_targets
from bot.doctor.finding import Finding, found
from bot.doctor.patient import Patient
from bot.errors import ConfigError
from flows.registry import courier_desk

MIB = 1024 * 1024
DISK_BAD_MIB = 500
DISK_WARN_MIB = 2048

_QUICK_S = 15.0
_ACE = re.compile(r"\(A;[^;]*;[^;]+;[^;]*;[^;]*;(?P<who>[^)]+)\)")
_OTHERS = {
    "WD": "Everyone",
    "S-1-1-0": "Everyone",
    "BU": "Users",
    "S-1-5-32-545": "Users",
    "AU": "Authenticated Users",
    "S-1-5-11": "Authenticated Users",
    "IU": "Interactive",
    "NU": "Network",
    "BG": "Guests",
    "AN": "Anonymous",
    "DU": "Domain Users",
    "DG": "Domain Guests",
    "PU": "Power Users",
}
_NO_LIST = "D:NO_ACCESS_CONTROL"
"""A file without any list is everybody's."""


def settings(patient: Patient) -> Iterator[Finding]:
    """One finding for each thing wrong in the files, or one that all is well."""
    if patient.home is None:
        return
    if patient.troubles:
        yield from (found("settings.bad", trouble=trouble) for trouble in patient.troubles)
    else:
        yield found("settings.ok", shops=len(patient.settings.shop) if patient.settings else 0)


def writable(patient: Patient) -> Iterator[Finding]:
    if patient.home is None:
        return
    try:
        with tempfile.TemporaryFile(dir=patient.home.root) as probe:
            probe.write(b"x")
    except OSError as error:
        yield found("writable.no", home=patient.home.root, detail=error)
    else:
        yield found("writable.ok", home=patient.home.root)


def disk(patient: Patient) -> Finding:
    """Free space where the home is (or here, without one): a full disk stops everything (F39)."""
    folder = patient.home.root if patient.home and patient.home.root.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free // MIB
    key = "full" if free < DISK_BAD_MIB else "low" if free < DISK_WARN_MIB else "ok"
    return found(f"disk.{key}", free=f"{free:,}", least=f"{DISK_BAD_MIB:,}")


def modes(patient: Patient) -> Iterator[Finding]:
    """Passwords and state are their owner's alone: modes on POSIX, access lists on Windows (S2)."""
    if patient.home is None:
        return
    private = [path for path in _private(patient.home) if path.exists()]
    told = [_open_file(patient, path) for path in private]
    worries = [finding for finding in told if finding is not None]
    yield from worries or [found("modes.ok", files=", ".join(path.name for path in private) or "—")]


def tracked(patient: Patient) -> Iterator[Finding]:
    """Nothing private may be in a repository: one push and it is everywhere."""
    if patient.home is None or patient.machine.which("git") is None:
        return
    names = [path.name for path in _private(patient.home)]
    done = patient.run(["git", "-C", str(patient.home.root), "ls-files", "--", *names], _QUICK_S, {})
    listed = ", ".join(done.output.split()) if done.code == 0 else ""
    yield found("tracked.yes", files=listed) if listed else found("tracked.ok")


def instance(patient: Patient) -> Iterator[Finding]:
    """Whether another robot works in this home right now."""
    if patient.home is None or not patient.home.root.is_dir():
        return
    lock = FileLock(patient.home.root / ".lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        yield found("instance.running")
    else:
        lock.release()
        yield found("instance.ok")


def stop(patient: Patient) -> Iterator[Finding]:
    if patient.home is not None:
        yield found("stop.pressed" if patient.home.stop.exists() else "stop.ok", file=patient.home.stop)


def people(patient: Patient) -> Iterator[Finding]:
    """Whether there is a second person for what one alone may not do at the console (S17)."""
    if patient.settings is None:
        return
    limit = patient.settings.limits.second_person_above
    approvers = sum(one.role == "approver" for one in patient.settings.console.person)
    if limit is None:
        yield found("people.one_is_enough")
    else:
        yield found("people.ok" if approvers > 1 else "people.alone", limit=limit)


def selectors(patient: Patient) -> Iterator[Finding]:
    """Selectors that a person mended stand in for the shipped ones as a whole: also for those of a newer version."""
    if patient.home is None:
        return
    own = patient.home.selectors
    if not own.is_dir():
        yield found("selectors.shipped")
        return
    try:
        for platform in sorted(path.name for path in own.iterdir() if path.is_dir()):
            if platform == courier_desk().name:
                load_screen_targets(platform, own)
            else:
                load_contracts(load_targets(platform, own), own)
    except ConfigError as error:
        yield found("selectors.bad", folder=own, detail=error)
    else:
        yield found("selectors.mended", folder=own)


def others_in(sddl: str) -> frozenset[str]:
    """Who else than owner, administrators and system may open a file, from its access list in SDDL text."""
    if _NO_LIST in sddl:
        return frozenset({_OTHERS["WD"]})
    return frozenset(_OTHERS[ace["who"]] for ace in _ACE.finditer(sddl) if ace["who"] in _OTHERS)


def _private(home: HomeFiles) -> tuple[Path, ...]:
    return (home.credentials, home.ledger, home.ledger.with_name(home.ledger.name + "-wal"))


def _open_file(patient: Patient, path: Path) -> Finding | None:
    who = _windows_others(patient, path) if patient.machine.system is System.WINDOWS else open_to_others(path)
    if who is None:
        return found("modes.unknown", file=path)
    key = "credentials_open" if patient.home and path == patient.home.credentials else "state_open"
    return found(f"modes.{key}", file=path, who=who) if who else None


def _windows_others(patient: Patient, path: Path) -> str | None:
    """What icacls prints is in the PC's own language; what it saves (SDDL) is the same everywhere. None: it did not say."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "acl.txt"
        done = patient.run(["icacls", str(path), "/save", str(saved), "/q"], _QUICK_S, {})
        if done.code != 0 or not saved.is_file():
            return None
        return ", ".join(sorted(others_in(saved.read_text(encoding="utf-16-le"))))
