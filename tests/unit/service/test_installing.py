"""Installing on a PC that is played: what is called, that it reads back, and that uninstall removes exactly that."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

import pytest

from bot.errors import ConfigError
from bot.service import installing
from bot.service.hosts import State, Systemd, TaskScheduler
from bot.service.installation import Installation, Role, Scope
from bot.service.installing import Site, lingers, site_of, wished
from bot.service.steps import Call, Ran, Remove, Write, carry_out, run_quietly

HOME = '店 铺 & "a" 100%'
if sys.platform == "win32":
    HOME = "店 铺 & a 100%"


@dataclass
class Systemctl:
    """Plays systemctl: knows what is enabled, shows what is in the folder."""

    folder: Path
    enabled: set[str] = field(default_factory=set)
    calls: list[list[str]] = field(default_factory=list)
    refuses: str = ""
    lies: str = ""

    def __call__(self, argv: Sequence[str]) -> Ran:
        self.calls.append(list(argv))
        program, scope, ask, verb, *names = argv
        assert (program, scope, ask) == ("systemctl", "--user", "--no-ask-password")
        if verb == self.refuses:
            return Ran(1, b"Failed to connect to bus")
        if verb == "enable":
            self.enabled |= {*names}
        if verb == "disable":
            self.enabled -= {*names}
        return Ran(0, self.show(names[0]) if verb == "show" else b"")

    def show(self, name: str) -> bytes:
        state = "enabled" if name in self.enabled else "static"
        lines = [
            "LoadState=loaded",
            f"FragmentPath={self.folder / name}",
            "NeedDaemonReload=no",
            f"UnitFileState={state}",
        ]
        return "\n".join([*lines, f"DropInPaths={self.lies}", "ActiveState=active"]).encode()

    @property
    def done(self) -> list[str]:
        return [" ".join(call[3:5]) for call in self.calls if call[3] != "show"]


@dataclass
class Schtasks:
    """Plays schtasks: keeps what it is handed, prints it again."""

    tasks: dict[str, bytes] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    denies: bool = False

    def __call__(self, argv: Sequence[str]) -> Ran:
        self.calls.append(list(argv))
        assert argv[0] == "schtasks"
        name = argv[argv.index("/TN") + 1]
        match argv[1]:
            case "/Create" if self.denies:
                return Ran(1, "错误: 拒绝访问。".encode("gbk"))
            case "/Create":
                self.tasks[name] = Path(argv[-1]).read_bytes()
            case "/Query":
                return Ran(0, self.tasks[name]) if name in self.tasks else Ran(1, b"ERROR")
            case "/Delete":
                return Ran(0 if self.tasks.pop(name, None) else 1)
            case verb:
                assert verb in {"/Run", "/End"}
        return Ran(0)


def home_in(folder: Path) -> Path:
    home = folder / HOME
    home.mkdir()
    return home


@pytest.fixture
def systemctl(tmp_path: Path) -> Systemctl:
    return Systemctl(tmp_path / "units")


@pytest.fixture
def site(tmp_path: Path, systemctl: Systemctl) -> Site:
    wanted = Installation(home_in(tmp_path), Path(sys.executable), "ops")
    return Site(wanted, Systemd(systemctl.folder, Scope.USER), systemctl)


def test_install_writes_reloads_enables_starts_and_reads_back(site: Site, systemctl: Systemctl) -> None:
    assert site.install()
    name = site.wanted.name
    assert systemctl.done == ["daemon-reload", f"enable {name}.service", "restart --no-block"]
    assert {file.name for file in systemctl.folder.iterdir()} == {
        f"{name}.service",
        f"{name}-watch.service",
        f"{name}-watch.timer",
    }
    assert systemctl.enabled == {f"{name}.service", f"{name}-watch.timer"}
    assert wished(Path(site.wanted.home)) is Scope.USER
    assert {part.state for part in site.parts()} == {State.SAME}


def test_a_second_install_does_nothing(site: Site, systemctl: Systemctl) -> None:
    site.install()
    systemctl.calls.clear()
    assert not site.install()
    assert systemctl.done == []


def test_a_unit_changed_by_hand_is_seen_and_mended(site: Site, systemctl: Systemctl) -> None:
    site.install()
    unit = systemctl.folder / f"{site.wanted.name}.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    assert State.DIFFERS in {part.state for part in site.parts()}
    assert site.install()
    assert {part.state for part in site.parts()} == {State.SAME}


def test_a_drop_in_that_changes_the_unit_is_told(site: Site, systemctl: Systemctl) -> None:
    systemctl.lies = "/etc/systemd/user/x.service.d/override.conf"
    with pytest.raises(ConfigError, match="DropInPaths") as caught:
        site.install()
    assert caught.value.reason_code == "service.not_the_same"


def test_uninstall_removes_exactly_what_was_installed(site: Site, systemctl: Systemctl) -> None:
    systemctl.folder.mkdir()
    other = systemctl.folder / "refundpilot-other-12345678.service"
    other.write_text("[Unit]\n", encoding="utf-8")
    site.install()
    assert site.uninstall()
    assert [*systemctl.folder.iterdir()] == [other]
    assert systemctl.enabled == set()
    assert wished(Path(site.wanted.home)) is None
    assert not site.uninstall()


def test_what_systemd_refuses_is_told_in_its_own_words(site: Site, systemctl: Systemctl) -> None:
    systemctl.refuses = "enable"
    with pytest.raises(ConfigError) as caught:
        site.install()
    assert (caught.value.reason_code, caught.value.raw) == ("service.refused", "Failed to connect to bus")
    assert wished(Path(site.wanted.home)) is None


def test_one_home_is_not_installed_twice_over(site: Site, systemctl: Systemctl) -> None:
    site.install()
    machine = Site(
        Installation(site.wanted.home, site.wanted.python, "ops", Scope.SYSTEM),
        Systemd(systemctl.folder, Scope.SYSTEM),
        systemctl,
    )
    with pytest.raises(ConfigError) as caught:
        machine.install()
    assert caught.value.reason_code == "service.other_scope"


@pytest.fixture
def windows(tmp_path: Path) -> Site:
    wanted = Installation(home_in(tmp_path), PureWindowsPath(r"C:\Program Files\py\pythonw.exe"), "PC\\运营")
    return Site(wanted, TaskScheduler(), Schtasks())


def test_windows_takes_two_tasks_from_files_and_gives_them_back(windows: Site) -> None:
    schtasks = windows.run
    assert isinstance(schtasks, Schtasks)
    assert windows.install()
    service, watch = (f"\\RefundPilot\\{windows.wanted.named(role)}" for role in Role)
    assert [*schtasks.tasks] == [service, watch]
    made = [call[:-1] for call in schtasks.calls if call[1] == "/Create"]
    assert made == [["schtasks", "/Create", "/F", "/TN", name, "/XML"] for name in (service, watch)]
    assert not [file for file in (call[-1] for call in schtasks.calls if call[1] == "/Create") if Path(file).exists()]
    assert not windows.install()
    schtasks.tasks["\\Other"] = b""
    assert windows.uninstall()
    assert [*schtasks.tasks] == ["\\Other"]


def test_windows_saying_no_is_told_with_its_cure(windows: Site) -> None:
    assert isinstance(windows.run, Schtasks)
    windows.run.denies = True
    with pytest.raises(ConfigError) as caught:
        windows.install()
    assert caught.value.reason_code == "service.refused"


def test_a_task_that_cannot_be_deleted_is_no_uninstall(windows: Site) -> None:
    schtasks = windows.run
    assert isinstance(schtasks, Schtasks)
    windows.install()
    stubborn = Site(windows.wanted, windows.host, lambda argv: Ran(1) if argv[1] == "/Delete" else schtasks(argv))
    with pytest.raises(ConfigError) as caught:
        stubborn.uninstall()
    assert caught.value.reason_code == "service.still_there"
    assert wished(Path(windows.wanted.home)) is Scope.USER


def test_steps_run_in_order_and_stop_at_the_first_that_fails(tmp_path: Path) -> None:
    seen: list[Sequence[str]] = []

    def run(argv: Sequence[str]) -> Ran:
        seen.append(argv)
        return Ran(1, b"no")

    file = tmp_path / "deep" / "file"
    with pytest.raises(ConfigError):
        carry_out([Write(file, b"x"), Call(("a",), may_fail=True), Call(("b", "$(c) & d")), Remove(file)], run)
    assert seen == [("a",), ("b", "$(c) & d")]
    assert file.read_bytes() == b"x"


def test_the_real_runner_uses_no_shell_and_never_raises(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME; `id` & <x> \"q\" '%PATH%'"]
    assert run_quietly(argv).text == str([argv[3]])
    assert run_quietly([str(tmp_path / "none")]).code == -1


# ---- which system this is ----


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "refundpilot.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "scope", "code"),
    [("win32", Scope.SYSTEM, "no_system_task"), ("darwin", None, "no_manager"), ("linux", None, "no_systemd")],
)
def test_a_system_that_cannot_is_told_with_its_cure(
    home: Path, monkeypatch: pytest.MonkeyPatch, platform: str, scope: Scope | None, code: str
) -> None:
    monkeypatch.setattr(installing.sys, "platform", platform)
    monkeypatch.setattr(installing.shutil, "which", lambda _: None)
    with pytest.raises(ConfigError) as caught:
        site_of(home, scope)
    assert caught.value.reason_code == f"service.{code}"


def test_a_folder_without_settings_is_no_home(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        site_of(tmp_path, None)
    assert caught.value.reason_code == "service.no_home"


def test_broken_settings_do_not_keep_a_home_from_being_looked_at(home: Path) -> None:
    assert site_of(home, None, looks_only=True).wanted.stop_s == 120


@pytest.mark.parametrize(
    ("said", "meant"), [(b"yes\n", True), (b"no\n", False), (b"Failed to connect", None), (b"", None)]
)
def test_lingering_is_known_only_when_it_is_said(said: bytes, *, meant: bool | None) -> None:
    assert lingers("ops", lambda _: Ran(0, said)) is meant
