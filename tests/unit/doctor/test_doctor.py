"""Each trouble of PC or home becomes one finding with its cure, in both languages, and never an exception."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from filelock import FileLock

from bot.browser.find import System, this_machine
from bot.browser.provision import Finished
from bot.catalogue import Catalogue, Language
from bot.clock import SystemClock
from bot.config import HomeFiles, Settings, Shop, load_home
from bot.config.settings import Browser
from bot.console import icon
from bot.doctor import Finding, Level, drawing, examine, home, pc, reading, standing
from bot.doctor.finding import LEVELS, found
from bot.doctor.patient import Patient
from bot.ocr import engine
from bot.resources import shipped
from bot.scheduler.heartbeat import Beat, Phase, write_beat
from tests.unit.config.homes import spoil, trial_home

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


class StillClock(SystemClock):
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 7.0


@dataclass
class Icacls:
    """Plays icacls: saves an access list."""

    sddl: str

    def run(self, command: Sequence[str], _timeout_s: float, _env: Mapping[str, str]) -> Finished:
        Path(command[command.index("/save") + 1]).write_text(f"credentials.toml\n{self.sddl}\n", encoding="utf-16-le")
        return Finished(0, "")


def shop(url: str) -> Shop:
    return Shop.model_validate(
        {"platform": "taobao", "shop_id": "s1", "name": "n", "url": url, "account": "a", "courier": ""}
    )


def patient(folder: Path | None = None, **changes: object) -> Patient:
    settled = Patient(SystemClock(), lambda _: {}, lambda _: None, HomeFiles(folder) if folder else None)
    return replace(settled, **changes)  # type: ignore[arg-type]  # tests name fields of Patient


def states(findings: Sequence[Finding]) -> list[str]:
    return [finding.what.code.removeprefix("doctor.") for finding in findings]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("key", LEVELS)
def test_every_finding_has_its_words_and_every_trouble_its_cure(key: str, language: Language) -> None:
    catalogue = Catalogue(language)
    finding = found(key)
    assert catalogue.has(finding.what.code)
    assert catalogue.has(f"doctor.name.{finding.name}")
    assert (finding.cure is None) == (finding.level is Level.OK)
    assert finding.cure is None or catalogue.has(finding.cure.code)


async def test_a_healthy_pc_without_a_home_has_nothing_bad() -> None:
    findings = await examine(None, SystemClock())
    assert [finding for finding in findings if finding.level is Level.BAD] == []
    assert {"python", "browser", "font", "zone", "keyring", "disk"} <= {finding.name for finding in findings}


async def test_the_font_that_draws_chinese_is_named() -> None:
    findings = [finding async for finding in drawing.browser(patient())]
    font = next(finding for finding in findings if finding.name == "font")
    assert font.level is Level.OK
    assert font.what.params["font"]


async def test_a_missing_browser_is_a_finding(tmp_path: Path) -> None:
    nowhere = replace(this_machine(), env={"REFUNDPILOT_BROWSER": str(tmp_path / "gone")})
    findings = [finding async for finding in drawing.browser(patient(machine=nowhere))]
    assert states(findings) == ["error.browser.named"]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("code", "cure"), [("named", "refundpilot.toml"), ("libatomic", "libatomic1"), ("windows", "Microsoft Edge")]
)
async def test_each_reason_without_a_browser_has_its_own_cure(
    tmp_path: Path, code: str, cure: str, language: Language
) -> None:
    here = this_machine()
    ill = {
        "named": replace(here, env={"REFUNDPILOT_BROWSER": str(tmp_path / "gone")}),
        "libatomic": replace(here, system=System.LINUX, env={}, loads=lambda _: False, root=tmp_path),
    }
    ill["windows"] = replace(
        here, system=System.WINDOWS, env={}, root=tmp_path, home=tmp_path, which=lambda _: None, app_path=lambda _: None
    )
    asked = patient(machine=ill[code], run=lambda *_: Finished(1, "no network"))
    (finding,) = [one async for one in drawing.browser(asked)]
    say = Catalogue(language)
    assert finding.level is Level.BAD
    assert finding.what.code == f"error.browser.{code}"
    assert finding.cure is not None
    assert cure in say.text(finding.cure)
    assert "{" not in say.text(finding.what) + say.text(finding.cure)


@pytest.mark.parametrize("language", list(Language))
def test_the_doctor_promises_no_brake_that_is_not_there(language: Language) -> None:
    say = Catalogue(language)
    told = [
        say.text(reason)
        for key in ("skew.far_off", "disk.full")
        for reason in (found(key).what, found(key).cure)
        if reason
    ]
    assert not [text for text in told if "no money" in text or "nothing is clicked" in text or "不会" in text]


async def test_a_browser_that_does_not_start_is_a_finding() -> None:
    machine = replace(this_machine(), env={"REFUNDPILOT_BROWSER": sys.executable})
    findings = [finding async for finding in drawing.browser(patient(machine=machine))]
    assert states(findings) == ["browser.broken"]


async def test_a_broken_check_hides_no_other() -> None:
    def broken(_: Patient) -> Finding:
        raise RuntimeError("boom")

    findings = await examine(None, SystemClock(), checks=(broken, pc.python))
    assert states(findings) == ["check.broken", "python.ok"]


@pytest.mark.parametrize(
    ("seconds", "state"), [(0, "ok"), (-9, "ok"), (30, "off"), (-61, "far_off"), (86_400, "far_off")]
)
def test_the_clock_is_compared_with_the_shops(seconds: int, state: str) -> None:
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    settings = Settings.model_construct(shop=[shop("https://shop.example/list")], courier=[], browser=Browser())
    ill = patient(clock=StillClock(), settings=settings, fetch=lambda _: {"date": header})
    assert states([*pc.skew(ill)]) == [f"skew.{state}"]


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_a_shop_that_tells_no_time_is_not_taken_as_right(headers: dict[str, str]) -> None:
    settings = Settings.model_construct(shop=[shop("https://shop.example/")], courier=[], browser=Browser())
    assert states([*pc.skew(patient(settings=settings, fetch=lambda _: headers))]) == ["skew.unreachable"]


async def test_a_clock_that_stands_still_is_bad() -> None:
    assert states([await pc.ticking(patient(clock=StillClock()))]) == ["ticking.backwards"]


def test_a_window_needs_a_display() -> None:
    settings = Settings.model_construct(shop=[], courier=[], browser=Browser(headed=True))
    here = this_machine()
    for env, system, state in (
        ({}, System.LINUX, "missing"),
        ({"DISPLAY": ":0"}, System.LINUX, "ok"),
        ({}, System.WINDOWS, "ok"),
    ):
        asked = patient(settings=settings, machine=replace(here, env=env, system=system))
        assert states([pc.display(asked)]) == [f"display.{state}"]
    assert states([pc.display(patient())]) == ["display.not_needed"]


def test_a_tray_icon_is_told_of_and_never_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = {"DISPLAY": ":0"}
    for system, env, there, state in (
        (System.LINUX, {}, True, "no_display"),
        (System.LINUX, screen, False, "not_installed"),
        (System.LINUX, screen, True, "ok"),
        (System.WINDOWS, {}, True, "ok"),
        (System.MACOS, {}, True, "refused"),
    ):
        monkeypatch.setattr(icon, "installed", lambda there=there: there)
        found_out = pc.tray(patient(machine=replace(this_machine(), env=env, system=system)))
        assert (states([found_out]), found_out.level) == ([f"tray.{state}"], Level.OK)
    assert "uv sync --extra tray" in Catalogue("en").text_of("doctor.tray.not_installed")


@pytest.mark.parametrize(("hours", "beat_s", "state"), [(5, 10, ["ok"]), (30, 10, ["old"]), (5, 7200, [])])
def test_how_old_a_sign_in_is_comes_from_the_service_that_runs(
    tmp_path: Path, hours: int, beat_s: int, state: list[str]
) -> None:
    since, at = NOW - timedelta(hours=hours), NOW - timedelta(seconds=beat_s)
    own = {"pid": 1, "created": 1.0, "command": (), "phase": Phase.SLEEPING, "phase_since": at}
    write_beat(tmp_path / "heartbeat.json", Beat(at=at, signed_in={"taobao/1": since}, **own))
    settings = Settings.model_construct(shop=[], courier=[], browser=Browser())
    ill = patient(tmp_path, clock=StillClock(), settings=settings)
    assert states([*standing.sessions(ill)]) == [f"sessions.{one}" for one in state]


async def test_wrong_settings_are_told_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "refundpilot.toml").write_text("nonsense = 1\n", encoding="utf-8")
    findings = await examine(tmp_path, SystemClock(), checks=(home.settings,))
    assert set(states(findings)) == {"settings.bad"}
    assert any("refundpilot.toml:1" in finding.what.params["trouble"] for finding in findings)


@POSIX
def test_files_that_others_may_read_are_told(tmp_path: Path) -> None:
    for name, mode in (("credentials.toml", 0o644), ("ledger.db", 0o640)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    assert states([*home.modes(patient(tmp_path))]) == ["modes.credentials_open", "modes.state_open"]
    for path in tmp_path.iterdir():
        path.chmod(0o600)
    assert states([*home.modes(patient(tmp_path))]) == ["modes.ok"]


@pytest.mark.parametrize(
    ("sddl", "state"),
    [
        ("D:PAI(A;;FA;;;S-1-5-21-1-2-3-1001)(A;;FA;;;SY)(A;;FA;;;BA)", "ok"),
        ("D:AI(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)", "credentials_open"),
        ("D:(A;;FR;;;WD)", "credentials_open"),
        ("D:(D;;FR;;;WD)(A;;FA;;;SY)", "ok"),
        ("D:P(A;;FA;;;SY)(A;;FR;;;S-1-1-0)", "credentials_open"),
        ("D:P(A;;FA;;;SY)(A;;FR;;;DU)", "credentials_open"),
        ("D:NO_ACCESS_CONTROL", "credentials_open"),
    ],
)
def test_access_lists_of_windows_are_understood(tmp_path: Path, sddl: str, state: str) -> None:
    (tmp_path / "credentials.toml").touch()
    windows = replace(this_machine(), system=System.WINDOWS)
    assert states([*home.modes(patient(tmp_path, machine=windows, run=Icacls(sddl).run))]) == [f"modes.{state}"]


def test_private_files_in_a_repository_are_bad(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / "credentials.toml").touch()
    assert states([*home.tracked(patient(tmp_path))]) == ["tracked.ok"]
    subprocess.run([*git, "add", "credentials.toml"], check=True)
    (finding,) = home.tracked(patient(tmp_path))
    assert finding.what.params["files"] == "credentials.toml"


def test_another_robot_in_the_home_is_seen(tmp_path: Path) -> None:
    assert states([*home.instance(patient(tmp_path))]) == ["instance.ok"]
    with FileLock(tmp_path / ".lock"):
        assert states([*home.instance(patient(tmp_path))]) == ["instance.running"]


def test_a_home_that_cannot_be_written_is_bad(tmp_path: Path) -> None:
    assert states([*home.writable(patient(tmp_path))]) == ["writable.ok"]
    assert states([*home.writable(patient(tmp_path / "gone"))]) == ["writable.no"]


@pytest.mark.parametrize(
    ("there", "wanted", "state"),
    [
        (True, "auto", "ok"),
        (True, "off", "off"),
        (False, "auto", "missing"),
        (False, "required", "needed"),
        (False, "off", "off"),
    ],
)
def test_whether_this_pc_reads_pictures_is_told_with_the_one_command(
    monkeypatch: pytest.MonkeyPatch, there: bool, wanted: str, state: str
) -> None:
    monkeypatch.setattr(engine, "installed", lambda: there)
    monkeypatch.setattr(engine, "models", dict)
    settings = Settings.model_validate(
        {"shop": [shop("https://shop.example").model_dump()], "evidence": {"read": wanted}}
    )
    finding = reading.reading(patient(settings=settings))
    assert finding == found(f"reading.{state}")
    if finding.cure:
        assert "uv sync --extra ocr" in Catalogue(Language.EN).text(finding.cure)


def test_the_kill_switch_is_told(tmp_path: Path) -> None:
    assert states([*home.stop(patient(tmp_path))]) == ["stop.ok"]
    HomeFiles(tmp_path).stop.touch()
    assert states([*home.stop(patient(tmp_path))]) == ["stop.pressed"]


@pytest.mark.parametrize(
    ("approvers", "limit", "state"),
    [
        (0, "1000.00", "people.alone"),
        (1, "1000.00", "people.alone"),
        (2, "1000.00", "people.ok"),
        (0, "", "people.one_is_enough"),
    ],
)
def test_a_home_without_a_second_person_is_told_before_it_is_needed(
    tmp_path: Path, approvers: int, limit: str, state: str
) -> None:
    root = trial_home(tmp_path / "home")
    named = "".join(f'[[console.person]]\nname = "P{n}"\nrole = "approver"\n' for n in range(approvers))
    spoil(root / "refundpilot.toml", '"1000.00"', f'"{limit}"')
    spoil(root / "refundpilot.toml", "[browser]", f"{named}\n[browser]")
    settings = load_home(root, with_logins=False).settings
    assert states([*home.people(patient(root, settings=settings))]) == [state]


@pytest.mark.parametrize(("free_mib", "state"), [(100, "full"), (1000, "low"), (5000, "ok")])
def test_a_disk_that_fills_up_is_told(monkeypatch: pytest.MonkeyPatch, free_mib: int, state: str) -> None:
    usage = type("Usage", (), {"free": free_mib * home.MIB})
    monkeypatch.setattr(home.shutil, "disk_usage", lambda _: usage)
    assert states([home.disk(patient())]) == [f"disk.{state}"]


def test_a_keyring_in_plain_text_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    class PlaintextKeyring:
        pass

    monkeypatch.setattr("keyring.get_keyring", PlaintextKeyring)
    assert states([pc.keyring(patient())]) == ["keyring.plaintext"]


def test_the_doctor_leaves_the_home_as_it_was(tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    for check in (home.writable, home.modes, home.tracked, home.stop):
        list(check(patient(tmp_path)))
    assert set(tmp_path.iterdir()) == before


def test_selectors_that_a_person_mended_are_told_and_broken_ones_are_worse(tmp_path: Path) -> None:
    assert states([*home.selectors(patient(tmp_path))]) == ["selectors.shipped"]
    shutil.copytree(shipped("selectors"), tmp_path / "selectors")
    assert states([*home.selectors(patient(tmp_path))]) == ["selectors.mended"]
    (tmp_path / "selectors" / "taobao" / "contracts" / "remark.yaml").unlink()
    assert states([*home.selectors(patient(tmp_path))]) == ["selectors.bad"]


# ---- a home that is left running ----


@dataclass
class Says:
    """Plays every program: what it prints, by the program's name; all others are not there."""

    said: Mapping[str, str]

    def run(self, command: Sequence[str], _timeout_s: float, _env: Mapping[str, str]) -> Finished:
        return Finished(0, self.said[command[0]]) if command[0] in self.said else Finished(-1, "not found")


def left_running(folder: Path, system: System = System.LINUX, **said: str) -> Patient:
    (folder / "refundpilot.toml").write_text("", encoding="utf-8")
    (folder / "service.installed").write_text("user\n", encoding="utf-8")
    return patient(folder, clock=StillClock(), machine=replace(this_machine(), system=system), run=Says(said).run)


def beating(folder: Path, age: timedelta) -> None:
    at = (NOW - age).isoformat()
    said = f'{{"at": "{at}", "pid": 7, "phase": "idle", "phase_since": "{at}"}}'
    (folder / "heartbeat.json").write_text(said, encoding="utf-8")


def test_a_home_swept_by_hand_is_asked_nothing_about_a_service(tmp_path: Path) -> None:
    by_hand = patient(tmp_path, clock=StillClock())
    beating(tmp_path, timedelta(days=3))
    checks = (standing.unit, standing.heartbeat, standing.linger, standing.awake, standing.sync)
    assert states([one for check in checks for one in check(by_hand)]) == ["unit.by_hand"]


def test_a_service_that_was_installed_and_is_gone_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    findings = [*standing.unit(left_running(tmp_path))]
    assert [(one.what.code, one.level) for one in findings] == [("doctor.unit.missing", Level.BAD)]


@pytest.mark.parametrize(
    ("age", "state"), [(0, "heartbeat.ok"), (4, "heartbeat.ok"), (6, "heartbeat.old"), (None, "heartbeat.none")]
)
def test_a_heartbeat_has_to_be_fresh(tmp_path: Path, age: int | None, state: str) -> None:
    left = left_running(tmp_path)
    if age is not None:
        beating(tmp_path, timedelta(minutes=age))
    assert states([*standing.heartbeat(left)]) == [state]


POWERCFG = "电源设置 GUID: 29f6 (在此时间后睡眠)\r\n  最大可能的设置: 0xffffffff\r\n  当前交流电源设置索引: 0x{:08x}\r\n  当前直流电源设置索引: 0x00000384\r\n"


@pytest.mark.parametrize(
    ("system", "said", "state"),
    [
        (System.WINDOWS, {"powercfg": POWERCFG.format(0)}, "awake.ok"),
        (System.WINDOWS, {"powercfg": POWERCFG.format(1800)}, "awake.sleeps"),
        (System.WINDOWS, {"powercfg": "拒绝访问"}, "awake.unknown"),
        (System.WINDOWS, {}, "awake.unknown"),
        (System.LINUX, {"systemctl": "masked\n"}, "awake.ok"),
        (System.LINUX, {"systemctl": "loaded\n"}, "awake.unknown"),
        (System.LINUX, {}, "awake.unknown"),
    ],
)
def test_a_pc_that_goes_to_sleep_is_told_in_any_language(
    tmp_path: Path, system: System, said: Mapping[str, str], state: str
) -> None:
    assert states([*standing.awake(left_running(tmp_path, system, **said))]) == [state]


@pytest.mark.parametrize(
    ("system", "said", "expected"),
    [
        (System.LINUX, {"timedatectl": "yes\n"}, ["sync.ok"]),
        (System.LINUX, {"timedatectl": "no\n"}, ["sync.off"]),
        (System.LINUX, {}, []),
        (System.WINDOWS, {"sc": "状态 : 4 RUNNING\r\n"}, ["sync.ok"]),
        (System.WINDOWS, {"sc": "状态 : 1 STOPPED\r\n"}, ["sync.off"]),
    ],
)
def test_a_clock_that_nobody_sets_is_told(
    tmp_path: Path, system: System, said: Mapping[str, str], expected: list[str]
) -> None:
    assert states([*standing.sync(left_running(tmp_path, system, **said))]) == expected


@pytest.mark.parametrize(("said", "state"), [("yes", "linger.ok"), ("no", "linger.off")])
def test_services_that_end_with_the_sign_out_are_told(tmp_path: Path, said: str, state: str) -> None:
    assert states([*standing.linger(left_running(tmp_path, loginctl=said))]) == [state]
