"""A browser is provided step by step, what is done is told, and where it cannot be done the cure is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.browser.find import Machine, System, Via
from bot.browser.provision import Finished, lacks_driver_library, lacks_font, provide, run_program
from bot.domain.decision import Reason
from bot.errors import BrowserMissing
from tests.unit.browser.test_find import LINUX_STORE, SHELL, machine, program

FC_LIST = {"fc-list": "/usr/bin/fc-list"}
DEBIAN = {**FC_LIST, "apt-get": "/usr/bin/apt-get"}
DOWNLOADED = f"{LINUX_STORE}/chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell"


@dataclass
class Shell:
    """Runs nothing: remembers the commands, and lets packages and downloads appear."""

    root: Path
    download: bool = False
    packages: bool = False
    has_font: bool = True
    broken: frozenset[str] = frozenset()
    told: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    on_install: Callable[[], None] = lambda: None

    def run(self, command: Sequence[str], timeout_s: float, env: Mapping[str, str]) -> Finished:
        assert timeout_s > 0
        line = " ".join(command)
        if "--version" in command:
            return Finished(127 if command[0] in self.broken else 0, "Chromium 156")
        if "fc-list" in command:
            return Finished(0, "wqy.ttc" if self.has_font else "")
        self.ran.append(line)
        if "playwright" in command:
            return self._downloads()
        return self._installs(line) if "install" in command else Finished(0, "")

    def _downloads(self) -> Finished:
        if self.download:
            program(self.root, DOWNLOADED)
        return Finished(0 if self.download else 1, "Error: getaddrinfo ENOTFOUND\n    at somewhere.js")

    def _installs(self, line: str) -> Finished:
        if not self.packages:
            return Finished(100, "E: Unable to locate package")
        if "chromium-headless-shell" in line:
            program(self.root, SHELL)
        self.has_font = self.has_font or "fonts-wqy-microhei" in line
        self.on_install()
        return Finished(0, "")

    def tell(self, reason: Reason) -> None:
        self.told.append(reason.code)


def debian(root: Path, libraries: frozenset[str] = frozenset({"libatomic.so.1"}), *, is_root: bool = True) -> Machine:
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/os-release").write_text('NAME="Debian GNU/Linux"\nID=debian\n', encoding="utf-8")
    return machine(root, on_path=DEBIAN, libraries=libraries, is_root=is_root)


def test_what_is_there_is_used_without_a_word(tmp_path: Path) -> None:
    program(tmp_path, SHELL)
    shell = Shell(tmp_path)
    found = provide(machine=machine(tmp_path, on_path=FC_LIST), run=shell.run, tell=shell.tell)
    assert found.why is Via.INSTALLED
    assert (shell.ran, shell.told) == ([], [])


def test_playwrights_download_comes_next(tmp_path: Path) -> None:
    shell = Shell(tmp_path, download=True)
    found = provide(machine=machine(tmp_path, on_path=FC_LIST), run=shell.run, tell=shell.tell)
    assert found.why is Via.DOWNLOADED
    assert shell.told == ["browser.downloading"]
    assert shell.ran[0].endswith("-m playwright install chromium --only-shell")


def test_on_debian_as_root_the_package_comes_last(tmp_path: Path) -> None:
    shell = Shell(tmp_path, packages=True)
    pc = debian(tmp_path, frozenset({"libatomic.so.1", "libnss3.so"}))
    found = provide(machine=pc, run=shell.run, tell=shell.tell)
    assert found.path == tmp_path / SHELL
    assert shell.told == ["browser.downloading", "browser.download_failed", "browser.installing"]
    assert "--no-install-recommends chromium-headless-shell" in shell.ran[-1]


def test_a_bare_debian_gets_everything_without_a_vain_download(tmp_path: Path) -> None:
    libraries: set[str] = set()
    shell = Shell(tmp_path, packages=True, has_font=False, on_install=lambda: libraries.add("libatomic.so.1"))
    pc = debian(tmp_path)
    pc = Machine(pc.system, pc.env, pc.root, pc.home, pc.is_root, pc.which, pc.app_path, libraries.__contains__)
    assert provide(machine=pc, run=shell.run, tell=shell.tell).path == tmp_path / SHELL
    installs = [line for line in shell.ran if " install " in line]
    assert [line.rpartition("--no-install-recommends ")[2] for line in installs] == [
        "libatomic1",
        "chromium-headless-shell fonts-wqy-microhei",
    ]


def test_a_missing_font_is_added_when_the_browser_is_there(tmp_path: Path) -> None:
    program(tmp_path, SHELL)
    shell = Shell(tmp_path, packages=True, has_font=False)
    provide(machine=debian(tmp_path), run=shell.run, tell=shell.tell)
    assert shell.ran[-1].endswith("fonts-wqy-microhei")


def test_a_missing_font_that_cannot_be_added_is_said_and_work_goes_on(tmp_path: Path) -> None:
    program(tmp_path, SHELL)
    shell = Shell(tmp_path, has_font=False)
    provide(machine=machine(tmp_path, on_path=FC_LIST), run=shell.run, tell=shell.tell)
    assert shell.told == ["browser.no_font"]


def test_without_root_a_missing_driver_library_names_its_package(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with pytest.raises(BrowserMissing) as missing:
        provide(machine=debian(tmp_path, frozenset(), is_root=False), run=shell.run, tell=shell.tell)
    assert missing.value.reason_code == "error.browser.libatomic"
    assert shell.ran == []


def test_a_download_that_does_not_run_gives_way_to_the_package(tmp_path: Path) -> None:
    shell = Shell(tmp_path, download=True, packages=True, broken=frozenset({str(tmp_path / DOWNLOADED)}))
    pc = debian(tmp_path, frozenset({"libatomic.so.1", "libnss3.so"}))
    assert provide(machine=pc, run=shell.run, tell=shell.tell).path == tmp_path / SHELL
    assert "browser.still_missing" in shell.told


def test_nothing_helps_the_error_names_the_system(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with pytest.raises(BrowserMissing) as missing:
        provide(machine=machine(tmp_path, on_path=FC_LIST), run=shell.run, tell=shell.tell)
    assert missing.value.reason_code == "error.browser.linux"


def test_a_named_browser_that_is_gone_is_not_replaced(tmp_path: Path) -> None:
    program(tmp_path, SHELL)
    shell = Shell(tmp_path, download=True)
    with pytest.raises(BrowserMissing):
        provide(explicit=str(tmp_path / "gone"), machine=machine(tmp_path, on_path=FC_LIST), run=shell.run)
    assert shell.ran == []


def test_downloads_can_be_forbidden(tmp_path: Path) -> None:
    shell = Shell(tmp_path, download=True)
    pc = machine(tmp_path, on_path=FC_LIST, env={"PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"})
    with pytest.raises(BrowserMissing):
        provide(machine=pc, run=shell.run)
    assert shell.ran == []


def test_a_font_is_recognised_without_fontconfig(tmp_path: Path) -> None:
    assert lacks_font(machine(tmp_path))
    program(tmp_path, "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
    assert not lacks_font(machine(tmp_path))
    assert not lacks_font(machine(tmp_path / "nothing", System.WINDOWS))


def test_another_node_needs_no_libatomic(tmp_path: Path) -> None:
    assert lacks_driver_library(machine(tmp_path, libraries=frozenset()))
    env = {"PLAYWRIGHT_NODEJS_PATH": "/opt/node"}
    assert not lacks_driver_library(machine(tmp_path, env=env, libraries=frozenset()))


def test_a_program_that_cannot_start_is_told_not_raised() -> None:
    assert run_program(["/no/such/program"], 5, {}).code == -1
