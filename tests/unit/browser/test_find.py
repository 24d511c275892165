"""Browsers are found where each system keeps them, in the order that was settled, and every rejection has a reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.browser.find import BrowserKind, Machine, System, Unfit, Via, find, this_machine
from bot.errors import BrowserMissing

SHELL = "usr/lib/chromium/chromium-headless-shell"
CHROMIUM = "usr/lib/chromium/chromium"
LINUX_STORE = "home/.cache/ms-playwright"


def program(root: Path, path: str) -> Path:
    """An executable file at `path` of the made-up disk."""
    made = root / path
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text("", encoding="utf-8")
    made.chmod(0o755)
    return made


def machine(
    root: Path,
    system: System = System.LINUX,
    *,
    env: Mapping[str, str] | None = None,
    on_path: Mapping[str, str] | None = None,
    registry: Mapping[str, str] | None = None,
    libraries: frozenset[str] = frozenset({"libatomic.so.1", "libnss3.so"}),
    is_root: bool = False,
) -> Machine:
    """A PC whose whole disk is the folder `root`."""
    return Machine(
        system=system,
        env=env or {},
        root=root,
        home=root / "home",
        is_root=is_root,
        which=(on_path or {}).get,
        app_path=(registry or {}).get,
        loads=libraries.__contains__,
    )


def test_the_headless_shell_goes_before_the_wrapper_on_debian(tmp_path: Path) -> None:
    shell = program(tmp_path, SHELL)
    wrapper = program(tmp_path, "usr/bin/chromium")
    found = find(machine(tmp_path, on_path={"chromium": str(wrapper)}))
    assert (found.path, found.kind, found.why, found.channel) == (shell, BrowserKind.SHELL, Via.INSTALLED, "")


def test_a_window_needs_a_full_browser(tmp_path: Path) -> None:
    program(tmp_path, SHELL)
    full = program(tmp_path, CHROMIUM)
    found = find(machine(tmp_path), headed=True)
    assert found.path == full
    assert (tmp_path / SHELL, Unfit.NO_WINDOW) in [(candidate.path, unfit) for candidate, unfit in found.rejected]


def test_edge_goes_before_chrome_on_windows_by_registry_or_folder(tmp_path: Path) -> None:
    chrome = program(tmp_path, "Program Files/Google/Chrome/Application/chrome.exe")
    env = {"PROGRAMFILES": str(tmp_path / "Program Files")}
    assert find(machine(tmp_path, System.WINDOWS, env=env)).path == chrome
    edge = program(tmp_path, "odd/place/msedge.exe")
    found = find(machine(tmp_path, System.WINDOWS, env=env, registry={"msedge.exe": str(edge)}))
    assert (found.path, found.channel) == (edge, "msedge")


def test_applications_are_looked_through_on_macos(tmp_path: Path) -> None:
    chrome = program(tmp_path, "home/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    assert find(machine(tmp_path, System.MACOS)).path == chrome


@pytest.mark.parametrize(
    ("system", "store", "inner"),
    [
        (System.LINUX, "home/.cache/ms-playwright", "chrome-headless-shell-linux64/chrome-headless-shell"),
        (System.WINDOWS, "home/AppData/Local/ms-playwright", "chrome-headless-shell-win64/chrome-headless-shell.exe"),
        (System.MACOS, "home/Library/Caches/ms-playwright", "chrome-headless-shell-mac-arm64/chrome-headless-shell"),
    ],
)
def test_the_newest_download_of_playwright_is_taken(tmp_path: Path, system: System, store: str, inner: str) -> None:
    for revision in (999, 1255, 1013):
        program(tmp_path, f"{store}/chromium_headless_shell-{revision}/{inner}")
    found = find(machine(tmp_path, system))
    assert (found.path.parts[-3], found.why) == ("chromium_headless_shell-1255", Via.DOWNLOADED)


def test_an_installed_browser_goes_before_a_download(tmp_path: Path) -> None:
    program(tmp_path, f"{LINUX_STORE}/chromium-1255/chrome-linux64/chrome")
    full = program(tmp_path, CHROMIUM)
    assert find(machine(tmp_path)).path == full


def test_the_downloads_folder_can_be_named(tmp_path: Path) -> None:
    program(tmp_path, "elsewhere/chromium-1255/chrome-linux64/chrome")
    found = find(machine(tmp_path, env={"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "elsewhere")}))
    assert found.kind is BrowserKind.CHROMIUM


def test_a_named_browser_is_taken_and_no_other(tmp_path: Path) -> None:
    program(tmp_path, SHELL)
    mine = program(tmp_path, "my/chrome")
    assert find(machine(tmp_path), str(mine)).why is Via.NAMED
    assert find(machine(tmp_path, env={"REFUNDPILOT_BROWSER": str(mine)})).path == mine
    with pytest.raises(BrowserMissing) as missing:
        find(machine(tmp_path), str(tmp_path / "gone"))
    assert missing.value.reason_code == "error.browser.named"


def test_a_setting_goes_before_the_environment(tmp_path: Path) -> None:
    mine, other = program(tmp_path, "mine/chrome"), program(tmp_path, "other/chrome")
    assert find(machine(tmp_path, env={"REFUNDPILOT_BROWSER": str(other)}), str(mine)).path == mine


@pytest.mark.skipif(this_machine().system is System.WINDOWS, reason="Windows has no mark for programs")
def test_a_file_that_is_no_program_is_rejected(tmp_path: Path) -> None:
    program(tmp_path, SHELL).chmod(0o644)
    full = program(tmp_path, CHROMIUM)
    found = find(machine(tmp_path))
    assert found.path == full
    assert found.rejected[0][1] is Unfit.NOT_EXECUTABLE


def test_a_browser_that_does_not_run_is_rejected(tmp_path: Path) -> None:
    shell = program(tmp_path, SHELL)
    full = program(tmp_path, CHROMIUM)
    found = find(machine(tmp_path), runs=lambda path: path != shell)
    assert found.path == full
    assert found.rejected[0][1] is Unfit.DOES_NOT_RUN


@pytest.mark.parametrize("system", list(System))
def test_no_browser_at_all_names_the_system_for_its_cure(tmp_path: Path, system: System) -> None:
    with pytest.raises(BrowserMissing) as missing:
        find(machine(tmp_path, system))
    assert missing.value.reason_code == f"error.browser.{system}"


def test_this_very_machine_can_be_asked() -> None:
    here = this_machine()
    assert here.at("/usr") == Path("/usr")
    assert dataclasses.replace(here, root=Path("/tmp/x")).at("/usr") == Path("/tmp/x/usr")
