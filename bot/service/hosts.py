"""The two systems that can start the robot: what each does to install and remove it, and how it reads back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.service.installation import Installation, Role, Scope
from bot.service.readback import differences
from bot.service.steps import Call, Remove, Runner, Step, Write
from bot.service.tasks import task_path, task_xml
from bot.service.units import unit_files


class State(StrEnum):
    """How one part reads back."""

    SAME = "same"
    ABSENT = "absent"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Part:
    """A unit or task. `detail`: what differs, or what the system says of it."""

    name: str
    state: State
    detail: str = ""


class Host(Protocol):
    """A system's own starter of services."""

    def steps(self, wanted: Installation) -> Sequence[Step]:
        """What installs it, safe to do again."""

    def removal(self, wanted: Installation) -> Sequence[Step]:
        """What takes away exactly that, whole or half installed."""

    def parts(self, wanted: Installation, run: Runner) -> Sequence[Part]:
        """How it reads back now."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """`folder`: where unit files are, for this scope."""

    folder: Path
    scope: Scope

    def steps(self, wanted: Installation) -> Sequence[Step]:
        files = unit_files(wanted)
        service, timer = self._started(wanted)
        return [
            *(Write(self.folder / name, text.encode()) for name, text in files.items()),
            self._call("daemon-reload"),
            self._call("enable", service, timer),
            # not --now: what runs already may run by an older unit; it settles its case first, nobody waits for that here
            self._call("restart", "--no-block", service, timer),
        ]

    def removal(self, wanted: Installation) -> Sequence[Step]:
        started = self._started(wanted)
        return [
            self._call("disable", *started, may_fail=True),
            self._call("stop", "--no-block", started[1], may_fail=True),
            self._call("stop", "--no-block", started[0], may_fail=True),
            *(Remove(self.folder / name) for name in unit_files(wanted)),
            self._call("daemon-reload"),
            self._call("reset-failed", *started, may_fail=True),
        ]

    def parts(self, wanted: Installation, run: Runner) -> Sequence[Part]:
        return [self._part(name, text, run, started=self._started(wanted)) for name, text in unit_files(wanted).items()]

    def _part(self, name: str, text: str, run: Runner, *, started: Sequence[str]) -> Part:
        file = self.folder / name
        if not file.is_file():
            return Part(name, State.ABSENT)
        if file.read_bytes() != text.encode():
            return Part(name, State.DIFFERS, str(file))
        shown = dict(line.partition("=")[::2] for line in run(self._show(name)).text.splitlines())
        expected = {"LoadState": "loaded", "FragmentPath": str(file), "NeedDaemonReload": "no", "DropInPaths": ""}
        if name in started:
            expected["UnitFileState"] = "enabled"
        odd = [f"{key}={shown.get(key, '')}" for key, value in expected.items() if shown.get(key, "") != value]
        return Part(name, State.DIFFERS if odd else State.SAME, ", ".join(odd) or shown.get("ActiveState", ""))

    def _show(self, name: str) -> tuple[str, ...]:
        asked = "LoadState,FragmentPath,NeedDaemonReload,DropInPaths,UnitFileState,ActiveState"
        return self._call("show", name, f"--property={asked}").argv

    def _started(self, wanted: Installation) -> tuple[str, str]:
        return f"{wanted.named(Role.SERVICE)}.service", f"{wanted.named(Role.WATCH)}.timer"

    def _call(self, *words: str, may_fail: bool = False) -> Call:
        return Call(("systemctl", f"--{self.scope}", "--no-ask-password", *words), may_fail=may_fail)


@dataclass(frozen=True, slots=True)
class TaskScheduler:
    """Windows, in the folder RefundPilot of its library."""

    def steps(self, wanted: Installation) -> Sequence[Step]:
        made = [
            Call(("schtasks", "/Create", "/F", "/TN", task_path(wanted, role), "/XML"), task_xml(wanted, role))
            for role in Role
        ]
        return [*made, *(Call(("schtasks", "/Run", "/TN", task_path(wanted, role))) for role in Role)]

    def removal(self, wanted: Installation) -> Sequence[Step]:
        paths = [task_path(wanted, role) for role in (Role.WATCH, Role.SERVICE)]
        ended = [Call(("schtasks", "/End", "/TN", path), may_fail=True) for path in paths]
        # one that was never there is no failure; that it is gone is read back
        return [*ended, *(Call(("schtasks", "/Delete", "/F", "/TN", path), may_fail=True) for path in paths)]

    def parts(self, wanted: Installation, run: Runner) -> Sequence[Part]:
        return [self._part(wanted, role, run) for role in Role]

    def _part(self, wanted: Installation, role: Role, run: Runner) -> Part:
        path = task_path(wanted, role)
        ran = run(("schtasks", "/Query", "/TN", path, "/XML", "ONE"))
        if ran.code != 0:
            return Part(path, State.ABSENT)
        odd = differences(task_xml(wanted, role), ran.printed)
        return Part(path, State.DIFFERS if odd else State.SAME, ", ".join(odd))
