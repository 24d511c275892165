"""From an alarm in a home to a person's answer: settings, secrets, ledger, channels and commands in one process."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import answering, calling
from bot.app.wiring import House, open_house
from bot.cli.commands import cli
from bot.clock import SystemClock
from bot.config import load_home
from bot.doctor.channels import channels
from bot.doctor.patient import admit
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus, Hold
from bot.errors import ConfigError
from bot.ledger.columns import moment
from bot.ports.notifier import Alarm, Urgency
from tests.unit.alerts.places import SECRET, TOKEN, Platform, platform_at
from tests.unit.config.homes import spoil, trial_home
from tests.unit.config.test_channels import home_with
from tests.unit.ledger.story import row

CLOCK = SystemClock()
SHOP = ShopKey(platform="taobao", shop_id="1001")
CALL = Alarm(
    urgency=Urgency.CALL, shop=SHOP, reason=Reason(code="brake.breaker", params={"detail": "page"}), case_id="42"
)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with platform_at(CLOCK.now) as made:
        yield made


def called_home(root: Path, url: str) -> Path:
    said = f"""
[[channel]]
name = "desk"
kind = "dingtalk"
url = "{url}/dingtalk"
[[channel]]
name = "group"
kind = "feishu"
url = "{url}/feishu"
"""
    secrets = "".join(f'\n[channel."{name}"]\ntoken = "{TOKEN}"\nsecret = "{SECRET}"\n' for name in ("desk", "group"))
    return home_with(root, said, secrets)


async def test_a_person_is_called_answers_by_command_beside_the_robot_and_is_left_alone(
    tmp_path: Path, platform: Platform
) -> None:
    home = called_home(tmp_path, platform.url)
    with open_house(load_home(home)) as house:
        house.notifier.notify(CALL)
        async with calling.calling(lambda: house):
            await platform.heard.wait()
        text = platform.requests[0].json["text"]["content"]
        assert '小店 "一" 42' in text
        (entry,) = (await answering.list_alarms(house.home)).alarms
        assert [(entry.number, one.channel, one.ok) for one in entry.sendings] == [(1, "desk", True)]
        assert await answering.answer_alarm(house.home, text.rpartition(" ")[2], "me", "looking") == (1,)
        assert await house.notifier.tick(CLOCK.now() + timedelta(hours=9)) is None
    assert len(platform.requests) == 1
    with pytest.raises(ConfigError, match="no open alarm"):
        await answering.answer_alarm(house.home, "1", "me", "")


async def test_what_is_raised_at_the_very_end_of_a_command_is_still_sent(tmp_path: Path, platform: Platform) -> None:
    with open_house(load_home(called_home(tmp_path, platform.url))) as house:
        async with calling.calling(lambda: house):
            await asyncio.sleep(0)
            house.notifier.notify(CALL)
        assert len(platform.requests) == 1


async def test_a_platform_that_hangs_holds_the_end_of_a_command_for_a_bounded_time(
    tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LAST_S", 0.05)
    platform.hangs = True
    with open_house(load_home(called_home(tmp_path, platform.url))) as house:
        house.notifier.notify(CALL)
        async with asyncio.timeout(20), calling.calling(lambda: house):
            pass
        assert [entry.number for entry in house.notifier.open()] == [1]


async def test_who_breaks_off_hard_waits_for_no_channel(tmp_path: Path, platform: Platform) -> None:
    platform.hangs = True
    with open_house(load_home(called_home(tmp_path, platform.url))) as house:
        house.notifier.notify(CALL)

        async def work() -> None:
            async with calling.calling(lambda: house):
                await asyncio.Event().wait()

        task = asyncio.ensure_future(work())
        await platform.heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await task


def held(house: House, hours: float) -> None:
    run, case = RunId("run-1"), CaseKey(**SHOP.model_dump(), aftersale_id="77")
    house.ledger.open_run(run, SHOP, "observe", "c", "p")
    deadline = house.clock.now() + timedelta(hours=hours)
    reason = Reason(code="run.enough")
    house.ledger.hold(run, Hold(case=case, reasons=(reason,), owner="desk", deadline=deadline))


@pytest.mark.parametrize(("hours", "alarms"), [(1, ["hold.near"]), (3, []), (-1, [])])
def test_a_hold_close_to_its_deadline_calls_somebody_without_a_sweep(
    tmp_path: Path, hours: float, alarms: list[str]
) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        held(house, hours)
        calling.watch(house)
        calling.watch(house)
        assert [entry.alarm.reason.code for entry in house.notifier.open()] == alarms


def test_a_case_that_is_held_again_after_its_call_was_needless_is_called_for_at_once(tmp_path: Path) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        held(house, 1)
        calling.watch(house)
        (first,) = house.notifier.open()
        case = CaseKey(**SHOP.model_dump(), aftersale_id=first.alarm.case_id)
        house.ledger.conclude(RunId("run-1"), case, CaseStatus.WAITING, ())
        calling.watch(house)
        assert house.notifier.open() == ()
        assert first.alarm.deadline is not None
        reason = Reason(code="hold.strategy", params={"strategy": "x"})
        again = Hold(case=case, reasons=(reason,), owner="desk", deadline=first.alarm.deadline)
        house.ledger.hold(RunId("run-1"), again)
        calling.watch(house)
        (second,) = house.notifier.open()
        assert second.number != first.number


def observed(house: House, hours: float = 1) -> None:
    """A sweep that only looked would have acted on it."""
    run, now = RunId("run-1"), house.clock.now()
    case = CaseKey(**SHOP.model_dump(), aftersale_id="77")
    house.ledger.open_run(run, SHOP, "observe", "c", "p")
    house.ledger.saw(run, [row(1, key=case, amount=Money(70_000), deadline_at=now + timedelta(hours=hours))], now)
    house.ledger.conclude(run, case, CaseStatus.DECIDED, (Reason(code="would.observe"), Reason(code="rule.hit")))
    house.ledger.close_run(run, {})


@pytest.mark.parametrize(
    ("posture", "regime", "told"),
    [
        ("observe", "", ["hold.near"]),
        ("act", "", []),
        ("propose", "", []),
        ("act", "observe", ["hold.near"]),
        ("observe", "act", []),
    ],
)
def test_what_is_only_observed_calls_somebody_close_to_its_deadline_and_what_will_be_acted_on_does_not(
    tmp_path: Path, posture: str, regime: str, told: list[str]
) -> None:
    home = trial_home(tmp_path)
    spoil(home / "refundpilot.toml", 'posture = "observe"', f'posture = "{posture}"')
    if regime:
        text = (home / "refundpilot.toml").read_text(encoding="utf-8")
        span = 'name = "always"\nfirst = "2020-01-01"\nlast = "2099-12-31"\nsweep = "30m"'
        said = f'{text}\n[[schedule.promotion]]\n{span}\nposture = "{regime}"\n'
        (home / "refundpilot.toml").write_text(said, encoding="utf-8")
    with open_house(load_home(home)) as house:
        observed(house)
        calling.watch(house)
        calling.watch(house)
        found = [entry.alarm for entry in house.notifier.open()]
        assert [alarm.reason.code for alarm in found] == told
        assert all((alarm.amount, alarm.urgency) == (Money(70_000), Urgency.CALL) for alarm in found)


def test_a_call_about_what_was_only_observed_ends_with_its_case(tmp_path: Path) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        observed(house)
        calling.watch(house)
        (entry,) = house.notifier.open()
        case = CaseKey(**SHOP.model_dump(), aftersale_id=entry.alarm.case_id)
        house.ledger.conclude(RunId("run-1"), case, CaseStatus.FOREIGN, ())
        calling.watch(house)
        assert house.notifier.open() == ()


def listed(house: House, hours: float, looked_s: float = 0, number: int = 1) -> None:
    """A case of a sweep so long ago, with a deadline so far ahead."""
    run, now = RunId(f"run-{number}"), house.clock.now()
    case = CaseKey(**SHOP.model_dump(), aftersale_id=f"8{number}")
    house.ledger.open_run(run, SHOP, "act", "c", "p")
    seen = row(number, key=case, amount=Money(70_000), deadline_at=now + timedelta(hours=hours))
    house.ledger.saw(run, [seen], now, whole=False)
    with sqlite3.connect(house.home.files.ledger) as raw:
        met = moment(now - timedelta(seconds=looked_s))
        raw.execute("UPDATE cases SET changed_at = ? WHERE aftersale_id = ?", (met, case.aftersale_id))


def near(house: House) -> list[tuple[str, Money | None]]:
    calling.watch(house)
    found = [entry.alarm for entry in house.notifier.open() if entry.alarm.reason.code == "cases.near"]
    return [(alarm.reason.params["count"], alarm.amount) for alarm in found]


@pytest.mark.parametrize("brake", ["kill", "breaker"])
def test_open_cases_of_a_shop_that_a_brake_stops_call_a_person_once_a_shop(tmp_path: Path, brake: str) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        for number, hours in enumerate((1.5, 0.5, 3, -1)):
            listed(house, hours, number=number)
        assert near(house) == [], "a sweep looked at them just now"
        if brake == "kill":
            house.kill.engage(house.clock.now())
        else:
            house.ledger.set_breaker(SHOP, "page")
        assert near(house) == [("2", Money(140_000))]
        calling.watch(house)
        (entry,) = house.notifier.open()
        assert (entry.times, entry.alarm.urgency, entry.alarm.case_id) == (1, Urgency.CALL, "")
        assert entry.alarm.deadline is not None
        assert entry.alarm.deadline - house.clock.now() < timedelta(minutes=30)


@pytest.mark.parametrize(
    ("hours", "looked_s", "told"),
    [(1.9, 2 * 3600, 1), (1, 3000, 0), (1, 3700, 1), (0.2, 900, 0), (0.2, 1900, 1), (3, 9 * 3600, 0)],
)
def test_whatever_keeps_a_shop_from_being_swept_is_told_once_less_time_is_left_than_has_gone_by(
    tmp_path: Path, hours: float, looked_s: float, told: int
) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        listed(house, hours, looked_s)
        assert len(near(house)) == told


def test_a_watch_that_just_began_leaves_the_sweep_that_just_began_its_time(tmp_path: Path) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        listed(house, 1, 9 * 3600)
        calling.watch(house, house.clock.now())
        assert house.notifier.open() == ()
        calling.watch(house, house.clock.now() - timedelta(hours=1))
        assert len(house.notifier.open()) == 1


def test_a_watch_that_began_by_a_clock_that_was_set_back_hides_no_case(tmp_path: Path) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        listed(house, 1, 9 * 3600)
        calling.watch(house, house.clock.now() + timedelta(hours=8))
        assert len(house.notifier.open()) == 1


def test_a_sweep_that_comes_after_all_takes_the_call_back_and_it_comes_again_with_the_brake(tmp_path: Path) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        listed(house, 1)
        for _ in range(2):
            house.kill.engage(house.clock.now())
            assert len(near(house)) == 1
            house.kill.clear()
            assert near(house) == []
        house.kill.engage(house.clock.now())
        calling.watch(house)
        assert [entry.number for entry in house.notifier.open()] == [3]
        house.notifier.acknowledge(3, "somebody")
        assert near(house) == [], "who answered has an hour, unless it gets worse"
        listed(house, 0.5, number=2)
        assert near(house) == [("2", Money(140_000))]


async def test_a_bug_in_one_round_ends_neither_the_rounds_after_it_nor_the_other_looks(
    tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = ["at the first look at the house"]

    def bug(*_: object) -> object:
        raise RuntimeError("a bug")

    def now() -> House:
        if troubles:
            raise RuntimeError(troubles.pop())
        return house

    monkeypatch.setattr(calling, "TICK_S", 0.01)
    with open_house(load_home(called_home(tmp_path, platform.url))) as house:
        held(house, 1)
        with monkeypatch.context() as patch:
            patch.setattr(house.ledger, "close_moot", bug)
            async with calling.calling(now):
                await platform.heard.wait()
        assert [entry.alarm.reason.code for entry in house.notifier.open()] == ["hold.near"]


@pytest.mark.parametrize(
    ("free", "codes"), [(10_000, []), (1_000, [("disk.low", Urgency.WARN)]), (100, [("disk.full", Urgency.CALL)])]
)
def test_a_disk_that_fills_up_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, codes: list[tuple[str, Urgency]]
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free * calling.MIB}))
    with open_house(load_home(trial_home(tmp_path))) as house:
        calling.watch(house)
        calling.watch(house)
        found = house.notifier.open()
    assert [(one.alarm.reason.code, one.alarm.urgency) for one in found] == codes
    assert all(one.times == 1 for one in found)


def test_a_picture_from_outside_of_the_home_is_never_sent(tmp_path: Path) -> None:
    home = load_home(trial_home(tmp_path / "home"))
    (tmp_path / "secret.png").write_bytes(b"x")
    (home.path / "page.png").write_bytes(b"y")
    assert calling._picture(home, str(home.path / "page.png")) == b"y"
    assert calling._picture(home, str(tmp_path / "secret.png")) == b""
    assert calling._picture(home, "../secret.png") == b""
    assert calling._picture(home, "") == b""


async def test_a_test_message_goes_out_and_what_came_back_is_told(tmp_path: Path, platform: Platform) -> None:
    home = load_home(called_home(tmp_path, platform.url))
    platform.answer = lambda request: (200, {}, b'{"code": 9499}') if "feishu" in request.path else None
    tested = await answering.try_channels(home, "")
    assert [(one.channel, bool(one.why)) for one in tested.channels] == [("desk", False), ("group", True)]
    assert tested.exit_code == 1
    assert not home.files.ledger.exists()
    with pytest.raises(ConfigError, match="no channel"):
        await answering.try_channels(home, "pager")


def test_commands_tell_in_words_and_tables(tmp_path: Path) -> None:
    home = trial_home(tmp_path)
    empty = CliRunner().invoke(cli, ["alarms", "list", "--home", str(home)], env={"LC_ALL": "en_US.UTF-8"})
    assert (empty.exit_code, "No alarm" in empty.stdout or "没有" in empty.stdout) == (0, True)
    with open_house(load_home(home)) as house:
        house.notifier.notify(CALL)
    shown = CliRunner().invoke(cli, ["alarms", "list", "--home", str(home)], env={"COLUMNS": "200"})
    assert "taobao/1001 42" in shown.stdout
    bare = CliRunner().invoke(cli, ["alarms", "--home", str(home), "--json"])
    assert json.loads(bare.stdout)["alarms"][0]["number"] == 1
    nowhere = CliRunner().invoke(cli, ["alarms", "--json"])
    assert json.loads(nowhere.stdout)["error"] == "usage.no_option_or_variable"
    done = CliRunner().invoke(cli, ["alarms", "ack", "#1", "--home", str(home)])
    assert (done.exit_code, "#1" in done.stderr) == (0, True)
    for unknown in ("2", "9" * 20, "9" * 5_000):
        told = CliRunner().invoke(cli, ["alarms", "ack", unknown, "--home", str(home), "--json"])
        assert json.loads(told.stdout)["error"] == "calls.no_such"
    none = CliRunner().invoke(cli, ["alarms", "test", "--home", str(home)])
    assert (none.exit_code, "docs/alarms.md" in none.stderr) == (2, True)


def no_answer(url: str) -> dict[str, str]:
    raise OSError(url)


def states(home: Path) -> list[str]:
    patient = admit(home, CLOCK, no_answer, lambda _: None)
    return [finding.what.code.removeprefix("doctor.channels.") for finding in channels(patient)]


def test_the_doctor_looks_at_channels_without_sending(tmp_path: Path) -> None:
    assert states(trial_home(tmp_path / "bare")) == ["none"]
    assert states(called_home(tmp_path / "odd", "http://127.0.0.1:1")) == ["odd"] * 6
    right = f'\n[channel."d"]\ntoken = "{"a1" * 32}"\nsecret = "SEC{"a1" * 32}"\n'
    said = '\n[[channel]]\nname = "d"\nkind = "dingtalk"\n'
    assert states(home_with(tmp_path / "right", said, right)) == ["ok"]
    silent = '\n[[channel]]\nname = "h"\nkind = "webhook"\nurl = "https://h.example"\nsigned = false\n'
    rung = '\n[[alarms.rung]]\nchannels = ["d"]\n'
    assert states(home_with(tmp_path / "silent", said + silent + rung, right)) == ["silent"]


@pytest.mark.parametrize(
    ("url", "port", "told"),
    [
        ("http://127.0.0.1:8618", 8618, "ok"),
        ("http://127.0.0.1:8618", 0, "no_link"),
        ("http://127.0.0.1:8618", 8619, "no_link"),
        ("http://localhost:8618", 8618, "ok"),
        ("http://127.0.0.1", 8618, "no_link"),
        ("https://desk.example", 8618, "ok"),
        ("https://desk.example", 0, "no_link"),
    ],
)
def test_the_doctor_names_a_link_that_the_console_can_never_answer(
    tmp_path: Path, url: str, port: int, told: str
) -> None:
    right = f'\n[channel."d"]\ntoken = "{"a1" * 32}"\nsecret = "SEC{"a1" * 32}"\n'
    home = home_with(tmp_path, '\n[[channel]]\nname = "d"\nkind = "dingtalk"\n', right)
    file = home / "refundpilot.toml"
    spoil(file, '# answer_url = "http://127.0.0.1:8618"', f'answer_url = "{url}"')
    spoil(file, "port = 0", f"port = {port}")
    assert states(home) == [told]
