"""systemd's unit files of one home, and the one place that knows how a value is spelled in them (systemd.syntax(7))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.service.installation import Installation, Role, Scope

Section = Iterable[tuple[str, str]]

MARK = "# Written by `refundpilot service install`; a change by hand is lost at the next one."


def quoted(value: str) -> str:
    """One word of a list or of a command line: specifiers doubled, quotes and backslashes escaped."""
    escaped = literal(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def literal(value: str) -> str:
    """A value that systemd takes as it stands, but for specifiers."""
    return value.replace("%", "%%")


def command_line(argv: Sequence[str]) -> str:
    """`:` switches off the replacing of `$…`, so only quotes, backslashes and `%` have to be spelled out."""
    return " ".join(map(quoted, (f":{argv[0]}", *argv[1:])))


def unit_files(wanted: Installation) -> dict[str, str]:
    """File name to text of the three: service, watch and the watch's timer."""
    service, watch = wanted.named(Role.SERVICE), wanted.named(Role.WATCH)
    return {
        f"{service}.service": _text(_service(wanted)),
        f"{watch}.service": _text(_watch(wanted)),
        f"{watch}.timer": _text(_timer(wanted)),
    }


def _text(sections: Mapping[str, Section]) -> str:
    blocks = ("\n".join([f"[{name}]", *(f"{key}={value}" for key, value in lines)]) for name, lines in sections.items())
    return f"{MARK}\n" + "\n\n".join(blocks) + "\n"


def _service(wanted: Installation) -> Mapping[str, Section]:
    return {
        "Unit": (
            ("Description", f"RefundPilot, after-sale robot of {literal(str(wanted.home))}"),
            *_network(wanted),
            # a home that cannot start must not sign in to a shop for ever
            ("StartLimitIntervalSec", "1h"),
            ("StartLimitBurst", "20"),
        ),
        "Service": (
            ("Type", "notify"),
            ("NotifyAccess", "main"),
            ("ExecStart", command_line(wanted.command(Role.SERVICE))),
            *_where(wanted),
            ("TimeoutStartSec", "5min"),
            ("WatchdogSec", str(wanted.watchdog_s)),
            ("Restart", "on-failure"),
            ("RestartSec", "1min"),
            # only the robot is told to end, so that its browser is still there to settle the case in hand
            ("KillMode", "mixed"),
            ("KillSignal", "SIGINT"),
            ("TimeoutStopSec", str(wanted.stop_s)),
            # a tab that runs out of memory is a page error, not the end of the service
            ("OOMPolicy", "continue"),
            *_hardened(wanted),
        ),
        "Install": (("WantedBy", _target(wanted)),),
    }


def _watch(wanted: Installation) -> Mapping[str, Section]:
    return {
        "Unit": (("Description", f"Dead-man watch of {literal(str(wanted.home))}"),),
        "Service": (
            ("Type", "oneshot"),
            ("ExecStart", command_line(wanted.command(Role.WATCH))),
            *_where(wanted),
            # a look that hangs would keep all later ones away
            ("TimeoutStartSec", "2min"),
            # 3: somebody was called; that is the watch working, not failing
            ("SuccessExitStatus", "3"),
            *_hardened(wanted),
        ),
    }


def _timer(wanted: Installation) -> Mapping[str, Section]:
    return {
        "Unit": (("Description", f"Dead-man watch of {literal(str(wanted.home))}, every minute"),),
        "Timer": (("OnCalendar", "minutely"), ("AccuracySec", "10s"), ("Persistent", "false")),
        "Install": (("WantedBy", "timers.target"),),
    }


def _network(wanted: Installation) -> Section:
    """A user's manager knows no such target."""
    if wanted.scope is Scope.SYSTEM:
        yield "Wants", "network-online.target"
        yield "After", "network-online.target"


def _where(wanted: Installation) -> Section:
    if wanted.scope is Scope.SYSTEM:
        yield "User", literal(wanted.account)
    yield "WorkingDirectory", literal(str(wanted.home))
    yield "Environment", "PYTHONUTF8=1"


def _hardened(wanted: Installation) -> Section:
    """What the browser can live with: its sandbox needs user namespaces and setuid, its scripts pages that are written and run.

    So there is no NoNewPrivileges, and nothing that implies it for an ordinary user (system call filters, RestrictNamespaces,
    PrivateDevices, LockPersonality, ProtectKernel…), and no MemoryDenyWriteExecute.
    """
    yield "UMask", "0077"
    yield "LimitCORE", "0"
    if wanted.scope is Scope.SYSTEM:  # a user's own manager may not do these
        yield "ProtectSystem", "full"
        yield "ReadWritePaths", quoted(str(wanted.home))
        yield "PrivateTmp", "yes"
        yield "ProtectControlGroups", "yes"


def _target(wanted: Installation) -> str:
    return "multi-user.target" if wanted.scope is Scope.SYSTEM else "default.target"
