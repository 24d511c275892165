"""Checks of a home that is to be left running: installed, alive, on a PC that neither sleeps nor drifts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from bot.browser.find import System
from bot.doctor.finding import Finding, found
from bot.doctor.patient import Patient
from bot.service.heartbeat import read_heartbeat
from bot.service.hosts import State
from bot.service.installation import Scope
from bot.service.installing import account_of, lingers, site_of, wished
from bot.service.steps import Ran
from bot.service.watch import SILENT_AFTER

_QUICK_S = 15.0
_INDEX = re.compile(r"0x[0-9a-fA-F]{8}")
_RUNNING = re.compile(r":\s*4\s")


def unit(patient: Patient) -> Iterator[Finding]:
    """What was installed must still be there, and be what this version would install."""
    if patient.home is None:
        return
    if wished(patient.home.root) is None:
        yield found("unit.by_hand")
        return
    site = site_of(patient.home.root, None, looks_only=True)
    odd = [part for part in site.parts() if part.state is not State.SAME]
    named = ", ".join(part.name for part in odd)
    if any(part.state is State.ABSENT for part in odd):
        yield found("unit.missing", parts=named)
    elif odd:
        yield found("unit.changed", parts=named)
    else:
        yield found("unit.ok", name=site.wanted.name)


def heartbeat(patient: Patient) -> Iterator[Finding]:
    """A service that was installed has to be heard; one that nobody asked for need not."""
    if patient.home is None:
        return
    beat = read_heartbeat(patient.home.root)
    wanted = wished(patient.home.root) is not None
    if beat is None:
        yield from [found("heartbeat.none")] if wanted else []
        return
    age = patient.clock.now() - beat.at
    if age <= SILENT_AFTER:
        yield found("heartbeat.ok", seconds=round(age.total_seconds()), phase=beat.phase)
    elif wanted:
        yield found("heartbeat.old", minutes=int(age.total_seconds()) // 60, phase=beat.phase)


def sessions(patient: Patient) -> Iterator[Finding]:
    """How old each shop's sign-in is, as the running service says; without one nobody is signed in, and nothing is on disk."""
    beat = read_heartbeat(patient.home.root) if patient.home else None
    if beat is None or patient.settings is None or patient.clock.now() - beat.at > SILENT_AFTER:
        return
    limit = timedelta(seconds=patient.settings.browser.sign_in_after_s)
    for shop, since in beat.signed_in.items():
        age = patient.clock.now() - since
        hours = f"{age.total_seconds() / 3600:.1f}"
        yield found("sessions.old" if age > limit + SILENT_AFTER else "sessions.ok", shop=shop, hours=hours)


def linger(patient: Patient) -> Iterator[Finding]:
    """A user's own services stop with the last sign-out, unless they linger."""
    if not _left_alone(patient) or patient.machine.system is not System.LINUX or patient.home is None:
        return
    scope = wished(patient.home.root)
    if scope is not Scope.USER:
        return
    account = account_of(patient.home.root, scope)
    said = lingers(account, lambda argv: _ran(patient, *argv))
    if said is not None:
        yield found("linger.ok" if said else "linger.off", account=account)


def awake(patient: Patient) -> Iterator[Finding]:
    """A PC that goes to sleep by itself sweeps nothing; looked at only where the robot is to be left alone."""
    if not _left_alone(patient):
        return
    sleeps = _windows_sleeps(patient) if patient.machine.system is System.WINDOWS else _linux_sleeps(patient)
    yield found({None: "awake.unknown", False: "awake.ok", True: "awake.sleeps"}[sleeps])


def sync(patient: Patient) -> Iterator[Finding]:
    """Whether the clock is set by the network: a clock that drifts makes leases and logs lie long before `skew` sees it."""
    if not _left_alone(patient):
        return
    if patient.machine.system is System.WINDOWS:
        set_by_network = _RUNNING.search(_ran(patient, "sc", "query", "w32time").text) is not None
    else:
        said = _ran(patient, "timedatectl", "show", "--property=NTPSynchronized", "--value")
        if said.code != 0:
            return
        set_by_network = said.text == "yes"
    yield found("sync.ok" if set_by_network else "sync.off")


def _left_alone(patient: Patient) -> bool:
    return patient.home is not None and wished(patient.home.root) is not None


def _windows_sleeps(patient: Patient) -> bool | None:
    """The last two numbers are seconds on mains and on battery, whatever language the words are in; 0: never."""
    said = _ran(patient, "powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE")
    numbers = _INDEX.findall(said.text)
    return int(numbers[-2], 16) > 0 if said.code == 0 and len(numbers) >= 2 else None


def _linux_sleeps(patient: Patient) -> bool | None:
    """Masked: it cannot. Otherwise a desktop may do it by itself, and only a person knows."""
    said = _ran(patient, "systemctl", "show", "sleep.target", "--property=LoadState", "--value")
    return False if said.code == 0 and said.text == "masked" else None


def _ran(patient: Patient, *argv: str) -> Ran:
    done = patient.run(argv, _QUICK_S, {})
    return Ran(done.code, done.output.encode())
