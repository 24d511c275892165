"""The unit files: systemd itself takes them, every word of a nasty path arrives, and nothing in them breaks the browser."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.settings import Run
from bot.errors import ConfigError
from bot.service.installation import Installation, Role, Scope, installation_of, unfit
from bot.service.units import command_line, literal, quoted, unit_files

NASTY = [
    "/srv/店 铺/退款 home",
    "/srv/a \"b\" 'c'",
    "/srv/100% %h %n",
    "/srv/$HOME ${X} $$",
    r"/srv/back\slash \x41",
    "/srv/#;a=b&<c>",
]
SCOPES = pytest.mark.parametrize("scope", [*Scope])

KNOWN = {
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec", "StartLimitBurst"},
    "Service": {
        "Type", "NotifyAccess", "ExecStart", "User", "WorkingDirectory", "Environment", "TimeoutStartSec", "WatchdogSec",
        "Restart", "RestartSec", "KillMode", "KillSignal", "TimeoutStopSec", "OOMPolicy", "SuccessExitStatus", "UMask",
        "LimitCORE", "ProtectSystem", "ReadWritePaths", "PrivateTmp", "ProtectControlGroups",
    },
    "Timer": {"OnCalendar", "AccuracySec", "Persistent"},
    "Install": {"WantedBy"},
}  # fmt: skip
"""Section to its keys, of systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5) and systemd.timer(5)."""

BREAKS_THE_BROWSER = {
    "NoNewPrivileges", "MemoryDenyWriteExecute", "SystemCallFilter", "RestrictNamespaces", "PrivateUsers", "PrivateDevices",
    "LockPersonality", "ProtectKernelTunables", "ProtectHome", "RestrictSUIDSGID",
}  # fmt: skip


def installation(home: str = "/srv/shop", scope: Scope = Scope.USER, python: str = "/usr/bin/python3") -> Installation:
    return Installation(PurePosixPath(home), PurePosixPath(python), "ops", scope)


def parsed(text: str) -> configparser.ConfigParser:
    """Strict: a key or section twice is an error."""
    parser = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # keys are told apart by case
    parser.read_string(text)
    return parser


def words(line: str) -> list[str]:
    """What systemd makes of a command line or list (systemd.syntax(7)): quotes, backslashes, specifiers."""
    found, word, quote, n = [], None, "", 0
    while n < len(line):
        char = line[n]
        if char == "\\":
            assert line[n + 1] in '\\"', "no other escape is written"
            word, n = (word or "") + line[n + 1], n + 1
        elif quote:
            quote, word = ("", word) if char == quote else (quote, (word or "") + char)
        elif char in "\"'":
            quote, word = char, word or ""
        elif char == " ":
            found, word = ([*found, word], None) if word is not None else (found, None)
        else:
            word = (word or "") + char
        n += 1
    assert not quote
    whole = found if word is None else [*found, word]
    assert all(word.replace("%%", "").count("%") == 0 for word in whole), "a specifier would be expanded"
    return [word.replace("%%", "%") for word in whole]


def executed(text: str) -> list[str]:
    first, *rest = words(parsed(text)["Service"]["ExecStart"])
    assert first.startswith(":"), "else $X would be replaced"
    return [first[1:], *rest]


@SCOPES
@pytest.mark.parametrize("home", NASTY)
def test_every_word_arrives_and_every_key_is_known(home: str, scope: Scope) -> None:
    wanted = installation(home, scope)
    files = unit_files(wanted)
    for text in files.values():
        for section, keys in parsed(text).items():
            assert {*keys} <= KNOWN.get(section, set())
    service, watch, _timer = files.values()
    assert executed(service) == wanted.command(Role.SERVICE)
    assert executed(watch) == wanted.command(Role.WATCH)
    assert parsed(service)["Service"]["WorkingDirectory"].replace("%%", "%") == home
    if scope is Scope.SYSTEM:
        assert words(parsed(service)["Service"]["ReadWritePaths"]) == [home]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])).filter(lambda w: ":" not in w[:1]), min_size=1
    )
)
def test_any_arguments_arrive_as_they_were(argv: list[str]) -> None:
    first, *rest = words(command_line(argv))
    assert [first[1:], *rest] == argv
    assert words(" ".join(map(quoted, argv))) == argv
    assert [literal(word).replace("%%", "%") for word in argv] == argv


@SCOPES
def test_nothing_is_switched_on_that_breaks_the_browser(scope: Scope) -> None:
    for text in unit_files(installation(scope=scope)).values():
        assert BREAKS_THE_BROWSER.isdisjoint(key for section in parsed(text).values() for key in section)


@SCOPES
def test_the_service_is_restarted_watched_and_given_time_to_settle(scope: Scope) -> None:
    service = parsed(next(iter(unit_files(installation(scope=scope)).values())))
    said = service["Service"]
    assert (said["Type"], said["Restart"], said["KillMode"], said["KillSignal"]) == (
        "notify",
        "on-failure",
        "mixed",
        "SIGINT",
    )
    assert (said["WatchdogSec"], said["TimeoutStopSec"], said["OOMPolicy"]) == ("120", "120", "continue")
    assert service["Unit"]["StartLimitBurst"] == "20"
    assert service["Install"]["WantedBy"] == ("multi-user.target" if scope is Scope.SYSTEM else "default.target")


def test_neither_stop_nor_watchdog_cuts_a_quiet_wait_short(tmp_path: Path) -> None:
    long = Run(quiet_wait_s=600, verify_timeout_s=60)
    wanted = installation_of(tmp_path, "ops", Scope.USER, long)
    assert min(wanted.stop_s, wanted.watchdog_s) > long.quiet_wait_s + long.verify_timeout_s


SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")


def verify(*units: Path) -> tuple[int, list[str]]:
    """How systemd's own check ended, and what it said of units of ours."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, units)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [line for line in done.stderr.splitlines() if "refundpilot" in line]


@SYSTEMD
@SCOPES
def test_systemd_itself_takes_the_units_of_every_nasty_home(tmp_path: Path, scope: Scope) -> None:
    """The program stands at a path of its own kind: systemd says so when it cannot find it there."""
    python = tmp_path / "店 铺 100%h $X #;&<" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    files = []
    for home in NASTY:
        for name, text in unit_files(installation(home, scope, str(python))).items():
            files.append(tmp_path / name)
            files[-1].write_text(text.replace("User=ops\n", "User=root\n"), encoding="utf-8")
    assert len(set(files)) == 3 * len(NASTY)
    assert verify(*files) == (0, [])


@SYSTEMD
@pytest.mark.parametrize("line", ["ExecStart=/no/such", "ExecStart=/bin/true\nWatchdogsec=3", 'ExecStart="/bin/a\'b"'])
def test_systemd_would_say_if_something_were_wrong(tmp_path: Path, line: str) -> None:
    unit = tmp_path / "refundpilot-x.service"
    unit.write_text(f"[Service]\n{line}\n", encoding="utf-8")
    code, said = verify(unit)
    assert code or said


@pytest.mark.parametrize("mark", ["'", '"', "\\"])
def test_a_program_that_systemd_would_not_run_is_refused(mark: str) -> None:
    assert [*unfit(f"/opt/a{mark}b/python", program=True)] == [mark]
    assert not [*unfit(f"/opt/a{mark}b/home")]


@pytest.mark.parametrize("path", [*NASTY, r"D:\店 铺\100% sure & co", "C:\\"])
def test_what_can_be_spelled_is_not_refused(path: str) -> None:
    assert not [*unfit(path)]


def test_a_home_with_a_line_break_is_an_error_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        installation_of(tmp_path / "a\nb", "ops", Scope.USER, Run())
    assert caught.value.reason_code == "service.bad_path"


def test_two_homes_never_share_a_name_and_one_always_has_the_same() -> None:
    homes = ["/a/shop", "/b/shop", "/a/Shop", "/a/店铺", "/a/店", "/a/shop-watch", "/a/" + "x" * 200]
    names = Counter(installation(home).named(role) for home in homes for role in Role)
    assert max(names.values()) == 1
    assert all(name.isascii() and len(name) < 64 for name in names)
    assert installation("/a/shop").name == installation("/a/shop", Scope.SYSTEM).name
